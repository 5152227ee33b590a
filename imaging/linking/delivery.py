"""Treatment records to delivered fractions: each (plan, fraction) once, continuations joined to theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from imaging.dicom.rt_plan import RtPlan
from imaging.dicom.rt_record import PARTIAL_METERSET, DeliveredBeam, Delivery, TreatmentRecord
from imaging.findings import Finding, FindingCode, warning
from imaging.linked import DeliveredFraction

_COMPARE = "Compare with the record-and-verify system."


def delivered_fractions(plan: RtPlan, records: Iterable[TreatmentRecord]) -> tuple[DeliveredFraction, ...]:
    """Count what was delivered of a plan.

    Only beams of delivery type TREATMENT and CONTINUATION count. The same beam recorded twice changes
    nothing; what a CONTINUATION delivered is added to what its fraction had of that beam. A fraction whose
    beams all ended before the first meterset was not delivered.
    """
    by_fraction: dict[int, dict[int | None, list[DeliveredBeam]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for beam in record.beams:
            if record.plan_uid == plan.sop_instance_uid and beam.counts and beam.fraction is not None:
                by_fraction[beam.fraction][beam.number].append(beam)
    expected = _planned_beams(plan)
    return tuple(
        _fraction(number, beams, expected)
        for number, beams in sorted(by_fraction.items())
        if any(beam.delivered_meterset != 0 for parts in beams.values() for beam in parts)
    )


def check_delivery(plan: RtPlan, delivered: Sequence[DeliveredFraction]) -> list[Finding]:
    """Say which fractions are partial, and whether more were delivered than planned."""
    findings = []
    if partial := [fraction.number for fraction in delivered if fraction.is_partial]:
        message = f"Fraction {', '.join(map(str, partial))} was delivered in part only."
        findings.append(warning(FindingCode.RECORD_PARTIAL, message, action=_COMPARE, file=plan.file))
    planned = plan.planned_fractions
    if planned is not None and any(fraction.number > planned for fraction in delivered):
        message = f"Records tell of fraction {delivered[-1].number}, but the plan has {planned}."
        findings.append(warning(FindingCode.RECORD_CONTRADICTORY, message, action=_COMPARE, file=plan.file))
    return findings


def _fraction(
    number: int, beams: dict[int | None, list[DeliveredBeam]], expected: frozenset[int]
) -> DeliveredFraction:
    known = tuple(sorted(beam for beam in beams if beam is not None))
    is_partial = not expected <= set(known) or any(_is_partial(parts) for parts in beams.values())
    return DeliveredFraction(number, known, is_partial)


def _is_partial(parts: Sequence[DeliveredBeam]) -> bool:
    """Whether a beam stayed incomplete after its continuations."""
    treatments = [part for part in parts if part.delivery_type == Delivery.TREATMENT]
    continuations = [part for part in parts if part.delivery_type == Delivery.CONTINUATION]
    if any(not part.is_partial for part in treatments):
        return False
    specified = max((part.specified_meterset or 0.0 for part in treatments), default=0.0)
    first = max((part.delivered_meterset or 0.0 for part in treatments), default=0.0)
    continued = {(part.specified_meterset, part.delivered_meterset) for part in continuations}
    delivered = first + sum(part or 0.0 for _, part in continued)
    return specified == 0 or delivered < specified * (1 - PARTIAL_METERSET)


def _planned_beams(plan: RtPlan) -> frozenset[int]:
    imaging = {beam.number for beam in plan.beams if beam.is_imaging}
    return frozenset(beam.number for group in plan.fraction_groups for beam in group.beams) - imaging
