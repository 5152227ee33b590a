"""Structures drawn in one tilted set: their planes are one whatever the rounding, against closed forms."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from dosimetry.contours.contour_planes import contour_planes
from dosimetry.contours.sections import stack_sections
from dosimetry.dvh import dose_volume_histogram
from dosimetry.errors import EmptyStructureError
from dosimetry.expressions import parse_metric
from dosimetry.metrics import evaluate
from dosimetry.region import Region
from dosimetry.sampling.common_planes import on_common_planes
from dosimetry.structure import Structure
from tests.dosimetry.shapes import grid_of, plan

HEIGHTS = np.arange(-15.0, 15.1, 3.0)
HALF = 16.5
GRADIENT = np.array([0.3, -0.17, 0.21])
TILTS = {
    "about x": Rotation.from_euler("x", 20, degrees=True),
    "about two axes": Rotation.from_euler("xz", [-11, 33], degrees=True),
    "slightly": Rotation.from_euler("xz", [3, 5], degrees=True),
    "two axes alike": Rotation.from_euler("x", 45, degrees=True),
}


def _dose(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(60 + points @ GRADIENT)


def _grid() -> NDArray[np.float64]:
    axis = -60.0 + 2 * np.arange(61)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    return _dose(np.stack([x, y, z], axis=-1))


DOSE = plan(grid_of(_grid(), 2.0, (-60, -60, -60)))


def _tilted_box(
    tilt: Rotation, x: tuple[float, float], digits: int | None, heights: NDArray[np.float64] = HEIGHTS
) -> Structure:
    """A box from x to x, 30 mm wide, drawn in tilted planes and written with so many digits."""
    corners = [[(x[0], -15, z), (x[1], -15, z), (x[1], 15, z), (x[0], 15, z)] for z in heights]
    turned = [tilt.apply(np.array(contour)) for contour in corners]
    return Structure("box", [contour if digits is None else contour.round(digits) for contour in turned])


@pytest.mark.parametrize("digits", [None, 6, 2])
@pytest.mark.parametrize("tilt", TILTS.values(), ids=TILTS.keys())
def test_ends_of_one_tilted_plane__are_no_face_of_what_is_left(tilt: Rotation, digits: int | None) -> None:
    """Of the end that both boxes share nothing is left: the highest dose lies on the cut, not beyond it."""
    left = Region.of(_tilted_box(tilt, (-20, 0), digits)) - Region.of(_tilted_box(tilt, (-10, 5), digits))
    dvh = dose_volume_histogram(left, DOSE, with_uncertainty=False)
    corners = tilt.apply([(x, y, w) for x in (-20, -10) for y in (-15, 15) for w in (-HALF, HALF)])
    assert dvh.volume_cc == pytest.approx(10 * 30 * 2 * HALF / 1000, rel=0.003)
    for expression, wanted in (("Max[Gy]", _dose(corners).max()), ("Min[Gy]", _dose(corners).min())):
        assert evaluate(parse_metric(expression), dvh).value == pytest.approx(float(wanted), abs=0.05)


@pytest.mark.parametrize("tilt", TILTS.values(), ids=TILTS.keys())
def test_tilted_box_less_itself_drawn_again__is_empty(tilt: Rotation) -> None:
    """Written once with all digits and once with two, as another system would."""
    left = Region.of(_tilted_box(tilt, (-20, 0), None)) - Region.of(_tilted_box(tilt, (-20, 0), 2))
    with pytest.raises(EmptyStructureError):
        dose_volume_histogram(left, DOSE, with_uncertainty=False)


@pytest.mark.parametrize("turn_degrees", [0.0, 0.02, 0.2, 5.0])
def test_planes_are_one__where_they_part_by_less_than_a_surface_is_thick(turn_degrees: float) -> None:
    """Over the 30 mm of the box: 0.02 degrees are 0.01 mm, and no more than 0.02 mm is one plane."""
    tilt = TILTS["about two axes"]
    one = _tilted_box(tilt, (-30, 0), None)
    other = _tilted_box(tilt * Rotation.from_euler("y", turn_degrees, degrees=True), (-30, 0), None)
    stacks = {structure: stack_sections(structure) for structure in (one, other)}
    found = on_common_planes(stacks, one)
    is_one = 30 * np.tan(np.radians(turn_degrees)) <= 0.02
    assert np.array_equal(found[id(one)].frame, found[id(other)].frame) == is_one
    assert (turn_degrees > 0) or np.array_equal(found[id(one)].heights_mm, found[id(other)].heights_mm)
    if not is_one:
        assert found[id(other)] is stacks[other]


def test_orientation__is_not_that_of_a_small_first_contour() -> None:
    """The first outline is 2 mm wide and rounded to 0.1 mm; the planes are those of the large ones."""
    tilt = TILTS["about two axes"]
    small = tilt.apply([(0, 0, -18), (2, 0, -18), (2, 2, -18), (0, 2, -18)]).round(1)
    large = _tilted_box(tilt, (-50, 50), None)
    found = contour_planes(Structure("grown", [small, *large.contours]))
    assert abs(found.frame[2] @ tilt.apply([0, 0, 1])) > np.cos(1e-4)
