"""Gamma on real doses against pymedphys 0.41 (interp_fraction 10, max_gamma 2, cut-off 10 %)."""

from pathlib import Path

import numpy as np
import pytest

from dosimetry.gamma.gamma_index import GammaCriteria, GammaResult, gamma_index
from dosimetry.grid import DoseGrid
from imaging.lone_dose import read_lone_dose

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="../shared/data is absent")

SHIFTED_WITH_NOISE = [
    (GammaCriteria(3, 2), 99.99167880174745, 0.20973301671888156),
    (GammaCriteria(2, 2), 99.94729907773386, 0.2564791715427938),
    (GammaCriteria(3, 3), 100.0, 0.1760412538953379),
    (GammaCriteria(3, 2, is_local=True), 98.41065113376327, 0.3727460682545777),
    (GammaCriteria(1, 1), 88.03273004646003, 0.49979768641558014),
]
FEET_FIRST = [
    (GammaCriteria(3, 2), 100.0, 0.05917650000617466),
    (GammaCriteria(2, 2, is_local=True), 100.0, 0.1477326707370549),
]


def _agrees(found: GammaResult, criteria: GammaCriteria, pass_rate_percent: float, mean: float) -> None:
    tolerance_percent = 0.05 if criteria.distance_mm >= 2 else 0.3
    assert found.pass_rate_percent == pytest.approx(pass_rate_percent, abs=tolerance_percent)
    assert found.mean_gamma == pytest.approx(mean, abs=0.005 if criteria.distance_mm >= 2 else 0.02)
    assert found.mean_gamma == pytest.approx(mean, abs=1e-6)  # the same samples, and so more than was asked


@pytest.fixture(scope="module")
def shifted_with_noise() -> tuple[DoseGrid, DoseGrid]:
    """The real dose, and itself 1 mm further along each axis with noise of 1 % of its maximum."""
    reference = read_lone_dose(DATA / "dicompyler_example" / "rtdose.dcm").grid
    noise = np.random.default_rng(1).normal(0, 0.01 * reference.maximum_gy, reference.shape)
    shifted = reference.index_to_patient_mm.copy()
    shifted[:3, 3] += 1
    return reference, DoseGrid(np.maximum(reference.values_gy + noise, 0), shifted)


@pytest.mark.parametrize(("criteria", "pass_rate_percent", "mean"), SHIFTED_WITH_NOISE)
def test_gamma__of_a_shifted_noisy_dose_agrees_with_pymedphys(
    shifted_with_noise: tuple[DoseGrid, DoseGrid],
    criteria: GammaCriteria,
    pass_rate_percent: float,
    mean: float,
) -> None:
    found = gamma_index(*shifted_with_noise, criteria)
    assert found.points == 72105
    _agrees(found, criteria, pass_rate_percent, mean)


@pytest.mark.parametrize(("criteria", "pass_rate_percent", "mean"), FEET_FIRST)
def test_gamma__of_feet_first_doses_agrees_with_pymedphys_on_axes_set_right(
    criteria: GammaCriteria, pass_rate_percent: float, mean: float
) -> None:
    one, other = (
        read_lone_dose(DATA / "feet_first" / f"RD.{name}_feet_in_supine.dcm").grid for name in ("TBB", "TBC")
    )
    found = gamma_index(one, other, criteria)
    assert found.points == 225452
    _agrees(found, criteria, pass_rate_percent, mean)
