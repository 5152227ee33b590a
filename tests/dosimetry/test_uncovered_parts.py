"""A structure that ends a hair past a dose grid: a value, or the two readings, and never a dose between."""

import numpy as np
import pytest

from dosimetry.dvh import Dvh, dose_volume_histogram
from dosimetry.expressions import parse_metric
from dosimetry.metrics import MetricValue, NotEvaluable, evaluate
from dosimetry.region import Region
from tests.dosimetry.shapes import box, grid_of, plan


def _past_the_last_plane(mm: float) -> Dvh:
    """30 Gy everywhere; the box reaches so far past half a plane distance below the first plane."""
    grid = grid_of(np.full((5, 21, 21), 30.0), 3.0, (-30.0, -30.0, -6.0))
    return dose_volume_histogram(Region.of(box(9, np.arange(-6.0 - mm, 6.0, 3.0))), plan(grid))


def _value(text: str, dvh: Dvh) -> MetricValue:
    return evaluate(parse_metric(text), dvh)


@pytest.mark.parametrize("mm", [0.01, 0.2])
def test_minimum_partly_outside__has_two_readings_and_no_dose_between(mm: float) -> None:
    found = _value("Min[Gy]", _past_the_last_plane(mm))
    assert found.value is None
    assert found.reason is NotEvaluable.UNCOVERED_PART_MATTERS
    assert (found.if_uncovered_zero, found.if_uncovered_max) == (0.0, 30.0)


def test_mean_a_hair_outside__is_a_value_between_its_readings() -> None:
    found = _value("Mean[Gy]", _past_the_last_plane(0.01))
    assert found.value == pytest.approx(30.0, rel=0.01)


def test_volume_partly_outside__is_not_guessed() -> None:
    dvh = _past_the_last_plane(0.2)
    assert _value("V20Gy[%]", dvh).value is None
    assert _value("V20Gy[cc]", dvh).value is None
