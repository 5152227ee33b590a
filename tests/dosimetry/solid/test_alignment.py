"""Parts that move and stretch from plane to plane are followed; other changes are not taken for that."""

import numpy as np
import pytest

from dosimetry.contours.sections import stack_sections
from dosimetry.dvh import dose_volume_histogram
from dosimetry.region import Region
from dosimetry.solid.alignment import aligned_parts
from dosimetry.solid.readings import Between
from dosimetry.structure import Structure
from tests.dosimetry.shapes import box, constant_dose, plan, square
from tests.support.closed_forms import Phantom, Shape, contour

HEIGHTS = np.arange(0.0, 16.0, 3.0)


def _volume_cc(structure: Structure) -> float:
    return dose_volume_histogram(
        Region.of(structure), plan(constant_dose(1.0)), with_uncertainty=False
    ).volume_cc


def _with_lobe(z: float) -> np.ndarray:
    """A square of 20 mm with a lobe of 40 by 8 mm."""
    corners = [(-10, -10), (10, -10), (10, -4), (50, -4), (50, 4), (10, 4), (10, 10), (-10, 10)]
    return np.array([(u, v, z) for u, v in corners], dtype=np.float64)


@pytest.mark.parametrize("shift_mm", [3.0, 6.0, 9.0])
def test_tube__that_runs_across_the_planes_keeps_its_section(shift_mm: float) -> None:
    """Joined in place, two squares that hardly overlap would leave a neck between their planes."""
    tube = Structure("vessel", [square(5, z, (shift_mm * n, 0.0)) for n, z in enumerate(HEIGHTS)])
    assert _volume_cc(tube) == pytest.approx(10 * 10 * 18 / 1000, rel=0.01)


def test_part__that_hardly_changes_is_joined_in_place() -> None:
    stack = stack_sections(box(10, HEIGHTS))
    assert all(not aligned_parts(stack, lower) for lower in range(len(HEIGHTS) - 1))


def test_lobe__that_ends_does_not_stretch_the_rest() -> None:
    lobed = [_with_lobe(z) for z in HEIGHTS[:3]]
    whole = Structure("liver", [*lobed, *(square(10, z) for z in HEIGHTS[3:])])
    assert aligned_parts(stack_sections(whole), 2) == ()


def test_forked_part__is_joined_in_place() -> None:
    trunk = [square(20, z) for z in HEIGHTS[:3]]
    branches = [square(6, z, (x, 0)) for z in HEIGHTS[3:] for x in (-10, 10)]
    assert aligned_parts(stack_sections(Structure("fork", [*trunk, *branches])), 2) == ()


def test_box__between_circles_of_a_sphere_is_that_of_the_sphere() -> None:
    stack = stack_sections(Phantom(Shape.SPHERE, 12, 3).structure())
    (top,) = aligned_parts(stack, len(stack.sections) - 2)
    heights = np.array([7.9, 9.0, 10.1])
    middles, halves = top.at(heights, Between.SMOOTH)
    np.testing.assert_allclose(middles, 0, atol=1e-9)
    np.testing.assert_allclose(halves, np.sqrt(144 - heights**2)[:, None].repeat(2, axis=1), rtol=1e-4)


def test_box__kinked_meets_where_both_sides_lead() -> None:
    """The middle of an upright double cone lies between two planes; its edge is a kink."""
    radii = {-5.0: 2.0, -3.0: 6.0, -1.0: 10.0, 1.0: 6.0, 3.0: 2.0}
    double = Structure("double", [contour(Shape.CYLINDER, r, z) for z, r in radii.items()])
    (found,) = aligned_parts(stack_sections(double), 2)
    heights = np.array([-1.0, -0.5, 1.0])
    _, halves = found.at(heights, Between.KINKED)
    np.testing.assert_allclose(halves[[0, 2], 0], [10.0, 6.0], rtol=1e-4)
    assert halves[1, 0] == pytest.approx(9.0, rel=1e-4)
    _, straight = found.at(heights, Between.STRAIGHT)
    assert (straight[1] < 10).all()
