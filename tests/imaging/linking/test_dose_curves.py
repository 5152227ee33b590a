"""A DVHSequence is compared with its grid and never believed."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging.findings import Finding, FindingCode
from tests.imaging.reading import read_datasets
from tests.support.dicom_builders import dose_dataset, plan_content, plan_dataset


def curve(maximum: float, units: str = "GY") -> Dataset:
    item = Dataset()
    item.DVHType, item.DoseUnits, item.DoseType = "CUMULATIVE", units, "PHYSICAL"
    item.DVHMaximumDose = str(maximum)
    return item


def disagreement(folder: Path, *curves: Dataset, with_plan: bool = True) -> list[Finding]:
    """Read a dose of 10 Gy everywhere, planned as 12 Gy in 5 fractions, with these curves."""
    dose = dose_dataset(10.0)
    dose.DVHSequence = Sequence(curves)
    plan = [plan_dataset(plan_content(fractions=5, prescriptions_gy={1: 12.0}))] if with_plan else []
    course = read_datasets(folder, dose, *plan)
    return [one for one in course.findings if one.code is FindingCode.DVH_DISAGREES_WITH_GRID]


@pytest.mark.parametrize("maximum", [10.0, 9.0, 4.0, 10.3])
def test_curves__that_the_grid_can_hold_are_not_said(tmp_path: Path, maximum: float) -> None:
    assert disagreement(tmp_path, curve(maximum), curve(1.0)) == []


@pytest.mark.parametrize(
    ("maximum", "explanation"),
    [(10.0 / 12.0 * 100, "percent of 12 Gy"), (1000.0, "cGy"), (2.0, "one of 5 fractions"), (37.0, "")],
)
def test_curves__in_another_unit_are_said_with_what_they_hold(
    tmp_path: Path, maximum: float, explanation: str
) -> None:
    (finding,) = disagreement(tmp_path, curve(0.1), curve(round(maximum, 3)))
    assert explanation in finding.message
    assert finding.element == "DVHSequence"


def test_curves__without_a_plan_are_still_compared(tmp_path: Path) -> None:
    assert len(disagreement(tmp_path, curve(83.33), with_plan=False)) == 1


def test_curves__that_say_relative_are_left_alone(tmp_path: Path) -> None:
    assert disagreement(tmp_path, curve(104.0, "RELATIVE")) == []


def test_no_curves__no_finding(tmp_path: Path) -> None:
    assert disagreement(tmp_path) == []
