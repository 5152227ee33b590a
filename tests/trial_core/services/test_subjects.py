"""Subjects: who may register, enrol, withdraw and see them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.trial_core.enrolling import protocol_of
from tests.trial_core.record import (
    OFFICE,
    ONCOLOGIST,
    OTHER_ONCOLOGIST,
    PHYSICIST,
    STAFF,
    Record,
)
from trial_core.domain.leaving import Leaving, LeavingKind
from trial_core.domain.subject import SubjectStatus
from trial_core.errors import (
    AlreadyExists,
    NotAName,
    NotAuthorised,
    UnknownSubject,
)
from trial_core.services import subjects
from trial_core.services.enrolment import enrol_subject
from trial_core.services.withdrawal import leave


def test_a_subject__is_registered_in_screening(record: Record) -> None:
    new = subjects.create_subject(record.db, STAFF, code="S1-001")
    assert (new.status, new.phase, new.arm) == (SubjectStatus.SCREENING, None, None)


def test_the_run_in__may_have_a_plan_without_an_arm(record: Record) -> None:
    code = record.enrol("S1-001")
    assert subjects.subject_record(record.db, STAFF, code=code).plan_refusal is None


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
    leaving = Leaving(kind=LeavingKind.LOST_TO_FOLLOW_UP, on=record.clock().date())
    calls: list[Any] = [
        lambda code: subjects.subject_record(record.db, OTHER_ONCOLOGIST, code=code),
        lambda code: enrol_subject(record.db, OTHER_ONCOLOGIST, code=code, protocol=protocol_of()),
        lambda code: leave(record.db, OTHER_ONCOLOGIST, code=code, leaving=leaving),
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


def test_create_subject__refuses_a_code_that_differs_by_capitals_alone(record: Record) -> None:
    subjects.create_subject(record.db, STAFF, code="T-001")
    with pytest.raises(AlreadyExists, match="T-001"):
        subjects.create_subject(record.db, STAFF, code="t-001")
