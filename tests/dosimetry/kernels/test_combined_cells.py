"""Cells that several surfaces cross: shares and points against many points of straight lines."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dosimetry.kernels.coinciding import let_coincide
from dosimetry.kernels.combined_cells import combined_cells, combined_distance
from dosimetry.kernels.region_program import (
    DIFFERENCE,
    INTERSECTION,
    UNION,
    combined_bits,
    combined_depth,
)

VERSIONS = ["compiled", "plain"]
STEP, SIZE = 0.5, 24
WHERE = (-6.0, -6.0, STEP)
HEIGHTS, THICKNESSES = np.array([0.0, 0.5]), np.array([0.5, 0.5])
OPERATIONS: dict[int, Callable[..., Any]] = {
    UNION: np.logical_or,
    INTERSECTION: np.logical_and,
    DIFFERENCE: lambda a, b: a & ~b,
}
CELL_CC = STEP**2 * 0.5 / 1000


def _version(kernel: Callable[..., Any], version: str) -> Callable[..., Any]:
    plain: Callable[..., Any] = getattr(kernel, "py_func", kernel)
    return plain if version == "plain" else kernel


def _half_plane(angle: float, offset: float) -> np.ndarray:
    """Depth (2, SIZE, SIZE) in a half plane, the same in both slices."""
    v, u = np.meshgrid(*[WHERE[0] + STEP * np.arange(SIZE)] * 2, indexing="ij")
    depth = np.cos(angle) * u + np.sin(angle) * v - offset
    return np.stack([depth, depth])


def _area_mm2(planes: list[tuple[float, float]], operation: int) -> float:
    """What two half planes leave of the raster's cells, by 25 points a cell and direction."""
    fine = WHERE[0] - STEP / 2 + (np.arange(SIZE * 25) + 0.5) * STEP / 25
    v, u = np.meshgrid(fine, fine, indexing="ij")
    one, other = (np.cos(a) * u + np.sin(a) * v > offset for a, offset in planes)
    return float(OPERATIONS[operation](one, other).sum()) * (STEP / 25) ** 2


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_program__does_on_bits_and_depths_what_numpy_does(version: str, operation: int) -> None:
    program = np.array([0, 1, operation, 2, DIFFERENCE])
    bits = np.array([0b11001100, 0b10101010, 0b00001111], dtype=np.uint64)
    depths = np.array([1.5, -0.5, -0.25])
    found = _version(combined_bits, version)(program, bits, np.empty(3, dtype=np.uint64))
    depth = _version(combined_depth, version)(program, depths, np.empty(3))
    rows = [np.array([int(row) >> n & 1 for n in range(8)], dtype=bool) for row in bits]
    wanted = OPERATIONS[operation](rows[0], rows[1]) & ~rows[2]
    assert int(found) == sum(int(bit) << n for n, bit in enumerate(wanted.tolist()))
    inside = OPERATIONS[operation](depths[0] > 0, depths[1] > 0) & ~(depths[2] > 0)
    assert (depth > 0) == bool(inside)


@pytest.mark.parametrize("version", VERSIONS)
def test_combined_distance__is_the_smaller_or_larger_where_surfaces_are_apart(version: str) -> None:
    depths = np.stack([_half_plane(0.0, -3.1), _half_plane(np.pi, -3.1)])
    both = _version(combined_distance, version)(depths, np.array([0, 1, INTERSECTION]), STEP, 0)
    np.testing.assert_array_equal(both, np.minimum(*depths))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("film_mm", [0.03, 0.1, 0.3, 0.7, 2.0])
@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 4])
def test_surfaces_side_by_side__leave_what_lies_between_them(
    operation: int, film_mm: float, angle: float
) -> None:
    planes = [(angle, 0.13), (angle + np.pi, -0.13 - film_mm)]
    wanted = _area_mm2(planes, operation)
    found = _volume_cc(planes, operation)
    # The raster's rim, which cuts the half planes, is as rough as a cell: 0.8 of 288 mm^2.
    assert found / (CELL_CC / STEP**2) == pytest.approx(2 * wanted, abs=0.8)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("angle", [0.4, 1.2, 2.5])
def test_surfaces_that_cross__leave_their_wedge(operation: int, angle: float) -> None:
    planes = [(0.1, 0.13), (0.1 + angle, 0.2)]
    wanted = 2 * _area_mm2(planes, operation)
    assert _volume_cc(planes, operation) / (CELL_CC / STEP**2) == pytest.approx(wanted, rel=0.005)


def _volume_cc(planes: list[tuple[float, float]], operation: int) -> float:
    return float(_cells(planes, operation)[1].sum())


def _cells(planes: list[tuple[float, float]], operation: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    depths, program = np.stack([_half_plane(*plane) for plane in planes]), np.array([0, 1, operation])
    distance = combined_distance(depths, program, STEP, 3)
    return combined_cells(depths, program, distance, *WHERE, HEIGHTS, THICKNESSES, 3)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_points__lie_in_the_region_and_its_surface_points_on_a_surface(operation: int) -> None:
    planes = [(0.3, 0.13), (0.3 + np.pi, -0.4)]
    points, volume, surface = _cells(planes, operation)
    depth = np.stack([np.cos(a) * points[:, 0] + np.sin(a) * points[:, 1] - o for a, o in planes])
    within = STEP / 10 * np.array([-1, 1 if operation == DIFFERENCE else -1])
    assert OPERATIONS[operation](*(depth > within[:, None])).all()
    assert (volume > 0).all()
    nearest = np.min(
        [abs(np.cos(a) * surface[:, 0] + np.sin(a) * surface[:, 1] - o) for a, o in planes], axis=0
    )
    assert len(nearest) == 0 or nearest.max() < STEP / 100  # at the rim the gradient is one-sided


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_surfaces_within_the_tolerance__become_one(version: str, side: float) -> None:
    one = _half_plane(0.3, 0.1)
    depths = np.stack([one, side * (one + 0.015)])
    nowhere = np.full((2, SIZE, SIZE), -np.inf)
    _version(let_coincide, version)(depths, nowhere, nowhere, 0.4, 0.02, 0.02)
    near = abs(one) < 0.4
    np.testing.assert_array_equal(depths[1][near], side * one[near])


@pytest.mark.parametrize("planes_mm", [(0.0, 0.0), (0.0, 0.1)], ids=["one at both planes", "at one plane"])
def test_surfaces_drawn_apart_between_planes__are_one_where_they_are_at_both(
    planes_mm: tuple[float, float],
) -> None:
    one = _half_plane(0.3, 0.1)
    depths = np.stack([one, one + 0.2])
    low, high = (np.stack([one[0], one[0] + apart]) for apart in planes_mm)
    let_coincide(depths, low, high, 0.4, 0.02, 0.5)
    changed = (depths[1] == one)[abs(one) < 0.3]
    assert changed.all() if max(planes_mm) == 0 else not changed.any()


def test_surfaces_that_only_cross__stay_as_they_are() -> None:
    depths = np.stack([_half_plane(0.0, 0.1), _half_plane(np.pi / 2, 0.1)])
    before = depths.copy()
    nowhere = np.full((2, SIZE, SIZE), -np.inf)
    let_coincide(depths, nowhere, nowhere, 0.4, 0.02, 0.02)
    np.testing.assert_array_equal(depths, before)
