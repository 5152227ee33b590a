"""Smooth lines: they pass every point, rise nowhere, and come near the curve they stand for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from web.figures.curves import STEEPEST_STEP_PERCENT, smooth


@given(st.lists(st.floats(0, 40), min_size=2, max_size=30), st.floats(0.01, 5))
def test_smooth__passes_every_point_and_rises_nowhere(falls: list[float], step: float) -> None:
    volume = np.maximum(100 - np.cumsum([0, *falls]), 0.0).astype(np.float64)
    dose = np.arange(len(volume), dtype=np.float64) * step
    x, y = smooth(dose, volume)
    assert np.all(np.diff(x) > 0)
    assert np.all(np.diff(y) <= 1e-9)
    assert np.all((y >= -1e-9) & (y <= 100 + 1e-9))
    kept = np.searchsorted(x, dose - step * 1e-6)
    np.testing.assert_allclose(y[kept], volume, atol=1e-9)


def test_smooth__steep_fall_has_no_chord_and_comes_within_a_pixel_of_the_curve() -> None:
    dose = np.linspace(0.0, 52.0, 200)
    x, y = smooth(dose, 100 * ndtr((50.4 - dose) / 0.35))
    assert np.max(np.abs(np.diff(y))) < 3 * STEEPEST_STEP_PERCENT
    straight = np.interp(x, dose, 100 * ndtr((50.4 - dose) / 0.35))
    truth = 100 * ndtr((50.4 - x) / 0.35)
    assert np.max(np.abs(y - truth)) < 0.5 * np.max(np.abs(straight - truth))
    assert np.max(np.abs(y - truth)) < 1.0


def test_smooth__flat_curve_is_left_as_it_is() -> None:
    dose, volume = np.array([0.0, 1.0, 2.0]), np.array([100.0, 100.0, 99.0])
    assert [list(axis) for axis in smooth(dose, volume)] == [list(dose), list(volume)]
