"""Outlines on slices: contours where they were drawn, slabs across them, each where it lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.web.lattices import FloatArray, lattice
from trial_core.domain.pictures import StructurePicture
from web.pictures.outline_cut import Contours, Outline, outlines_on
from web.pictures.planes import Slices, View, slices_of

RADIUS_MM, SPACING_MM = 20.0, 3.0
HEIGHTS_MM = np.arange(-9.0, 9.1, SPACING_MM)


def _ring(radius_mm: float, z_mm: float, points: int = 240) -> FloatArray:
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.column_stack([radius_mm * np.cos(turn), radius_mm * np.sin(turn), np.full(points, z_mm)])


def _structure(
    contours: list[FloatArray], spacing_mm: float = SPACING_MM
) -> tuple[Contours, StructurePicture]:
    starts = np.cumsum([0, *(len(each) for each in contours)])
    picture = StructurePicture(
        name="Ring",
        protocol_names=(),
        first_contour=0,
        contours=len(contours),
        normal=(0.0, 0.0, 1.0),
        spacing_mm=spacing_mm,
        centre_mm=(0.0, 0.0, 0.0),
        spots=(),
    )
    return Contours(np.concatenate(contours).astype(np.float32), starts), picture


def _slices(view: View, way: str = "HFS") -> Slices:
    return slices_of(lattice(way, shape=(21, 51, 51), spacing_mm=(1.0, 1.0, 1.0)), view)


def _cut(
    contours: list[FloatArray], slices: Slices, number: int, spacing_mm: float = SPACING_MM
) -> list[Outline]:
    points, structure = _structure(contours, spacing_mm)
    return list(outlines_on(points, [structure], slices, number))


def _mm(slices: Slices, number: int, pixels: NDArray[Any]) -> FloatArray:
    found: FloatArray = (
        slices.corner_mm(number) + pixels[:, [0]] * slices.right_mm + pixels[:, [1]] * slices.down_mm
    )
    return found


@pytest.mark.parametrize("way", ["HFS", "FFS", "HFP", "decubitus"])
def test_along_the_contours__the_drawn_one_is_shown_where_it_lies(way: str) -> None:
    slices = _slices(View.AXIAL, way)
    rings = [_ring(RADIUS_MM, z) for z in HEIGHTS_MM]
    (found,) = _cut(rings, slices, 10)
    (line,) = found.lines
    np.testing.assert_allclose(_mm(slices, 10, line), rings[3], atol=1e-4)
    assert not found.is_between


def test_between_two_planes__the_nearer_one_is_shown_and_said_to_be_so() -> None:
    slices = _slices(View.AXIAL)
    rings = [_ring(RADIUS_MM + z, z) for z in HEIGHTS_MM]
    (found,) = _cut(rings, slices, 11)  # z = 1 mm
    assert found.is_between
    np.testing.assert_allclose(
        np.linalg.norm(_mm(slices, 11, found.lines[0])[:, :2], axis=1), RADIUS_MM, rtol=1e-4
    )
    (found,) = _cut(rings, slices, 12)  # z = 2 mm
    np.testing.assert_allclose(
        np.linalg.norm(_mm(slices, 12, found.lines[0])[:, :2], axis=1), RADIUS_MM + 3, rtol=1e-4
    )


def test_beyond_the_last_slab__nothing_is_shown() -> None:
    slices = slices_of(lattice("HFS", shape=(31, 51, 51), spacing_mm=(1.0, 1.0, 1.0)), View.AXIAL)
    rings = [_ring(RADIUS_MM, z) for z in HEIGHTS_MM]
    shown = [number for number in range(slices.count) if _cut(rings, slices, number)]
    assert [number - 15 for number in shown] == list(range(-10, 11))


@pytest.mark.parametrize("way", ["HFS", "FFS"])
@pytest.mark.parametrize(("view", "axis"), [(View.CORONAL, 0), (View.SAGITTAL, 1)])
def test_across_the_contours__a_cylinder_is_a_rectangle_of_its_chord(view: View, axis: int, way: str) -> None:
    slices = _slices(view, way)
    number = slices.count // 2 + 12  # 12 mm off the middle: half a chord of 16 mm
    (found,) = _cut([_ring(RADIUS_MM, z) for z in HEIGHTS_MM], slices, number)
    ends = np.vstack([found.segments[:, :2], found.segments[:, 2:]])
    points = _mm(slices, number, ends)
    np.testing.assert_allclose(np.abs(points[:, axis]), 16.0, atol=0.02)
    assert points[:, 2].min() == pytest.approx(HEIGHTS_MM[0] - SPACING_MM / 2, abs=1e-3)
    assert points[:, 2].max() == pytest.approx(HEIGHTS_MM[-1] + SPACING_MM / 2, abs=1e-3)
    lengths = np.linalg.norm(
        _mm(slices, number, found.segments[:, :2]) - _mm(slices, number, found.segments[:, 2:]), axis=1
    )
    # Between equal slabs there is no edge: the outline is as long as that of the one rectangle.
    assert lengths.sum() == pytest.approx(2 * 32 + 2 * SPACING_MM * len(HEIGHTS_MM), abs=0.05)


def test_across_a_step__the_edge_is_what_one_slab_has_and_the_other_has_not() -> None:
    slices = _slices(View.CORONAL)
    (found,) = _cut([_ring(10.0, 0.0), _ring(20.0, 3.0)], slices, slices.count // 2)
    level = found.segments[found.segments[:, 1] == found.segments[:, 3]]
    at = _mm(slices, slices.count // 2, level[:, :2])[:, 2]
    widths = {
        round(float(z), 1): float(np.abs(level[at == z][:, 0] - level[at == z][:, 2]).sum()) for z in set(at)
    }
    assert {z: round(width) for z, width in widths.items()} == {-1.5: 20, 1.5: 20, 4.5: 40}


def test_across_a_hole__both_sides_of_the_hole_are_drawn() -> None:
    slices = _slices(View.SAGITTAL)
    (found,) = _cut([_ring(20.0, 0.0), _ring(8.0, 0.0)], slices, slices.count // 2)
    upright = found.segments[found.segments[:, 0] == found.segments[:, 2]]
    sides = sorted(_mm(slices, slices.count // 2, upright[:, :2])[:, 1].round(1).tolist())
    assert sides == [-20.0, -8.0, 8.0, 20.0]


def test_separate_pieces__are_closed_each() -> None:
    slices = slices_of(lattice("HFS", shape=(61, 51, 51), spacing_mm=(1.0, 1.0, 1.0)), View.CORONAL)
    (found,) = _cut([_ring(20.0, z) for z in (-15.0, -12.0, 12.0, 15.0)], slices, slices.count // 2)
    level = found.segments[np.isclose(found.segments[:, 1], found.segments[:, 3])]
    heights = sorted(_mm(slices, slices.count // 2, level[:, :2])[:, 2].round(1).tolist())
    assert heights == [-16.5, -10.5, 10.5, 16.5]
