"""One way to write a value and a moment: the same characters each time, so that it can be hashed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
_AS_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


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
    if _AS_WRITTEN.fullmatch(text):
        return datetime.fromisoformat(text)  # the same moment in a tenth of the time: a page reads thousands
    return datetime.strptime(text, INSTANT_FORMAT).replace(tzinfo=UTC)
