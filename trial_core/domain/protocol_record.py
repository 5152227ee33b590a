"""A version of the protocol on record, and what a protocol file judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RecordedProtocol:
    """A version on record; `number` counts from 1 in the order in which they came."""

    number: int
    protocol_id: str
    version: str
    sha256: str
    file: str
    installed_by: str
    installed_at: datetime


@dataclass(frozen=True)
class Judged:
    """How much a protocol file judged: results ever, and those of them that stand."""

    protocol_id: str
    version: str
    sha256: str
    results: int
    standing: int
