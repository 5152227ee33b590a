"""One subject's record: what cannot be in it, what was so on a day, which visits are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.trial_core.clinic import BASELINE, START, a_visit, conduct, day
from trial_core.domain.clinical_forms import ClinicalProgression, Contact, Death
from trial_core.domain.clinical_record import ClinicalRecord, SubjectFacts, record_until
from trial_core.domain.leaving import Leaving, LeavingKind
from trial_core.domain.pfs import PfsReason, PfsVariant
from trial_core.domain.pfs_history import Therapy, TherapyKind
from trial_core.domain.record_problems import record_problems
from trial_core.domain.subject import Arm, Phase
from trial_core.domain.subject_outcome import derive_outcome
from trial_core.domain.systemic import AgentDose, Cycle
from trial_core.domain.toxicity import AdverseEvent, GradeFrom, Outcome
from trial_core.domain.visit_plan import VisitStanding, visit_plan
from trial_core.protocols.ctcae_csv import shipped_terms

CONDUCT = conduct()
SUBJECT = SubjectFacts(code="001", site="S1", phase=Phase.IIA, enrolled_on=START)
RECORD = ClinicalRecord(subject=SUBJECT, baseline=BASELINE, visits=(a_visit(43, 25.0),))
TODAY = day(400)


def problems(**changes: Any) -> list[str]:
    found = record_problems(replace(RECORD, **changes), shipped_terms(), CONDUCT.response, today=TODAY)
    return [f"{each.about}: {each.message}" for each in found]


def test_a_record_that_may_stand__has_no_problem() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"fraction_days": (day(50),), "death": Death(on=day(45))},
            "fraction: 2026-02-23 lies after the death",
        ),
        ({"contacts": (Contact(on=day(401)),)}, "contact: 2027-02-09 lies in the future"),
        ({"clinical_progressions": (ClinicalProgression(on=day(-1)),)}, "lies before the start"),
        ({"death": Death(on=day(-3)), "visits": ()}, "death: 2026-01-01 lies before the enrolment"),
        (
            {
                "death": Death(on=day(50)),
                "leavings": (Leaving(kind=LeavingKind.LOST_TO_FOLLOW_UP, on=day(60)),),
            },
            "death: 2026-02-23 lies before a leaving",
        ),
        ({"baseline": replace(BASELINE, lesions=BASELINE.lesions * 2)}, "lesion T1: is given 2 times"),
        (
            {"baseline": replace(BASELINE, assessment=replace(BASELINE.assessment, adequate=False))},
            "is not adequate, and nobody says why",
        ),
    ],
)
def test_a_record_that_cannot_be__is_said_with_its_form(changes: dict[str, Any], words: str) -> None:
    assert any(words in each for each in problems(**changes))


def test_days_before_the_start__are_those_before_randomisation_in_iib() -> None:
    randomised = replace(SUBJECT, phase=Phase.IIB, arm=Arm.A, randomised_on=day(50))
    assert any("lies before the start, 2026-02-23" in each for each in problems(subject=randomised))


def test_record_until__leaves_out_what_is_dated_later_and_who_was_not_there_yet() -> None:
    event = AdverseEvent(
        id="1",
        subject="001",
        version="5.0",
        term="Pneumonitis",
        grades=(GradeFrom(on=day(40), grade=2), GradeFrom(on=day(60), grade=5)),
        outcome=Outcome.FATAL,
        serious=True,
    )
    agent = AgentDose(agent="paclitaxel", unit="mg", planned=240.0, given=240.0)
    full = replace(
        RECORD,
        visits=(a_visit(43, 25.0), a_visit(85, 25.0)),
        events=(event,),
        death=Death(on=day(60)),
        cycles=(Cycle(number=1, planned_on=day(50), given_on=day(55), agents=(agent,)),),
        fraction_days=(day(10), day(52)),
    )
    then = record_until(full, day(50))
    assert [visit.label for visit in then.visits] == ["day 43"]
    assert (then.died_on, then.events[0].worst_grade, then.events[0].outcome) == (None, 2, Outcome.UNKNOWN)
    assert (then.cycles[0].given_on, then.cycles[0].agents[0].given) == (None, None)
    assert then.treatment_days == (day(10),)
    assert record_until(full, day(60)).died_on == day(60)
    assert record_until(full, START - timedelta(days=1)).subject.enrolled_on is None


def test_randomisation_after_the_cut__was_not_yet() -> None:
    randomised = replace(SUBJECT, phase=Phase.IIB, arm=Arm.A, randomised_on=day(50))
    then = record_until(replace(RECORD, subject=randomised), day(49)).subject
    assert (then.arm, then.start, then.group) == (None, None, "not randomised")


@pytest.mark.parametrize(
    ("changes", "reason", "days"),
    [
        ({}, PfsReason.NO_EVENT, 43),
        ({"baseline": None, "visits": ()}, PfsReason.NO_BASELINE, 1),
        ({"death": Death(on=day(60))}, PfsReason.DEATH, 60),
        (
            {"leavings": (Leaving(kind=LeavingKind.WITHDRAWAL_FROM_FOLLOW_UP, on=day(50)),)},
            PfsReason.WITHDRAWAL,
            43,
        ),
        ({"leavings": (Leaving(kind=LeavingKind.LOST_TO_FOLLOW_UP, on=day(50)),)}, PfsReason.LOST, 43),
        (
            {
                "therapies": (
                    Therapy(label="t", kind=TherapyKind.SYSTEMIC, started_on=day(45), per_protocol=False),
                ),
                "death": Death(on=day(60)),
            },
            PfsReason.NEW_THERAPY,
            43,
        ),
    ],
)
def test_pfs__is_derived_from_the_whole_record(changes: dict[str, Any], reason: PfsReason, days: int) -> None:
    found = derive_outcome(replace(RECORD, **changes), CONDUCT, today=TODAY).pfs_of(PfsVariant.PRIMARY)
    assert found is not None
    assert (found.reason, found.days) == (reason, days)


def test_survival__is_censored_when_last_known_to_be_alive_and_not_behind_the_cut() -> None:
    record = replace(RECORD, contacts=(Contact(on=day(90)), Contact(on=day(200))))
    survival = derive_outcome(record_until(record, day(100)), CONDUCT, today=day(100)).survival
    assert survival is not None
    assert (survival.days, survival.event) == (90, False)


def test_scheduled_visits__are_done_missed_open_or_ahead() -> None:
    visits = (a_visit(45, 25.0),)
    found = visit_plan(CONDUCT.pfs.schedule, visits, start=START, today=day(127))
    assert [(each.on, each.standing) for each in found] == [
        (day(43), VisitStanding.DONE),
        (day(85), VisitStanding.MISSED),
        (day(127), VisitStanding.OPEN),
        (day(169), VisitStanding.AHEAD),
    ]
    assert (found[0].label, found[0].opens_on, found[0].closes_on) == ("day 45", day(36), day(50))


def test_scheduled_visits__end_with_death_or_leaving() -> None:
    found = visit_plan(CONDUCT.pfs.schedule, (), start=START, today=day(400), until=date(2026, 3, 1))
    assert [each.on for each in found] == [day(43)]
