"""Metrics of one dose: what must be said about the dose that was chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from imaging.findings import FindingCode
from imaging.synthetic.rt_dose import DoseLabel
from tests.support.dicom_builders import (
    PLAN,
    STRUCTURES,
    dose_dataset,
    plan_dataset,
    structure_dataset,
    write,
)
from tests.support.phantoms import box_mm
from workers.pipelines.metrics import compute_metrics

BEAM = DoseLabel(plan_uid=PLAN, structure_set_uid=STRUCTURES, summation_type="BEAM", beam_number=1)


def _codes(folder: Path, *datasets: Dataset) -> set[str]:
    structures = structure_dataset({"PTV": box_mm((-3.0, 0.0, 3.0))})
    write(folder / "course", structures, *datasets)
    (folder / "scratch").mkdir()
    found = compute_metrics([folder / "course"], ["PTV"], ["Mean[Gy]"], None, folder / "scratch")
    assert found["structures"]["PTV"]["metrics"]["Mean[Gy]"] == pytest.approx(10.0)
    return {finding["code"] for finding in found["findings"]}


def test_metrics__of_a_plan_of_one_beam_and_its_dose_are_those_of_the_plan(tmp_path: Path) -> None:
    assert FindingCode.DOSE_BEAM_UNCLEAR not in _codes(tmp_path, plan_dataset(), dose_dataset(label=BEAM))


def test_metrics__of_a_beams_dose_without_its_plan_say_so(tmp_path: Path) -> None:
    assert FindingCode.DOSE_BEAM_UNCLEAR in _codes(tmp_path, dose_dataset(label=BEAM))


def test_metrics__of_a_verification_alone_are_those_of_its_dose(tmp_path: Path) -> None:
    plan = plan_dataset()
    plan.PlanIntent = "VERIFICATION"
    assert FindingCode.PLAN_NOT_FOR_TREATMENT in _codes(tmp_path, plan, dose_dataset())
