"""Pieces on planes of their own, and planes whose distance changes, keep their volume."""

import numpy as np
import pytest
from numpy.typing import NDArray

from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.contours.interleaving import interleaved_pieces
from dosimetry.dvh import dose_volume_histogram
from dosimetry.grid import DoseGrid
from dosimetry.region import Region
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]

HEIGHTS = np.arange(-15.0, 16.0, 3.0)
ANGLES = np.linspace(0, 2 * np.pi, 180, endpoint=False)


def _disc(x_mm: float, radius_mm: float, z_mm: float) -> FloatArray:
    return np.column_stack(
        [x_mm + radius_mm * np.cos(ANGLES), radius_mm * np.sin(ANGLES), np.full(len(ANGLES), z_mm)]
    )


def _volume_cc(contours: list[FloatArray], name: str = "Kidneys") -> float:
    return _volume_of(Structure(name, contours))


def _volume_of(structure: Structure) -> float:
    affine = np.diag([5.0, 5.0, 5.0, 1.0])
    affine[:3, 3] = -100.0
    dose = Dose((DoseLayer(DoseGrid(np.full((41, 41, 41), 2.0), affine), 1.0),))
    return dose_volume_histogram(Region.of(structure), dose, with_uncertainty=False).volume_cc


def _cylinder_cc(radius_mm: float, height_mm: float) -> float:
    return np.pi * radius_mm**2 * height_mm / 1000


@pytest.mark.parametrize("shift_mm", [1.5, 1.0, 0.3])
def test_volume__pieces_whose_planes_interleave_count_in_full(shift_mm: float) -> None:
    left = [_disc(-30, 10, z) for z in HEIGHTS]
    right = [_disc(30, 10, z + shift_mm) for z in HEIGHTS]
    assert _volume_cc(left + right) == pytest.approx(2 * _cylinder_cc(10, 33), rel=0.005)


@pytest.mark.parametrize("left_out", [{3.0}, {0.0, 3.0}])
def test_volume__is_not_invented_on_planes_where_another_piece_was_drawn(left_out: set[float]) -> None:
    """Two nodes above one another, beside an organ that is drawn on every plane: no bridge between them."""
    nodes = [_disc(-30, 10, z) for z in HEIGHTS if z not in left_out]
    organ = [_disc(30, 10, z) for z in HEIGHTS]
    expected = _cylinder_cc(10, 33 - 3 * len(left_out)) + _cylinder_cc(10, 33)
    assert _volume_cc(nodes + organ) == pytest.approx(expected, rel=0.005)


def test_volume__nodes_stay_apart_beside_pieces_that_alternate() -> None:
    """The organs alternate, so all is taken apart; the nodes have their own planes and a free one between."""
    organs = [_disc(30, 10, z) for z in HEIGHTS] + [_disc(60, 10, z + 1.5) for z in HEIGHTS]
    nodes = [_disc(-30, 10, z) for z in HEIGHTS if z not in {0.0, 3.0}]
    expected = 2 * _cylinder_cc(10, 33) + _cylinder_cc(10, 33 - 6)
    assert _volume_cc(organs + nodes) == pytest.approx(expected, rel=0.005)


def test_volume__a_piece_on_every_other_plane_keeps_its_rhythm() -> None:
    left = [_disc(-30, 10, z) for z in HEIGHTS[::2]]
    right = [_disc(30, 10, z) for z in HEIGHTS]
    expected = _cylinder_cc(10, 36) + _cylinder_cc(10, 33)
    assert _volume_cc(left + right) == pytest.approx(expected, rel=0.005)


@pytest.mark.parametrize("fine_first", [True, False])
def test_volume__planes_may_lie_wider_on_one_side(fine_first: bool) -> None:
    heights = np.array([0.0, 5, 10, 15, 20, 21, 22, 23, 24, 25, 26, 27, 28])
    heights = -heights if fine_first else heights
    contours = [_disc(0, 15, z) for z in heights]
    assert _volume_cc(contours) == pytest.approx(_cylinder_cc(15, 2.5 + 28 + 0.5), rel=0.005)


def test_volume__lone_planes_far_apart_are_not_joined() -> None:
    near = [_disc(0, 10, z) for z in (0.0, 3, 6, 9)]
    far = [_disc(0, 10, 59.0), *(_disc(0, 10, z) for z in (-50.0, -53, -56, -59))]
    assert _volume_cc(near + far) == pytest.approx(_cylinder_cc(10, 12 + 12 + 3), rel=0.02)


@pytest.mark.parametrize("slice_mm", [None, 3.0])
def test_volume__planes_20_mm_apart_beside_a_fine_stretch_are_not_joined(slice_mm: float | None) -> None:
    heights = [0.0, 3, 6, 9, 12, 15, 35, 55, 75]
    structure = Structure("GTV", [_disc(0, 10, z) for z in heights], slice_thickness_mm=slice_mm)
    assert _volume_of(structure) == pytest.approx(_cylinder_cc(10, 18 + 3 * 3), rel=0.01)


def test_volume__three_lone_planes_are_as_thick_as_the_slices_of_the_image() -> None:
    structure = Structure("GTV", [_disc(0, 10, z) for z in (0.0, 20, 40)], slice_thickness_mm=3.0)
    assert _volume_of(structure) == pytest.approx(_cylinder_cc(10, 9), rel=0.01)


def test_interleaved_pieces__leaves_alone_what_shares_its_planes() -> None:
    both = [_disc(x, 10, z) for x in (-30, 30) for z in HEIGHTS]
    structure = Structure("Kidneys", both)
    assert interleaved_pieces(structure) == (structure,)


def test_interleaved_pieces__never_takes_apart_what_overlaps() -> None:
    forked = [_disc(0, 20, z) for z in (0.0, 3, 6)] + [_disc(x, 8, z) for x in (-10, 10) for z in (9.0, 12)]
    assert len(interleaved_pieces(Structure("Fork", forked))) == 1


def test_interleaved_pieces__keep_the_name_and_the_region_has_it_too() -> None:
    left = [_disc(-30, 10, z) for z in (0.0, 3, 6)]
    right = [_disc(30, 10, z) for z in (1.5, 4.5)]
    assert len(interleaved_pieces(Structure("Kidneys", left + right))) == 2
    assert Region.of(Structure("Kidneys", left + right)).name == "Kidneys"


def test_volume__a_piece_on_one_plane_is_as_thick_as_the_planes_of_the_others() -> None:
    left = [_disc(-30, 10, z) for z in (0.0, 5, 15, 20)]
    right = [_disc(30, 10, z) for z in (0.0, 5, 10, 15, 20)]
    lone = [_disc(0, 10, 10.0)]
    assert _volume_cc(left + right + lone) == pytest.approx(_cylinder_cc(10, 20 + 25 + 5), rel=0.01)
