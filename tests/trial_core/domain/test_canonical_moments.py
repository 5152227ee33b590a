"""Moments on record: what was written is read back, and what was never written so is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.domain.canonical import INSTANT_FORMAT, instant_text, read_instant


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - a bound takes no zone
def test_read_instant__gives_what_was_written_as_strptime_does(at: datetime) -> None:
    text = instant_text(at)
    assert read_instant(text) == at == datetime.strptime(text, INSTANT_FORMAT).replace(tzinfo=UTC)
    assert read_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T10:00:00.000000",
        "2026-11-22T10:00:00.000000+01:00",
        "2026-W47-7T10:00:00.000000Z",
        "2026-11-22 10:00:00.000000Z",
        "2026-02-30T10:00:00.000000Z",
        "２026-11-22T10:00:00.000000+",
    ],
)
def test_read_instant__refuses_what_fromisoformat_alone_would_take(text: str) -> None:
    with pytest.raises(ValueError, match=r"time data|day is out of range"):
        read_instant(text)
