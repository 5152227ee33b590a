"""Results of a plan check: the identity rule, the report and the end of the job in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from trial_core.db.repositories import files, jobs, recorded_rows, results, subjects, submissions
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM
from trial_core.domain.hidden_names import names_without_patient
from trial_core.domain.identity import IdentityJudgement, PatientIdentity
from trial_core.domain.jobs import Claim, JobState
from trial_core.domain.plan import SubmissionFinding, SubmissionState
from trial_core.domain.report import CourseReport
from trial_core.domain.submitted_course import SubmittedCourse
from trial_core.errors import LeaseLost
from trial_core.services.check_outcome import CheckedSet, checked_set, outcome_of
from trial_core.services.check_results import new_result
from trial_core.services.journal import note
from trial_core.store import Store


def finish_plan_check(
    db: Database,
    store: Store,
    *,
    identity_key: bytes,
    claim: Claim,
    report: CourseReport,
    identities: Sequence[PatientIdentity],
    sop_instance_uids: Sequence[str],
    findings: Sequence[SubmissionFinding] = (),
    course: SubmittedCourse | None = None,
) -> SubmissionState:
    """Apply "Whose files?" and, unless it blocks, put the result on the subject's record; ends the job.

    `identities`: every distinct identity in the set (one each object is fine; equal ones are joined).
    `identity_key`: `Secrets.identity_key` of the settings. `findings`: shown beside the report's own.
    `course`: plans and treatment records, kept for delivery.
    Names of files that hold the patient's name, birth date or PatientID are replaced on the record.
    A blocked set leaves no identity, no object and no result on the record, and no version number; so does
    one whose subject the trial takes no plan for any more.

    Raises
    ------
    LeaseLost
        Nothing was written.
    """
    checked = checked_set(
        report,
        identities=identities,
        identity_key=identity_key,
        sop_instance_uids=sop_instance_uids,
        findings=findings,
        course=course,
    )
    with db.transaction() as connection:
        submission = _held_submission(connection, claim)
        _clear_names(connection, claim.submission_id, identities)
        outcome = outcome_of(connection, submission, checked)
        result = None
        if outcome.judgement is not None:
            result = _put_on_record(
                connection, db, store, submission, checked=checked, judgement=outcome.judgement
            )
        return _end(connection, db, claim, outcome.state, outcome.findings, result_sha256=result)


def refuse_plan_check(
    db: Database,
    *,
    claim: Claim,
    findings: Sequence[SubmissionFinding],
    identities: Sequence[PatientIdentity] = (),
) -> SubmissionState:
    """End a job whose files cannot be used at all; the findings say why. No retry.

    `identities`: as far as the files tell whose they are; no name of a file keeps telling it.

    Raises
    ------
    LeaseLost
    """
    with db.transaction() as connection:
        _held_submission(connection, claim)
        _clear_names(connection, claim.submission_id, identities)
        return _end(connection, db, claim, SubmissionState.REFUSED, tuple(findings))


def _clear_names(connection: Connection, submission_id: str, identities: Sequence[PatientIdentity]) -> None:
    names = [file.name for file in files.kept(connection, submission_id)]
    files.rename(connection, submission_id, names_without_patient(names, identities))


def _held_submission(connection: Connection, claim: Claim) -> submissions.Submission:
    submission = submissions.find(connection, claim.submission_id)
    if submission is None or not jobs.held(connection, claim):
        raise LeaseLost(claim.job_id)
    return submission


def _put_on_record(
    connection: Connection,
    db: Database,
    store: Store,
    submission: submissions.Submission,
    *,
    checked: CheckedSet,
    judgement: IdentityJudgement,
) -> str:
    """Put a set and its result on record, and give the hash of the result's row."""
    if not submission.records_only:
        version = submissions.next_version(connection, subject_id=submission.subject_id)
        submissions.set_version(connection, submission_id=submission.id, version=version)
    subjects.add_identity(
        connection,
        submission_id=submission.id,
        subject_id=submission.subject_id,
        hashes=judgement.hashes,
        incomplete=judgement.incomplete,
        confirmed_at=None if judgement.needs_person else db.now(),
    )
    subjects.add_objects(connection, submission_id=submission.id, sop_instance_uids=checked.sop_instance_uids)
    new = new_result(store, submission.id, checked.report, number=1, at=db.now(), course=checked.course)
    results.add(connection, new)
    return recorded_rows.result_sha256(connection, submission_id=submission.id, number=1)


def _end(
    connection: Connection,
    db: Database,
    claim: Claim,
    state: SubmissionState,
    findings: tuple[SubmissionFinding, ...],
    *,
    result_sha256: str | None = None,
) -> SubmissionState:
    at = db.now()
    submissions.set_findings(connection, submission_id=claim.submission_id, findings=findings)
    submissions.set_state(connection, submission_id=claim.submission_id, state=state, finished_at=at)
    over_at = db.lease_now(connection)
    jobs.release(connection, job_id=claim.job_id, state=JobState.DONE, finished_at=over_at)
    note(
        connection,
        db,
        SYSTEM,
        action="finish plan check",
        entity="submission",
        entity_id=claim.submission_id,
        state=state.value,
        codes=[finding.code for finding in findings],
        result_sha256=result_sha256,
    )
    return state
