"""Middles, area vectors and spans of contours, and how far they leave their planes: by numpy, by formula."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dosimetry.kernels.contour_measures import contour_measures, farthest_from_planes

VERSIONS = ["compiled", "plain"]


def _version(kernel: Callable[..., Any], version: str) -> Callable[..., Any]:
    return getattr(kernel, "py_func", kernel) if version == "plain" else kernel


def _together(contours: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate(contours), np.cumsum([0, *map(len, contours)])


@pytest.mark.parametrize("version", VERSIONS)
def test_contour_measures__agree_with_numpy_contour_by_contour(version: str) -> None:
    rng = np.random.default_rng(2)
    contours = [rng.normal(100, 20, (n, 3)) for n in (5, 1, 0, 2, 17)]
    middles, vectors, spans = _version(contour_measures, version)(*_together(contours))
    for n, points in enumerate(contours):
        if not len(points):
            assert not middles[n].any()
            continue
        around = points - points.mean(axis=0)
        crossed = np.cross(around, np.roll(around, -1, axis=0)).sum(axis=0) / 2
        np.testing.assert_allclose(middles[n], points.mean(axis=0))
        np.testing.assert_allclose(vectors[n], crossed, atol=1e-9)
        assert spans[n] == np.ptp(points, axis=0).max()


def test_contour_measures__of_a_square_far_away_are_its_area_along_the_normal() -> None:
    square = np.array([1e5, -1e5, 700.0]) + np.array([[0, 0, 0], [4, 0, 0], [4, 3, 0], [0, 3, 0]])
    middles, vectors, spans = contour_measures(*_together([square, square[::-1]]))
    np.testing.assert_allclose(middles, np.tile(square.mean(axis=0), (2, 1)))
    np.testing.assert_allclose(vectors, [[0, 0, 12], [0, 0, -12]], atol=1e-9)
    np.testing.assert_array_equal(spans, [4, 4])


@pytest.mark.parametrize("version", VERSIONS)
def test_farthest_from_planes__is_the_largest_distance(version: str) -> None:
    contours = [
        np.array([[0, 0, 5], [1, 0, 5.3], [0, 1, 4.9]]),
        np.array([[2, 0, 0], [2, 5, 0], [2, 0, 5.0]]),
    ]
    normals = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    middles = np.array([[0.0, 0.0, 5.0], [2.0, 0.0, 0.0]])
    farthest = _version(farthest_from_planes, version)
    found = farthest(*_together(contours), middles, normals)
    np.testing.assert_allclose(found, [0.3, 0.0])
