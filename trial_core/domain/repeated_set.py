"""The same plan twice: is a set of files already on the subject's record?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trial_core.domain.plan import Provenance, SubmissionFinding


@dataclass(frozen=True)
class AcceptedResult:
    """A result on the record, as far as it tells a repeated set.

    `names_sha256` is that of the names which people gave to structures; empty where nobody gave any.
    """

    version: int
    provenance: Provenance
    sop_instance_uids: frozenset[str]
    names_sha256: str = ""


@dataclass(frozen=True)
class Repeat:
    """What is said about a repeated set; `same_result` when a new version would say nothing new."""

    same_result: bool
    findings: tuple[SubmissionFinding, ...]


def find_repeat(
    *,
    provenance: Provenance,
    used_sha256: frozenset[str],
    sop_instance_uids: frozenset[str],
    earlier: Sequence[AcceptedResult],
    names_sha256: str = "",
) -> Repeat:
    """Compare a set with the accepted ones of the same subject (newest first).

    The same bytes, all of them and no others, under the same protocol and code give the same report: a
    duplicate. Under another protocol or code they give a new version, and that is said. One file less makes
    another set: it may be the correction of a mistake. The same SOP Instance UIDs with other bytes are said
    too, for a UID is given once (PS3.5 9); a file of no use beside the same objects alters none of them, and
    that is said as well: the new version judges nothing new. Other names for structures, given by a person,
    may judge otherwise.
    """
    for result in earlier:
        if set(provenance.input_sha256) == set(result.provenance.input_sha256):
            return _same_bytes(result, provenance)
    for result in earlier:
        known = set(result.provenance.input_sha256)
        if names_sha256 != result.names_sha256 and _files(provenance, names_sha256) == known - {
            result.names_sha256
        }:
            return Repeat(False, (_named_otherwise(result.version),))
        same_uids = bool(sop_instance_uids) and sop_instance_uids == result.sop_instance_uids
        if (
            used_sha256 <= known
            and names_sha256 == result.names_sha256
            and (same_uids or known <= set(provenance.input_sha256))
        ):
            return Repeat(False, (_only_unused_differ(result.version),))
        if same_uids:
            return Repeat(False, (_altered(result.version),))
    return Repeat(False, ())


def _same_bytes(result: AcceptedResult, provenance: Provenance) -> Repeat:
    if _rules(result.provenance) == _rules(provenance):
        return Repeat(True, (_duplicate(result.version),))
    return Repeat(False, (_checked_anew(result.version),))


def _files(provenance: Provenance, names_sha256: str) -> set[str]:
    return set(provenance.input_sha256) - {names_sha256}


def _rules(provenance: Provenance) -> tuple[str, str, str]:
    return provenance.protocol_id, provenance.protocol_sha256, provenance.code_version


def _duplicate(version: int) -> SubmissionFinding:
    return SubmissionFinding(
        code="same-plan-twice",
        severity="warning",
        message=f"These files are on this subject's record already (version {version}); no version was made.",
        action=f"Look at version {version}; if a changed plan was meant, export that one and submit it.",
    )


def _checked_anew(version: int) -> SubmissionFinding:
    return SubmissionFinding(
        code="same-plan-twice",
        severity="info",
        message=f"These files are those of version {version}, checked anew by another protocol or program.",
        action="Compare the two reports.",
    )


def _only_unused_differ(version: int) -> SubmissionFinding:
    return SubmissionFinding(
        code="same-plans-other-files",
        severity="warning",
        message=f"The objects are those of version {version}; only files that no check uses came or went.",
        action=f"This version judges nothing new. If a changed plan was meant, export it and submit it; "
        f"else go by version {version}.",
    )


def _named_otherwise(version: int) -> SubmissionFinding:
    return SubmissionFinding(
        code="same-plans-other-names",
        severity="warning",
        message=f"The files are those of version {version}; the names given to structures differ.",
        action="Compare the two reports: the names say which contours are judged.",
    )


def _altered(version: int) -> SubmissionFinding:
    return SubmissionFinding(
        code="objects-altered",
        severity="warning",
        message=f"These objects bear the SOP Instance UIDs of version {version}, but their contents differ.",
        action="Find out which export is right: a changed object must bear a new UID.",
    )
