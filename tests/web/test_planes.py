"""Slices show the voxels that lie there, the right way round, whichever way the scanner wrote them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.web.lattices import WAYS, lattice, pixels_mm, voxel_centres_mm
from trial_core.domain.pictures import Lattice
from web.pictures.planes import View, letters, slices_of

SIDES = {
    View.AXIAL: ("R", "L", "A", "P"),
    View.CORONAL: ("R", "L", "S", "I"),
    View.SAGITTAL: ("A", "P", "S", "I"),
}


def _sides(one: Lattice, view: View) -> tuple[str, str, str, str]:
    slices = slices_of(one, view)
    directions = (-slices.right_mm, slices.right_mm, -slices.down_mm, slices.down_mm)
    return tuple(letters(each) for each in directions)  # type: ignore[return-value]


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize("way", ["HFS", "FFS", "HFP", "decubitus"])
def test_slices__lie_as_a_radiologist_looks_at_them(way: str, view: View) -> None:
    assert _sides(lattice(way), view) == SIDES[view]


def test_oblique_slices__say_so_with_a_second_letter() -> None:
    assert _sides(lattice("oblique"), View.AXIAL) == ("RA", "LP", "AL", "PR")
    assert _sides(lattice("tilted"), View.SAGITTAL) == ("AI", "PS", "SA", "IP")


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize("way", WAYS)
def test_cut__shows_at_each_pixel_the_voxel_that_lies_there(way: str, view: View) -> None:
    one = lattice(way, centre_mm=(31.0, -17.0, 104.0))
    slices = slices_of(one, view)
    numbers = np.arange(np.prod(one.shape), dtype=np.int16).reshape(one.shape)
    centres = voxel_centres_mm(one)
    for number in (0, 2, slices.count - 1):
        shown = centres.reshape(-1, 3)[slices.cut(numbers, number)]
        np.testing.assert_allclose(shown, pixels_mm(slices, number), atol=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_slices__go_to_the_head_the_back_and_the_left(way: str) -> None:
    for view, axis in ((View.AXIAL, 2), (View.CORONAL, 1), (View.SAGITTAL, 0)):
        slices = slices_of(lattice(way), view)
        assert slices.next_mm[axis] > 0
        assert slices.count * slices.rows * slices.columns == 7 * 11 * 13
