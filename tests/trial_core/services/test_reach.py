"""Whose subjects a role sees: those of its site, those of every site, or none."""

from __future__ import annotations

import pytest

from tests.trial_core.record import ONCOLOGIST, OTHER_ONCOLOGIST, Record
from trial_core.access_errors import OwnWork, SubjectAtSeveralSites
from trial_core.domain.access import CENTRAL_ROLES, Actor, Role
from trial_core.errors import NotAuthorised, UnknownSubject, UnknownSubmission
from trial_core.services import subjects, submissions
from trial_core.services.authorise import refuse_own_work, site_of

MONITOR = Actor("u-mon", "mon", Role.MONITOR)


@pytest.mark.parametrize("role", sorted(CENTRAL_ROLES))
def test_central_roles__see_the_subjects_and_submissions_of_every_site(record: Record, role: Role) -> None:
    reader = Actor("u", "u", role)
    submission_id, _ = record.check(record.enrol("S1-001"))
    record.enrol("S2-001", OTHER_ONCOLOGIST)
    assert [one.code for one in subjects.list_subjects(record.db, reader)] == ["S1-001", "S2-001"]
    assert subjects.subject_record(record.db, reader, code="S2-001").subject.site_code == "S2"
    assert [one.submission_id for one in submissions.worklist(record.db, reader)] == [submission_id]
    view = submissions.submission_view(record.db, reader, submission_id=submission_id)
    assert not any((view.may_confirm, view.may_withdraw, view.may_check_again, view.may_send))
    with pytest.raises(UnknownSubject):
        subjects.subject_record(record.db, reader, code="S3-001")
    with pytest.raises(UnknownSubmission):
        submissions.submission_view(record.db, reader, submission_id="0" * 32)


def test_a_code_of_two_sites__is_asked_for_with_its_site(record: Record) -> None:
    for actor in (ONCOLOGIST, OTHER_ONCOLOGIST):
        subjects.create_subject(record.db, actor, code="001")
    with pytest.raises(SubjectAtSeveralSites, match="S1:001 or S2:001"):
        subjects.subject_record(record.db, MONITOR, code="001")
    assert subjects.subject_record(record.db, MONITOR, code="S2:001").subject.site_code == "S2"


@pytest.mark.parametrize("code", ["S2:S2-001", "S2-001"])
def test_somebody_of_a_site__reaches_no_other_by_naming_it(record: Record, code: str) -> None:
    record.enrol("S2-001", OTHER_ONCOLOGIST)
    with pytest.raises(UnknownSubject):
        subjects.subject_record(record.db, ONCOLOGIST, code=code)


def test_a_judge_with_a_hospital__does_not_work_for_it(record: Record) -> None:
    judge = Actor("u-rev", "rev", Role.CENTRAL_REVIEWER, "S1")
    with pytest.raises(NotAuthorised):
        site_of(judge)
    with pytest.raises(NotAuthorised):
        subjects.create_subject(record.db, judge, code="S1-009")


def test_nobody__judges_their_own_submission_or_site() -> None:
    judge = Actor("u-rev", "rev", Role.CENTRAL_REVIEWER, "S1")
    with pytest.raises(OwnWork, match="your own site"):
        refuse_own_work(judge, site_code="S1")
    with pytest.raises(OwnWork, match="yourself"):
        refuse_own_work(judge, site_code="S2", submitted_by="u-rev")
    refuse_own_work(judge, site_code="S2", submitted_by="u-onc")
    refuse_own_work(MONITOR, site_code="S1")
