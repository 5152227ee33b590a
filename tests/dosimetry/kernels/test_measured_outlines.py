"""Outlines measured many at a time: against one by one, shapes whose measures are known, and plain Python."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosimetry.kernels.enclosed_area import enclosed_area
from dosimetry.kernels.false_boundary import bounds_something
from dosimetry.kernels.measured_outlines import closed_segments, measured_outlines
from dosimetry.kernels.plane_profile import plane_profile, plane_profiles

VERSIONS = ["compiled", "plain"]
OFFSET, LINES = 0.05, 64
RASTER = (-9.0, -8.0, 0.9)


def _version(kernel: Callable[..., Any], version: str) -> Callable[..., Any]:
    return getattr(kernel, "py_func", kernel) if version == "plain" else kernel


def _segments(polygon: np.ndarray) -> np.ndarray:
    return np.concatenate([polygon, np.roll(polygon, -1, axis=0)], axis=1)


def _circle(radius: float, middle: tuple[float, float] = (0.0, 0.0), points: int = 90) -> np.ndarray:
    angle = np.arange(points) * 2 * np.pi / points
    return np.array(middle) + radius * np.column_stack([np.cos(angle), np.sin(angle)])


def _star(rng: np.random.Generator) -> np.ndarray:
    points = int(rng.integers(3, 30))
    return _circle(1.0, points=points) * rng.uniform(2, 8, (points, 1)) + rng.uniform(-3, 3, 2)


def _starts(arrays: list[np.ndarray]) -> np.ndarray:
    return np.cumsum([0, *map(len, arrays)])


@pytest.mark.parametrize("version", VERSIONS)
def test_closed_segments__close_each_polygon_and_leave_repeated_points_out(version: str) -> None:
    one, other = np.array([[0, 0], [1, 0], [1, 0], [0, 1.0], [0, 0]]), np.array([[5, 5], [6, 5], [5, 6.0]])
    together, starts = np.concatenate([one, other]), _starts([one, other])
    segments, places = _version(closed_segments, version)(together, starts)
    np.testing.assert_array_equal(places, [0, 3, 6])
    np.testing.assert_array_equal(segments[:3], _segments(one[[0, 1, 3]]))
    np.testing.assert_array_equal(segments[3:], _segments(other))


@pytest.mark.parametrize("version", VERSIONS)
def test_measured_outlines__of_circles_are_their_formulas(version: str) -> None:
    outlines = [_segments(_circle(radius, (radius, -radius))) for radius in (2.0, 5.0)]
    measured = _version(measured_outlines, version)
    _, _, areas, radii = measured(np.concatenate(outlines), _starts(outlines), OFFSET, LINES)
    np.testing.assert_allclose(areas, np.pi * np.array([4.0, 25.0]), rtol=5e-3)
    np.testing.assert_allclose(radii, [2.0, 5.0], rtol=2e-3)


def test_measured_outlines__of_a_keyhole_leave_its_channel_out_and_of_a_line_everything() -> None:
    outer, inner = _circle(6.0), _circle(3.0)[::-1]
    keyhole = _segments(np.concatenate([outer, outer[:1], inner[-1:], inner]))
    line = _segments(np.array([[0.0, 0.0], [4.0, 0.0], [8.0, 0.0], [4.0, 0.0]]))
    outlines = [keyhole, line]
    boundaries, places, areas, radii = measured_outlines(
        np.concatenate(outlines), _starts(outlines), OFFSET, LINES
    )
    assert places[0] < places[1] < len(keyhole)
    assert (places[2], areas[1], radii[1]) == (places[1], 0.0, 0.0)
    assert areas[0] == pytest.approx(np.pi * 27, rel=0.01)
    assert radii[0] == pytest.approx(1.5, rel=0.01)
    assert not ((boundaries[:, 1] == 0) & (boundaries[:, 3] == 0)).any()


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_measured_outlines__do_not_depend_on_the_others(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outlines = [_segments(_star(rng)) for _ in range(4)]
    boundaries, places, areas, radii = measured_outlines(
        np.concatenate(outlines), _starts(outlines), OFFSET, LINES
    )
    for n, outline in enumerate(outlines):
        alone = measured_outlines(outline, _starts([outline]), OFFSET, LINES)
        expected = outline[bounds_something(outline, OFFSET)]
        np.testing.assert_array_equal(boundaries[places[n] : places[n + 1]], expected)
        assert (areas[n], radii[n]) == (alone[2][0], alone[3][0])


def test_measured_outlines__plain_python_gives_the_same_bits() -> None:
    rng = np.random.default_rng(3)
    outlines = [_segments(_star(rng)) for _ in range(2)]
    arguments = np.concatenate(outlines), _starts(outlines), OFFSET, LINES
    plain = _version(measured_outlines, "plain")(*arguments)
    for one, other in zip(measured_outlines(*arguments), plain, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("version", VERSIONS)
def test_enclosed_area__of_a_comb_is_that_of_its_teeth(version: str) -> None:
    teeth = [np.array([[x, 0], [x + 0.5, 0], [x + 0.5, 9], [x, 9.0]]) for x in np.arange(40.0)[::-1]]
    comb = np.concatenate([_segments(tooth) for tooth in teeth])
    area, *_ = _version(enclosed_area, version)(comb, LINES)
    assert area == pytest.approx(40 * 0.5 * 9)


@pytest.mark.parametrize("version", VERSIONS)
def test_plane_profiles__are_those_of_each_plane(version: str) -> None:
    planes = [[_circle(5.0)], [_circle(2.0, (-4, 0)), _circle(3.0, (4, 1))]]
    radii = [np.array([5.0]), np.array([2.0, 3.0])]
    parts = [[_segments(polygon) for polygon in plane] for plane in planes]
    outlines = [np.concatenate(plane) for plane in parts]
    numbers = [np.repeat(np.arange(len(plane)), [len(part) for part in plane]) for plane in parts]
    starts = np.array([[0, 0, 0], [90, 90, 1], [270, 270, 3]])
    shape = (2, 19, 21)
    kinds = (np.float64, np.float64, np.int64, np.int32)
    found: list[np.ndarray] = [np.empty(shape, kind) for kind in kinds]
    every = np.concatenate(outlines)
    given_all = (every, every, np.concatenate(numbers), np.concatenate(radii), starts)
    _version(plane_profiles, version)(*given_all, *RASTER, *found)
    for p in range(2):
        alone = plane_profile(outlines[p], outlines[p], numbers[p], radii[p], *RASTER, *shape[1:])
        for one, other in zip(found, alone, strict=True):
            np.testing.assert_array_equal(one[p], other)
