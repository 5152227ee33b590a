"""Checking a submission again: under a later protocol, or with a person's word; the old result stays."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import files, forms, given_names, jobs, recorded_rows, results, submissions
from trial_core.db.repositories.results import CheckResult
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Permission
from trial_core.domain.given_names import SaidName
from trial_core.domain.jobs import Claim, JobKind, JobState
from trial_core.domain.persons_word import AcceptedWord, PersonsWord
from trial_core.domain.plan import JobTicket, SubmissionState, SubmittedFile
from trial_core.domain.plan_review import ReviewForm
from trial_core.domain.report import CourseReport
from trial_core.domain.submitted_course import SubmittedCourse
from trial_core.errors import LeaseLost, MissingReason
from trial_core.review_errors import OtherFiles
from trial_core.services.authorise import require, require_plans, submission_in_reach
from trial_core.services.check_results import new_result, provenance_of
from trial_core.services.journal import note
from trial_core.store import Store

_UNDER_WAY = (JobState.WAITING, JobState.RUNNING)


class RecheckEnd(StrEnum):
    """What came of a re-check."""

    NEW_RESULT = "new result"
    UNCHANGED = "the same report, byte for byte"
    AGAIN = "a person's word came or went meanwhile: it is done once more"
    DROPPED = "the submission is not on the record any more"


@dataclass(frozen=True)
class RecheckWork:
    """What a worker needs to check a submission again."""

    submission_id: str
    files: tuple[SubmittedFile, ...]
    accepted: tuple[AcceptedWord, ...]
    names: tuple[SaidName, ...] = ()


def request_recheck(db: Database, actor: Actor, *, submission_id: str, reason: str) -> JobTicket:
    """Have a checked submission checked again by the protocol and program of now.

    While one waits or runs, no second one is made. Ring `workers.queue` with the job's id afterwards.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, MissingReason
    """
    require(actor, Permission.RECHECK_PLAN)
    if not reason.strip():
        raise MissingReason("have a plan checked again")
    with db.transaction() as connection:
        submission = submission_in_reach(connection, actor, submission_id)
        require_plans(submission)
        return JobTicket(submission_id, queue_recheck(connection, db, actor, submission_id, reason.strip()))


def queue_recheck(connection: Connection, db: Database, actor: Actor, submission_id: str, reason: str) -> str:
    """Let the submission's one re-check wait for a worker, within the transaction of a use case."""
    job_id = jobs.of_submission(connection, submission_id, JobKind.RECHECK)
    job = jobs.find(connection, job_id) if job_id else None
    if job is not None and job.state in _UNDER_WAY:
        return job.job_id
    at = db.lease_now(connection)
    if job is None:
        job_id = uuid.uuid4().hex
        jobs.add(connection, job_id=job_id, kind=JobKind.RECHECK, submission_id=submission_id, at=at)
    else:
        job_id = job.job_id
        jobs.renew_attempts(connection, job_id=job_id, at=at)
    jobs.set_reason(connection, job_id=job_id, reason=reason)
    note(
        connection,
        db,
        actor,
        action="ask for re-check",
        entity="submission",
        entity_id=submission_id,
        reason=reason,
    )
    return job_id


def recheck_work(db: Database, *, claim: Claim) -> RecheckWork:
    """Give the files of the claimed re-check, and the words of people that it takes into account.

    Raises
    ------
    LeaseLost
    """
    with db.read() as connection:
        submission = submissions.find(connection, claim.submission_id)
        if submission is None or not jobs.held(connection, claim):
            raise LeaseLost(claim.job_id)
        sent = files.kept(connection, claim.submission_id)
        words = accepted_words(connection, submission.subject_id, submission.id)
        names = given_names.of_submission(connection, claim.submission_id)
    return RecheckWork(claim.submission_id, sent, words, names)


def finish_recheck(
    db: Database,
    store: Store,
    *,
    claim: Claim,
    report: CourseReport,
    accepted: tuple[AcceptedWord, ...],
    course: SubmittedCourse | None = None,
) -> RecheckEnd:
    """Put the new result beside the earlier ones, and end the job; `accepted` is what the check took.

    Raises
    ------
    LeaseLost, OtherFiles
        Nothing was written.
    """
    with db.transaction() as connection:
        submission = submissions.find(connection, claim.submission_id)
        if submission is None or not jobs.held(connection, claim):
            raise LeaseLost(claim.job_id)
        earlier = results.of_submission(connection, claim.submission_id)
        if submission.state is not SubmissionState.CHECKED or not earlier:
            return _end(connection, db, claim, RecheckEnd.DROPPED)
        if accepted != accepted_words(connection, submission.subject_id, submission.id):
            jobs.put_back(connection, job_id=claim.job_id, at=db.lease_now(connection))
            return RecheckEnd.AGAIN
        if provenance_of(report).input_sha256 != earlier[-1].provenance.input_sha256:
            raise OtherFiles(claim.submission_id)
        new = new_result(
            store,
            claim.submission_id,
            report,
            number=earlier[-1].number + 1,
            at=db.now(),
            reason=jobs.reason_of(connection, claim.job_id),
            course=course,
        )
        end, kept_sha256 = _keep(connection, earlier[-1], new)
        return _end(connection, db, claim, end, result_sha256=kept_sha256)


def results_of(db: Database, actor: Actor, *, submission_id: str) -> tuple[CheckResult, ...]:
    """List every result of a submission, oldest first: the last one stands, the others stay beside it.

    Raises
    ------
    NotAuthorised, UnknownSubmission
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        submission_in_reach(connection, actor, submission_id)
        return results.of_submission(connection, submission_id)


def accepted_words(connection: Connection, subject_id: str, submission_id: str) -> tuple[AcceptedWord, ...]:
    """List what people said to open items of a submission, by item."""
    standing = forms.standing(connection, subject_id=subject_id, kind=ReviewForm.WORD)
    said = [(form.entered_by, from_plain(form.content, PersonsWord)) for form in standing]
    own = [(by, word) for by, word in said if word.submission_id == submission_id]
    return tuple(
        AcceptedWord(item=word.item, by=by, words=word.words)
        for by, word in sorted(own, key=lambda pair: pair[1].item)
    )


def _keep(connection: Connection, earlier: CheckResult, new: CheckResult) -> tuple[RecheckEnd, str | None]:
    """Put the result on record, and give the hash of its row; what changes nothing is not put there."""
    if new.report_sha256 == earlier.report_sha256 and new.course == earlier.course:
        return RecheckEnd.UNCHANGED, None
    results.add(connection, new)
    sha256 = recorded_rows.result_sha256(connection, submission_id=new.submission_id, number=new.number)
    return RecheckEnd.NEW_RESULT, sha256


def _end(
    connection: Connection,
    db: Database,
    claim: Claim,
    end: RecheckEnd,
    *,
    result_sha256: str | None = None,
) -> RecheckEnd:
    over_at = db.lease_now(connection)
    jobs.release(connection, job_id=claim.job_id, state=JobState.DONE, finished_at=over_at)
    note(
        connection,
        db,
        SYSTEM,
        action="finish re-check",
        entity="submission",
        entity_id=claim.submission_id,
        end=end.value,
        result_sha256=result_sha256,
    )
    return end
