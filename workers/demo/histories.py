"""A synthetic subject's history from a fixed random seed: the forms that a site would have entered.

The numbers are made up. They resemble no trial's result, and the two arms are drawn alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from trial_core.domain.clinical_forms import BaselineForm, Contact, Death
from trial_core.domain.delivery_forms import TypedFraction
from trial_core.domain.leaving import EndOfTreatmentReason, Leaving, LeavingKind
from trial_core.domain.lesions import Lesion, LesionRole
from trial_core.domain.pfs_history import Baseline, Therapy, TherapyKind
from trial_core.domain.readings import (
    NewLesion,
    NonTargetReading,
    NonTargetStatus,
    Size,
    TargetReading,
    Visit,
)
from trial_core.domain.systemic import AgentDose, Cycle
from trial_core.domain.toxicity import AdverseEvent
from workers.demo.calendar import DEMO_DAY, working_day, working_days
from workers.demo.subjects import DemoSubject, Fate
from workers.demo.toxicities import fatal_event, passing_events

Form = BaselineForm | Cycle | TypedFraction | Visit | AdverseEvent | Therapy | Contact | Death | Leaving
_SEED = "SCR-ESCC-01 demo 1"
_VISIT_WEEKS = (6, 12, 18, 24, 30, 36, 42, 48, 60, 72)
_CYCLE_EVERY_DAYS = 21
_CYCLES = 4
_AGENTS = (("PD-1 inhibitor", "mg", 200.0), ("paclitaxel", "mg", 280.0), ("carboplatin", "mg", 500.0))
_DIED = (Fate.DIED_OF_DISEASE, Fate.DIED_OF_TREATMENT, Fate.DIED_OTHERWISE)
_PROGRESSED = (Fate.PROGRESSED, Fate.DIED_OF_DISEASE)
_LDRT_FRACTIONS, _CFRT_FRACTIONS = 5, 28


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A form and the day on which it is entered."""

    on: date
    form: Form


@dataclass(frozen=True, kw_only=True)
class _Plot:
    """When the turns of a history come; `until` is the last day on which anything is known."""

    start: date
    until: date
    fate: Fate
    radiotherapy: bool
    visits: int

    @property
    def treated_from(self) -> date:
        return working_day(self.start + timedelta(days=7))

    def day(self, number: int) -> date:
        return self.start + timedelta(days=number)


def history_of(subject: DemoSubject, *, start: date, radiotherapy: bool) -> tuple[Entry, ...]:
    """Give what is entered of an enrolled subject after its start, by the day of entry.

    Parameters
    ----------
    start
        Of its clock: registration in IIa, randomisation in IIb.
    radiotherapy
        Whether its arm gets LDRT and CFRT.
    """
    draw = _draw(subject)
    plot = _plot(subject.fate, draw, start=start, radiotherapy=radiotherapy)
    entries = [
        *_baseline_and_visits(plot, draw),
        *_cycles(plot, draw),
        *(_fractions(plot) if subject.typed_fractions and radiotherapy else ()),
        *_events(plot, draw),
        *_ending(plot),
    ]
    return tuple(sorted((each for each in entries if each.on <= plot.until), key=lambda each: each.on))


def known_until(subject: DemoSubject, *, start: date) -> date:
    """Give the last day on which anything is known of a subject, as its history has it."""
    return _plot(subject.fate, _draw(subject), start=start, radiotherapy=True).until


def _draw(subject: DemoSubject) -> random.Random:
    return random.Random(f"{_SEED} {subject.code}")  # noqa: S311 - reproducible, and no secret


def _plot(fate: Fate, draw: random.Random, *, start: date, radiotherapy: bool) -> _Plot:
    followed = (DEMO_DAY - start).days
    visits = {
        Fate.DIED_OF_TREATMENT: 1,
        Fate.DIED_OTHERWISE: 1,
        Fate.PROGRESSED: draw.randint(2, 5),
        Fate.DIED_OF_DISEASE: draw.randint(1, 3),
    }.get(fate, draw.randint(2, 4))
    last_visit = _VISIT_WEEKS[visits - 1] * 7
    until = {
        Fate.FOLLOWED: followed,
        Fate.IN_TREATMENT: followed,
        Fate.PROGRESSED: followed,
        Fate.LEFT_TREATMENT: followed,
        Fate.NEW_THERAPY: followed,
    }.get(fate, last_visit + draw.randint(14, 75))
    if fate in (Fate.FOLLOWED, Fate.IN_TREATMENT, Fate.LEFT_TREATMENT):
        visits = sum(1 for week in _VISIT_WEEKS if week * 7 + 7 <= followed)
    return _Plot(
        start=start,
        until=start + timedelta(days=min(until, followed)),
        fate=fate,
        radiotherapy=radiotherapy,
        visits=visits,
    )


def _baseline_and_visits(plot: _Plot, draw: random.Random) -> Iterator[Entry]:
    sizes_mm = (float(draw.randint(22, 44)), float(draw.randint(16, 30)))
    lesions = (
        *(
            Lesion(
                id=f"T{number}",
                organ=organ,
                role=LesionRole.TARGET,
                baseline_mm=size_mm,
                slice_thickness_mm=3.0,
                irradiated_on_study=plot.radiotherapy,
            )
            for number, (organ, size_mm) in enumerate(zip(("lung", "liver"), sizes_mm, strict=True), start=1)
        ),
        Lesion(
            id="N1",
            organ="oesophagus",
            role=LesionRole.NON_TARGET,
            primary=True,
            irradiated_on_study=plot.radiotherapy,
        ),
    )
    assessed = Baseline(on=plot.day(-6), adequate=True)
    yield Entry(on=plot.start, form=BaselineForm(assessment=assessed, lesions=lesions))
    least = draw.uniform(0.45, 0.85)
    for number in range(1, plot.visits + 1):
        on = working_day(plot.day(_VISIT_WEEKS[number - 1] * 7 + draw.randint(-3, 3)))
        last = number == plot.visits and plot.fate in _PROGRESSED
        shrunk = 1 - (1 - least) * min(1.0, number / 2)
        factor = shrunk * 1.4 + 0.2 if last else shrunk
        yield Entry(on=on, form=_visit(number, on, [size * factor for size in sizes_mm], new=last))


def _visit(number: int, on: date, sizes_mm: list[float], *, new: bool) -> Visit:
    return Visit(
        label=f"week {_VISIT_WEEKS[number - 1]}",
        targets=tuple(
            TargetReading(lesion=f"T{index}", on=on, size=Size.MEASURED, mm=round(size_mm, 1))
            for index, size_mm in enumerate(sizes_mm, start=1)
        ),
        non_targets=(NonTargetReading(lesion="N1", on=on, status=NonTargetStatus.PRESENT),),
        new_lesions=(NewLesion(id="X1", on=on),) if new else (),
    )


def _cycles(plot: _Plot, draw: random.Random) -> Iterator[Entry]:
    planned = plot.treated_from
    for number in range(1, _CYCLES + 1):
        late = draw.random() < 0.2 and number > 1
        given = planned + timedelta(days=7 if late else 0)
        less = draw.random() < 0.1 and number > 1
        agents = tuple(
            AgentDose(agent=name, unit=unit, planned=dose, given=dose * 0.75 if less and dose > 200 else dose)
            for name, unit, dose in _AGENTS
        )
        reasons = [
            *(["delayed by a low neutrophil count"] if late else []),
            *(["dose reduced for fatigue"] if less else []),
        ]
        cycle = Cycle(
            number=number, planned_on=planned, given_on=given, agents=agents, reason="; ".join(reasons)
        )
        yield Entry(on=given, form=cycle)
        planned = given + timedelta(days=_CYCLE_EVERY_DAYS)
        if plot.fate is Fate.LEFT_TREATMENT and number == 2:
            return


def _fractions(plot: _Plot) -> Iterator[Entry]:
    first = working_day(plot.day(14))
    for plan, count, on in (
        ("LDRT, typed in", _LDRT_FRACTIONS, first),
        ("CFRT, typed in", _CFRT_FRACTIONS, first + timedelta(days=7)),
    ):
        for number, day in enumerate(working_days(on, count), start=1):
            yield Entry(on=day, form=TypedFraction(plan=plan, fraction=number, on=day))


def _events(plot: _Plot, draw: random.Random) -> Iterator[Entry]:
    for event in passing_events(
        draw, treated_from=plot.treated_from, until=plot.until, radiotherapy=plot.radiotherapy
    ):
        yield Entry(on=event.ended_on or event.onset, form=event)


def _ending(plot: _Plot) -> Iterator[Entry]:
    if plot.fate in _DIED:
        yield from _death(plot)
        return
    if plot.fate is Fate.IN_TREATMENT:
        return
    over = min(plot.day(_CYCLES * _CYCLE_EVERY_DAYS + 28), plot.until)
    reason = EndOfTreatmentReason.COMPLETED
    if plot.fate is Fate.LEFT_TREATMENT:
        reason = EndOfTreatmentReason.SUBJECT_DECISION
        yield _left(plot, LeavingKind.WITHDRAWAL_FROM_TREATMENT, over)
    yield Entry(on=over, form=Leaving(kind=LeavingKind.END_OF_TREATMENT, on=over, reason=reason))
    if plot.fate is Fate.NEW_THERAPY:
        on = working_day(plot.day(_VISIT_WEEKS[plot.visits - 1] * 7 + 20))
        therapy = Therapy(
            label="second-line irinotecan", kind=TherapyKind.SYSTEMIC, started_on=on, per_protocol=False
        )
        yield Entry(on=on, form=therapy)
    for fate, kind in _WAYS_OUT.items():
        if plot.fate is fate:
            yield _left(plot, kind, plot.until)
    if plot.fate in (Fate.FOLLOWED, Fate.PROGRESSED, Fate.NEW_THERAPY, Fate.LEFT_TREATMENT):
        yield Entry(on=plot.until, form=Contact(on=plot.until, how="telephone"))


_WAYS_OUT = {
    Fate.LOST: LeavingKind.LOST_TO_FOLLOW_UP,
    Fate.LEFT_FOLLOW_UP: LeavingKind.WITHDRAWAL_FROM_FOLLOW_UP,
    Fate.LEFT_TRIAL: LeavingKind.WITHDRAWAL_OF_DATA_USE,
}


def _left(plot: _Plot, kind: LeavingKind, on: date) -> Entry:
    return Entry(on=on, form=Leaving(kind=kind, on=on, words=f"synthetic: {plot.fate}"))


def _death(plot: _Plot) -> Iterator[Entry]:
    yield Entry(on=plot.until, form=Death(on=plot.until, cause=f"synthetic: {plot.fate}"))
    yield Entry(on=plot.until, form=fatal_event(plot.fate, plot.until))
    reason = EndOfTreatmentReason.DEATH
    yield Entry(on=plot.until, form=Leaving(kind=LeavingKind.END_OF_TREATMENT, on=plot.until, reason=reason))
