"""One way to write a value and a moment: the same characters each time, so that it can be hashed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def canonical_json(value: Any) -> str:
    """Write JSON with sorted keys, no spaces and no NaN; in ASCII, for no database takes every character."""
    return json.dumps(value, allow_nan=False, sort_keys=True, separators=(",", ":"))


def instant_text(at: datetime) -> str:
    """Write a moment in UTC to the microsecond; the order of the texts is that of time."""
    return at.astimezone(UTC).strftime(INSTANT_FORMAT)


def read_instant(text: str) -> datetime:
    """Read a moment that `instant_text` wrote.

    Raises
    ------
    ValueError
    """
    return datetime.strptime(text, INSTANT_FORMAT).replace(tzinfo=UTC)
