"""Results of a plan check: the identity rule, the report and the end of the job in one transaction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import files, jobs, results, subjects, submissions
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM
from trial_core.domain.delivered_fractions import BeamRecord
from trial_core.domain.hidden_names import names_without_patient
from trial_core.domain.identity import IdentityJudgement, PatientIdentity, hash_identity, judge_identity
from trial_core.domain.identity_findings import findings_of_judgement
from trial_core.domain.jobs import Claim, JobState
from trial_core.domain.plan import SubmissionFinding, SubmissionState
from trial_core.domain.records_alone import records_problem, repeated_records
from trial_core.domain.repeated_set import Repeat, find_repeat
from trial_core.domain.report import CourseReport
from trial_core.domain.subject import Subject, records_refusal
from trial_core.domain.submitted_course import SubmittedCourse
from trial_core.errors import LeaseLost
from trial_core.services.authorise import plan_refusal_of
from trial_core.services.check_results import new_result, provenance_of
from trial_core.services.journal import note
from trial_core.store import Store

_UID = re.compile(r"[0-9.]{1,64}")  # PS3.5 9.1


@dataclass(frozen=True)
class _PlanCheck:
    """What a worker hands in."""

    claim: Claim
    report: CourseReport
    sop_instance_uids: frozenset[str]
    findings: tuple[SubmissionFinding, ...]
    course: SubmittedCourse | None


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
    uids = frozenset(_storable(uid) for uid in sop_instance_uids)
    check = _PlanCheck(claim, report, uids, tuple(findings), course)
    hashes = tuple(dict.fromkeys(hash_identity(one, identity_key) for one in identities))
    with db.transaction() as connection:
        submission = _held_submission(connection, claim)
        _clear_names(connection, claim.submission_id, identities)
        refusal = _refusal(subjects.by_id(connection, submission.subject_id), submission, course)
        if refusal is not None:
            return _end(connection, db, claim, SubmissionState.REFUSED, (refusal, *check.findings))
        judgement = judge_identity(
            hashes,
            earlier=subjects.earlier_sets(connection, subject_id=submission.subject_id),
            elsewhere=subjects.possible_namesakes(
                connection, subject_id=submission.subject_id, identities=hashes
            ),
            objects_elsewhere=subjects.objects_elsewhere(
                connection, subject_id=submission.subject_id, sop_instance_uids=check.sop_instance_uids
            ),
        )
        if judgement.problems:
            said = (*findings_of_judgement(judgement), *check.findings)
            return _end(connection, db, claim, SubmissionState.BLOCKED, said)
        return _accept(connection, db, store, submission=submission, check=check, judgement=judgement)


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


def _storable(uid: str) -> str:
    # A file may bear anything where a UID belongs, also what no database takes.
    if _UID.fullmatch(uid):
        return uid
    return "sha256:" + hashlib.sha256(uid.encode("utf-8", "surrogatepass")).hexdigest()


def _held_submission(connection: Connection, claim: Claim) -> submissions.Submission:
    submission = submissions.find(connection, claim.submission_id)
    if submission is None or not jobs.held(connection, claim):
        raise LeaseLost(claim.job_id)
    return submission


def _accept(
    connection: Connection,
    db: Database,
    store: Store,
    *,
    submission: submissions.Submission,
    check: _PlanCheck,
    judgement: IdentityJudgement,
) -> SubmissionState:
    repeat = _repeat(connection, submission, check)
    if repeat.same_result:
        said = (*repeat.findings, *check.findings)
        return _end(connection, db, check.claim, SubmissionState.DUPLICATE, said)
    if not submission.records_only:
        version = submissions.next_version(connection, subject_id=submission.subject_id)
        submissions.set_version(connection, submission_id=submission.id, version=version)
    _put_identity_on_record(connection, db, submission=submission, check=check, judgement=judgement)
    results.add(
        connection,
        new_result(store, submission.id, check.report, number=1, at=db.now(), course=check.course),
    )
    waits = judgement.needs_person
    state = SubmissionState.AWAITING_CONFIRMATION if waits else SubmissionState.CHECKED
    said = (*findings_of_judgement(judgement), *repeat.findings, *check.findings)
    return _end(connection, db, check.claim, state, said)


def _put_identity_on_record(
    connection: Connection,
    db: Database,
    *,
    submission: submissions.Submission,
    check: _PlanCheck,
    judgement: IdentityJudgement,
) -> None:
    subjects.add_identity(
        connection,
        submission_id=submission.id,
        subject_id=submission.subject_id,
        hashes=judgement.hashes,
        incomplete=judgement.incomplete,
        confirmed_at=None if judgement.needs_person else db.now(),
    )
    subjects.add_objects(connection, submission_id=submission.id, sop_instance_uids=check.sop_instance_uids)


def _refusal(
    subject: Subject, submission: submissions.Submission, course: SubmittedCourse | None
) -> SubmissionFinding | None:
    """Why the trial does not take this set; None where it does."""
    if not submission.records_only:
        reason = plan_refusal_of(subject)
        return None if reason is None else _not_eligible(reason)
    reason = records_refusal(subject.status)
    return records_problem(course) if reason is None else _not_eligible(reason)


def _not_eligible(reason: str) -> SubmissionFinding:
    return SubmissionFinding(
        code="subject-not-eligible",
        severity="error",
        message=f"While the files were checked the trial stopped taking plans for this subject: {reason}",
        action="Nothing was put on the record. If the subject's state is wrong, ask the trial office.",
    )


def _repeat(connection: Connection, submission: submissions.Submission, check: _PlanCheck) -> Repeat:
    subject_id, provenance = submission.subject_id, provenance_of(check.report)
    if submission.records_only:
        course = check.course or SubmittedCourse()
        return repeated_records(course, _records_known(connection, subject_id))
    used = frozenset(file.sha256 for file in check.report.inputs if file.used)
    return find_repeat(
        provenance=provenance,
        used_sha256=used or frozenset(provenance.input_sha256),
        sop_instance_uids=check.sop_instance_uids,
        earlier=results.accepted(connection, subject_id=subject_id),
    )


def _records_known(connection: Connection, subject_id: str) -> frozenset[BeamRecord]:
    """Beam records of every set that counts, with or without a plan."""
    counting = (
        *submissions.checked_of(connection, subject_id),
        *submissions.records_of(connection, subject_id),
    )
    stood = (results.of_submission(connection, each.id)[-1:] for each in counting)
    return frozenset(
        record
        for found in stood
        for result in found
        if result.course is not None
        for record in from_plain(result.course, SubmittedCourse).records
    )


def _end(
    connection: Connection,
    db: Database,
    claim: Claim,
    state: SubmissionState,
    findings: tuple[SubmissionFinding, ...],
) -> SubmissionState:
    at = db.now()
    submissions.set_findings(connection, submission_id=claim.submission_id, findings=findings)
    submissions.set_state(connection, submission_id=claim.submission_id, state=state, finished_at=at)
    jobs.release(connection, job_id=claim.job_id, state=JobState.DONE, finished_at=at)
    note(
        connection,
        db,
        SYSTEM,
        action="finish plan check",
        entity="submission",
        entity_id=claim.submission_id,
        state=state.value,
        codes=[finding.code for finding in findings],
    )
    return state
