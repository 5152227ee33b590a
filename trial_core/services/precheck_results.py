"""A worker's side of a check before submitting: its files and names, what is in the set, what it comes to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from trial_core.db.form_content import to_plain
from trial_core.db.repositories import files, given_names, jobs, prechecks, submissions
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.jobs import Claim, JobState
from trial_core.domain.plan import SubmissionFinding, SubmissionState
from trial_core.domain.precheck import PrecheckWork
from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_to_json
from trial_core.domain.set_content import SetContent
from trial_core.domain.submitted_course import SubmittedCourse
from trial_core.errors import LeaseLost
from trial_core.services.check_outcome import Outcome, checked_set, outcome_of
from trial_core.services.journal import note
from trial_core.services.prechecks import forget_report, inputs_of
from trial_core.store import Store


def precheck_work(db: Database, *, claim: Claim) -> PrecheckWork | None:
    """Give the files and names of the claimed check; None where the set was submitted or given up meanwhile.

    Then the job is over.

    Raises
    ------
    LeaseLost
    """
    with db.transaction() as connection:
        submission = _held(connection, claim)
        kept = prechecks.find(connection, claim.submission_id)
        if submission.state is not SubmissionState.RECEIVING or kept is None:
            _end(connection, db, claim)
            return None
        return PrecheckWork(
            submission_id=claim.submission_id,
            files=files.kept(connection, claim.submission_id),
            names=given_names.of_submission(connection, claim.submission_id),
            asked_sha256=inputs_of(connection, claim.submission_id),
            records_only=submission.records_only,
        )


def note_content(db: Database, *, claim: Claim, work: PrecheckWork, content: SetContent) -> None:
    """Keep what is in the set as soon as it is read: the person sees it while the check goes on.

    What was read of other files than are asked for now is not kept: nobody is to decide upon it.

    Raises
    ------
    LeaseLost
    """
    with db.transaction() as connection:
        receiving = _held(connection, claim).state is SubmissionState.RECEIVING
        kept = prechecks.find(connection, claim.submission_id)
        if receiving and kept is not None and kept.asked_sha256 == work.asked_sha256:
            prechecks.set_content(connection, submission_id=claim.submission_id, content=to_plain(content))


def finish_precheck(
    db: Database,
    store: Store,
    *,
    identity_key: bytes,
    claim: Claim,
    work: PrecheckWork,
    report: CourseReport,
    identities: Sequence[PatientIdentity],
    sop_instance_uids: Sequence[str],
    course: SubmittedCourse | None = None,
) -> SubmissionState | None:
    """Keep the report and what submitting would come to; ends the job.

    None: it is done once more, or the set was submitted or given up meanwhile.

    Raises
    ------
    LeaseLost
    """
    checked = checked_set(
        report,
        identities=identities,
        identity_key=identity_key,
        sop_instance_uids=sop_instance_uids,
        findings=(),
        course=course,
    )
    with db.transaction() as connection:
        submission = _held(connection, claim)
        if not _goes_on(connection, db, claim, submission, work):
            return None
        outcome = outcome_of(connection, submission, checked)
        _keep(connection, db, store, claim, outcome, report=report_to_json(report))
        return outcome.state


def refuse_precheck(
    db: Database, store: Store, *, claim: Claim, work: PrecheckWork, findings: Sequence[SubmissionFinding]
) -> SubmissionState | None:
    """Keep that the files could not be used at all; the findings say why.

    Raises
    ------
    LeaseLost
    """
    with db.transaction() as connection:
        submission = _held(connection, claim)
        if not _goes_on(connection, db, claim, submission, work):
            return None
        _keep(connection, db, store, claim, Outcome(SubmissionState.REFUSED, tuple(findings)), report=None)
        return SubmissionState.REFUSED


def _held(connection: Connection, claim: Claim) -> submissions.Submission:
    submission = submissions.find(connection, claim.submission_id)
    if submission is None or not jobs.held(connection, claim):
        raise LeaseLost(claim.job_id)
    return submission


def _goes_on(
    connection: Connection,
    db: Database,
    claim: Claim,
    submission: submissions.Submission,
    work: PrecheckWork,
) -> bool:
    """Whether the result is of what is asked for now; else the job is over, or is done once more."""
    if submission.state is not SubmissionState.RECEIVING:
        _end(connection, db, claim)
        return False
    if inputs_of(connection, claim.submission_id) != work.asked_sha256:
        jobs.put_back(connection, job_id=claim.job_id, at=db.lease_now(connection))
        return False
    return True


def _keep(
    connection: Connection,
    db: Database,
    store: Store,
    claim: Claim,
    outcome: Outcome,
    *,
    report: bytes | None,
) -> None:
    forget_report(connection, store, claim.submission_id)
    prechecks.finish(
        connection,
        submission_id=claim.submission_id,
        expected_state=outcome.state,
        findings=outcome.findings,
        report_sha256=None if report is None else store.put(report),
        at=db.now(),
    )
    _end(connection, db, claim)


def _end(connection: Connection, db: Database, claim: Claim) -> None:
    over_at = db.lease_now(connection)
    jobs.release(connection, job_id=claim.job_id, state=JobState.DONE, finished_at=over_at)
    note(
        connection,
        db,
        SYSTEM,
        action="finish check before submitting",
        entity="submission",
        entity_id=claim.submission_id,
    )
