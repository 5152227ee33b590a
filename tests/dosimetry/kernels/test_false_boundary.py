"""Segments that bound something, against the even-odd rule with every segment asked."""

import numpy as np
import pytest

from dosimetry.kernels.even_odd import inside_points
from dosimetry.kernels.false_boundary import bounds_something

OFFSET = 0.05


def _closed(points: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.concatenate([points, np.roll(points, -1, axis=0)], axis=1))


def _naive(segments: np.ndarray) -> np.ndarray:
    along = segments[:, 2:] - segments[:, :2]
    length = np.linalg.norm(along, axis=1)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.where(length > 0, length, 1)[:, None]
    middle, reach = (segments[:, :2] + segments[:, 2:]) / 2, np.minimum(OFFSET, length / 4)[:, None]
    sides = [inside_points(segments, middle + sign * reach * across) for sign in (-1, 1)]
    bounds: np.ndarray = (sides[0] != sides[1]) & (length > 0)
    return bounds


@pytest.mark.parametrize("seed", range(5))
def test_bounds_something__is_what_every_segment_asked_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scribble = _closed(rng.uniform(-20, 20, (60, 2)))
    assert np.array_equal(bounds_something(scribble, OFFSET), _naive(scribble))


def test_bounds_something__there_and_back_bounds_nothing() -> None:
    way = np.random.default_rng(1).uniform(-20, 20, (9, 2))
    assert not bounds_something(_closed(np.concatenate([way, way[-2:0:-1]])), OFFSET).any()


def test_bounds_something__of_a_line_and_of_nothing() -> None:
    assert not bounds_something(_closed(np.array([[0.0, 1.0], [5.0, 1.0]])), OFFSET).any()
    assert len(bounds_something(np.empty((0, 4)), OFFSET)) == 0


def test_bounds_something__of_a_tall_zigzag_takes_no_more_memory_than_segments() -> None:
    up_and_down = np.column_stack([np.arange(20_000.0), np.tile([0.0, 300.0], 10_000)])
    comb = np.concatenate([up_and_down, [[20_000.0, -9.0], [0.0, -9.0]]])
    assert bounds_something(_closed(comb), OFFSET).all()
