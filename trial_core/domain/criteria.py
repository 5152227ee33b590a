"""Criteria of a protocol, measurements, and the verdict of one criterion."""

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
    """A judged criterion; `margin` is the distance to the limit, positive where it is met."""

    criterion: Criterion
    measurement: Measurement
    verdict: Verdict
    borderline: bool
    margin: float | None
    reason: str
