"""A check before submitting: what is in a set and what its check would say. Nothing of it counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from trial_core.domain.canonical import canonical_json
from trial_core.domain.given_names import GivenName, SaidName, names_bytes
from trial_core.domain.jobs import JobProgress
from trial_core.domain.plan import SubmissionFinding, SubmissionState, SubmittedFile
from trial_core.domain.set_content import SetContent


@dataclass(frozen=True)
class Precheck:
    """What is known of a set before it is submitted.

    Attributes
    ----------
    job
        The check's progress; None where none was asked for.
    is_current
        It was asked for these very files and names; else a file or a name came or went since.
    content
        What is in the set; None until it was read.
    content_key
        The same for the same content with the same names; empty without content.
    expected_state
        What the submission would come to; None until the check has come to its end.
    findings
        Those of whose files these are, of a repeated set, of files that cannot be used.
    report_sha256
        The report, where there is one.
    names
        What people said that structures are.
    set_sha256
        The set as it is shown here, its files and names: what a person decides upon who sees it.
    """

    job: JobProgress | None
    is_current: bool
    content: SetContent | None
    content_key: str
    expected_state: SubmissionState | None
    findings: tuple[SubmissionFinding, ...]
    report_sha256: str | None
    finished_at: datetime | None
    names: tuple[SaidName, ...]
    set_sha256: str


@dataclass(frozen=True)
class PrecheckWork:
    """What a worker needs for a check before submitting; `asked_sha256` is of its inputs."""

    submission_id: str
    files: tuple[SubmittedFile, ...]
    names: tuple[SaidName, ...]
    asked_sha256: str
    records_only: bool


@dataclass(frozen=True)
class Receipt:
    """What was handed over with a submission: enough to show later that it was this set and no other.

    `set_sha256` is of the hashes of all files and the names given; `names` are what people said.
    """

    submission_id: str
    subject_code: str
    site_code: str
    submitted_by: str
    submitted_at: datetime | None
    files: int
    size_bytes: int
    set_sha256: str
    names: tuple[SaidName, ...]


def set_sha256(files: Iterable[SubmittedFile], names: Iterable[GivenName]) -> str:
    """Hash a set whatever its files are called, for a name that tells whose they are is cleared later."""
    sent = sorted(file.sha256 for file in files)
    return hashlib.sha256(canonical_json([sent, names_bytes(names).decode()]).encode()).hexdigest()


def inputs_sha256(files: Iterable[SubmittedFile], names: Iterable[GivenName]) -> str:
    """Hash what a check is made from: every file by name and hash, and the names that people gave."""
    sent = sorted((file.name, file.sha256) for file in files)
    given = names_bytes(names).decode()
    return hashlib.sha256(canonical_json([[list(pair) for pair in sent], given]).encode()).hexdigest()
