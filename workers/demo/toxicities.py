"""Adverse events of the synthetic subjects: what passes, and what a death is recorded as."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from trial_core.domain.toxicity import AdverseEvent, Attribution, GradeFrom, Outcome, Treatment
from workers.demo.subjects import Fate

CTCAE = "5.0"


@dataclass(frozen=True)
class _Toxicity:
    """A term, the grades it is drawn from, when it begins (days) and what it is attributed to."""

    term: str
    grades: tuple[int, ...]
    onset: tuple[int, int]
    causes: frozenset[Treatment]
    often: float


_DRUGS = frozenset({Treatment.PD1, Treatment.CHEMOTHERAPY})
_RADIOTHERAPY = frozenset({Treatment.LDRT, Treatment.CFRT})
_PASSING = (
    _Toxicity(
        "Neutrophil count decreased", (1, 2, 3, 3, 4), (8, 40), frozenset({Treatment.CHEMOTHERAPY}), 0.6
    ),
    _Toxicity("Anemia", (1, 1, 2, 3), (10, 50), frozenset({Treatment.CHEMOTHERAPY}), 0.5),
    _Toxicity("Fatigue", (1, 1, 2), (5, 40), _DRUGS, 0.4),
    _Toxicity("Hypothyroidism", (1, 2), (40, 80), frozenset({Treatment.PD1}), 0.2),
    _Toxicity("Esophagitis", (1, 2, 2, 3), (18, 45), frozenset({Treatment.CFRT}), 0.7),
    _Toxicity("Lymphocyte count decreased", (2, 3, 3, 4), (15, 40), _RADIOTHERAPY | _DRUGS, 0.7),
    _Toxicity("Pneumonitis", (1, 2, 2, 3), (50, 85), _RADIOTHERAPY | {Treatment.PD1}, 0.25),
)
_SERIOUS_FROM = 4
_NOT_RELATED_AFTER_ALL = "Stroke"
"""What the site thinks possibly related, so that the study is held, and the adjudicators do not."""


def passing_events(
    draw: random.Random, *, treated_from: date, until: date, radiotherapy: bool
) -> Iterator[AdverseEvent]:
    """Draw events that begin and end within a history."""
    for each in _PASSING:
        happens, grade = draw.random() < each.often, draw.choice(each.grades)
        onset = treated_from + timedelta(days=draw.randint(*each.onset))
        ended = onset + timedelta(days=draw.randint(7, 28))
        fits = ended <= until and (radiotherapy or not each.causes <= _RADIOTHERAPY)
        if happens and fits:
            yield _passing(each, onset=onset, ended=ended, grade=grade, radiotherapy=radiotherapy)


def fatal_event(fate: Fate, on: date) -> AdverseEvent:
    """Give the grade 5 event of a death."""
    term, attribution = {
        Fate.DIED_OF_DISEASE: ("Disease progression", dict.fromkeys(Treatment, Attribution.NONE)),
        Fate.DIED_OF_TREATMENT: (
            "Esophageal fistula",
            dict.fromkeys(Treatment, Attribution.UNLIKELY) | {Treatment.CFRT: Attribution.PROBABLE},
        ),
        Fate.DIED_OTHERWISE: (
            _NOT_RELATED_AFTER_ALL,
            dict.fromkeys(Treatment, Attribution.UNLIKELY) | {Treatment.PD1: Attribution.POSSIBLE},
        ),
    }[fate]
    return AdverseEvent(
        id="",
        subject="",
        version=CTCAE,
        term=term,
        grades=(GradeFrom(on=on, grade=5),),
        ended_on=on,
        attribution=attribution,
        serious=True,
        outcome=Outcome.FATAL,
    )


def is_found_related(event: AdverseEvent) -> bool:
    """Whether the demo's adjudicators find a death related to treatment."""
    return event.is_related and event.term != _NOT_RELATED_AFTER_ALL


def _passing(each: _Toxicity, *, onset: date, ended: date, grade: int, radiotherapy: bool) -> AdverseEvent:
    causes = each.causes if radiotherapy else each.causes - _RADIOTHERAPY
    return AdverseEvent(
        id="",
        subject="",
        version=CTCAE,
        term=each.term,
        grades=(GradeFrom(on=onset, grade=grade),),
        ended_on=ended,
        attribution={
            treatment: Attribution.POSSIBLE if treatment in causes else Attribution.NONE
            for treatment in Treatment
        },
        serious=grade >= _SERIOUS_FROM,
        outcome=Outcome.RECOVERED,
    )
