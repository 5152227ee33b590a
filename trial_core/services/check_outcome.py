"""What a checked set comes to: refused, blocked, a repeat, waiting for a person's word, or checked.

The one rule of submissions and of checks before submitting; it writes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import results, subjects, submissions
from trial_core.domain.delivered_fractions import BeamRecord
from trial_core.domain.given_names import names_sha256
from trial_core.domain.identity import (
    IdentityHashes,
    IdentityJudgement,
    PatientIdentity,
    hash_identity,
    judge_identity,
)
from trial_core.domain.identity_findings import findings_of_judgement
from trial_core.domain.plan import SubmissionFinding, SubmissionState
from trial_core.domain.records_alone import records_problem, repeated_records
from trial_core.domain.repeated_set import Repeat, find_repeat
from trial_core.domain.report import CourseReport
from trial_core.domain.subject import Subject, records_refusal
from trial_core.domain.submitted_course import SubmittedCourse
from trial_core.services.authorise import plan_refusal_of
from trial_core.services.check_results import provenance_of

_UID = re.compile(r"[0-9.]{1,64}")  # PS3.5 9.1


@dataclass(frozen=True)
class CheckedSet:
    """What a worker hands in.

    Attributes
    ----------
    identities
        Every distinct identity in the set, as keyed hashes.
    sop_instance_uids
        Of all objects, as `storable_uid` gives them.
    findings
        Shown beside the report's own.
    course
        Plans and treatment records, kept for delivery.
    """

    report: CourseReport
    identities: tuple[IdentityHashes, ...]
    sop_instance_uids: frozenset[str]
    findings: tuple[SubmissionFinding, ...]
    course: SubmittedCourse | None


@dataclass(frozen=True)
class Outcome:
    """What a set comes to; `judgement` is there where it goes on the record."""

    state: SubmissionState
    findings: tuple[SubmissionFinding, ...]
    judgement: IdentityJudgement | None = None


def checked_set(
    report: CourseReport,
    *,
    identities: Sequence[PatientIdentity],
    identity_key: bytes,
    sop_instance_uids: Sequence[str],
    findings: Sequence[SubmissionFinding],
    course: SubmittedCourse | None,
) -> CheckedSet:
    """Give what a worker hands in, without anything that names the patient."""
    return CheckedSet(
        report=report,
        identities=tuple(dict.fromkeys(hash_identity(one, identity_key) for one in identities)),
        sop_instance_uids=frozenset(_storable(uid) for uid in sop_instance_uids),
        findings=tuple(findings),
        course=course,
    )


def outcome_of(connection: Connection, submission: submissions.Submission, checked: CheckedSet) -> Outcome:
    """Apply the subject's standing, "Whose files?" and the rule of repeated sets, in this order."""
    subject_id = submission.subject_id
    refusal = _refusal(subjects.by_id(connection, subject_id), submission, checked.course)
    if refusal is not None:
        return Outcome(SubmissionState.REFUSED, (refusal, *checked.findings))
    judgement = judge_identity(
        checked.identities,
        earlier=subjects.earlier_sets(connection, subject_id=subject_id),
        elsewhere=subjects.possible_namesakes(
            connection, subject_id=subject_id, identities=checked.identities
        ),
        objects_elsewhere=subjects.objects_elsewhere(
            connection, subject_id=subject_id, sop_instance_uids=checked.sop_instance_uids
        ),
    )
    said = findings_of_judgement(judgement)
    if judgement.problems:
        return Outcome(SubmissionState.BLOCKED, (*said, *checked.findings))
    repeat = _repeat(connection, submission, checked)
    if repeat.same_result:
        return Outcome(SubmissionState.DUPLICATE, (*repeat.findings, *checked.findings))
    waits = judgement.needs_person
    state = SubmissionState.AWAITING_CONFIRMATION if waits else SubmissionState.CHECKED
    return Outcome(state, (*said, *repeat.findings, *checked.findings), judgement)


def _storable(uid: str) -> str:
    # A file may bear anything where a UID belongs, also what no database takes.
    if _UID.fullmatch(uid):
        return uid
    return "sha256:" + hashlib.sha256(uid.encode("utf-8", "surrogatepass")).hexdigest()


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


def _repeat(connection: Connection, submission: submissions.Submission, checked: CheckedSet) -> Repeat:
    subject_id, provenance = submission.subject_id, provenance_of(checked.report)
    if submission.records_only:
        course = checked.course or SubmittedCourse()
        return repeated_records(course, _records_known(connection, subject_id))
    used = frozenset(file.sha256 for file in checked.report.inputs if file.used)
    return find_repeat(
        provenance=provenance,
        used_sha256=used or frozenset(provenance.input_sha256),
        sop_instance_uids=checked.sop_instance_uids,
        earlier=results.accepted(connection, subject_id=subject_id),
        names_sha256=names_sha256(checked.report.inputs),
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
