"""Whose contours a sum is judged by: what several structure sets draw otherwise, what one alone shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dosimetry.structure import Structure
from imaging.course import Course
from imaging.findings import Finding, FindingCode, warning
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import StructureStatus
from workers.pipelines.placement import structure_frame
from workers.pipelines.structure_lookup import FoundStructure, StructureLookup
from workers.pipelines.sums import CourseSum

SAME_POINT_MM = 0.01
"""Contours that were copied into another set agree by the digits they were written with."""


def drawn_otherwise(total: CourseSum, name: str) -> list[CourseSum]:
    """The sums beside the first one in whose structure set a structure is contoured, and not the same way."""
    if total.lookup is None:
        return []
    own = total.lookup.find(name)
    return [each for each in total.beside if each.lookup and _differs(total.lookup, own, each.lookup, name)]


def contour_findings(course: Course, protocol: Protocol, total: CourseSum | None) -> list[Finding]:
    """What must be said of the contours that the sum rests on, one warning for each set or structure."""
    if total is None or total.lookup is None or protocol.sum_rule is None:
        return []
    names = _judged_in_sum(protocol)
    own = [total, *total.beside]
    said = [_several(total, each, names, protocol.sum_rule.structures_from) for each in total.beside]
    known = {each.file for each in own}
    others = [each for each in course.structure_sets if each.file not in known]
    elsewhere = [StructureLookup(each, protocol) for each in others]
    return said + [finding for name in names for finding in _elsewhere(total, name, elsewhere)]


def _judged_in_sum(protocol: Protocol) -> list[str]:
    kinds = (ScopeKind.SUM_PHYSICAL, ScopeKind.SUM_EQD2)
    asked = [each for each in protocol.criteria if any(scope.kind in kinds for scope in each.scopes)]
    return list(dict.fromkeys(each.structure for each in asked))


def _several(total: CourseSum, other: CourseSum, names: Sequence[str], regimen: str) -> Finding:
    differing = [name for name in names if other in drawn_otherwise(total, name)]
    judged = f"judged with both: {', '.join(differing)}" if differing else "no structure that is judged"
    return warning(
        FindingCode.STRUCTURE_SETS_SEVERAL,
        f"Plans of {regimen} lie on several structure sets. The sum takes structures from '{total.file}', "
        f"of the plan with most fractions; what '{other.file}' draws otherwise is {judged}",
        action="Look which contours show the patient as treated; no anatomy is bent into the other here.",
        file=other.file,
    )


def _elsewhere(total: CourseSum, name: str, others: Sequence[StructureLookup]) -> Iterator[Finding]:
    sums = [each.lookup.find(name) for each in (total, *total.beside) if each.lookup]
    if any(each.status is not StructureStatus.NOT_CONTOURED for each in sums):
        return
    for lookup in others:
        found = lookup.find(name)
        if found.status is not StructureStatus.NOT_CONTOURED:
            yield _only_there(total.file, found, lookup)


def _only_there(own: str, found: FoundStructure, lookup: StructureLookup) -> Finding:
    roi, file = found.site_names[0], lookup.structure_set.file if lookup.structure_set else ""
    return warning(
        FindingCode.STRUCTURE_ELSEWHERE,
        f"{found.name} is not contoured in '{own}', whose structures the sum takes, but '{roi}' in '{file}' "
        "is one: its dose in the sum is not judged",
        action=f"Contour {found.name} in '{own}' as well, or look at its dose in the planning system.",
        file=file,
        structure=roi,
    )


def _differs(own_set: StructureLookup, own: FoundStructure, other_set: StructureLookup, name: str) -> bool:
    other = other_set.find(name)
    if other.region is None:
        return False
    frames = [structure_frame(each.structure_set) for each in (own_set, other_set) if each.structure_set]
    if own.region is None or frames[0] != frames[1] or len(own.rois) != len(other.rois):
        return True
    pairs = zip(own.rois, other.rois, strict=True)
    return not all(_is_a_copy(one.structure, another.structure) for one, another in pairs)


def _is_a_copy(one: Structure | None, other: Structure | None) -> bool:
    if one is None or other is None or len(one.contours) != len(other.contours):
        return False
    pairs = zip(one.contours, other.contours, strict=True)
    return all(a.shape == b.shape and np.allclose(a, b, rtol=0, atol=SAME_POINT_MM) for a, b in pairs)
