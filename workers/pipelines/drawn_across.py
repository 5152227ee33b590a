"""Structures that the protocol takes from one another and that were drawn in planes across one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dosimetry.contours.contour_planes import contour_planes
from imaging.dicom.rt_structure import Roi
from imaging.findings import Finding, FindingCode, warning
from trial_core.domain.protocol import Protocol, StructureRule
from workers.pipelines.prepared_plans import PreparedPlan

_ACROSS_DEGREES = 1.0
"""Between the normals of two structures: rounding of contours turns a small one by less."""


def drawn_across(plans: Sequence[PreparedPlan], protocol: Protocol) -> list[Finding]:
    """A warning for each structure of which the parts lie in planes of different directions.

    Where their surfaces coincide, a film thinner than a sample's cell remains of one less the other (0.25 cc
    beside 23 cc, of a cube of 36 mm less its upper half), and the dose there stands as the maximum.
    """
    one_each = {plan.lookup: plan for plan in reversed(plans)}.values()
    rules = [rule for rule in protocol.structures if rule.minus]
    return [found for plan in one_each for rule in rules for found in _of_rule(plan, rule)]


def _of_rule(plan: PreparedPlan, rule: StructureRule) -> Iterator[Finding]:
    made = plan.lookup.apart().find(rule.name)
    drawn = [roi for roi in made.rois if roi.structure is not None]
    if made.region is None or len(drawn) < 2:
        return
    across = [roi for roi in drawn[1:] if _degrees_between(drawn[0], roi) > _ACROSS_DEGREES]
    if across:
        yield warning(
            FindingCode.STRUCTURE_PLANES_ACROSS,
            f"{rule.shown_name}: '{drawn[0].name}' and '{across[0].name}' are drawn in planes across one "
            "another; where their surfaces meet, the highest and lowest doses are uncertain",
            action="Draw both in one direction, as on the slices of the CT.",
            file=plan.lookup.structure_set.file if plan.lookup.structure_set else None,
            structure=across[0].name,
        )


def _degrees_between(one: Roi, other: Roi) -> float:
    cosine = abs(float(_normal(one) @ _normal(other)))
    return float(np.degrees(np.arccos(min(cosine, 1.0))))


def _normal(roi: Roi) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    assert roi.structure is not None  # noqa: S101 - who calls has looked
    normal: np.ndarray[tuple[int], np.dtype[np.float64]] = contour_planes(roi.structure).frame[2]
    return normal
