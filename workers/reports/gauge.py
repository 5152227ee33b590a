"""Where a value lies between nothing, its ideal and its limit: the geometry of the small scale in a row."""

from dataclasses import dataclass

from trial_core.domain.report import ResultRow

WIDTH = 100.0
"""The scale runs from 0 to this, in the units of the drawing."""
_BEYOND_LIMIT = 1.25
"""How far the scale reaches beyond a limit, as a part of it."""


@dataclass(frozen=True)
class Gauge:
    """Positions on a scale of `WIDTH`; a value beyond the scale sits at its end and is `clipped`.

    Attributes
    ----------
    good, fair
        (start, width) of the zone per protocol and of the zone of an acceptable variation.
    limit
        Position of the limit.
    value
        Position of the value, or None without one.
    span
        (start, width) of the value's uncertainty, or of its bounds where part lies outside the dose grid.
    """

    good: tuple[float, float]
    fair: tuple[float, float]
    limit: float
    value: float | None
    span: tuple[float, float]
    clipped: bool


def gauge(row: ResultRow) -> Gauge | None:
    """Give the scale of a row; None without a value or bounds, or where the limit is not positive."""
    lowest, highest = _range_of_value(row)
    if lowest is None or highest is None or row.limit <= 0:
        return None
    start, end = _scale(row)

    def place(value: float) -> float:
        return round(WIDTH * min(max((value - start) / (end - start), 0.0), 1.0), 2)

    ideal = row.limit if row.ideal is None else row.ideal
    marks = sorted((place(row.limit), place(ideal)))
    good = (0.0, marks[0]) if row.relation == "<=" else (marks[1], WIDTH - marks[1])
    return Gauge(
        good=good,
        fair=(marks[0], marks[1] - marks[0]),
        limit=place(row.limit),
        value=None if row.value is None else place(row.value),
        span=(place(lowest), round(place(highest) - place(lowest), 2)),
        clipped=not start <= (lowest + highest) / 2 <= end,
    )


def _scale(row: ResultRow) -> tuple[float, float]:
    """Return first and last value: from zero for a ceiling, close around the thresholds for a floor."""
    if row.relation == "<=":
        return 0.0, _BEYOND_LIMIT * row.limit
    ideal = row.limit if row.ideal is None else row.ideal
    reach = max(2 * (ideal - row.limit), 0.05 * row.limit)
    return row.limit - reach, ideal + reach


def _range_of_value(row: ResultRow) -> tuple[float | None, float | None]:
    if row.value is not None:
        uncertainty = row.uncertainty or 0.0
        return row.value - uncertainty, row.value + uncertainty
    bounds = [bound for bound in (row.if_uncovered_zero, row.if_uncovered_max) if bound is not None]
    return (min(bounds), max(bounds)) if bounds else (None, None)
