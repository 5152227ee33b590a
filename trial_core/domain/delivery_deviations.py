"""Treatment that is a protocol deviation: on a plan not accepted, or in an arm without radiotherapy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial_core.domain.delivered_fractions import DeliveredFraction


class DeliveryDeviationKind(StrEnum):
    """Why a treatment deviates from the protocol."""

    ARM_WITHOUT_RADIOTHERAPY = "radiotherapy in an arm without it"
    PLAN_NOT_ACCEPTED = "treatment on a plan that is not accepted"
    BEFORE_ACCEPTANCE = "treatment before the plan was accepted"
    AFTER_ACCEPTANCE = "treatment after the plan's acceptance had ended"
    PLAN_NOT_SUBMITTED = "treatment on a plan that was not submitted"


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Days on which a plan was accepted, both included; `until_on` None: it still is."""

    from_on: date
    until_on: date | None

    def covers(self, on: date) -> bool:
        """Whether the plan was accepted on a day; on the day of a change either may have come first."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


@dataclass(frozen=True, kw_only=True)
class PlanStanding:
    """A submitted plan and the days on which it was accepted, in order; none: it never was."""

    plan: str
    accepted: tuple[Acceptance, ...]


@dataclass(frozen=True, kw_only=True, order=True)
class DeliveryDeviation:
    """One deviation: of one plan, with its fractions and their first day."""

    kind: DeliveryDeviationKind
    plan: str
    fractions: tuple[int, ...]
    first_on: date | None


def delivery_deviations(
    fractions: Iterable[DeliveredFraction],
    plans: Mapping[str, PlanStanding],
    *,
    arm_has_radiotherapy: bool,
) -> tuple[DeliveryDeviation, ...]:
    """Every deviation, one a plan and kind; radiotherapy in an arm without it is that one alone."""
    found: dict[tuple[DeliveryDeviationKind, str], list[DeliveredFraction]] = {}
    for fraction in fractions:
        kind = _kind(fraction, plans.get(fraction.plan), arm_has_radiotherapy=arm_has_radiotherapy)
        if kind is not None:
            found.setdefault((kind, fraction.plan), []).append(fraction)
    return tuple(_deviation(kind, plan, each) for (kind, plan), each in sorted(found.items()))


def _kind(
    fraction: DeliveredFraction, standing: PlanStanding | None, *, arm_has_radiotherapy: bool
) -> DeliveryDeviationKind | None:
    if not arm_has_radiotherapy:
        return DeliveryDeviationKind.ARM_WITHOUT_RADIOTHERAPY
    if standing is None:
        return DeliveryDeviationKind.PLAN_NOT_SUBMITTED
    if not standing.accepted:
        return DeliveryDeviationKind.PLAN_NOT_ACCEPTED
    on = fraction.on
    if on is None or any(each.covers(on) for each in standing.accepted):
        return None
    if on < standing.accepted[0].from_on:
        return DeliveryDeviationKind.BEFORE_ACCEPTANCE
    return DeliveryDeviationKind.AFTER_ACCEPTANCE


def _deviation(
    kind: DeliveryDeviationKind, plan: str, fractions: list[DeliveredFraction]
) -> DeliveryDeviation:
    return DeliveryDeviation(
        kind=kind,
        plan=plan,
        fractions=tuple(sorted(each.fraction for each in fractions)),
        first_on=min((each.on for each in fractions if each.on is not None), default=None),
    )
