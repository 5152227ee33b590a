"""What a physicist would stumble over in the contours is said, and ordinary contours give no word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from dosimetry.structure import Structure
from imaging.course import Course
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, Severity
from tests.workers.pipelines.checked import SCR
from tests.workers.pipelines.courses import SMALL_ANATOMY, Box, cfrt, course, ldrt, roi, structure_set
from workers.pipelines.prepared_plans import prepare_plans
from workers.pipelines.structure_doubts import structure_doubts

BOTH_LUNGS: Mapping[str, Box] = {
    **SMALL_ANATOMY,
    "Lung_L": (14.0, 20.0, 0.0, 14.0),
    "Lung_R": (-14.0, 20.0, 0.0, 14.0),
}
"""Two cubes that touch, 42 cc together."""


def _doubts(structures: StructureSet) -> list[Finding]:
    given: Course = course(ldrt(structures), cfrt(structures))
    plans, _ = prepare_plans(given, SCR)
    for plan in plans:
        plan.lookup.find("Lungs"), plan.lookup.find("Heart")
    return structure_doubts(plans, SCR)


def _typed(kinds: Mapping[str, str], boxes: Mapping[str, Box] = SMALL_ANATOMY) -> StructureSet:
    rois = tuple(
        roi(name, number, box, interpreted_type=kinds.get(name))
        for number, (name, box) in enumerate(boxes.items(), start=1)
    )
    return replace(structure_set(boxes), rois=rois)


def test_doubts__of_an_ordinary_set_are_none() -> None:
    assert _doubts(structure_set()) == []


def _seen_from_the_front(given: Roi) -> Roi:
    """The same cube, drawn in coronal planes."""
    assert given.structure is not None
    contours = given.structure.contours
    middle = np.concatenate(contours).mean(axis=0)
    turned = tuple((points - middle)[:, [0, 2, 1]] + middle for points in contours)
    return replace(given, structure=Structure(given.name, turned))


def test_parts_of_one_structure__in_planes_across_one_another_are_a_warning() -> None:
    """A coronal tumour less axial lungs leaves a film where their surfaces meet: its dose was the maximum."""
    drawn = structure_set()
    rois = tuple(_seen_from_the_front(each) if each.name == "GTV_Met1" else each for each in drawn.rois)
    (finding,) = _doubts(replace(drawn, rois=rois))
    assert (finding.code, finding.severity) == (FindingCode.STRUCTURE_PLANES_ACROSS, Severity.WARNING)
    assert finding.message.startswith("Lungs: 'Lung_L' and 'GTV_Met1' are drawn in planes across one another")


def test_lungs_roi__that_contradicts_left_and_right_is_a_warning_with_both_volumes() -> None:
    (finding,) = _doubts(structure_set({**BOTH_LUNGS, "Lungs": (14.0, 20.0, 0.0, 14.0)}))
    assert (finding.code, finding.severity) == (FindingCode.STRUCTURE_CONTRADICTORY, Severity.WARNING)
    volumes = re.search(
        r"'Lung_L' \+ 'Lung_R' have (.*) cc and are used, 'Lungs' has (.*) cc", finding.message
    )
    assert volumes is not None
    assert [float(each) for each in volumes.groups()] == pytest.approx([42.336, 21.168], rel=5e-3)


def test_lungs_roi__of_the_same_volume_or_already_without_the_tumour_contradicts_nothing() -> None:
    inside = (14.0, 20.0, 0.0, 8.0)
    anatomy = {**BOTH_LUNGS, "GTV_Met1": inside, "PTV_Met1": inside}
    whole = (0.0, 20.0, 0.0, 14.0)
    as_both = structure_set({**SMALL_ANATOMY, "Lung_L": whole, "Lung_R": whole, "Lungs": whole})
    assert _doubts(as_both) == []
    less = 0.5 * (2 * 28.0**3 - 16.0**3) ** (1 / 3)  # as much as is left without the tumour
    assert _doubts(structure_set({**anatomy, "Lungs-GTV": (14.0, 20.0, 0.0, less)})) == []


def test_tumour__without_a_planning_target_around_it_is_said() -> None:
    (finding,) = _doubts(structure_set({**SMALL_ANATOMY, "GTV_Met2": (-30.0, -30.0, 20.0, 5.0)}))
    assert (finding.code, finding.severity) == (FindingCode.TUMOUR_WITHOUT_TARGET, Severity.WARNING)
    assert finding.structure == "GTV_Met2"


def test_tumour__around_which_a_target_lies_in_part_is_said_with_the_rest() -> None:
    """Middle of the box and all: the target is a cube of 16 mm, the tumour reaches 4 mm further."""
    (finding,) = _doubts(structure_set({**SMALL_ANATOMY, "GTV_Met1": (34.0, 30.0, 0.0, 8.0)}))
    assert (finding.code, finding.structure) == (FindingCode.TUMOUR_WITHOUT_TARGET, "GTV_Met1")
    figures = re.search(r"leaves out (.*) of its (.*) cc", finding.message)
    assert figures is not None
    outside, whole = (float(each) for each in figures.groups())
    assert outside / whole == pytest.approx(0.25, abs=0.02)


def test_tumour__in_the_notch_of_a_target_lies_in_none() -> None:
    """The middle of its box lies in the target's box, nothing of it in the target."""
    notched = {**SMALL_ANATOMY, "PTV_Met2": (-30.0, -30.0, 0.0, 8.0), "GTV_Met2": (-30.0, -30.0, 0.0, 3.5)}
    plain = structure_set(notched)
    rois = tuple(_with_hole(each) if each.name == "PTV_Met2" else each for each in plain.rois)
    (finding,) = _doubts(replace(plain, rois=rois))
    assert (finding.code, finding.structure) == (FindingCode.TUMOUR_WITHOUT_TARGET, "GTV_Met2")
    assert "no planning target lies around it" in finding.message


def _with_hole(target: Roi) -> Roi:
    """Its cube with a square tunnel of half its width."""
    assert target.structure is not None
    middle = np.array([-30.0, -30.0, 0.0])
    inner = [(c - middle) * [0.5, 0.5, 1.0] + middle for c in target.structure.contours]
    return replace(target, structure=Structure(target.name, [*target.structure.contours, *inner]))


@pytest.mark.parametrize(
    ("half_mm", "said"), [(5.0, False), (13.0, True), (14.0, True)], ids=["small", "most", "all"]
)
def test_organ__of_which_a_tumour_leaves_less_than_half_needs_review(half_mm: float, said: bool) -> None:
    tumour = (30.0, 20.0, 0.0, half_mm)
    anatomy = {**SMALL_ANATOMY, "GTV_Met1": tumour, "PTV_Met1": tumour}
    found = [each for each in _doubts(structure_set(anatomy)) if "needs review" in each.message]
    assert [(each.code, each.severity, each.structure) for each in found] == (
        [(FindingCode.STRUCTURE_MOSTLY_TAKEN, Severity.WARNING, "Lung_L")] if said else []
    )


@pytest.mark.parametrize(
    ("kinds", "structure"),
    [
        ({"Heart": "TREATMENT_DEVICE"}, "Heart"),
        ({"Heart": "SUPPORT", "Lung_L": "SUPPORT"}, None),
        (dict.fromkeys(SMALL_ANATOMY, "TREATMENT_DEVICE"), None),
    ],
)
def test_organ__that_is_a_device_by_type_is_judged_with_a_warning(
    kinds: Mapping[str, str], structure: str | None
) -> None:
    (finding,) = _doubts(_typed(kinds))
    assert (finding.code, finding.severity) == (FindingCode.STRUCTURE_TYPE_ODD, Severity.WARNING)
    assert finding.structure == structure
    assert f"'Heart' ({kinds['Heart']})" in finding.message


def test_couch__that_nothing_judges_is_no_doubt() -> None:
    anatomy = {**SMALL_ANATOMY, "CouchSurface": (0.0, 55.0, 0.0, 3.0)}
    assert _doubts(_typed({"CouchSurface": "SUPPORT"}, anatomy)) == []


def test_organ__contoured_on_one_slice_alone_is_judged_with_a_warning() -> None:
    plain = structure_set()
    rois = tuple(_first_slice(each) if each.name == "Heart" else each for each in plain.rois)
    (finding,) = _doubts(replace(plain, rois=rois))
    assert (finding.code, finding.severity) == (FindingCode.STRUCTURE_ONE_PLANE, Severity.WARNING)
    assert finding.structure == "Heart"


def _first_slice(organ: Roi) -> Roi:
    assert organ.structure is not None
    return replace(
        organ, structure=Structure(organ.name, organ.structure.contours[:1], slice_thickness_mm=3.0)
    )
