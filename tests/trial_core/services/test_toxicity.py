"""Adverse events through the services: grades judged, deaths counted in one transaction, worst grades."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.trial_core.clinic import TODAY, Clinic, day
from tests.trial_core.record import (
    OFFICE,
    ONCOLOGIST,
    OTHER_ONCOLOGIST,
    PHYSICIST,
    STAFF,
    STATISTICIAN,
    Record,
)
from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Actor
from trial_core.domain.study_state import StudyState
from trial_core.domain.subject import Arm
from trial_core.domain.systemic import AgentDose, Cycle
from trial_core.domain.toxicity import AdverseEvent, Attribution, GradeFrom, Outcome, Treatment
from trial_core.errors import FormChangedMeanwhile, NotAuthorised, ReasonMissing, UnknownSubject
from trial_core.follow_up_errors import EntryImpossible, EventTwice, NotEnrolled, UnknownEvent
from trial_core.protocols.reader import read_protocol
from trial_core.services import cycles, outcomes, subjects, toxicity
from trial_core.services.study import study_now

PROTOCOL = read_protocol()


@pytest.fixture
def clinic(record: Record) -> Clinic:
    return Clinic(record)


def an_event(term: str = "Pneumonitis", grade: int = 2, number: int = 30, **more: Any) -> AdverseEvent:
    """An event of CTCAE v5.0 with onset on a day."""
    grades = (GradeFrom(on=day(number), grade=grade),)
    return AdverseEvent(id="", subject="", version="5.0", term=term, grades=grades, **more)


def a_death(number: int, **more: Any) -> AdverseEvent:
    return an_event(grade=5, number=number, serious=True, outcome=Outcome.FATAL, **more)


def record_event(clinic: Clinic, code: str, event: AdverseEvent, actor: Actor = ONCOLOGIST) -> FormVersion:
    return toxicity.record_event(clinic.db, PROTOCOL, actor, code=code, event=event)


def test_an_event__stands_with_its_version_of_ctcae_and_its_worst_grade(clinic: Clinic) -> None:
    code = clinic.enrol()
    clinic.treat(code)
    form = record_event(clinic, code, an_event())
    event = outcomes.clinical_view(clinic.db, clinic.conduct, STAFF, code=code).record.events[0]
    assert (event.id, event.subject, event.version) == (form.occasion, code, "5.0")
    worse = replace(event, grades=(*event.grades, GradeFrom(on=day(40), grade=3)))
    toxicity.correct_event(
        clinic.db, PROTOCOL, STAFF, code=code, event=worse, reason="became worse", seen_version=1
    )
    (worst,) = toxicity.worst_grades(clinic.db, clinic.conduct, STAFF, code=code)
    assert (worst.term, worst.ever, worst.emergent) == ("Pneumonitis", 3, 3)


def test_an_event_before_treatment__emerged_under_none(clinic: Clinic) -> None:
    code = clinic.enrol()
    clinic.treat(code, number=50)
    record_event(clinic, code, an_event(number=30))
    (worst,) = toxicity.worst_grades(clinic.db, clinic.conduct, STAFF, code=code)
    assert (worst.ever, worst.emergent) == (2, None)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (an_event("Lymphocyte count decreased", 5), "has no grade 5"),
        (an_event("Feeling blue"), "has no term"),
        (an_event(number=900), "lies in the future"),
        (a_death(30), "grade 5 without a death"),
        (an_event(ended_on=day(10)), "lies before a grade of"),
        (replace(an_event(), grades=()), "there is none"),
        (an_event(baseline_grade=5), "nobody is dead at baseline"),
    ],
)
def test_an_event_that_cannot_be__is_refused_in_words(
    clinic: Clinic, event: AdverseEvent, words: str
) -> None:
    code = clinic.enrol()
    with pytest.raises(EntryImpossible, match=words):
        record_event(clinic, code, event)


def test_the_same_event_twice__is_one_and_another_of_its_term_and_day_is_refused(clinic: Clinic) -> None:
    code = clinic.enrol()
    assert record_event(clinic, code, an_event()) == record_event(clinic, code, an_event())
    with pytest.raises(EventTwice):
        record_event(clinic, code, an_event(grade=3))


def test_a_correction__needs_reason_and_the_version_seen_and_an_event(clinic: Clinic) -> None:
    code = clinic.enrol()
    form = record_event(clinic, code, an_event())
    better = replace(an_event(grade=1), id=form.occasion)
    for reason, seen, error in (("", 1, ReasonMissing), ("misread", 2, FormChangedMeanwhile)):
        with pytest.raises(error):
            toxicity.correct_event(
                clinic.db, PROTOCOL, STAFF, code=code, event=better, reason=reason, seen_version=seen
            )
    with pytest.raises(UnknownEvent):
        toxicity.correct_event(
            clinic.db,
            PROTOCOL,
            STAFF,
            code=code,
            event=replace(better, id="0" * 32),
            reason="misread",
            seen_version=1,
        )


def test_an_event_taken_back__counts_no_more(clinic: Clinic) -> None:
    code = clinic.enrol()
    form = record_event(clinic, code, an_event())
    toxicity.take_back_event(
        clinic.db, PROTOCOL, STAFF, code=code, event_id=form.occasion, reason="another subject's"
    )
    assert toxicity.worst_grades(clinic.db, clinic.conduct, STAFF, code=code) == ()


def test_the_second_death_by_treatment__holds_the_study_with_its_own_entry(clinic: Clinic) -> None:
    attribution = {Treatment.LDRT: Attribution.POSSIBLE}
    for number, code in enumerate(("S1-001", "S1-002")):
        clinic.enrol(code)
        clinic.death(code, 30)
        record_event(clinic, code, a_death(30, attribution=attribution))
        assert study_now(clinic.db).state is (StudyState.RUN_IN, StudyState.HELD)[number]


def test_a_death_on_another_day_than_the_grade_5__is_refused(clinic: Clinic) -> None:
    code = clinic.enrol()
    clinic.death(code, 31)
    with pytest.raises(EntryImpossible, match="but the death was on"):
        record_event(clinic, code, a_death(30))
    assert study_now(clinic.db).state is StudyState.RUN_IN


def test_a_death__cannot_be_moved_away_from_its_grade_5(clinic: Clinic) -> None:
    code = clinic.enrol()
    clinic.death(code, 30)
    record_event(clinic, code, a_death(30))
    with pytest.raises(EntryImpossible, match="but the death was on"):
        clinic.death(code, 35, reason="misread", seen_version=1)


def test_the_table_by_arm__is_the_statisticians_and_keeps_the_run_in_apart(clinic: Clinic) -> None:
    for code, arm in (("S1-001", None), ("S1-002", Arm.A), ("S1-003", Arm.B)):
        clinic.enrol(code, arm)
        clinic.treat(code)
        record_event(clinic, code, an_event())
    for actor in (ONCOLOGIST, OFFICE):
        with pytest.raises(NotAuthorised):
            toxicity.toxicity_by_arm(clinic.db, clinic.conduct, actor)
    table = toxicity.toxicity_by_arm(clinic.db, clinic.conduct, STATISTICIAN)
    # Without a fraction on record, arm A was treated as B: the safety population goes by what was given.
    assert [(row.arm, row.subjects, row.with_grade) for row in table.rows] == [
        ("B", 2, (0, 2, 0, 0, 0)),
        ("run-in", 1, (0, 1, 0, 0, 0)),
    ]


def test_events__are_entered_by_those_who_report_safety_at_their_site(clinic: Clinic) -> None:
    code = clinic.enrol()
    with pytest.raises(NotAuthorised):
        record_event(clinic, code, an_event(), PHYSICIST)
    with pytest.raises(UnknownSubject):
        record_event(clinic, code, an_event(), OTHER_ONCOLOGIST)
    subjects.create_subject(clinic.db, STAFF, code="S1-009")
    with pytest.raises(NotEnrolled):
        record_event(clinic, "S1-009", an_event())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": 0}, "has no such number"),
        ({"given_on": day(-3)}, "lies before the start"),
        ({"given_on": TODAY + timedelta(days=1)}, "lies in the future"),
        ({"given_on": day(1), "omitted": True}, "both given and omitted"),
        ({"agents": (AgentDose(agent="x", unit="mg", planned=-1.0),)}, "none can be"),
        ({"agents": (AgentDose(agent="x", unit="mg", planned=float("nan")),)}, "none can be"),
        ({"agents": (AgentDose(agent=" ", unit="mg", planned=1.0),)}, "without name or unit"),
    ],
)
def test_a_cycle_that_cannot_be__is_refused_in_words(
    clinic: Clinic, change: dict[str, Any], words: str
) -> None:
    code = clinic.enrol()
    fields: dict[str, Any] = {"number": 1, "planned_on": day(1), **change}
    with pytest.raises(EntryImpossible, match=words):
        cycles.enter_cycle(clinic.db, clinic.conduct, STAFF, code=code, cycle=Cycle(**fields))


def test_a_delay_without_reason__is_a_query_until_the_reason_is_given(clinic: Clinic) -> None:
    code = clinic.enrol()
    late = Cycle(number=2, planned_on=date(2026, 2, 2), given_on=date(2026, 2, 9))
    cycles.enter_cycle(clinic.db, clinic.conduct, STAFF, code=code, cycle=late)
    (query,) = outcomes.clinical_view(clinic.db, clinic.conduct, STAFF, code=code).outcome.open_queries
    assert query.query.about == "cycle 2"
    explained = replace(late, reason="neutropenia")
    cycles.enter_cycle(
        clinic.db, clinic.conduct, STAFF, code=code, cycle=explained, reason="reason added", seen_version=1
    )
    assert outcomes.clinical_view(clinic.db, clinic.conduct, STAFF, code=code).outcome.queries == ()
