"""Two structure sets of one frame that draw one thing in two places, or in two sizes, are said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from dosimetry.structure import Structure
from imaging.dicom.rt_structure import Roi
from imaging.findings import Finding, FindingCode, Severity
from tests.workers.pipelines.checked import SCR, SET
from tests.workers.pipelines.courses import SMALL_ANATOMY, Box, cfrt, course, ldrt, structure_set
from workers.pipelines.prepared_plans import prepare_plans
from workers.pipelines.sets_apart import sets_apart

X, Y, Z, HALF = SMALL_ANATOMY["PTV_Met1"]
HEART_X, HEART_Y, HEART_Z, HEART_HALF = SMALL_ANATOMY["Heart"]


def _said(of_ldrt: Mapping[str, Box | None], of_cfrt: Mapping[str, Box | None]) -> list[Finding]:
    given = course(ldrt(structure_set(of_ldrt, uid="ldrt set")), cfrt(structure_set(of_cfrt, uid="cfrt set")))
    plans, _ = prepare_plans(given, SCR)
    return sets_apart(plans, SCR)


def _with(**boxes: Box) -> Mapping[str, Box | None]:
    return {**SMALL_ANATOMY, **boxes}


def _moved(mm: float) -> Mapping[str, Box | None]:
    return _with(Heart=(HEART_X + mm, HEART_Y, HEART_Z, HEART_HALF))


def test_sets__of_one_drawing_have_nothing_to_say() -> None:
    assert _said(SMALL_ANATOMY, SMALL_ANATOMY) == []
    plans, _ = prepare_plans(course(ldrt(SET), cfrt(SET)), SCR)
    assert sets_apart(plans, SCR) == []


def test_organ__somewhere_else_in_the_other_set_is_a_warning_with_its_distance() -> None:
    (finding,) = _said(_moved(200.0), SMALL_ANATOMY)
    assert (finding.code, finding.severity) == (FindingCode.STRUCTURE_SETS_APART, Severity.WARNING)
    assert finding.structure == "Heart"
    assert "'ldrt set.dcm' and 'cfrt set.dcm'" in finding.message


def test_organ__a_hand_drew_otherwise_by_less_than_the_protocols_limit_is_not_said() -> None:
    assert _said(_moved(3.0), SMALL_ANATOMY) == []


def test_organ__whose_scan_ends_earlier_in_one_set_is_not_said() -> None:
    plain = structure_set(uid="ldrt set")
    rois = tuple(_upper_half(each) if each.name == "Heart" else each for each in plain.rois)
    plans, _ = prepare_plans(course(ldrt(replace(plain, rois=rois)), cfrt(SET)), SCR)
    assert sets_apart(plans, SCR) == []


def _upper_half(organ: Roi) -> Roi:
    assert organ.structure is not None
    contours = organ.structure.contours
    return replace(organ, structure=Structure(organ.name, contours[len(contours) // 2 :]))


@pytest.mark.parametrize("larger", ["ldrt", "cfrt"])
def test_target__drawn_larger_in_one_of_the_sets_is_said(larger: str) -> None:
    """Its plan is judged by its own set alone: a larger target in the other is cold, and no row shows it."""
    grown = _with(PTV_Met1=(X, Y, Z, HALF + 10.0))
    found = _said(grown, SMALL_ANATOMY) if larger == "ldrt" else _said(SMALL_ANATOMY, grown)
    assert [(each.code, each.structure) for each in found] == [(FindingCode.STRUCTURE_SETS_APART, "PTV_Met1")]


def test_sets__of_two_frames_are_left_to_their_registration() -> None:
    other = structure_set(_moved(200.0), uid="ldrt set", frame="9.9")
    plans, _ = prepare_plans(course(ldrt(other), cfrt(SET)), SCR)
    assert sets_apart(plans, SCR) == []
