"""Data cuts: frozen, repeatable byte for byte, the statistician's until somebody else releases them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from tests.trial_core import enrolling
from tests.trial_core.clinic import TODAY, Clinic, a_visit, day
from tests.trial_core.record import OFFICE, ONCOLOGIST, OTHER_ONCOLOGIST, STAFF, STATISTICIAN, Record
from trial_core.code_version import code_version
from trial_core.domain.clinical_forms import EligibilityViolation
from trial_core.domain.conduct import Conduct
from trial_core.domain.eligibility import Answer, EligibilityQuestion
from trial_core.domain.leaving import Leaving, LeavingKind
from trial_core.domain.populations import Population
from trial_core.domain.subject import Arm
from trial_core.errors import AlreadyExists, NotAuthorised, TrialError
from trial_core.follow_up_errors import (
    CutAlreadyReleased,
    CutBroken,
    CutDayImpossible,
    UnknownCriterion,
    UnknownDataCut,
)
from trial_core.protocols.reader import read_protocol
from trial_core.services import audit_trail, data_cuts, follow_up, outcomes, screening, withdrawal
from trial_core.services.cut_outcomes import outcome_of_cut
from trial_core.services.cut_subjects import subjects_of_cut
from trial_core.services.populations import populations_of

PROTOCOL = read_protocol()


@pytest.fixture
def small(record: Record) -> Clinic:
    """One subject of the run-in, progressed."""
    clinic = Clinic(record)
    clinic.enrol("S1-001")
    clinic.visit("S1-001", a_visit(43, 40.0))
    return clinic


@pytest.fixture
def clinic(record: Record) -> Clinic:
    """Two subjects of the run-in, four of IIb: progressed, dead, censored."""
    clinic = Clinic(record)
    clinic.enrol("S1-001")
    clinic.visit("S1-001", a_visit(43, 40.0))
    clinic.enrol("S1-002")
    clinic.visit("S1-002", a_visit(43, 25.0))
    for number, (arm, actor) in enumerate(
        [(Arm.A, ONCOLOGIST), (Arm.B, ONCOLOGIST), (Arm.A, OTHER_ONCOLOGIST), (Arm.B, OTHER_ONCOLOGIST)]
    ):
        code = f"{actor.site_code}-1{number}"
        clinic.enrol(code, arm, actor=actor)
        clinic.visit(code, a_visit(43 + number, 25.0), actor)
        clinic.visit(code, a_visit(85 + number, 40.0 if number % 2 else 24.0), actor)
    clinic.death("S2-12", 100, OTHER_ONCOLOGIST)
    return clinic


def make(clinic: Clinic, label: str = "interim", cut_on: date = TODAY) -> None:
    data_cuts.make_data_cut(
        clinic.db, clinic.record.store, PROTOCOL, STATISTICIAN, label=label, cut_on=cut_on
    )


def outcome(clinic: Clinic, label: str = "interim", actor: Any = STATISTICIAN) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outcome_of_cut(clinic.db, clinic.record.store, actor, label=label))
    return found


def test_figures__are_of_each_phase_by_itself(clinic: Clinic) -> None:
    make(clinic)
    phases = outcome(clinic)["phases"]
    run_in, randomised = (phases[each]["progression_free_survival"]["primary"] for each in ("IIa", "IIb"))
    assert {key: group["n"] for key, group in run_in["groups"].items()} == {"run-in": 2}
    assert {key: group["n"] for key, group in randomised["groups"].items()} == {"A": 2, "B": 2}
    assert randomised["cox"]["reference"] == "B"
    assert (run_in["events"], randomised["events"]) == (1, 3)
    assert phases["IIb"]["cumulative_incidence"]["A"]["death without progression"]["events"] == 1
    assert phases["IIb"]["best_response"]["plain"]["A"]["SD"] == 2


def test_figures__name_code_and_audit_trail_and_have_the_protocols_landmarks(small: Clinic) -> None:
    make(small)
    found = outcome(small)
    assert found["cut"]["code_version"] == code_version()
    head = audit_trail.verify(small.db).head
    assert found["cut"]["audit_anchor"] == f"{head.count} {head.hash}"
    assert _landmarks(found) == [183, 365, 730]


def test_figures__are_those_of_the_landmarks_that_were_frozen(small: Clinic) -> None:
    assert PROTOCOL.conduct is not None
    other = replace(PROTOCOL, conduct=replace(PROTOCOL.conduct, landmark_days=(90,)))
    data_cuts.make_data_cut(small.db, small.record.store, other, STATISTICIAN, label="interim", cut_on=TODAY)
    assert _landmarks(outcome(small)) == [90]


def _landmarks(found: dict[str, Any]) -> list[int]:
    return [each["at"] for each in found["phases"]["IIa"]["overall_survival"]["landmarks"]]


def test_figures__are_the_same_bytes_after_later_corrections(clinic: Clinic) -> None:
    make(clinic)
    before = outcome_of_cut(clinic.db, clinic.record.store, STATISTICIAN, label="interim")
    assert b"S1-0" not in before  # no subject is named
    clinic.visit("S1-001", a_visit(43, 20.0), reason="read again", seen_version=1)
    clinic.visit("S1-002", a_visit(85, 60.0))
    clinic.enrol("S1-003", Arm.A)
    clinic.record.clock.advance(days=400)
    assert outcome_of_cut(clinic.db, clinic.record.store, STATISTICIAN, label="interim") == before
    make(clinic, "later")
    later = outcome(clinic, "later")["phases"]["IIa"]["progression_free_survival"]["primary"]
    assert (later["n"], later["events"], later["groups"]["run-in"]["median"]) == (2, 1, 85.0)


def test_figures__know_nothing_of_what_happened_after_the_day_of_the_cut(clinic: Clinic) -> None:
    clinic.enrol("S1-003", Arm.A, on=day(80))
    make(clinic, cut_on=day(60))
    phases = outcome(clinic)["phases"]
    assert (phases["IIa"]["n"], phases["IIb"]["n"]) == (2, 4)
    assert phases["IIb"]["progression_free_survival"]["primary"]["events"] == 0
    assert phases["IIb"]["overall_survival"]["events"] == 0


def test_a_cut__is_the_statisticians_until_it_is_released(small: Clinic) -> None:
    make(small)
    for actor in (ONCOLOGIST, OFFICE):
        with pytest.raises(NotAuthorised):
            outcome_of_cut(small.db, small.record.store, actor, label="interim")
    data_cuts.release_data_cut(small.db, OFFICE, label="interim", reason="report to the sponsor")
    assert outcome(small, actor=ONCOLOGIST)["phases"]["IIa"]["n"] == 1
    with pytest.raises(NotAuthorised):
        outcome_of_cut(small.db, small.record.store, OFFICE, label="interim")
    with pytest.raises(CutAlreadyReleased):
        data_cuts.release_data_cut(small.db, OFFICE, label="interim", reason="again")


def test_one_released_cut__releases_no_other(small: Clinic) -> None:
    make(small)
    make(small, "second")
    data_cuts.release_data_cut(small.db, OFFICE, label="interim", reason="report to the sponsor")
    with pytest.raises(NotAuthorised):
        outcome_of_cut(small.db, small.record.store, ONCOLOGIST, label="second")


def test_whoever_may_not__learns_not_even_whether_a_cut_exists(small: Clinic) -> None:
    with pytest.raises(NotAuthorised):
        outcome_of_cut(small.db, small.record.store, ONCOLOGIST, label="none")
    with pytest.raises(UnknownDataCut):
        outcome_of_cut(small.db, small.record.store, STATISTICIAN, label="none")


@pytest.mark.parametrize(
    ("label", "cut_on", "error"),
    [
        ("interim", TODAY, AlreadyExists),
        ("next", date(2030, 1, 1), CutDayImpossible),
        ("\x00", TODAY, TrialError),
    ],
)
def test_a_cut__that_cannot_be_is_refused(
    small: Clinic, label: str, cut_on: date, error: type[Exception]
) -> None:
    make(small)
    with pytest.raises(error):
        make(small, label, cut_on)


def test_a_cut__is_made_by_the_statistician_and_released_by_the_office_alone(small: Clinic) -> None:
    with pytest.raises(NotAuthorised):
        data_cuts.make_data_cut(small.db, small.record.store, PROTOCOL, ONCOLOGIST, label="x", cut_on=TODAY)
    make(small)
    with pytest.raises(NotAuthorised):
        data_cuts.release_data_cut(small.db, STATISTICIAN, label="interim", reason="why not")
    assert [each.released for each in data_cuts.list_data_cuts(small.db, OFFICE)] == [False]


def test_a_form_changed_behind_the_record__breaks_the_cut(small: Clinic) -> None:
    make(small)
    sqlite = small.db.engine.dialect.name == "sqlite"
    with small.db.transaction() as connection:
        connection.execute(
            text(
                "DROP TRIGGER form_entry_UPDATE" if sqlite else "SET LOCAL session_replication_role = replica"
            )
        )
        connection.execute(
            text(
                "UPDATE form_entry SET content = replace(content, '40.0', '30.0') "
                "WHERE kind = 'tumour assessment'"
            )
        )
    with pytest.raises(CutBroken, match="tumour assessment"):
        outcome_of_cut(small.db, small.record.store, STATISTICIAN, label="interim")


def test_a_query_left_open__makes_a_cuts_figures_provisional(small: Clinic) -> None:
    small.visit("S1-001", a_visit(85, 25.0))
    make(small)
    assert outcome(small)["phases"]["IIa"]["provisional"] == 1
    (query,) = outcomes.clinical_view(small.db, small.conduct, ONCOLOGIST, code="S1-001").outcome.open_queries
    outcomes.answer_query(
        small.db, small.conduct, ONCOLOGIST, code="S1-001", key=query.key, answer="read again, both right"
    )
    make(small, "answered")
    assert outcome(small, "answered")["phases"]["IIa"]["provisional"] == 0


def test_the_list_of_a_cuts_subjects__says_why_each_is_where_it_is(clinic: Clinic) -> None:
    violation = EligibilityViolation(criterion="ECOG", found_on=day(20), words="was 2 at baseline")
    follow_up.enter_violation(clinic.db, clinic.conduct, ONCOLOGIST, code="S1-10", violation=violation)
    make(clinic)
    found = json.loads(subjects_of_cut(clinic.db, clinic.record.store, STATISTICIAN, label="interim"))
    (in_a,) = [each for each in found if each["subject"] == "S1-10"]
    assert (in_a["group"], in_a["stratum"], in_a["pfs"]["primary"]["reason"]) == (
        "A",
        "site=S1",
        "6 no event",
    )
    assert in_a["populations"]["intention to treat"]["member"]
    assert in_a["populations"]["per protocol"]["reasons"] == [
        "eligibility violated: ECOG",
        "received no study treatment",
        "arm A without radiotherapy",
    ]
    other = EligibilityViolation(criterion="height", found_on=day(20), words="x")
    with pytest.raises(UnknownCriterion):
        follow_up.enter_violation(clinic.db, clinic.conduct, ONCOLOGIST, code="S1-10", violation=other)


def test_a_cut__has_the_criteria_that_a_form_corrected_after_enrolment_fails(clinic: Clinic) -> None:
    make(clinic, "before")
    answers = [
        replace(each, answer=Answer.YES) if each.question == "autoimmune disease" else each
        for each in enrolling.good_answers(PROTOCOL)
    ]
    screening.enter_eligibility(
        clinic.db, STAFF, code="S1-10", protocol=PROTOCOL, answers=answers, reason="letter", seen_version=1
    )
    make(clinic)
    failed = "eligibility violated: autoimmune disease"
    for label, violated in (("before", False), ("interim", True)):
        found = json.loads(subjects_of_cut(clinic.db, clinic.record.store, STATISTICIAN, label=label))
        (in_a,) = [each for each in found if each["subject"] == "S1-10"]
        assert (failed in in_a["populations"]["per protocol"]["reasons"]) is violated
    amended = replace(PROTOCOL, conduct=replace(clinic.conduct, questions=_reworded(clinic.conduct)))
    facts = {
        each.population: each for each in populations_of(clinic.db, STAFF, code="S1-10", protocol=amended)
    }
    assert failed in facts[Population.PER_PROTOCOL].reasons


def _reworded(conduct: Conduct) -> tuple[EligibilityQuestion, ...]:
    return tuple(replace(each, text=f"{each.text} (amended)") for each in conduct.questions)


def test_the_list_of_a_cuts_subjects__is_the_statisticians_also_once_released(small: Clinic) -> None:
    make(small)
    data_cuts.release_data_cut(small.db, OFFICE, label="interim", reason="report to the sponsor")
    with pytest.raises(NotAuthorised):
        subjects_of_cut(small.db, small.record.store, ONCOLOGIST, label="interim")


def test_who_withdrew_the_use_of_its_data__is_listed_without_any_outcome(small: Clinic) -> None:
    leaving = Leaving(kind=LeavingKind.WITHDRAWAL_OF_DATA_USE, on=day(60))
    withdrawal.leave(small.db, STAFF, code="S1-001", leaving=leaving)
    make(small)
    (found,) = json.loads(subjects_of_cut(small.db, small.record.store, STATISTICIAN, label="interim"))
    assert not {"pfs", "overall_survival", "best_response", "open_queries"} & set(found)
    assert found["populations"]["run-in"]["reasons"] == ["withdrew the use of its data"]
