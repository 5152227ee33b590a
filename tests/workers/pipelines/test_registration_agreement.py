"""How far a registration leaves apart what both sides draw: closed forms, and what the check makes of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.workers.pipelines.checked import PHYSICAL, rows
from tests.workers.pipelines.courses import FRAME, OTHER_FRAME, SMALL_ANATOMY, Box, structure_set
from tests.workers.pipelines.test_registration_sense import HEARTS, linked, to_the_side
from trial_core.domain.criteria import Verdict
from trial_core.domain.persons_word import AcceptedWord
from trial_core.domain.protocol import Provenance, SumRule
from workers.pipelines.plan_check import check_course
from workers.pipelines.registration_agreement import Agreement, agreement

ORGANS = ("BODY", "Lung_L", "Lung_R", "Heart", "SpinalCord")
RULE = SumRule(
    structures_from="CFRT",
    provenance=Provenance(assumed=True, source=""),
    surfaces_within_mm=4.0,
    aside_within_mm=8.0,
)


def _shift(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix


def _measured(
    matrix: np.ndarray,
    there: Mapping[str, Box | None] = SMALL_ANATOMY,
    here: Mapping[str, Box | None] = SMALL_ANATOMY,
) -> Agreement:
    sets = structure_set(here), structure_set(there, uid="other", frame=OTHER_FRAME)
    return agreement(matrix, sets, FRAME, OTHER_FRAME)


@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize("mm", [-20.0, 6.0, 10.0])
def test_displacement__is_that_of_the_registration_along_any_axis(axis: str, mm: float) -> None:
    found = _measured(_shift(**{axis: mm}))
    assert found.displacement_mm == pytest.approx(abs(mm), abs=1e-6)
    assert sorted(found.distances_mm) == sorted(ORGANS)


def test_distance__of_a_cube_moved_aside_is_that_of_its_faces() -> None:
    """A square of 24 mm, 6 mm aside: the outer face 6, the inner one 4.5 (its ends lie nearer to the sides),
    the two others 0.75 (a quarter of them sticks out)."""
    cube: Mapping[str, Box | None] = {"Heart": (0.0, 0.0, 0.0, 12.0)}
    found = _measured(_shift(x=6.0), cube, cube)
    assert found.distance_mm == pytest.approx((6.0 + 4.5 + 2 * 0.75) / 4, rel=0.02)


def test_agreement__is_exact_for_the_right_registration_also_a_turned_one() -> None:
    turned = np.eye(4)
    turned[:3, :3] = Rotation.from_euler("z", 90, degrees=True).as_matrix()
    there = {name: (-box[1], box[0], box[2], box[3]) for name, box in SMALL_ANATOMY.items()}
    found = _measured(turned, there)
    assert found.displacement_mm == pytest.approx(0.0, abs=1e-6)
    assert found.distance_mm == pytest.approx(0.0, abs=1e-6)
    assert found.exceeds(RULE) == ""


def test_agreement__is_not_told_by_planes_that_lie_between_the_others() -> None:
    """Half a slice aside: between two planes the surface runs on."""
    found = _measured(_shift(z=1.5))
    assert found.distance_mm is not None
    assert found.distance_mm < 0.2


def test_agreement__is_not_told_by_an_organ_that_a_scan_cuts_short_nor_by_one_that_moved() -> None:
    there = {**SMALL_ANATOMY, "Heart": (300.0, 0.0, 0.0, 12.0), "SpinalCord": (0.0, 40.0, -4.0, 2.0)}
    found = _measured(np.eye(4), there)
    assert found.distance_mm == pytest.approx(0.0, abs=2.5)
    assert found.displacement_mm == pytest.approx(0.0, abs=1e-6)


def test_agreement__of_targets_alone_is_unknown_and_said() -> None:
    targets = {name: box for name, box in SMALL_ANATOMY.items() if "TV" in name}
    found = _measured(_shift(x=50.0), targets)
    assert (found.distance_mm, found.displacement_mm, found.exceeds(RULE)) == (None, None, "")
    assert found.words == "nothing is drawn on both sides under one name to measure it by"


def test_exceeds__is_strict_and_names_what_the_protocol_allows() -> None:
    found = Agreement({"Heart": 4.0, "Liver": 4.0}, 8.0)
    assert found.exceeds(RULE) == ""
    assert found.exceeds(None) == ""
    further = Agreement({"Heart": 4.0, "Liver": 4.0}, 8.001)
    assert further.exceeds(RULE).endswith("and 8.0 mm aside as a whole; the protocol allows 8 mm aside")


@pytest.mark.parametrize("mm", [10.0, 15.0, 20.0])
def test_check_course__with_a_registration_one_or_two_centimetres_off_has_no_sum(mm: float) -> None:
    report = check_course(linked(to_the_side(mm)), HEARTS)
    assert report.verdict is Verdict.NOT_EVALUABLE
    (row,) = rows(report, "Heart", PHYSICAL)[:1]
    assert "is not believed: after it, what both sides draw is" in row.reason
    assert f"{mm:.1f} mm aside as a whole" in row.reason
    (layer,) = (each for each in report.sums[0].layers if each.label == "LDRT")
    assert layer.displacement_mm == mm


def test_check_course__states_how_well_a_registration_agrees() -> None:
    report = check_course(linked(to_the_side(2.0)), HEARTS)
    assert report.verdict is Verdict.PER_PROTOCOL
    (layer,) = (each for each in report.sums[0].layers if each.label == "LDRT")
    assert (layer.displacement_mm, layer.needs_review) == (2.0, True)
    assert "2.0 mm aside as a whole" in layer.placed_by
    (own,) = (each for each in report.sums[0].layers if each.label == "CFRT")
    assert (own.displacement_mm, own.surface_distance_mm) == (None, None)


def test_check_course__a_person_may_accept_a_registration_that_is_off() -> None:
    (item,) = check_course(linked(to_the_side(15.0)), HEARTS).open_items
    assert "15.0 mm aside as a whole" in item.words
    word = AcceptedWord(item=item.key, by="rev-phy", words="the patient was moved between the scans")
    report = check_course(linked(to_the_side(15.0)), HEARTS, accepted=[word])
    assert all(each.evaluable for each in report.sums)
