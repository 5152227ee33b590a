"""Voxel centres that lie deep in a slab: each once, whatever the slices share by rounding."""

from __future__ import annotations

import numpy as np
import pytest

from dosimetry.kernels.extreme_nodes import nodes_inside

VERSIONS = [nodes_inside, getattr(nodes_inside, "py_func", nodes_inside)]


@pytest.mark.parametrize("kernel", VERSIONS)
def test_nodes_on_the_border_of_slices_that_overlap_by_rounding__count_once(kernel) -> None:  # type: ignore[no-untyped-def]
    """They were written twice into room for one each: memory behind it was overwritten, and a check died."""
    heights, thicknesses = np.array([0.0, 1.0]), np.full(2, 1.0 + 1e-12)
    points = np.column_stack([np.arange(64.0), np.zeros(64), np.full(64, 0.5)])
    everywhere = np.full((2, 2, 65), 10.0)
    place = np.arange(64), np.zeros(64, dtype=np.int64)
    found = kernel(points, *place, everywhere, 1.0, heights, thicknesses)
    np.testing.assert_array_equal(found, points)


@pytest.mark.parametrize("kernel", VERSIONS)
def test_nodes__in_no_slice_or_near_the_surface_are_left_out(kernel) -> None:  # type: ignore[no-untyped-def]
    points = np.array([[0.0, 0.0, 0.2], [1.0, 0.0, 0.4], [0.0, 0.0, 3.0]])
    distance = np.array([[[2.0, 2.0, 0.1], [2.0, 2.0, 0.1]]])
    column, row = np.array([0, 1, 0]), np.zeros(3, dtype=np.int64)
    found = kernel(points, column, row, distance, 1.0, np.array([0.5]), np.array([1.0]))
    np.testing.assert_array_equal(found, points[:1])
