"""Numbers as people read them in report, page and terminal: rounded, but never across a threshold."""

from __future__ import annotations

from collections.abc import Iterable

NOTHING = "–"
RELATIONS = {"<=": "≤", ">=": "≥"}
_DECIMALS = {"Gy": 2, "%": 2, "cc": 2, "": 3}
_MOST_DECIMALS = 9


def shown(value: float | None, unit: str = "", thresholds: Iterable[float | None] = ()) -> str:
    """Round a value for display, with as many digits as keep it on its side of every threshold.

    20.004 against a limit of 20 is shown as 20.004: "20.00" would look as if it met the limit. Where nine
    decimals are too few, all are shown.
    """
    if value is None:
        return NOTHING
    known = [threshold for threshold in thresholds if threshold is not None]
    for decimals in range(_DECIMALS.get(unit, 2), _MOST_DECIMALS + 1):
        if not any(_crosses(value, threshold, decimals) for threshold in known):
            return _minus(f"{value:z.{decimals}f}")
    return _minus(repr(value))


def plain(value: float | None) -> str:
    """Give a planned number, such as a prescription, without padding: 50.4, 28."""
    return NOTHING if value is None else _minus(f"{value:.6g}")


def spread(uncertainty: float | None, unit: str) -> str:
    """Give an uncertainty with its sign: "± 0.03", or "± <0.01" where it rounds to nothing."""
    if uncertainty is None:
        return ""
    least = 10.0 ** -_DECIMALS.get(unit, 2)
    return f"± {shown(uncertainty, unit)}" if uncertainty >= least else f"± <{least:g}"


def threshold(relation: str, value: float | None, unit: str = "") -> str:
    """Give a threshold with its relation: "≤ 19", "≤ 19 Gy"."""
    return NOTHING if value is None else f"{RELATIONS.get(relation, relation)} {plain(value)} {unit}".rstrip()


def signed(value: float | None, unit: str) -> str:
    """Give a margin with its sign; positive is on the good side."""
    if value is None:
        return NOTHING
    text = shown(value, unit, (0.0,))
    return f"+{text}" if value > 0 else text


def file_size(count: int) -> str:
    """Give a number of bytes in the unit people expect."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"


def _crosses(value: float, limit: float, decimals: int) -> bool:
    rounded = float(f"{value:.{decimals}f}")
    return (rounded > limit) != (value > limit) or (rounded < limit) != (value < limit)


def _minus(text: str) -> str:
    return text.replace("-", "−", 1)
