"""Evaluate a metric on a dose-volume histogram, with its uncertainty and what the uncovered part could change."""

from dataclasses import dataclass
from enum import StrEnum

from dosimetry.dvh import Dvh
from dosimetry.expressions import Metric, Unit


class NotEvaluable(StrEnum):
    """Why a metric has no value."""

    NO_PRESCRIPTION = "no_prescription"
    WHOLLY_OUTSIDE_GRID = "wholly_outside_grid"
    UNCOVERED_PART_MATTERS = "uncovered_part_matters"
    VOLUME_TOO_SMALL = "volume_too_small"


@dataclass(frozen=True)
class MetricValue:
    """A metric's value, or the reason why there is none.

    Parameters
    ----------
    value
        In `unit`; None where `reason` says why.
    unit
        As the expression asks.
    uncertainty
        Half-width, in `unit`; None if the histogram was made without, or nothing could be computed.
    if_uncovered_zero, if_uncovered_max
        The value with the part outside the dose grid at 0 Gy and at the highest dose on the face it crosses; equal
        where all is covered; None if neither can be computed. A verdict that is the same with both is evaluable
        even if `reason` is `UNCOVERED_PART_MATTERS`.
    reason
        None if there is a value.
    """

    value: float | None
    unit: Unit
    uncertainty: float | None
    if_uncovered_zero: float | None
    if_uncovered_max: float | None
    reason: NotEvaluable | None


def evaluate(metric: Metric, dvh: Dvh, *, prescription_gy: float | None = None) -> MetricValue:
    """Evaluate one metric.

    `Dx` is the highest dose that at least the volume x receives, exact on the samples; asked for a volume larger than
    the structure it has no value (never 0). `Vx` counts samples of x or more, `CVx` those below. The value lies
    half-way between the two readings of an uncovered part where these differ by no more than the uncertainty;
    where they differ by more there is none.

    Parameters
    ----------
    metric
        From `parse_metric`.
    dvh
        From `dose_volume_histogram`.
    prescription_gy
        What percent doses refer to; above 0.

    Raises
    ------
    DoseError
        If the prescription is not finite and above 0.
    """
    raise NotImplementedError
