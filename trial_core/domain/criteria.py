"""Criteria of a protocol, measurements, and the verdict of one criterion."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The verdict of a criterion, a plan or a course.

    Source: PRODIGE 26 / CONCORDE, doi 10.1016/j.ijrobp.2019.06.2542.
    `NOT_CONTOURED` is a criterion's alone: an if-present structure that is absent.
    """

    PER_PROTOCOL = "per protocol"
    ACCEPTABLE_VARIATION = "acceptable variation"
    UNACCEPTABLE_DEVIATION = "unacceptable deviation"
    NOT_EVALUABLE = "not evaluable"
    NOT_CONTOURED = "not contoured"


class Requirement(StrEnum):
    """Whether a criterion must be evaluable or counts only where its structure is contoured."""

    REQUIRED = "required"
    IF_PRESENT = "if present"


class ScopeKind(StrEnum):
    """The dose a criterion is measured on."""

    PLAN = "plan"
    SUM_PHYSICAL = "sum physical"
    SUM_EQD2 = "sum EQD2"


class Relation(StrEnum):
    """The side of a threshold that meets it; a value equal to the threshold meets it."""

    AT_MOST = "<="
    AT_LEAST = ">="


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """Ideal and limit in the metric's own unit; without `ideal` there is no acceptable variation."""

    relation: Relation
    limit: float
    ideal: float | None = None


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where a criterion is measured: the plans of one regimen, the physical sum or the EQD2 sum."""

    kind: ScopeKind
    regimen: str | None = None


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One row of the protocol: a metric of a structure in one or more scopes."""

    id: str
    structure: str
    metric: str
    scopes: tuple[Scope, ...]
    threshold: Threshold
    requirement: Requirement
    assumed: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What was measured, in the metric's unit.

    `value` is `None` where it cannot be given at all (`reason` says why); `if_uncovered_zero` and
    `if_uncovered_max` bound it for a structure partly outside the dose grid (equal where it is covered).
    """

    value: float | None
    uncertainty: float | None = None
    if_uncovered_zero: float | None = None
    if_uncovered_max: float | None = None
    reason: str = ""
    not_contoured: bool = False


@dataclass(frozen=True, kw_only=True)
class CriterionResult:
    """A judged criterion.

    `margin` is the distance to the limit in the metric's unit, positive where it is met, of the least
    favourable value; `borderline` says that a value is nearer to a threshold than its uncertainty.
    """

    criterion: Criterion
    measurement: Measurement
    verdict: Verdict
    borderline: bool
    margin: float | None
    reason: str


def judge(criterion: Criterion, measurement: Measurement) -> CriterionResult:
    """Judge one measurement by one criterion, on unrounded values; a value equal to a threshold meets it.

    A structure that is partly outside the dose grid is judged at both of its bounds: the same verdict both
    ways stands, two different ones are not evaluable. A value that is not a finite number never passes.
    """
    if measurement.not_contoured:
        return _absent(criterion, measurement)
    values = _values(measurement)
    problem = _problem(measurement, values)
    if problem:
        return _not_evaluable(criterion, measurement, problem)
    verdicts = {verdict_of(criterion.threshold, value) for value in values}
    if len(verdicts) > 1:
        return _not_evaluable(criterion, measurement, _two_verdicts(criterion, measurement))
    return CriterionResult(
        criterion=criterion,
        measurement=measurement,
        verdict=verdicts.pop(),
        borderline=any(
            is_borderline(criterion.threshold, value, measurement.uncertainty) for value in values
        ),
        margin=min(margin_of(criterion.threshold, value) for value in values),
        reason=measurement.reason,
    )


def verdict_of(threshold: Threshold, value: float) -> Verdict:
    """The verdict of one finite value."""
    if threshold.ideal is not None and _meets(threshold.relation, value, threshold.ideal):
        return Verdict.PER_PROTOCOL
    if _meets(threshold.relation, value, threshold.limit):
        return Verdict.PER_PROTOCOL if threshold.ideal is None else Verdict.ACCEPTABLE_VARIATION
    return Verdict.UNACCEPTABLE_DEVIATION


def margin_of(threshold: Threshold, value: float) -> float:
    """The distance of a value to the limit, positive where the limit is met."""
    if threshold.relation is Relation.AT_MOST:
        return threshold.limit - value
    return value - threshold.limit


def is_borderline(threshold: Threshold, value: float, uncertainty: float | None) -> bool:
    """Whether a value is nearer to the ideal or the limit than its uncertainty."""
    if uncertainty is None:
        return False
    marks = [threshold.limit] if threshold.ideal is None else [threshold.limit, threshold.ideal]
    return any(abs(value - mark) < uncertainty for mark in marks)


def _meets(relation: Relation, value: float, mark: float) -> bool:
    return value <= mark if relation is Relation.AT_MOST else value >= mark


def _values(measurement: Measurement) -> tuple[float, ...]:
    candidates = (measurement.value, measurement.if_uncovered_zero, measurement.if_uncovered_max)
    return tuple(value for value in candidates if value is not None)


def _problem(measurement: Measurement, values: tuple[float, ...]) -> str:
    bounds = (measurement.if_uncovered_zero, measurement.if_uncovered_max)
    if not values or (measurement.value is None and None in bounds):
        return measurement.reason or "no value"
    if not all(math.isfinite(value) for value in values):
        return "the measured value is not a finite number"
    if measurement.uncertainty is not None and not math.isfinite(measurement.uncertainty):
        return "the uncertainty of the measured value is not a finite number"
    return ""


def _two_verdicts(criterion: Criterion, measurement: Measurement) -> str:
    threshold = criterion.threshold
    words = [
        f"{value:g} ({verdict_of(threshold, value)})"
        for value in (measurement.if_uncovered_zero, measurement.if_uncovered_max)
        if value is not None
    ]
    return "partly outside the dose grid, and the verdict depends on the dose there: " + " or ".join(words)


def _absent(criterion: Criterion, measurement: Measurement) -> CriterionResult:
    if criterion.requirement is Requirement.REQUIRED:
        return _not_evaluable(criterion, measurement, measurement.reason or "required, and not contoured")
    return _without_value(criterion, measurement, Verdict.NOT_CONTOURED, measurement.reason)


def _not_evaluable(criterion: Criterion, measurement: Measurement, reason: str) -> CriterionResult:
    return _without_value(criterion, measurement, Verdict.NOT_EVALUABLE, reason)


def _without_value(
    criterion: Criterion, measurement: Measurement, verdict: Verdict, reason: str
) -> CriterionResult:
    return CriterionResult(
        criterion=criterion,
        measurement=measurement,
        verdict=verdict,
        borderline=False,
        margin=None,
        reason=reason,
    )
