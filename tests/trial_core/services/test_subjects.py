"""Subjects: who may register, enrol, withdraw and see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.trial_core.record import (
    OFFICE,
    ONCOLOGIST,
    OTHER_ONCOLOGIST,
    PHYSICIST,
    STAFF,
    Record,
)
from trial_core.domain.subject import Arm, Phase, Subject, SubjectStatus
from trial_core.errors import (
    AlreadyExists,
    ArmNotAllowed,
    NotAName,
    NotAuthorised,
    UnknownSubject,
    WrongState,
)
from trial_core.services import subjects


def test_a_subject__goes_from_screening_to_enrolled_to_withdrawn(record: Record) -> None:
    new = subjects.create_subject(record.db, STAFF, code="S1-001")
    assert (new.status, new.phase, new.arm) == (SubjectStatus.SCREENING, None, None)
    enrolled = subjects.enrol_subject(record.db, STAFF, code="S1-001", phase=Phase.IIB, arm=Arm.A)
    assert (enrolled.status, enrolled.phase, enrolled.arm) == (SubjectStatus.ENROLLED, Phase.IIB, Arm.A)
    gone = subjects.withdraw_subject(record.db, ONCOLOGIST, code="S1-001", reason="moved away")
    assert (gone.status, gone.arm) == (SubjectStatus.WITHDRAWN, Arm.A)
    calls: list[Callable[[], Subject]] = [
        lambda: subjects.withdraw_subject(record.db, STAFF, code="S1-001", reason="x"),
        lambda: subjects.enrol_subject(record.db, STAFF, code="S1-001", phase=Phase.IIA),
    ]
    for again in calls:
        with pytest.raises(WrongState):
            again()


@pytest.mark.parametrize(("phase", "arm"), [(Phase.IIA, Arm.A), (Phase.IIB, None)])
def test_enrolment__refuses_an_arm_that_the_phase_does_not_have(
    record: Record, phase: Phase, arm: Arm | None
) -> None:
    subjects.create_subject(record.db, STAFF, code="S1-001")
    with pytest.raises(ArmNotAllowed):
        subjects.enrol_subject(record.db, STAFF, code="S1-001", phase=phase, arm=arm)


def test_the_run_in__may_have_a_plan_without_an_arm(record: Record) -> None:
    subjects.create_subject(record.db, STAFF, code="S1-001")
    subjects.enrol_subject(record.db, STAFF, code="S1-001", phase=Phase.IIA)
    assert subjects.subject_record(record.db, STAFF, code="S1-001").plan_refusal is None


def test_a_code__is_unique_in_its_site_and_tells_nothing_about_another(record: Record) -> None:
    subjects.create_subject(record.db, ONCOLOGIST, code="001")
    with pytest.raises(AlreadyExists):
        subjects.create_subject(record.db, ONCOLOGIST, code="001")
    assert subjects.create_subject(record.db, OTHER_ONCOLOGIST, code="001").site_code == "S2"


@pytest.mark.parametrize("code", ["", " ", "a b", "../x", "-x", "x" * 33, "001\n", "<b>"])
def test_a_code__is_letters_digits_and_a_few_signs(record: Record, code: str) -> None:
    with pytest.raises(NotAName):
        subjects.create_subject(record.db, STAFF, code=code)


def test_another_sites_subject__does_not_exist(record: Record) -> None:
    record.enrol("S1-001")
    calls: list[Any] = [
        lambda code: subjects.subject_record(record.db, OTHER_ONCOLOGIST, code=code),
        lambda code: subjects.enrol_subject(record.db, OTHER_ONCOLOGIST, code=code, phase=Phase.IIA),
        lambda code: subjects.withdraw_subject(record.db, OTHER_ONCOLOGIST, code=code, reason="x"),
    ]
    for call in calls:
        with pytest.raises(UnknownSubject) as theirs:
            call("S1-001")
        with pytest.raises(UnknownSubject) as nobodys:
            call("S1-404")
        assert str(theirs.value) == str(nobodys.value).replace("404", "001")
    assert subjects.list_subjects(record.db, OTHER_ONCOLOGIST) == ()
    assert [one.code for one in subjects.list_subjects(record.db, PHYSICIST)] == ["S1-001"]


def test_an_administrator__sees_no_clinical_data(record: Record) -> None:
    record.enrol("S1-001")
    for call in (
        lambda: subjects.list_subjects(record.db, OFFICE),
        lambda: subjects.subject_record(record.db, OFFICE, code="S1-001"),
        lambda: subjects.create_subject(record.db, OFFICE, code="S1-002"),
    ):
        with pytest.raises(NotAuthorised):
            call()


def test_the_record__lists_submissions_newest_first(record: Record) -> None:
    code = record.enrol()
    first, _ = record.check(code, data=b"one")
    record.clock.advance(minutes=1)
    second, _ = record.check(code, data=b"two")
    page = subjects.subject_record(record.db, STAFF, code=code)
    assert [row.submission_id for row in page.submissions] == [second, first]
    assert [row.version for row in page.submissions] == [2, 1]
    assert page.submissions[0].verdict == "per protocol"
    assert (page.submissions[0].submitted_by, page.submissions[0].submitter_name) == ("onc", "Oncologist One")
