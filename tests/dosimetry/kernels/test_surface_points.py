"""Points on the surface of a slice: on it, and not past the corners of an outline that was squeezed."""

import numpy as np
import pytest

from dosimetry.kernels.cell_samples import cell_samples
from dosimetry.kernels.moved_outline import moved_outline

STEP = 0.86


def _surface(distance: np.ndarray) -> np.ndarray:
    first = -STEP * (distance.shape[-1] - 1) / 2
    _, _, surface = cell_samples(distance, first, first, STEP, np.zeros(1), np.ones(1), 0)
    return np.asarray(surface[:, :2])


def _grid(points: int) -> np.ndarray:
    at = STEP * (np.arange(points) - (points - 1) / 2)
    return np.stack(np.meshgrid(at, at), axis=-1)


def test_surface_points__of_a_circle_lie_on_it() -> None:
    distance = 12.0 - np.linalg.norm(_grid(41), axis=-1)
    radii = np.linalg.norm(_surface(distance[None]), axis=1)
    assert np.abs(radii - 12.0).max() < 0.01


@pytest.mark.parametrize(("squeezed", "steps"), [(0.3, 0.2), (0.4, 0.03), (0.5, 0.02), (1.0, 0.001)])
@pytest.mark.parametrize("offset", np.linspace(0.0, STEP, 7))
def test_surface_points__of_a_squeezed_square_stay_near_its_corners(
    squeezed: float, steps: float, offset: float
) -> None:
    grid = np.abs(_grid(41))
    outside = np.linalg.norm(np.maximum(grid - 12.0, 0.0), axis=-1)
    distance = np.where(outside > 0, -outside, (12.0 - grid).min(axis=-1))
    first, scales = -STEP * 20, np.array([[squeezed, 1.0]])
    place = (first, first, STEP, np.eye(2), np.zeros(2), np.full(2, 12.0), np.array([[offset, 0.0]]))
    moved = moved_outline(distance, *place, scales)
    beyond = np.abs(_surface(moved) - [offset, 0.0]) - 12.0 * scales[0]
    assert beyond.max() < steps * STEP
