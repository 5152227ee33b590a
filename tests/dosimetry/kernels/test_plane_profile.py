"""The profile of a plane against its formula, and extreme voxels against every neighbour tried."""

from itertools import product

import numpy as np
import pytest

from dosimetry.kernels.even_odd import inside_raster
from dosimetry.kernels.extreme_nodes import extreme_nodes, nodes_inside, nodes_on_raster
from dosimetry.kernels.plane_profile import plane_profile, plane_profiles
from dosimetry.kernels.polygon_distance import nearest_segments

VERSIONS = ["compiled", "plain"]
RASTER = (-9.0, -8.0, 0.9, 19, 21)


def _version(kernel: object, version: str) -> object:
    return getattr(kernel, "py_func", kernel) if version == "plain" else kernel


def _square(middle: float, half: float) -> np.ndarray:
    corners = middle + half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1.0]])
    return np.concatenate([corners, np.roll(corners, -1, axis=0)], axis=1)


@pytest.mark.parametrize("version", VERSIONS)
def test_plane_profile__is_its_formula_with_the_nearest_parts_radius(version: str) -> None:
    outline = np.concatenate([_square(-4.0, 3.0), _square(4.0, 2.0)])
    number, radii = np.repeat([0, 1], 4), np.array([3.0, 1.5])
    profile = _version(plane_profile, version)
    value, square, part, nearest = profile(outline, outline, number, radii, *RASTER)  # type: ignore[operator]
    distance, segment = nearest_segments(outline, *RASTER)
    f = np.where(inside_raster(outline, *RASTER), distance, -distance)
    rho = np.maximum(radii[number[segment]], f)
    np.testing.assert_array_equal(nearest, segment)
    np.testing.assert_array_equal(part, number[segment])
    np.testing.assert_allclose(value, f * (2 * rho - f))
    np.testing.assert_allclose(square, rho**2)
    assert square.max() > radii[0] ** 2 - 1e-9
    assert (np.sqrt(square) >= f).all()


@pytest.mark.parametrize("version", VERSIONS)
def test_plane_profiles__pass_over_a_plane_without_parts(version: str) -> None:
    # Of holes, which are on some planes alone: read all the same, its segment -1 was memory of somebody else.
    outline, number, radii = _square(0.0, 3.0), np.zeros(4, np.int64), np.array([3.0])
    starts = np.array([[0, 0, 0], [0, 0, 0], [4, 4, 1], [4, 4, 1]])
    every = (3, *RASTER[3:])
    value, square = np.full(every, 7.0), np.full(every, 7.0)
    part, nearest = np.full(every, 7, np.int64), np.full(every, 7, np.int32)
    found = value, square, part, nearest
    _version(plane_profiles, version)(outline, outline, number, radii, starts, *RASTER[:3], *found)  # type: ignore[operator]
    one = plane_profile(outline, outline, number, radii, *RASTER)
    for written, expected in zip(found, one, strict=True):
        np.testing.assert_array_equal(written[1], expected)
        assert (written[[0, 2]] == 7).all()


@pytest.mark.parametrize("version", VERSIONS)
def test_extreme_nodes__agree_with_every_neighbour_tried(version: str) -> None:
    values = np.random.default_rng(7).integers(0, 4, (5, 6, 7)).astype(np.float64)
    expected = []
    for index in product(*map(range, values.shape)):
        beside = [np.add(index, side * step) for step in np.eye(3, dtype=int) for side in (-1, 1)]
        there = [values[tuple(at)] for at in beside if (at >= 0).all() and (at < values.shape).all()]
        if (max(there) > values[index]) != (min(there) < values[index]):
            expected.append(index)
    found = _version(extreme_nodes, version)(values)  # type: ignore[operator]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("version", VERSIONS)
def test_extreme_nodes__of_one_plane_of_two_by_two_voxels(version: str) -> None:
    found = _version(extreme_nodes, version)(np.array([[[1.0, 2.0], [2.0, 2.0]]]))  # type: ignore[operator]
    np.testing.assert_array_equal(found, [[0, 0, 0], [0, 0, 1], [0, 1, 0]])


@pytest.mark.parametrize("version", VERSIONS)
def test_nodes_inside__lie_deep_at_all_four_raster_points_around_them(version: str) -> None:
    points = np.array([[0.5, 0.5, 0.9], [0.5, 0.5, 1.1], [1.5, 0.5, 1.1], [0.5, 1.5, 2.4], [0.5, 0.5, 2.6]])
    column, row = points[:, 0].astype(np.int64), points[:, 1].astype(np.int64)
    distance = np.full((2, 3, 3), 0.6)
    distance[0, 0, 2] = 0.4
    inside = _version(nodes_inside, version)
    found = inside(points, column, row, distance, 1.0, np.array([1.25, 2.0]), np.array([0.5, 1.0]))  # type: ignore[operator]
    np.testing.assert_array_equal(found, points[[1, 3]])


@pytest.mark.parametrize("version", VERSIONS)
def test_nodes_on_raster__are_those_between_its_points_in_their_order(version: str) -> None:
    u0, v0, step, nv, nu = RASTER[0], RASTER[1], RASTER[2], RASTER[3], RASTER[4]
    points = np.random.default_rng(3).uniform(-14, 14, (200, 3))
    found, column, row = _version(nodes_on_raster, version)(points, u0, v0, step, nv, nu)  # type: ignore[operator]
    u, v = (points[:, 0] - u0) / step, (points[:, 1] - v0) / step
    within = (u >= 0) & (u < nu - 1) & (v >= 0) & (v < nv - 1)
    assert 0 < within.sum() < len(points)
    np.testing.assert_array_equal(found, points[within])
    np.testing.assert_array_equal(column, np.floor(u[within]))
    np.testing.assert_array_equal(row, np.floor(v[within]))
