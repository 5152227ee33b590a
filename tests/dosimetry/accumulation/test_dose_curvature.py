"""What linear interpolation leaves out: nothing of a linear dose, the mean of a curved one."""

import numpy as np
import pytest

from dosimetry.accumulation.dose_curvature import without_curvature
from dosimetry.accumulation.point_sum import Dose
from tests.dosimetry.shapes import grid_of, plan
from tests.support.closed_forms import Direction, linear_dose

SPACING_MM = 2.0


def _values(dose: Dose) -> np.ndarray:
    return dose.layers[0].grid.values_gy


@pytest.mark.parametrize("direction", list(Direction))
def test_without_curvature__leaves_a_linear_dose_as_it_is(direction: Direction) -> None:
    given = plan(linear_dose(direction, half_width_mm=20.0))
    np.testing.assert_allclose(_values(without_curvature(given)), _values(given), rtol=1e-12)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_without_curvature__interpolates_to_the_mean_of_a_parabola(axis: int) -> None:
    place = SPACING_MM * np.arange(7.0)
    values = np.zeros((7, 7, 7)) + np.expand_dims(place**2, tuple(a for a in range(3) if a != axis))
    found = _values(without_curvature(plan(grid_of(values, SPACING_MM))))
    line = np.moveaxis(found, axis, 0)[:, 3, 3]
    true_mean = (place[4] ** 3 - place[3] ** 3) / 3 / SPACING_MM
    assert (line[3] + line[4]) / 2 == pytest.approx(true_mean)


def test_without_curvature__is_never_negative_and_is_made_once() -> None:
    values = np.zeros((5, 5, 5))
    values[2, 2, 2] = 30.0
    given = plan(grid_of(values))
    assert _values(without_curvature(given)).min() == 0
    assert without_curvature(given).layers[0].grid is without_curvature(given).layers[0].grid
