"""Where parts end past their last plane, and what outlines become on the way."""

import numpy as np
import pytest

from dosimetry.contours.sections import stack_sections
from dosimetry.dvh import dose_volume_histogram
from dosimetry.region import Region
from dosimetry.solid.end_caps import end_cap
from dosimetry.solid.taper import Taper
from dosimetry.structure import Structure
from tests.dosimetry.shapes import constant_dose, plan, square
from tests.support.closed_forms import Phantom, Shape

FloatArray = np.ndarray


def _taper(*lengths_mm: float) -> Taper:
    return Taper.through([0.0, 3.0, 6.0][: len(lengths_mm)], lengths_mm)


def _volume_cc(structure: Structure) -> float:
    return dose_volume_histogram(
        Region.of(structure), plan(constant_dose(1.0)), with_uncertainty=False
    ).volume_cc


@pytest.mark.parametrize("left_mm", [0.3, 1.5, 2.9])
def test_taper__of_a_sphere_closes_where_it_ends(left_mm: float) -> None:
    lengths = [np.sqrt(2 * 20 * t - t * t) for t in (left_mm, left_mm + 3, left_mm + 6)]
    assert _taper(*lengths).closes_mm() == pytest.approx(left_mm)
    assert _taper(*lengths).reach_mm(3.0) == pytest.approx(left_mm)


@pytest.mark.parametrize("noise_mm", [-0.005, 0.0, 0.005])
@pytest.mark.parametrize("left_mm", [0.3, 1.5, 2.9])
def test_taper__of_a_cone_reaches_its_tip(left_mm: float, noise_mm: float) -> None:
    lengths = [0.5 * (left_mm + depth) for depth in (0.0, 3.0, 6.0)]
    lengths[2] += noise_mm
    assert _taper(*lengths).reach_mm(3.0) == pytest.approx(left_mm, abs=0.1)


def test_taper__of_a_cylinder_is_flat_half_a_gap_on() -> None:
    assert _taper(10, 10, 10).reach_mm(3.0) == 1.5
    assert _taper(10).reach_mm(3.0) == 1.5
    np.testing.assert_allclose(_taper(10, 10, 10).at(np.array([0.5, 1.5])), 10)


def test_taper__grows_only_if_it_did_and_never_reopens() -> None:
    assert _taper(10, 8, 9).at(np.array([1.5]))[0] == 10
    assert 10 < _taper(10, 9, 8).at(np.array([1.5]))[0] <= 10.75
    touching = Taper(2.0, -4.0, 1.0, 0.0)
    np.testing.assert_allclose(touching.at(np.array([2.0, 5.0])), 0.0)


@pytest.mark.parametrize(("radius", "spacing"), [(5, 2), (12, 3), (8, 1)])
def test_end__of_a_lying_cone_is_the_edge_of_its_base(radius: float, spacing: float) -> None:
    """Its last section is a sliver between the base, which stays, and the side, which comes nearer."""
    stack = stack_sections(Phantom(Shape.LYING_CONE, radius, spacing).structure())
    top = len(stack.sections) - 1
    cap = end_cap(stack, top, 0, +1)
    outline = cap.moved(stack.sections[top].parts[0].boundary[:, :2], cap.reach_mm)
    assert stack.heights_mm[top] + cap.reach_mm == pytest.approx(radius, abs=0.02)
    np.testing.assert_allclose(outline, np.tile([0.0, -radius], (len(outline), 1)), atol=0.4)


def test_end__of_an_oblique_tube_goes_on_obliquely() -> None:
    tube = Structure("tube", [square(5, 3.0 * n, (2.0 * n, 0.0)) for n in range(6)])
    stack = stack_sections(tube)
    cap = end_cap(stack, 5, 0, +1)
    moved = cap.moved(np.array([[10.0, 0.0]]), 1.5)
    assert cap.reach_mm == 1.5
    np.testing.assert_allclose(moved, [[11.0, 0.0]], atol=1e-9)
    assert _volume_cc(tube) == pytest.approx(10 * 10 * 18 / 1000, rel=0.01)


def test_end__beside_a_lobe_that_ended_stays_where_it_is() -> None:
    """The box halves from one plane to the next, the circle inside does not: the end is flat, not a point."""
    lobed = [np.array([[-10, -5, z], [30, -5, z], [30, 5, z], [-10, 5, z]]) for z in (0.0, 3.0, 6.0)]
    last = np.array([[-10, -5, 9], [10, -5, 9], [10, 5, 9], [-10, 5, 9.0]])
    stack = stack_sections(Structure("lobed", [*lobed, last]))
    cap = end_cap(stack, 3, 0, +1)
    assert cap.reach_mm == 1.5
    np.testing.assert_allclose(cap.moved(last[:, :2], 1.5), last[:, :2], atol=1e-9)
