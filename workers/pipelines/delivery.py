"""What the treatment records say was delivered, beside what was planned."""

from __future__ import annotations

from collections.abc import Sequence

from imaging.course import Course, DeliveredFraction
from trial_core.domain.report import DeliveryFact
from workers.pipelines.prepared_plans import PreparedPlan


def delivery_of(plan: PreparedPlan, course: Course) -> DeliveryFact | None:
    """Fractions of one plan by its records; None where no record names the plan.

    Delivered dose = planned x delivered / planned fractions; a partial fraction counts and is named.
    """
    uid = plan.assigned.plan.sop_instance_uid
    if not any(record.plan_uid == uid for record in course.records):
        return None
    delivered = plan.assigned.linked.delivered
    partial = [fraction for fraction in delivered if fraction.is_partial]
    return DeliveryFact(
        plan_key=plan.key,
        planned_fractions=plan.assigned.planned_fractions,
        delivered_fractions=len(delivered),
        partial_fractions=len(partial),
        delivered_gy=_delivered_gy(plan, len(delivered)),
        message=_message(plan, len(delivered), partial),
    )


def _delivered_gy(plan: PreparedPlan, delivered: int) -> float | None:
    prescription, planned = plan.plan_prescription_gy, plan.assigned.planned_fractions
    if prescription is None or planned is None or plan.share is None:
        return None
    return prescription / plan.share.weight * delivered / planned


def _message(plan: PreparedPlan, delivered: int, partial: Sequence[DeliveredFraction]) -> str:
    expected = plan.share.fractions if plan.share else None
    words = [f"partial: {', '.join(str(fraction.number) for fraction in partial)}"] if partial else []
    if expected is not None and delivered > expected:
        words.append(f"more than the {expected} fractions that this plan is to give")
    return "; ".join(words)
