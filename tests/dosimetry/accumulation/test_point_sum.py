"""The sum at points, which verdicts are made of, is the sum on voxels at their centres."""

import numpy as np
import pytest

from dosimetry.accumulation.dose_sum import Uncovered, sum_doses
from dosimetry.accumulation.point_sum import Dose, PointDoses, extreme_points_mm
from tests.dosimetry.accumulation.test_dose_sum import FRAME, LAYERS, rigid

CENTRES = np.concatenate([FRAME.centres_mm(k).reshape(-1, 3) for k in range(FRAME.shape[0])])


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("alpha_beta", [None, 3.0], ids=["physical", "EQD2"])
def test_point_sum__agrees_with_the_voxels_in_both_bounds(name: str, alpha_beta: float | None) -> None:
    layers = (LAYERS[name], LAYERS["turned"])
    turned = rigid(25.0)[:3, :3]
    found = PointDoses(CENTRES @ turned.T, turned).of(Dose(layers, alpha_beta))
    low, high = (sum_doses(FRAME, layers, alpha_beta, uncovered=bound) for bound in Uncovered)
    np.testing.assert_allclose(found.low_gy, low.values_gy.ravel(), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(found.high_gy, high.values_gy.ravel(), rtol=1e-10, atol=1e-10)
    np.testing.assert_array_equal(found.uncovered, low.missing_plans.ravel() > 0)
    np.testing.assert_array_equal(found.covered_by_none, low.missing_plans.ravel() == 2)


def test_extreme_points__of_a_deformed_plan_are_not_guessed() -> None:
    assert extreme_points_mm(LAYERS["deformed"], np.eye(3)).shape == (0, 3)
    assert len(extreme_points_mm(LAYERS["turned"], np.eye(3))) > 0
