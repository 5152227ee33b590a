"""Evaluate a metric on a dose-volume histogram, with its uncertainty and the reach of uncovered parts."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import partial

from dosimetry.dvh import Dvh
from dosimetry.expressions import Metric, MetricKind, Unit
from dosimetry.fractionation import require_positive
from dosimetry.sampling.collecting import SampledDose

_ONE_VALUE_SHARE = 0.01
"""Two readings of an uncovered part that differ by more of the higher one are two values, whatever the
uncertainty: that of a minimum is all of it where contours that shift leave the grid, and 15 Gy is no dose
between 0 and 30 Gy."""


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
        The value with the part outside the dose grid at 0 Gy and at the highest dose on the face it
        crosses; equal where all is covered; None if neither can be computed. A verdict that is the same
        with both is evaluable even if `reason` is `UNCOVERED_PART_MATTERS`.
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

    `Dx` is the highest dose that at least the volume x receives, exact on the samples; asked for a
    volume larger than the structure it has no value (never 0). `Vx` counts samples of x or more, `CVx`
    those below. The value lies half-way between the two readings of an uncovered part where these differ
    by no more than the uncertainty and 1 %; where they differ by more there is none.

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
    if prescription_gy is not None:
        require_positive("prescription in Gy", prescription_gy)
    reason = _why_not(metric, dvh, prescription_gy)
    if reason is not None:
        return MetricValue(None, metric.unit, None, None, None, reason)
    quantity = partial(_quantity, metric, prescription_gy)
    low, high = quantity(dvh.samples.if_uncovered_zero), quantity(dvh.samples.if_uncovered_max)
    uncertainty = dvh.uncertainty_of(quantity)
    agree = abs(high - low) <= min(uncertainty or 0.0, _ONE_VALUE_SHARE * max(low, high))
    value = low + 0.5 * (high - low) if agree else None
    matters = None if agree else NotEvaluable.UNCOVERED_PART_MATTERS
    return MetricValue(value, metric.unit, uncertainty, low, high, matters)


def _why_not(metric: Metric, dvh: Dvh, prescription_gy: float | None) -> NotEvaluable | None:
    if not metric.needs_dose:
        return None
    if dvh.wholly_outside:
        return NotEvaluable.WHOLLY_OUTSIDE_GRID
    if metric.needs_prescription and prescription_gy is None:
        return NotEvaluable.NO_PRESCRIPTION
    asks_volume = metric.kind is MetricKind.DOSE_AT_VOLUME and metric.argument_unit is Unit.CC
    if asks_volume and metric.argument is not None and metric.argument > dvh.volume_cc:
        return NotEvaluable.VOLUME_TOO_SMALL
    return None


def _quantity(  # noqa: PLR0911 - one return for each kind
    metric: Metric, prescription_gy: float | None, samples: SampledDose
) -> float:
    """The metric in its own unit, on one set of samples."""
    match metric.kind:
        case MetricKind.VOLUME:
            return samples.total_cc
        case MetricKind.MEAN:
            return _dose_in(metric.unit, samples.mean_gy, prescription_gy)
        case MetricKind.MINIMUM:
            return _dose_in(metric.unit, samples.minimum_gy, prescription_gy)
        case MetricKind.MAXIMUM:
            return _dose_in(metric.unit, samples.maximum_gy, prescription_gy)
        case MetricKind.DOSE_AT_VOLUME:
            return _dose_in(
                metric.unit, samples.dose_to_gy(_asked_volume_cc(metric, samples)), prescription_gy
            )
        case MetricKind.VOLUME_AT_DOSE:
            return _volume_in(
                metric.unit, samples.volume_from_cc(_asked_dose_gy(metric, prescription_gy)), samples
            )
        case MetricKind.COMPLEMENTARY_VOLUME:
            below = samples.total_cc - samples.volume_from_cc(_asked_dose_gy(metric, prescription_gy))
            return _volume_in(metric.unit, below, samples)


def _dose_in(unit: Unit, dose_gy: float, prescription_gy: float | None) -> float:
    if unit is Unit.GY:
        return dose_gy
    assert prescription_gy is not None  # noqa: S101 - refused before
    return float(100 * _as_written(dose_gy) / _as_written(prescription_gy))


def _volume_in(unit: Unit, volume_cc: float, samples: SampledDose) -> float:
    return volume_cc if unit is Unit.CC else 100.0 * (volume_cc / samples.total_cc)


def _asked_dose_gy(metric: Metric, prescription_gy: float | None) -> float:
    assert metric.argument is not None  # noqa: S101 - the parser made it
    if metric.argument_unit is Unit.GY:
        return metric.argument
    assert prescription_gy is not None  # noqa: S101 - refused before
    return float(_as_written(metric.argument) * _as_written(prescription_gy) / 100)


def _as_written(number: float) -> Decimal:
    """The decimal that a person writes for a number.

    107 % of 50.4 Gy are 53.928 Gy, which a voxel of 53.928 Gy receives; the product of the doubles lies above
    it, and would count that voxel out.
    """
    return Decimal(repr(float(number)))


def _asked_volume_cc(metric: Metric, samples: SampledDose) -> float:
    assert metric.argument is not None  # noqa: S101 - the parser made it
    if metric.argument_unit is Unit.CC:
        return min(metric.argument, samples.total_cc)
    return metric.argument / 100.0 * samples.total_cc
