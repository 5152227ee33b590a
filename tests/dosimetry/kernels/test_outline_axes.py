"""Axes, boxes and shared areas of outlines, compiled and plain, against numpy."""

import numpy as np
import pytest

from dosimetry.kernels.even_odd import boxes_meet, inside_raster, shared_of_union
from dosimetry.kernels.outline_axes import extent_along, in_unit_box, principal_angle


def _closed(points: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.concatenate([points, np.roll(points, -1, axis=0)], axis=1))


def _ellipse(angle: float, middle: tuple[float, float] = (3.0, -2.0)) -> np.ndarray:
    t = np.arange(40) * 2 * np.pi / 40
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return _closed(np.stack([9 * np.cos(t), 4 * np.sin(t)], axis=1) @ turn + middle)


@pytest.mark.parametrize("angle", [-1.2, 0.0, 0.3, 1.5])
def test_principal_angle__is_the_ellipses(angle: float) -> None:
    for version in (principal_angle, getattr(principal_angle, "py_func", principal_angle)):
        assert version(_ellipse(angle)) == pytest.approx(angle, abs=1e-9)


def test_extent_along__and_unit_box_agree_with_numpy() -> None:
    outline, axes = _ellipse(0.4), np.array([[0.8, 0.6], [-0.6, 0.8]])
    low, high = extent_along(outline, axes)
    places = outline[:, :2] @ axes.T
    assert np.allclose([low, high], [places.min(axis=0), places.max(axis=0)], atol=1e-12)
    boxed = in_unit_box(outline, axes, (low + high) / 2, (high - low) / 2)
    assert np.allclose([boxed.min(axis=0), boxed.max(axis=0)], [[-1] * 4, [1] * 4], atol=1e-12)


def test_shared_of_union__counts_cells_as_the_raster_says() -> None:
    one, other = (_ellipse(angle, (0.1, 0.0)) / 10 for angle in (0.0, 0.7))
    rasters = [inside_raster(each, -0.95, -0.95, 0.1, 20, 20) for each in (one, other)]
    expected = (rasters[0] & rasters[1]).sum() / (rasters[0] | rasters[1]).sum()
    for version in (shared_of_union, getattr(shared_of_union, "py_func", shared_of_union)):
        assert version(one, other, 20) == pytest.approx(expected, rel=1e-12)


def test_boxes_meet__where_they_touch_and_not_beyond() -> None:
    square = _closed(np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]))
    for far, expected in ((1.0, True), (1.5, False)):
        assert boxes_meet(square, square + np.array([far, 0, far, 0])) == expected
        assert boxes_meet(square + np.array([0, far, 0, far]), square) == expected
