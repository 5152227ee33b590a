"""Numbers as people read them: rounded, but never across a threshold, and never invented."""

from __future__ import annotations

from collections.abc import Iterable

NOTHING = "–"
_DECIMALS = {"Gy": 2, "%": 2, "cc": 2, "": 3}
_MOST_DECIMALS = 6


def shown(value: float | None, unit: str, thresholds: Iterable[float | None] = ()) -> str:
    """Round a value for display, with as many digits as keep it on its side of every threshold.

    20.004 against a limit of 20 is shown as 20.004: "20.00" would look as if it met the limit.
    """
    if value is None:
        return NOTHING
    known = [threshold for threshold in thresholds if threshold is not None]
    decimals = _DECIMALS.get(unit, 2)
    while decimals < _MOST_DECIMALS and any(_crosses(value, threshold, decimals) for threshold in known):
        decimals += 1
    return _minus(f"{value:.{decimals}f}")


def with_uncertainty(
    value: float | None, uncertainty: float | None, unit: str, thresholds: Iterable[float | None]
) -> str:
    """Give value, uncertainty and unit: "19.20 ± 0.03 Gy"."""
    if value is None:
        return NOTHING
    return f"{shown(value, unit, thresholds)}{_spread(uncertainty, unit)} {unit}".strip()


def threshold(relation: str, value: float | None, unit: str) -> str:
    """Give a threshold with its relation: "≤ 19 Gy"."""
    if value is None:
        return NOTHING
    sign = {"<=": "≤", ">=": "≥"}.get(relation, relation)
    return f"{sign} {value:g} {unit}".strip()


def signed(value: float | None, unit: str) -> str:
    """Give a margin with its sign; positive is on the good side."""
    if value is None:
        return NOTHING
    text = shown(value, unit, (0.0,))
    return f"+{text}" if value > 0 else text


def gray(value: float | None) -> str:
    """Give a dose with its unit."""
    return NOTHING if value is None else f"{shown(value, 'Gy')} Gy"


def count(value: int | None) -> str:
    """Give a number of things."""
    return NOTHING if value is None else str(value)


def size(size_bytes: int) -> str:
    """Give a number of bytes in the unit people expect."""
    value, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"


def _spread(uncertainty: float | None, unit: str) -> str:
    if uncertainty is None:
        return ""
    least = 10.0 ** -_DECIMALS.get(unit, 2)
    return f" ± {shown(uncertainty, unit)}" if uncertainty >= least else f" ± <{least:g}"


def _crosses(value: float, limit: float, decimals: int) -> bool:
    rounded = round(value, decimals)
    return (rounded > limit) != (value > limit) or (rounded < limit) != (value < limit)


def _minus(text: str) -> str:
    return text.replace("-", "−", 1)
