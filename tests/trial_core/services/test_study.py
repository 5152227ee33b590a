"""The study's state and the safety rule by services: conditions, holds, adjudication, termination."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.trial_core import enrolling
from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import (
    ADJUDICATOR,
    INVESTIGATOR,
    MONITOR,
    ONCOLOGIST,
    OTHER_ADJUDICATOR,
    OTHER_INVESTIGATOR,
    OTHER_ONCOLOGIST,
    STAFF,
    STATISTICIAN,
    Record,
)
from trial_core.access_errors import OwnWork
from trial_core.db.repositories import accounts as account_rows
from trial_core.domain.access import Actor, Role
from trial_core.domain.clinical_forms import Death
from trial_core.domain.serious_events import ReportClock
from trial_core.domain.study_state import StudyState
from trial_core.domain.toxicity import AdverseEvent, Attribution, GradeFrom, Outcome, Treatment
from trial_core.enrolment_errors import FormRefused, StudyForbids
from trial_core.errors import NotAuthorised, SubjectNotEligibleForPlan
from trial_core.services import enrolment, follow_up, safety, study, toxicity
from trial_core.services.conduct_of import conduct_of
from trial_core.services.toxicity_statement import state_toxicity_acceptable, toxicity_statements

TRIAL = enrolling.protocol_of(run_in=3, days=2)
RELATED = dict.fromkeys(Treatment, Attribution.PROBABLE)
UNRELATED = dict.fromkeys(Treatment, Attribution.NONE)
PLACES = {"S1-001": ONCOLOGIST, "S1-002": ONCOLOGIST, "S2-001": OTHER_ONCOLOGIST}
SIGNERS = {"S1": INVESTIGATOR, "S2": OTHER_INVESTIGATOR}


class RunIn:
    """A run-in of three subjects at two sites, treated on their first day."""

    def __init__(self, record: Record) -> None:
        self.record, self.db = record, record.db
        for code, staff in PLACES.items():
            enrolling.enrol(self.db, staff, SIGNERS[code[:2]], code, TRIAL)
            enrolling.treat(self.db, staff, code, record.clock().date())

    def dies(self, code: str, attribution: Mapping[Treatment, Attribution]) -> str:
        """Let a subject die today by a grade 5 event; gives the event's id."""
        who, today = PLACES[code], self.record.clock().date()
        follow_up.enter_death(self.db, conduct_of(TRIAL), who, code=code, death=Death(on=today))
        event = AdverseEvent(
            id="",
            subject="",
            version="5.0",
            term="Sepsis",
            grades=(GradeFrom(on=today, grade=5),),
            attribution=attribution,
            serious=True,
            outcome=Outcome.FATAL,
        )
        return toxicity.record_event(self.db, TRIAL, who, code=code, event=event).occasion

    def adjudicate(
        self, event_id: str, *, related: bool, who: Actor = ADJUDICATOR, password: str = PASSWORD
    ) -> StudyState:
        """Let one adjudicator decide."""
        after = safety.adjudicate(
            self.db,
            who,
            event_id=event_id,
            related=related,
            reason="read the charts",
            protocol=TRIAL,
            password=password,
        )
        return after.state

    def state(self) -> StudyState:
        return study.study_now(self.db).state

    def missing(self) -> str:
        return "; ".join(study.study_conditions(self.db, MONITOR, protocol=TRIAL).missing_for_iib)


@pytest.fixture
def run_in(record: Record) -> RunIn:
    return RunIn(record)


def test_iib__opens_once_every_condition_is_met(run_in: RunIn) -> None:
    db = run_in.db
    with pytest.raises(StudyForbids, match="it must be observation"):
        study.open_phase_iib(db, STATISTICIAN, protocol=TRIAL, password=PASSWORD)
    study.close_the_run_in(db, STATISTICIAN, protocol=TRIAL, password=PASSWORD)
    assert "S1:S1-001, S1:S1-002, S2:S2-001 have not completed" in run_in.missing()
    assert "no valid signature" in run_in.missing()
    run_in.record.clock.advance(days=2)
    state_toxicity_acceptable(db, ADJUDICATOR, password=enrolling.PASSWORD)
    assert run_in.missing() == ""
    assert study.open_phase_iib(db, STATISTICIAN, protocol=TRIAL, password=PASSWORD).state is StudyState.IIB
    with pytest.raises(StudyForbids):
        study.close_the_run_in(db, STATISTICIAN, protocol=TRIAL, password=PASSWORD)
    assert study.close_the_recruitment(db, STATISTICIAN, password=PASSWORD).state is StudyState.CLOSED


def test_run_in__closes_at_its_size_alone(run_in: RunIn) -> None:
    with pytest.raises(StudyForbids, match="3 of 25"):
        study.close_the_run_in(run_in.db, STATISTICIAN, protocol=enrolling.protocol_of(), password=PASSWORD)
    assert run_in.state() is StudyState.RUN_IN


def test_toxicity_statement__is_void_once_an_event_is_added(run_in: RunIn) -> None:
    db = run_in.db
    study.close_the_run_in(db, STATISTICIAN, protocol=TRIAL, password=PASSWORD)
    run_in.record.clock.advance(days=2)
    state_toxicity_acceptable(db, ADJUDICATOR, password=enrolling.PASSWORD)
    event = AdverseEvent(
        id="", subject="", version="5.0", term="Fatigue",
        grades=(GradeFrom(on=run_in.record.clock().date(), grade=2),), attribution=UNRELATED,
    )  # fmt: skip
    toxicity.record_event(db, TRIAL, ONCOLOGIST, code="S1-001", event=event)
    assert [each.valid for each in toxicity_statements(db, MONITOR)] == [False]
    with pytest.raises(StudyForbids, match="no valid signature"):
        study.open_phase_iib(db, STATISTICIAN, protocol=TRIAL, password=PASSWORD)


def test_second_counted_subject__holds_the_study_with_its_event(run_in: RunIn) -> None:
    run_in.dies("S1-001", RELATED)
    assert run_in.state() is StudyState.RUN_IN
    run_in.dies("S2-001", {})  # not assessed yet: it counts
    assert run_in.state() is StudyState.HELD
    with run_in.db.read() as connection:
        at = connection.execute(text("SELECT at FROM study_transition")).scalar_one()
        entered = connection.execute(
            text("SELECT MAX(entered_at) FROM form_entry WHERE kind = 'adverse event'")
        ).scalar_one()
    assert at == entered
    enrolling.screen(run_in.db, ONCOLOGIST, INVESTIGATOR, "S1-009", TRIAL)
    with pytest.raises(StudyForbids, match="grade 5 events of S1:S1-001, S2:S2-001 count"):
        enrolment.enrol_subject(run_in.db, ONCOLOGIST, code="S1-009", protocol=TRIAL)
    with pytest.raises(DBAPIError, match="does not enrol"), run_in.db.transaction() as connection:
        connection.execute(text("UPDATE subject SET phase = 'IIa' WHERE code = 'S1-009'"))


def test_unrelated_deaths_and_deaths_in_iib__hold_nothing(run_in: RunIn) -> None:
    run_in.dies("S1-001", UNRELATED)
    run_in.dies("S1-002", UNRELATED)
    assert run_in.state() is StudyState.RUN_IN


def test_hold__is_lifted_with_a_reason_once_two_people_found_one_unrelated(run_in: RunIn) -> None:
    first, second = run_in.dies("S1-001", RELATED), run_in.dies("S2-001", RELATED)
    lift = partial(study.lift_the_hold, password=PASSWORD)
    with pytest.raises(StudyForbids, match="2 subjects count"):
        lift(run_in.db, ADJUDICATOR, protocol=TRIAL, reason="x")
    assert run_in.adjudicate(first, related=False) is StudyState.HELD
    assert run_in.adjudicate(first, related=False) is StudyState.HELD  # the same person twice is one
    with pytest.raises(StudyForbids, match="2 subjects count"):
        lift(run_in.db, ADJUDICATOR, protocol=TRIAL, reason="x")
    run_in.adjudicate(first, related=False, who=OTHER_ADJUDICATOR)
    with pytest.raises(StudyForbids, match="not adjudicated"):
        lift(run_in.db, ADJUDICATOR, protocol=TRIAL, reason="x")
    run_in.adjudicate(second, related=True)
    run_in.adjudicate(second, related=True, who=OTHER_ADJUDICATOR)
    with pytest.raises(StudyForbids, match="give the reason"):
        lift(run_in.db, ADJUDICATOR, protocol=TRIAL, reason=" ")
    after = lift(run_in.db, ADJUDICATOR, protocol=TRIAL, reason="first death by a stroke")
    assert (after.state, after.reason) == (StudyState.RUN_IN, "first death by a stroke")


def test_two_settled_subjects__terminate_the_study_for_good(run_in: RunIn) -> None:
    code = "S1-002"
    for event in (run_in.dies("S1-001", RELATED), run_in.dies("S2-001", RELATED)):
        run_in.adjudicate(event, related=True)
        state = run_in.adjudicate(event, related=True, who=OTHER_ADJUDICATOR)
    assert state is StudyState.TERMINATED
    with pytest.raises(StudyForbids):
        study.lift_the_hold(run_in.db, ADJUDICATOR, protocol=TRIAL, reason="x", password=PASSWORD)
    with pytest.raises(SubjectNotEligibleForPlan, match="terminated"):
        run_in.record.begin(code)
    with pytest.raises(DBAPIError, match="not in the state"), run_in.db.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO study_transition "
                "SELECT MAX(sequence) + 1, 'terminated', 'IIb', MAX(at), 'u', 'x' FROM study_transition"
            )
        )
    run_in.dies(code, RELATED)  # follow-up and safety entry go on
    assert run_in.state() is StudyState.TERMINATED


def test_adjudication__is_by_another_hospital_and_void_once_the_event_changes(run_in: RunIn) -> None:
    event = run_in.dies("S1-001", RELATED)
    of_the_site = Actor("u-adj3", "adj3", Role.SAFETY_ADJUDICATOR, "S1", "Adjudicator Three")
    with run_in.db.transaction() as connection:
        account_rows.add_account(
            connection, of_the_site, password_hash=enrolling.quick_hash(), at=run_in.db.now()
        )
    with pytest.raises(OwnWork):
        run_in.adjudicate(event, related=False, who=of_the_site)
    with pytest.raises(NotAuthorised):
        run_in.adjudicate(event, related=False, who=STAFF)
    for who in (ADJUDICATOR, OTHER_ADJUDICATOR):
        run_in.adjudicate(event, related=False, who=who)
    assert study.study_conditions(run_in.db, MONITOR, protocol=TRIAL).safety.counted == ()
    (found,) = safety.serious_events(run_in.db, ADJUDICATOR)
    corrected = replace(found.event, attribution=dict.fromkeys(Treatment, Attribution.DEFINITE))
    toxicity.correct_event(
        run_in.db, TRIAL, ONCOLOGIST, code="S1-001", event=corrected, reason="autopsy", seen_version=1
    )
    count = study.study_conditions(run_in.db, MONITOR, protocol=TRIAL).safety
    assert (count.counted, count.open_events) == (("S1:S1-001",), (event,))


def test_serious_event__has_a_day_to_be_reported(run_in: RunIn) -> None:
    event, db, clock = run_in.dies("S1-001", UNRELATED), run_in.db, run_in.record.clock
    report = safety.report_serious_event
    aware = clock() - timedelta(hours=3)

    def stands() -> list[ReportClock]:
        return [each.clock for each in safety.serious_events(db, ONCOLOGIST)]

    assert stands() == [ReportClock.RUNNING]
    assert safety.serious_events(db, OTHER_ONCOLOGIST) == ()
    with pytest.raises(FormRefused, match="future"):
        report(db, STAFF, code="S1-001", event_id=event, aware_at=clock() + timedelta(hours=1), words="x")
    report(db, STAFF, code="S1-001", event_id=event, aware_at=aware, words="sepsis after cycle 1")
    assert stands() == [ReportClock.ON_TIME]
    with pytest.raises(FormRefused, match="reported already"):
        report(db, STAFF, code="S1-001", event_id=event, aware_at=aware, words="again")
    clock.advance(days=3)
    safety.report_follow_up(db, STAFF, code="S1-001", event_id=event, words="culture: E. coli")
    (found,) = safety.serious_events(db, MONITOR)
    assert (found.clock, len(found.report.reported_at)) == (ReportClock.ON_TIME, 2)


def test_serious_event__reported_after_a_day_is_late(run_in: RunIn) -> None:
    event, db, clock = run_in.dies("S1-001", UNRELATED), run_in.db, run_in.record.clock
    aware = clock()
    clock.advance(hours=24, seconds=1)
    assert safety.serious_events(db, ONCOLOGIST)[0].clock is ReportClock.OVERDUE
    safety.report_serious_event(db, STAFF, code="S1-001", event_id=event, aware_at=aware, words="late")
    assert safety.serious_events(db, ONCOLOGIST)[0].clock is ReportClock.LATE


def test_serious_events_clock__runs_on_when_the_event_is_corrected(run_in: RunIn) -> None:
    event, db, clock = run_in.dies("S1-001", UNRELATED), run_in.db, run_in.record.clock
    entered = clock()
    clock.advance(hours=25)
    (found,) = safety.serious_events(db, ONCOLOGIST)
    corrected = replace(found.event, attribution=RELATED)
    toxicity.correct_event(
        db, TRIAL, ONCOLOGIST, code="S1-001", event=corrected, reason="seen by the team", seen_version=1
    )
    alone = safety.serious_event_of(db, ONCOLOGIST, code="S1-001", event_id=event)
    for each in (*safety.serious_events(db, ONCOLOGIST), alone):
        assert each is not None
        assert (each.clock, each.report.aware_at) == (ReportClock.OVERDUE, entered)


def test_serious_event__cannot_have_become_known_after_it_was_entered_as_serious(run_in: RunIn) -> None:
    event, db, clock = run_in.dies("S1-001", UNRELATED), run_in.db, run_in.record.clock
    entered = clock()
    clock.advance(days=3)
    report = partial(safety.report_serious_event, db, STAFF, code="S1-001", event_id=event, words="sepsis")
    with pytest.raises(FormRefused, match="knew of it then at the latest"):
        report(aware_at=clock() - timedelta(hours=1))
    report(aware_at=entered)
    assert safety.serious_events(db, ONCOLOGIST)[0].clock is ReportClock.LATE


@pytest.mark.parametrize("who", [ONCOLOGIST, MONITOR, ADJUDICATOR])
def test_state__is_changed_by_the_statistician_alone(run_in: RunIn, who: Actor) -> None:
    with pytest.raises(NotAuthorised):
        study.close_the_run_in(run_in.db, who, protocol=TRIAL, password=PASSWORD)
    with pytest.raises(NotAuthorised):
        study.study_conditions(run_in.db, ONCOLOGIST, protocol=TRIAL)
