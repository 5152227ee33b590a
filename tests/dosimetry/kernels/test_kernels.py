"""Each kernel against a naive reference, compiled and as plain Python."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

from dosimetry.kernels.between_sections import (
    blend,
    kink,
    lesser_curvature,
    profile_distance,
    solid_between,
    solid_kinked,
)
from dosimetry.kernels.cell_samples import cell_samples
from dosimetry.kernels.enclosed_area import enclosed_area
from dosimetry.kernels.even_odd import any_along_inside, inside_points, inside_raster
from dosimetry.kernels.isodose_volume import isodose_volume
from dosimetry.kernels.moved_outline import draw_blended, moved_outline
from dosimetry.kernels.polygon_distance import inscribed_radius, nearest_segments
from dosimetry.kernels.sorted_doses import sorted_doses
from dosimetry.kernels.trilinear import trilinear
from tests.support.closed_forms import Shape, contour


def _plain(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The Python function of a kernel."""
    return getattr(kernel, "py_func", kernel)


def _both(kernel: Callable[..., Any]) -> list[Callable[..., Any]]:
    return [kernel, _plain(kernel)]


def _star(seed: int, points: int = 24) -> np.ndarray:
    rng = np.random.default_rng(seed)
    angle = np.arange(points) * 2 * np.pi / points
    radius = rng.uniform(3, 9, points)
    polygon = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return np.concatenate([polygon, np.roll(polygon, -1, axis=0)], axis=1)


def _naive_distance(segments: np.ndarray, point: np.ndarray) -> float:
    a, b = segments[:, :2], segments[:, 2:]
    along = b - a
    t = np.clip(((point - a) * along).sum(axis=1) / (along * along).sum(axis=1), 0, 1)
    return float(np.linalg.norm(point - a - t[:, None] * along, axis=1).min())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("version", [0, 1], ids=["compiled", "plain"])
def test_nearest_segments__agree_with_every_segment_tried(seed: int, version: int) -> None:
    segments = _star(seed)
    distance, _ = _both(nearest_segments)[version](segments, -11.0, -11.0, 1.0, 23, 23)
    for j in range(0, 23, 2):
        for i in range(23):
            expected = _naive_distance(segments, np.array([-11.0 + i, -11.0 + j]))
            assert distance[j, i] == pytest.approx(expected, abs=0.05)


def test_nearest_segments__outside_the_raster_are_seen_from_its_edge() -> None:
    segments = np.array([[100.0, -50, 100, 50]])
    distance, _ = nearest_segments(segments, 0.0, 0.0, 1.0, 5, 5)
    np.testing.assert_allclose(distance, np.tile(100.0 - np.arange(5), (5, 1)))


@pytest.mark.parametrize("seed", range(3))
def test_inside_raster__agrees_with_points_and_with_plain_python(seed: int) -> None:
    segments = _star(seed)
    grid = np.stack(np.meshgrid(np.arange(-10.3, 10, 0.7), np.arange(-10.3, 10, 0.7)), axis=-1)
    points = grid.reshape(-1, 2)
    rows, columns = grid.shape[:2]
    found = inside_raster(segments, -10.3, -10.3, 0.7, rows, columns)
    np.testing.assert_array_equal(found.ravel(), inside_points(segments, points))
    np.testing.assert_array_equal(found, _plain(inside_raster)(segments, -10.3, -10.3, 0.7, rows, columns))
    np.testing.assert_array_equal(inside_points(segments, points), _plain(inside_points)(segments, points))


@pytest.mark.parametrize("seed", range(6))
def test_any_along_inside__agrees_with_all_points_tried(seed: int) -> None:
    one = _star(seed)
    for away in (0.0, 5.0, 12.0, 30.0):
        other = _star(seed + 20) + away
        along = np.concatenate(
            [other[:, :2] + t * (other[:, 2:] - other[:, :2]) for t in (0, 0.25, 0.5, 0.75)]
        )
        expected = bool(inside_points(one, along).any())
        assert [version(one, other, 4) for version in _both(any_along_inside)] == [expected] * 2


def test_inscribed_radius__of_a_circle_and_a_strip() -> None:
    circle = contour(Shape.SPHERE, 5, 0)[:, :2]
    strip = np.array([[-20, -2], [20, -2], [20, 2], [-20, 2.0]])
    for polygon, radius in ((circle, 5.0), (strip, 2.0)):
        segments = np.concatenate([polygon, np.roll(polygon, -1, axis=0)], axis=1)
        for version in _both(inscribed_radius):
            found = version(segments, segments, np.array([0.5, 0.3]), 2.0)
            assert found == pytest.approx(radius, abs=2e-3)


def test_inscribed_radius__stays_in_the_outline_where_its_boundary_is_open() -> None:
    corners = np.array([[82.18, -278.58], [82.09, -278.54], [82.18, -278.50]])
    speck = np.concatenate([corners, np.roll(corners, -1, axis=0)], axis=1)
    for version in _both(inscribed_radius):
        assert 0.01 < version(speck, speck[:2], np.array([82.15, -278.54]), 0.04) < 0.05


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_trilinear__agrees_with_scipy_inside(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0, 60, (4, 5, 6))
    planes = np.sort(rng.uniform(0, 10, 4))
    planes = planes + np.arange(4)
    points = rng.uniform([0, 0, planes[0]], [5, 4, planes[-1]], (50, 3))
    identity = np.eye(4)[:3].copy()
    low, high, uncovered, beyond = trilinear(
        points, identity, values, planes, np.full((3, 2), 0.5), np.zeros((3, 2)), np.ones(3)
    )
    axes = (planes, np.arange(5.0), np.arange(6.0))
    np.testing.assert_allclose(low, RegularGridInterpolator(axes, values)(points[:, ::-1]), rtol=1e-12)
    np.testing.assert_array_equal(low, high)
    assert not uncovered.any()
    assert not beyond.any()


def test_trilinear__plain_python_gives_the_same_bits() -> None:
    rng = np.random.default_rng(1)
    values, points = rng.uniform(0, 60, (4, 5, 6)), rng.uniform(-2, 8, (60, 3))
    arguments = (
        *(points, np.eye(4)[:3].copy(), values, np.arange(4.0)),
        *(np.full((3, 2), 0.5), np.ones((3, 2)), np.ones(3)),
    )
    for compiled, plain in zip(trilinear(*arguments), _plain(trilinear)(*arguments), strict=True):
        np.testing.assert_array_equal(compiled, plain)


def test_profiles__of_a_sphere_are_met_exactly() -> None:
    radius, x = 10.0, np.array([-3.0, 0.0, 3.0, 6.0])
    r = np.linspace(0, 12, 7)[None, :]
    planes = [radius**2 - at**2 - r**2 for at in x]
    bend = np.full_like(r, -1.0)
    for version in _both(blend):
        np.testing.assert_allclose(
            version(planes[1], planes[2], bend, 0.0, 3.0, 1.2), radius**2 - 1.44 - r**2
        )
    square = np.full_like(r, radius**2)
    for version in _both(profile_distance):
        np.testing.assert_allclose(version(planes[1], square), radius - r, atol=1e-12)


def test_lesser_curvature__takes_the_known_and_the_smaller() -> None:
    x = np.array([-2.0, 0.0, 1.0, 4.0])
    one, other = np.array([[1.0, -2.0, 3.0, 4.0, 5.0]]), np.array([[2.0, -1.0, -3.0, 9.0, 9.0]])
    low, rise = np.zeros_like(one), 0.7
    before, after = 3 * one * 2 - rise * 2, (4 * other + rise) * 3 + rise
    one_known = np.array([[True, True, True, False, False]])
    other_known = np.array([[True, True, True, True, False]])
    for version in _both(lesser_curvature):
        found = version(before, low, low + rise, after, one_known, other_known, x)
        np.testing.assert_allclose(found, [[1.0, -1.0, 0.0, 9.0, 0.0]], atol=1e-12)


def _ellipse_distance(points: np.ndarray, half: np.ndarray) -> np.ndarray:
    """To first order, exact on the ellipse: (1 - q) / |grad q| with q the ellipse's own radius."""
    q = np.linalg.norm(points / half, axis=-1)
    return np.asarray((1 - q) * q / np.maximum(np.linalg.norm(points / half**2, axis=-1), 1e-12))


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_moved_outline__of_a_circle_is_an_ellipse_elsewhere(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angle, scales = rng.uniform(0, np.pi), rng.uniform(0.4, 1.2, (2, 2))
    axes = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle, moved, step = rng.uniform(-1, 1, 2), rng.uniform(-2, 2, (2, 2)), 0.1
    grid = np.stack(np.meshgrid(np.arange(-10, 10.1, step), np.arange(-10, 10.1, step)), axis=-1)
    distance = 4.0 - np.linalg.norm(grid - middle @ axes, axis=-1)
    half = np.array([4.0, 4.0])
    found = moved_outline(distance, -10.0, -10.0, step, axes, middle, half, moved, scales)
    for n in range(2):
        expected = _ellipse_distance(grid @ axes.T - moved[n], half * scales[n])
        near = np.abs(expected) < 2 * step
        np.testing.assert_allclose(found[n][near], expected[near], atol=0.02)
        assert ((found[n] > 0) == (expected > 0))[np.abs(expected) > 0.02].all()


def test_moved_outline__in_place_is_itself_and_a_closed_one_holds_nothing() -> None:
    distance = 3.0 - np.abs(np.arange(-5.0, 6.0))[None, :].repeat(9, axis=0)
    arguments = (distance, -5.0, -4.0, 1.0, np.eye(2), np.zeros(2), np.array([3.0, 4.0]), np.zeros((2, 2)))
    scales = np.array([[1.0, 1.0], [0.0, 1.0]])
    for version in _both(moved_outline):
        found = version(*arguments, scales)
        np.testing.assert_allclose(found[0], distance)
        assert np.isneginf(found[1]).all()


def test_moved_outline__plain_python_gives_the_same_bits() -> None:
    distance = np.random.default_rng(4).normal(size=(9, 11))
    arguments = (
        *(distance, -5.0, -4.0, 1.0, np.array([[0.6, 0.8], [-0.8, 0.6]])),
        *(np.array([0.2, 0.1]), np.array([3.0, 2.0]), np.array([[0.5, 0.4]]), np.array([[0.9, 0.7]])),
    )
    np.testing.assert_array_equal(moved_outline(*arguments), _plain(moved_outline)(*arguments))


def test_draw_blended__goes_from_one_to_the_other_and_leaves_what_is_higher() -> None:
    one, other = np.array([[[1.0, 2.0, -np.inf, 1.0]]]), np.array([[[3.0, -np.inf, 0.0, 3.0]]])
    for version in _both(draw_blended):
        drawn = np.array([[[-np.inf, 0.5, -np.inf, 2.0]]])
        version(one, other, np.array([0.25]), drawn)
        np.testing.assert_array_equal(drawn, [[[1.5, 0.5, -np.inf, 2.0]]])


def test_kink__meets_where_both_sides_lead() -> None:
    low, high = np.array([[1.0, 1.0]]), np.array([[1.0, 1.0]])
    slopes, known = (np.array([[1.0, 1.0]]), np.array([[-1.0, -1.0]])), np.array([[True, False]])
    for version in _both(kink):
        np.testing.assert_allclose(version(slopes, low, high, known, 0.0, 2.0, 1.0), [[2.0, 1.0]])


def test_isodose_volume__of_a_ball_is_that_of_its_interpolated_dose() -> None:
    axis = np.arange(-10.0, 11.0)
    r = np.linalg.norm(np.stack(np.meshgrid(axis, axis, axis)), axis=0)
    values, level = 20.0 - r, 13.7
    chosen = values >= level
    volume = isodose_volume(values, chosen, level, np.ones(20), 6)
    assert volume == pytest.approx(4 / 3 * np.pi * 6.3**3, rel=0.02)
    assert volume == _plain(isodose_volume)(values, chosen, level, np.ones(20), 6)


def _is_stable_sort(doses: np.ndarray, version: Callable[..., Any]) -> bool:
    volumes = np.arange(1.0, len(doses) + 1)
    order = np.argsort(doses, kind="stable")
    ascending, with_them = version(doses, volumes)
    return np.array_equal(ascending, doses[order]) and np.array_equal(with_them, volumes[order])


@given(st.lists(st.sampled_from([0.0, 1e-300, 0.5, 0.5000000001, 2.0, 70.0, 1e9]), max_size=40))
@settings(max_examples=30, deadline=None)
def test_sorted_doses__equal_ones_keep_their_order(values: list[float]) -> None:
    assert _is_stable_sort(np.array(values, dtype=np.float64), sorted_doses)


def test_sorted_doses__of_many_and_as_plain_python() -> None:
    doses = np.random.default_rng(3).gamma(2.0, 9.0, 20_000)
    assert _is_stable_sort(doses, sorted_doses)
    assert _is_stable_sort(doses[:40], _plain(sorted_doses))


def test_sorted_doses__that_differ_in_the_last_digits_only() -> None:
    digits = np.random.default_rng(4).integers(0, 2**30, 20_000).astype(np.uint64)
    doses = (np.array([50.0]).view(np.uint64) + digits).view(np.float64)
    assert _is_stable_sort(doses, sorted_doses)


@pytest.mark.parametrize("version", [0, 1], ids=["compiled", "plain"])
def test_enclosed_area__of_a_square_with_a_hole(version: int) -> None:
    segments = np.concatenate([_square_segments(10.0), _square_segments(4.0)])
    area, u, v, reach = _both(enclosed_area)[version](segments, 64)
    assert area == pytest.approx(20 * 20 - 8 * 8, rel=0.02)
    assert (abs(u), reach) == (pytest.approx(0.0), pytest.approx(10.0))
    assert 4 < abs(v) < 10


def _square_segments(half: float) -> np.ndarray:
    polygon = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    return np.concatenate([polygon, np.roll(polygon, -1, axis=0)], axis=1)


def test_solids__at_several_heights_are_those_at_each() -> None:
    rng = np.random.default_rng(5)
    low, high, bend, square = (rng.uniform(-9, 9, (4, 5)) for _ in range(4))
    profiles, squares, heights = (low, high), (abs(square), abs(square) + 1), np.array([0.5, 1.0, 2.5])
    known, none = rng.random((4, 5)) > 0.5, np.zeros((4, 5))
    drawn = solid_between(profiles, bend, squares, 0.0, 3.0, heights)
    kinked = solid_kinked(profiles, (bend, square), known, squares, 0.0, 3.0, heights)
    for n, x in enumerate(heights):
        rho2 = blend(*squares, none, 0.0, 3.0, x)
        np.testing.assert_array_equal(drawn[n], profile_distance(blend(low, high, bend, 0.0, 3.0, x), rho2))
        profile = kink((bend, square), low, high, known, 0.0, 3.0, x)
        np.testing.assert_array_equal(kinked[n], profile_distance(profile, rho2))


def test_cell_samples__of_a_half_space_have_its_volume_and_surface() -> None:
    distance = np.tile(3.3 - np.arange(8.0), (2, 6, 1))
    arguments = (distance, 0.0, 0.0, 1.0, np.array([0.0, 2.0]), np.array([2.0, 2.0]), 5)
    for version in _both(cell_samples):
        points, volume, surface = version(*arguments)
        assert volume.sum() == pytest.approx((3.3 + 0.5) * 6 * 4 / 1000)
        np.testing.assert_allclose(surface[:, 0], 3.3)
        assert (points[:, 0] <= 3.3 + 1e-12).all()
        np.testing.assert_array_equal(points, cell_samples(*arguments)[0])
