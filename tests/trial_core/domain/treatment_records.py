"""Treatment records for the tests of delivery: one fraction a weekday from a Monday on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from trial_core.domain.delivered_fractions import BeamRecord, DeliveredFraction, delivered_fractions

MONDAY = date(2026, 3, 2)


def weekday(number: int) -> date:
    """The number-th treatment day, from 1."""
    return MONDAY + timedelta(days=(number - 1) // 5 * 7 + (number - 1) % 5)


def a_record(fraction: int | None, **more: object) -> BeamRecord:
    """One beam of a fraction, delivered in full on its day, with changes."""
    record = BeamRecord(
        record=f"r{fraction}",
        plan="P",
        fraction=fraction,
        beam=1,
        on=None if fraction is None else weekday(fraction),
        specified=100.0,
        delivered=100.0,
    )
    return replace(record, **more)  # type: ignore[arg-type]


def fractions_of(*records: BeamRecord) -> tuple[DeliveredFraction, ...]:
    """The fractions of some records."""
    return delivered_fractions(records)[0]
