"""Results of a plan check: the identity rule, the report and the end of the job in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from trial_core.db.session import Database
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.jobs import Claim
from trial_core.domain.plan import SubmissionFinding, SubmissionState
from trial_core.domain.report import CourseReport
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
) -> SubmissionState:
    """Apply "Whose files?" and, unless it blocks, put the result on the subject's record; ends the job.

    `identities`: every distinct identity in the set (one each object is fine; equal ones are joined).
    `identity_key`: `Secrets.identity_key` of the settings. `findings`: shown beside the report's own.

    Raises
    ------
    LeaseLost
        Nothing was written.
    """
    raise NotImplementedError


def refuse_plan_check(
    db: Database, *, claim: Claim, findings: Sequence[SubmissionFinding]
) -> SubmissionState:
    """End a job whose files cannot be used at all; the findings say why. No retry.

    Raises
    ------
    LeaseLost
    """
    raise NotImplementedError
