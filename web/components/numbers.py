"""Numbers with their units as the page shows them; `trial_core.domain.rounding` says how they are rounded."""

from __future__ import annotations

from collections.abc import Iterable

from trial_core.domain.rounding import NOTHING, shown, spread


def with_uncertainty(
    value: float | None, uncertainty: float | None, unit: str, thresholds: Iterable[float | None]
) -> str:
    """Give value, uncertainty and unit: "19.20 ± 0.03 Gy"."""
    if value is None:
        return NOTHING
    return " ".join(
        part for part in (shown(value, unit, thresholds), spread(uncertainty, unit), unit) if part
    )


def gray(value: float | None) -> str:
    """Give a dose with its unit."""
    return NOTHING if value is None else f"{shown(value, 'Gy')} Gy"


def count(value: int | None) -> str:
    """Give a number of things."""
    return NOTHING if value is None else str(value)
