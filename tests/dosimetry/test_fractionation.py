"""BED and EQD2 against figures computed elsewhere."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dosimetry.errors import DoseError
from dosimetry.fractionation import bed_gy, eqd2_gy

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "eqd2.csv"


def test_eqd2__agrees_with_the_reference_table() -> None:
    if not REFERENCE.exists():
        pytest.skip("../shared/reference/eqd2.csv is not there")
    with REFERENCE.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            total, n = float(row["total_dose_gy"]), float(row["fractions"])
            assert bed_gy(total, n, 10) == pytest.approx(float(row["BED10_gy"]), abs=1e-6)
            for ratio in (10, 3, 2):
                expected = float(row[f"EQD2_{ratio}_gy"])
                assert eqd2_gy(total, n, ratio) == pytest.approx(expected, abs=1e-6), row


def test_ldrt_and_cfrt_in_one_voxel__give_the_figures_of_the_domain_notes() -> None:
    def total(model: Callable[[float, float, float], float], ratio: float) -> float:
        return model(15.0, 5, ratio) + model(50.4, 28, ratio)

    assert total(bed_gy, 10) == pytest.approx(78.972, abs=1e-9)
    assert total(eqd2_gy, 10) == pytest.approx(65.81, abs=1e-9)
    assert total(eqd2_gy, 3) == pytest.approx(66.384, abs=1e-9)
    assert total(eqd2_gy, 2) == pytest.approx(66.63, abs=1e-9)


def test_eqd2__of_two_gray_fractions_is_the_dose_itself() -> None:
    doses = np.array([2.0, 40.0, 60.0])
    assert eqd2_gy(doses, 1, 3)[0] == 2.0
    np.testing.assert_allclose([eqd2_gy(d, d / 2, 3) for d in doses], doses, rtol=1e-15)


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf")])
def test_eqd2__refuses_fractions_and_ratios_that_are_no_numbers_above_zero(wrong: float) -> None:
    with pytest.raises(DoseError):
        eqd2_gy(10.0, wrong, 3.0)
    with pytest.raises(DoseError):
        bed_gy(10.0, 5, wrong)
