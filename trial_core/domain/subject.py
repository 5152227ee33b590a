"""Subjects of the trial and who of them may have a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trial_core.domain.names import subject_label
from trial_core.domain.plan import SubmissionSummary


class SubjectStatus(StrEnum):
    """Where a subject stands in the trial."""

    SCREENING = "screening"
    SCREENING_FAILURE = "screening failure"
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"


class Phase(StrEnum):
    """Phase of the trial a subject was enrolled in."""

    IIA = "IIa"
    IIB = "IIb"


class Arm(StrEnum):
    """Arm of phase IIb; the run-in (IIa) has none."""

    A = "A"
    B = "B"


@dataclass(frozen=True)
class Subject:
    """A subject by its code; nothing here identifies a person."""

    code: str
    site_code: str
    status: SubjectStatus
    phase: Phase | None
    arm: Arm | None
    created_at: datetime

    @property
    def label(self) -> str:
        """Site and code, as `S1:001`."""
        return subject_label(site=self.site_code, code=self.code)


@dataclass(frozen=True)
class SubjectRecord:
    """The subject's page: the subject and every submission, newest first."""

    subject: Subject
    submissions: tuple[SubmissionSummary, ...]
    plan_refusal: str | None
    """Why no plan can be submitted now; None when one can."""


def plan_refusal(status: SubjectStatus, phase: Phase | None, arm: Arm | None) -> str | None:
    """Say why the trial takes no plan for such a subject, or None when it does."""
    match status:
        case SubjectStatus.SCREENING:
            return "the subject is not enrolled yet. Enrol the subject first."
        case SubjectStatus.SCREENING_FAILURE:
            return "the subject did not pass the screening."
        case SubjectStatus.WITHDRAWN:
            return "the subject has been withdrawn from the trial."
        case SubjectStatus.ENROLLED:
            return _arm_refusal(phase, arm)


def records_refusal(status: SubjectStatus) -> str | None:
    """Say why the trial takes no treatment records of such a subject, or None when it does.

    What was given is recorded, also in an arm without radiotherapy, after treatment has ended, and by a
    study that takes no new plan.
    """
    match status:
        case SubjectStatus.ENROLLED:
            return None
        case _:
            return plan_refusal(status, None, None)


def _arm_refusal(phase: Phase | None, arm: Arm | None) -> str | None:
    if arm is Arm.B:
        return (
            "the subject is in arm B, which has no radiotherapy. Radiotherapy there is a protocol deviation: "
            "hand over its treatment records alone."
        )
    if phase is Phase.IIB and arm is None:
        return "the subject is in phase IIb and has no arm yet. Randomise the subject first."
    return None
