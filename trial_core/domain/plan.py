"""Plan submissions: their states, files, findings and the rows that pages list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trial_core.domain.given_names import SaidName
from trial_core.domain.jobs import JobProgress


class SubmissionState(StrEnum):
    """The way of a submission."""

    RECEIVING = "receiving"
    SUBMITTED = "submitted"
    AWAITING_CONFIRMATION = "awaiting confirmation"
    CHECKED = "checked"
    REFUSED = "refused"
    BLOCKED = "blocked"
    DUPLICATE = "duplicate"
    FAILED = "failed"
    ABANDONED = "abandoned"


@dataclass(frozen=True)
class SubmissionFinding:
    """A finding as the record keeps it: the seven keys of every finding of Dosegate."""

    code: str
    severity: str
    message: str
    action: str
    file: str | None = None
    element: str | None = None
    structure: str | None = None

    def as_mapping(self) -> dict[str, str | None]:
        """Give the finding as `{"code", "severity", "file", "element", "structure", "message", "action"}`."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.file,
            "element": self.element,
            "structure": self.structure,
            "message": self.message,
            "action": self.action,
        }

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str | None]) -> SubmissionFinding:
        """Read the same mapping."""
        return cls(
            code=mapping["code"] or "",
            severity=mapping["severity"] or "",
            message=mapping["message"] or "",
            action=mapping["action"] or "",
            file=mapping.get("file"),
            element=mapping.get("element"),
            structure=mapping.get("structure"),
        )


@dataclass(frozen=True)
class SubmittedFile:
    """One uploaded file: the name the user gave (relative, with forward slashes), its size and hash."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class UploadProgress:
    """How much of one file has arrived; `sha256` is set once all of it has."""

    upload_id: str
    name: str
    size_bytes: int
    received_bytes: int
    sha256: str | None

    @property
    def complete(self) -> bool:
        """Whether every byte is there and kept."""
        return self.sha256 is not None


@dataclass(frozen=True)
class JobTicket:
    """What a completed submission gives: the submission and the job to ring for."""

    submission_id: str
    job_id: str


@dataclass(frozen=True)
class SubmissionSummary:
    """A row of the work list and of the subject's page. `verdict` is the course's, as the report words it.

    `submitted_by` is the login, `submitter_name` the person's name.
    """

    submission_id: str
    subject_code: str
    site_code: str
    version: int | None
    state: SubmissionState
    submitted_by: str
    submitter_name: str
    created_at: datetime
    submitted_at: datetime | None
    verdict: str | None
    plan_verdicts: tuple[tuple[str, str], ...]
    """(label of the plan, its verdict)."""
    report_sha256: str | None
    job: JobProgress | None
    records_only: bool = False
    """Treatment records without a plan: no verdict, no report and no version."""


class WhyConfirm(StrEnum):
    """Why nothing earlier tells whose files a set holds."""

    FIRST = "no set of the subject is confirmed"
    INCOMPLETE = "the files leave something out that names the patient"
    NAMES_MORE = "the files say more of the patient than any confirmed set"


@dataclass(frozen=True)
class SubmissionView:
    """The submission's page."""

    summary: SubmissionSummary
    files: tuple[SubmittedFile, ...]
    uploads: tuple[UploadProgress, ...]
    findings: tuple[SubmissionFinding, ...]
    provenance: Provenance | None
    why_confirm: WhyConfirm | None
    """Why a person has to say whose files these are; None when nobody has to."""
    may_confirm: bool
    """Whether this reader may confirm or reject the identity now."""
    may_withdraw: bool
    """Whether this reader may say now that a set on the record is another patient's."""
    may_check_again: bool
    """Whether this reader may have a failed check tried again."""
    may_send: bool
    """Whether this reader may go on with the upload: they began it."""


@dataclass(frozen=True)
class Provenance:
    """What a result was computed from and with."""

    protocol_id: str
    protocol_version: str
    protocol_sha256: str
    code_version: str
    input_sha256: tuple[str, ...]


@dataclass(frozen=True)
class PlanCheckWork:
    """What a worker needs for one plan check; `names` are what people said that structures are."""

    submission_id: str
    subject_code: str
    files: tuple[SubmittedFile, ...]
    records_only: bool = False
    names: tuple[SaidName, ...] = ()
