"""Names given by a person: which structure of the site is which of the protocol, where no alias tells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from trial_core.domain.canonical import canonical_json
from trial_core.domain.report import InputFile

KIND = "names given by a person"
"""What the names are called among the inputs of a report."""


@dataclass(frozen=True)
class GivenName:
    """A person's word that the site's structure of exactly this name is one of the protocol's."""

    site_name: str
    structure: str


@dataclass(frozen=True)
class SaidName:
    """A given name with whose word it is, and since when; `by` is the person's name."""

    name: GivenName
    by: str
    at: datetime


def names_bytes(names: Iterable[GivenName]) -> bytes:
    """Write the names as one input of a check: the same names give the same bytes, whoever gave them."""
    pairs = sorted((one.site_name, one.structure) for one in names)
    return canonical_json({"names": [list(pair) for pair in pairs]}).encode()


def names_input(names: Sequence[GivenName]) -> tuple[InputFile, ...]:
    """Give the names as an input of the report; none where nobody gave any."""
    if not names:
        return ()
    written = names_bytes(names)
    digest = hashlib.sha256(written).hexdigest()
    return (InputFile(name=KIND, sha256=digest, size_bytes=len(written), kind=KIND, used=True, reason=""),)


def names_sha256(inputs: Iterable[InputFile]) -> str:
    """Find the hash of the names among the inputs of a report; empty where nobody gave any."""
    return next((one.sha256 for one in inputs if one.kind == KIND), "")
