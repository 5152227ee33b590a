"""What the treatment records say was delivered: distinct fractions of each plan, duplicates counted once."""

from __future__ import annotations

from collections.abc import Sequence

from imaging.course import Course
from imaging.dicom.rt_record import PARTIAL_METERSET, DeliveredBeam
from trial_core.domain.report import DeliveryFact
from workers.pipelines.prepared_plans import PreparedPlan


def delivery_of(plan: PreparedPlan, course: Course) -> DeliveryFact | None:
    """Fractions of one plan by its records; None where no record names the plan.

    A fraction counts when a beam of type TREATMENT or CONTINUATION was delivered in it; it is partial when a
    beam got less than specified over all its sessions.
    """
    records = [record for record in course.records if record.plan_uid == plan.assigned.plan.sop_instance_uid]
    if not records:
        return None
    beams = {(r.sop_instance_uid, i): beam for r in records for i, beam in enumerate(r.beams) if beam.counts}
    fractions = sorted({beam.fraction for beam in beams.values() if beam.fraction is not None})
    partial = [number for number in fractions if _is_partial(list(beams.values()), number)]
    planned = plan.assigned.planned_fractions
    return DeliveryFact(
        plan_key=plan.key,
        planned_fractions=planned,
        delivered_fractions=len(fractions),
        partial_fractions=len(partial),
        delivered_gy=_delivered_gy(plan, len(fractions), planned),
        message=_message(plan, len(fractions), partial),
    )


def _is_partial(beams: Sequence[DeliveredBeam], fraction: int) -> bool:
    numbers = {beam.number for beam in beams if beam.fraction == fraction}
    return any(
        _beam_is_partial([b for b in beams if (b.fraction, b.number) == (fraction, n)]) for n in numbers
    )


def _beam_is_partial(sessions: Sequence[DeliveredBeam]) -> bool:
    """A continuation completes the beam it goes on with: the metersets of one fraction add up."""
    specified = [beam.specified_meterset for beam in sessions if beam.specified_meterset is not None]
    delivered = [beam.delivered_meterset for beam in sessions if beam.delivered_meterset is not None]
    if not specified or not delivered:
        return all(beam.is_partial for beam in sessions)
    return sum(delivered) < max(specified) * (1 - PARTIAL_METERSET)


def _delivered_gy(plan: PreparedPlan, delivered: int, planned: int | None) -> float | None:
    prescription = plan.plan_prescription_gy
    if prescription is None or not planned or plan.share is None:
        return None
    return prescription / plan.share.weight * delivered / planned


def _message(plan: PreparedPlan, delivered: int, partial: Sequence[int]) -> str:
    expected = plan.share.fractions if plan.share else None
    words = [f"partial: {', '.join(str(number) for number in partial)}"] if partial else []
    if expected is not None and delivered > expected:
        words.append(f"more than the {expected} fractions that this plan is to give")
    return "; ".join(words)
