"""Models of response against their published figures, closed forms and a naive reference."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosimetry.errors import DoseError
from dosimetry.response import (
    SEPPENWOOLDE,
    CourseDose,
    geud_gy,
    immune_cell_dose_gy,
    lyman_probability,
    quantec_pneumonitis,
)

COURSE = CourseDose(
    mean_lung_gy=12.0, mean_heart_gy=20.0, mean_liver_gy=8.0, integral_gy_cc=150_000.0, fractions=28
)
doses = st.lists(st.floats(0.0, 80.0), min_size=1, max_size=20)


@pytest.mark.parametrize(("mean_gy", "expected"), [(10, 0.0685), (15, 0.1213), (20, 0.2059)])
def test_quantec_pneumonitis__gives_the_published_curve(mean_gy: float, expected: float) -> None:
    assert quantec_pneumonitis(mean_gy) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(("mean_gy", "expected"), [(10, 0.0340), (15, 0.0828), (20, 0.1716)])
def test_lyman_probability__gives_seppenwooldes_figures(mean_gy: float, expected: float) -> None:
    assert lyman_probability(mean_gy, SEPPENWOOLDE) == pytest.approx(expected, abs=5e-5)


def test_lyman_probability__is_a_half_at_td50_and_mirrored_around_it() -> None:
    td50 = SEPPENWOOLDE.td50_gy
    assert lyman_probability(td50, SEPPENWOOLDE) == 0.5
    above, below = (lyman_probability(td50 + step, SEPPENWOOLDE) for step in (7.0, -7.0))
    assert above + below == pytest.approx(1.0, abs=1e-15)


def test_immune_cell_dose__is_the_worked_example_and_linear_in_dose() -> None:
    assert immune_cell_dose_gy(COURSE) == pytest.approx(5.5010, abs=5e-5)
    twice = CourseDose(24.0, 40.0, 16.0, 300_000.0, 28)
    assert immune_cell_dose_gy(twice) == pytest.approx(2 * immune_cell_dose_gy(COURSE), rel=1e-12)


def test_immune_cell_dose__takes_the_fractions_of_its_own_course() -> None:
    forty_five = CourseDose(0.0, 0.0, 10.0, 0.0, 45)
    assert immune_cell_dose_gy(forty_five) == pytest.approx(0.15 * 0.85 * 10.0, rel=1e-15)


def test_geud__of_a_uniform_dose_is_that_dose() -> None:
    assert geud_gy(np.full(5, 20.0), np.arange(1.0, 6.0), 0.1) == pytest.approx(20.0, rel=1e-12)


def test_geud__of_two_halves_is_the_closed_form() -> None:
    half = np.array([0.5, 0.5])
    assert geud_gy(np.array([10.0, 30.0]), half, 0.5) == pytest.approx(math.sqrt(500.0), rel=1e-14)


@given(doses, st.floats(0.02, 5.0))
def test_geud__is_the_naive_sum_and_lies_between_the_doses(values: list[float], n: float) -> None:
    dose_gy = np.array(values)
    volume = np.arange(1.0, dose_gy.size + 1)
    found = geud_gy(dose_gy, volume, n)
    scale = max(values) or 1.0
    naive = (
        scale
        * sum(v / volume.sum() * (d / scale) ** (1 / n) for v, d in zip(volume, values, strict=True)) ** n
    )
    assert found == pytest.approx(naive, rel=1e-9, abs=1e-12)
    assert min(values) * (1 - 1e-9) <= found <= max(values) * (1 + 1e-9)


@given(doses)
def test_geud__with_n_of_one_is_the_mean_and_with_a_small_n_the_maximum(values: list[float]) -> None:
    dose_gy, volume = np.array(values), np.ones(len(values))
    assert geud_gy(dose_gy, volume, 1.0) == pytest.approx(dose_gy.mean(), rel=1e-12, abs=1e-12)
    assert geud_gy(dose_gy, volume, 1e-5) == pytest.approx(dose_gy.max(), rel=1e-3, abs=1e-12)


def test_geud__leaves_out_doses_without_volume() -> None:
    assert geud_gy(np.array([10.0, 80.0]), np.array([1.0, 0.0]), 0.01) == pytest.approx(10.0, rel=1e-12)


@pytest.mark.parametrize(
    ("dose_gy", "volume", "n"),
    [
        ([], [], 1.0),
        ([1.0], [1.0, 2.0], 1.0),
        ([-1.0], [1.0], 1.0),
        ([math.nan], [1.0], 1.0),
        ([1.0], [0.0], 1.0),
        ([1.0], [-1.0], 1.0),
        ([1.0], [1.0], 0.0),
    ],
)
def test_geud__refuses_what_cannot_be(dose_gy: list[float], volume: list[float], n: float) -> None:
    with pytest.raises(DoseError):
        geud_gy(np.array(dose_gy), np.array(volume), n)


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_models__refuse_a_dose_that_none_can_be(value: float) -> None:
    with pytest.raises(DoseError):
        quantec_pneumonitis(value)
    with pytest.raises(DoseError):
        lyman_probability(value, SEPPENWOOLDE)
    with pytest.raises(DoseError):
        immune_cell_dose_gy(CourseDose(value, 1.0, 1.0, 1.0, 28))
    with pytest.raises(DoseError):
        immune_cell_dose_gy(CourseDose(1.0, 1.0, 1.0, 1.0, 0))
