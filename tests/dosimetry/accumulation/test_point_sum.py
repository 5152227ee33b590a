"""The sum at points, which verdicts are made of, is the sum on voxels at their centres."""

from itertools import product

import numpy as np
import pytest

from dosimetry.accumulation.deformation import Deformation
from dosimetry.accumulation.dose_sum import Uncovered, sum_doses
from dosimetry.accumulation.point_sum import Dose, DoseLayer, PointDoses, extreme_points_mm
from dosimetry.grid import DoseGrid
from tests.dosimetry.accumulation.test_dose_sum import FRAME, LAYERS, rigid

CENTRES = np.concatenate([FRAME.centres_mm(k).reshape(-1, 3) for k in range(FRAME.shape[0])])


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("alpha_beta", [None, 3.0], ids=["physical", "EQD2"])
def test_point_sum__agrees_with_the_voxels_in_both_bounds(name: str, alpha_beta: float | None) -> None:
    layers = (LAYERS[name], LAYERS["turned"])
    turned = rigid(25.0)[:3, :3]
    found = PointDoses(CENTRES @ turned.T, turned).of(Dose(layers, alpha_beta))
    low, high = (sum_doses(FRAME, layers, alpha_beta, uncovered=bound) for bound in Uncovered)
    np.testing.assert_allclose(found.low_gy, low.values_gy.ravel(), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(found.high_gy, high.values_gy.ravel(), rtol=1e-10, atol=1e-10)
    np.testing.assert_array_equal(found.uncovered, low.missing_plans.ravel() > 0)
    np.testing.assert_array_equal(found.covered_by_none, low.missing_plans.ravel() == 2)


def test_extreme_points__of_a_deformed_plan_are_where_its_field_finds_them() -> None:
    layer = LAYERS["deformed"]
    points = extreme_points_mm(layer, np.eye(3))
    found = PointDoses(points, np.eye(3)).of(Dose((layer,)))
    nodes = layer.grid.values_gy[tuple(layer.grid.extreme_nodes.T)]
    assert 0 < len(points) <= len(nodes)
    assert np.abs(nodes[:, None] - found.low_gy).min(axis=0).max() < 0.5
    assert np.median(np.abs(nodes[:, None] - found.low_gy).min(axis=0)) < 0.05


def test_extreme_points__of_a_smooth_deformation_are_all_found() -> None:
    """A field that swells the anatomy by 12 % about a point: its inverse is known."""
    corner = np.array([-60.0, -60.0, -60.0])
    affine = np.diag([10.0, 10.0, 10.0, 1.0])
    affine[:3, 3] = corner
    at = corner + 10.0 * np.stack(np.meshgrid(*[np.arange(13.0)] * 3, indexing="ij")[::-1], axis=-1)
    swelling = Deformation((0.12 * at).astype(np.float32), affine)
    grid = DoseGrid(np.random.default_rng(2).uniform(0, 60, (9, 10, 11)), np.diag([3.0, 3.0, 3.0, 1.0]))
    layer = DoseLayer(grid, 5, deformation=swelling)
    nodes = grid.voxel_centres_mm()[tuple(grid.extreme_nodes.T)]
    np.testing.assert_allclose(extreme_points_mm(layer, np.eye(3)), nodes / 1.12, atol=0.01)
    doses = PointDoses(extreme_points_mm(layer, np.eye(3)), np.eye(3)).of(Dose((layer,))).low_gy
    np.testing.assert_allclose(doses, grid.values_gy[tuple(grid.extreme_nodes.T)], atol=0.5)


def test_extreme_points__where_the_field_says_nothing_are_left_out() -> None:
    affine = np.diag([10.0, 10.0, 10.0, 1.0])
    field = Deformation(np.zeros((3, 3, 3, 3), np.float32), affine)
    grid = DoseGrid(np.random.default_rng(3).uniform(0, 60, (9, 10, 11)), np.diag([3.0, 3.0, 3.0, 1.0]))
    points = extreme_points_mm(DoseLayer(grid, 5, deformation=field), np.eye(3))
    inside = (grid.voxel_centres_mm()[tuple(grid.extreme_nodes.T)] <= 25).all(axis=1)
    assert len(points) == inside.sum() < len(inside)


def test_extreme_points__are_kept_for_a_frame_and_a_place_and_not_for_another() -> None:
    grid = DoseGrid(np.random.default_rng(3).uniform(0, 60, (4, 5, 6)), np.diag([3.0, 3.0, 3.0, 1.0]))
    frames, places = (np.eye(3), np.eye(3)[[1, 2, 0]]), (np.eye(4), rigid(25.0))
    for _ in range(2):
        for frame, place in product(frames, places):
            found = extreme_points_mm(DoseLayer(grid, 5, 1.0, place), frame)
            again = extreme_points_mm(DoseLayer(grid, 28, 0.5, place), frame)
            nodes = grid.voxel_centres_mm()[tuple(grid.extreme_nodes.T)]
            in_dose = np.column_stack([found @ frame, np.ones(len(found))]) @ place.T
            np.testing.assert_allclose(in_dose[:, :3], nodes, atol=1e-9)
            assert again is found
