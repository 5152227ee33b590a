"""Doses line up with slices: whichever way either grid lies, what is shown is what the engine reads there."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from dosimetry.accumulation.placed_grid import PlacedGrid
from dosimetry.grid import DoseGrid
from tests.web.lattices import WAYS, FloatArray, lattice, pixels_mm, voxel_centres_mm
from trial_core.domain.pictures import Lattice
from web.pictures.dose_cut import dose_on
from web.pictures.planes import View, slices_of

UNEVEN = (0.0, 2.0, 4.5, 6.0, 9.0, 13.0, 14.0)
OFFSETS = {"even": None, "uneven": UNEVEN, "descending": tuple(-each for each in UNEVEN)}


def _linear_gy(points_mm: FloatArray) -> FloatArray:
    """Trilinear interpolation gives this dose exactly, so every point has a known one."""
    found: FloatArray = 40.0 + points_mm @ np.array([0.31, -0.17, 0.23])
    return found


def _dose(one: Lattice, centres: FloatArray) -> NDArray[np.float32]:
    return np.asarray(_linear_gy(centres).reshape(one.shape), dtype=np.float32)


@pytest.mark.parametrize("offsets", OFFSETS)
@pytest.mark.parametrize("dose_way", WAYS)
@pytest.mark.parametrize("ct_way", WAYS)
def test_dose_on__shows_the_known_dose_of_each_point(ct_way: str, dose_way: str, offsets: str) -> None:
    ct = lattice(ct_way, shape=(9, 14, 12), spacing_mm=(1.7, 1.9, 2.9))
    own = lattice(dose_way, centre_mm=(2.3, -1.1, 0.7), offsets_mm=OFFSETS[offsets])
    values = _dose(own, voxel_centres_mm(own))
    seen = 0
    for view in View:
        slices = slices_of(ct, view)
        number = slices.count // 2
        points = pixels_mm(slices, number)
        shown = dose_on(values, own, slices, number)
        inside = _is_between_centres(own, points)
        np.testing.assert_allclose(shown[inside], _linear_gy(points)[inside], rtol=1e-5)
        seen += int(inside.sum())
    assert seen > 100


@pytest.mark.parametrize("offsets", OFFSETS)
@pytest.mark.parametrize("way", WAYS)
def test_dose_on__reads_as_the_engine_does_also_past_the_edge(way: str, offsets: str) -> None:
    ct = lattice("tilted", shape=(25, 40, 40), spacing_mm=(1.3, 1.3, 1.7), centre_mm=(1.0, 2.0, 3.0))
    own = lattice(way, offsets_mm=OFFSETS[offsets])
    values = np.random.default_rng(5).uniform(0, 60, own.shape).astype(np.float32)
    engine = PlacedGrid.of(_grid(own, values), np.eye(4))
    for view in View:
        slices = slices_of(ct, view)
        for number in range(0, slices.count, 6):
            points = np.ascontiguousarray(pixels_mm(slices, number).reshape(-1, 3))
            low, _, uncovered, _ = engine.at(points)
            shown = dose_on(values, own, slices, number).ravel()
            np.testing.assert_array_equal(np.isnan(shown), uncovered)
            np.testing.assert_allclose(shown[~uncovered], low[~uncovered], atol=2e-4)


def test_dose_on__one_plane_reaches_half_its_thickness() -> None:
    own = Lattice(
        shape=(1, 11, 13),
        index_to_scene_mm=lattice("HFS", shape=(1, 11, 13)).index_to_scene_mm,
        plane_thickness_mm=4.0,
    )
    values = np.full(own.shape, 7.0, dtype=np.float32)
    slices = slices_of(lattice("HFS", shape=(9, 5, 5), spacing_mm=(1.0, 1.0, 1.0)), View.AXIAL)
    known = [bool(np.isfinite(dose_on(values, own, slices, number)).all()) for number in range(9)]
    assert known == [False, False, True, True, True, True, True, False, False]


def test_dose_on__elsewhere_nothing_is_known() -> None:
    own = lattice("HFS", centre_mm=(500.0, 0.0, 0.0))
    slices = slices_of(lattice("FFS"), View.CORONAL)
    assert np.isnan(dose_on(np.ones(own.shape, np.float32), own, slices, 3)).all()


def _is_between_centres(own: Lattice, points: FloatArray) -> NDArray[np.bool_]:
    index = (points - np.array(own.index_to_scene_mm).reshape(4, 4)[:3, 3]) @ np.linalg.inv(
        np.array(own.index_to_scene_mm).reshape(4, 4)[:3, :3]
    ).T
    planes = own.plane_offsets_mm or tuple(range(own.shape[0]))
    low, high = np.array([0, 0, min(planes)]), np.array([own.shape[2] - 1, own.shape[1] - 1, max(planes)])
    inside: NDArray[np.bool_] = ((index >= low) & (index <= high)).all(axis=-1)
    return inside


def _grid(own: Lattice, values: NDArray[np.float32]) -> DoseGrid:
    offsets = None if own.plane_offsets_mm is None else np.array(own.plane_offsets_mm)
    return DoseGrid(
        values.astype(np.float64), np.array(own.index_to_scene_mm).reshape(4, 4), plane_offsets_mm=offsets
    )
