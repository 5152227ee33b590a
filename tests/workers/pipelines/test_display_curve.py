"""A displayed DVH follows the exact one, also where it falls like a wall, with few points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from dosimetry.sampling.collecting import SampledDose
from workers.pipelines.display_curve import TOLERANCE_PERCENT, VOLUME_STEP_PERCENT, display_curve

Floats = npt.NDArray[np.float64]
ALLOWED_PERCENT = VOLUME_STEP_PERCENT + TOLERANCE_PERCENT + 1e-4


def _samples(dose_gy: Floats, volume_cc: Floats | None = None) -> SampledDose:
    order = np.argsort(dose_gy, kind="stable")
    volume = np.ones(len(dose_gy)) if volume_cc is None else volume_cc
    dose = dose_gy[order]
    return SampledDose(dose, volume[order], float(dose[0]), float(dose[-1]))


def _naive_percent(samples: SampledDose, dose_gy: Floats) -> Floats:
    total = samples.volume_cc.sum()
    return np.array([100 * samples.volume_cc[samples.dose_gy >= dose].sum() / total for dose in dose_gy])


def _worst_percent(samples: SampledDose) -> float:
    """How far the shown line is from the exact curve, a shift by 0.0001 Gy not counted."""
    x, y = display_curve(samples)
    at = np.linspace(0.0, x[-1], 3001)
    shown = np.interp(at, x, y)
    low, high = _naive_percent(samples, at + 1.01e-4), _naive_percent(samples, np.maximum(at - 1.01e-4, 0.0))
    return float(np.maximum(np.maximum(low - shown, shown - high), 0.0).max())


def _target() -> SampledDose:
    """A planning target: 50.4 Gy with a standard deviation of 0.35 Gy."""
    return _samples(50.4 + 0.35 * ndtri((np.arange(20_000) + 0.5) / 20_000))


def _organ() -> SampledDose:
    """Half of it at next to nothing, the rest falling off to 45 Gy."""
    share = (np.arange(20_000) + 0.5) / 20_000
    return _samples(np.where(share < 0.5, 0.2 * share, 45 * (2 * share - 1) ** 4))


@pytest.mark.parametrize("make", [_target, _organ])
def test_display_curve__follows_a_steep_fall_and_a_long_tail_with_few_points(make: object) -> None:
    samples = _target() if make is _target else _organ()
    assert _worst_percent(samples) <= ALLOWED_PERCENT
    assert len(display_curve(samples)[0]) < 150


def test_display_curve__of_one_dose_is_a_wall_at_that_dose() -> None:
    x, y = display_curve(_samples(np.full(50, 12.3456)))
    assert (x[0], y[0]) == (0.0, 100.0)
    assert np.interp(12.3456, x, y) == pytest.approx(100.0)
    assert np.interp(12.34581, x, y) == pytest.approx(0.0)


def test_display_curve__shows_what_is_uncovered_as_a_wall_at_zero() -> None:
    x, y = display_curve(_samples(np.repeat([0.0, 20.0], [30, 70])))
    assert (y[0], y[1]) == (100.0, 70.0)
    assert x[1] <= 2e-4


@given(
    st.lists(st.tuples(st.floats(0, 80), st.floats(0.01, 5)), min_size=1, max_size=40),
)
def test_display_curve__falls_from_all_to_nothing_near_the_exact_one(
    pairs: list[tuple[float, float]],
) -> None:
    samples = _samples(np.array([dose for dose, _ in pairs]), np.array([volume for _, volume in pairs]))
    x, y = display_curve(samples)
    assert (x[0], y[0], y[-1]) == (0.0, 100.0, 0.0)
    assert np.all(np.diff(x) > 0)
    assert np.all(np.diff(y) <= 0)
    assert _worst_percent(samples) <= ALLOWED_PERCENT
