"""Metrics of one dose: what must be said about the dose that was chosen."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from imaging.findings import FindingCode
from imaging.synthetic.header import write_object
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
from workers.pipelines.metrics import MetricsRefusedError, compute_metrics

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


def _of_two_doses(folder: Path, break_it: Callable[[Path], None]) -> dict[str, Any]:
    structures = structure_dataset({"PTV": box_mm((-3.0, 0.0, 3.0))})
    write(folder / "course", structures)
    write_object(folder / "course" / "good.dcm", dose_dataset())
    break_it(write_object(folder / "course" / "bad.dcm", dose_dataset(20.0, uid="1.2.3")))
    (folder / "scratch").mkdir()
    return compute_metrics([folder / "course"], ["PTV"], ["Mean[Gy]"], None, folder / "scratch")


def _without_scaling(path: Path) -> None:
    dataset = dcmread(path)
    del dataset.DoseGridScaling
    dataset.save_as(path)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-500])


@pytest.mark.parametrize("break_it", [_without_scaling, _cut])
def test_metrics__beside_a_broken_dose_say_whose_they_are(
    tmp_path: Path, break_it: Callable[[Path], None]
) -> None:
    found = _of_two_doses(tmp_path, break_it)
    assert found["structures"]["PTV"]["metrics"]["Mean[Gy]"] == pytest.approx(10.0)
    (chosen,) = [each for each in found["findings"] if each["code"] == FindingCode.DOSE_CHOSEN]
    assert (chosen["severity"], chosen["file"]) == ("warning", "good.dcm")
    assert "every value is of the dose 'good.dcm'; not used: 'bad.dcm' (" in chosen["message"]
    assert any(each["file"] == "bad.dcm" and each["severity"] == "error" for each in found["findings"])


def test_metrics__of_the_only_dose_need_no_word_about_it(tmp_path: Path) -> None:
    def copied(path: Path) -> None:
        path.write_bytes((path.parent / "good.dcm").read_bytes())
        (path.parent / "notes.txt").write_text("no DICOM")

    codes = {finding["code"] for finding in _of_two_doses(tmp_path, copied)["findings"]}
    assert FindingCode.FILE_DUPLICATED in codes
    assert FindingCode.DOSE_CHOSEN not in codes


def test_metrics__of_several_doses_in_an_archive_say_that_it_is_to_be_unpacked(tmp_path: Path) -> None:
    structures = structure_dataset({"PTV": box_mm((-3.0, 0.0, 3.0))})
    files = write(tmp_path, structures, dose_dataset(), dose_dataset(20.0, uid="1.2.3"))
    archive = tmp_path / "set.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in files:
            packed.write(file, file.name)
    (tmp_path / "scratch").mkdir()
    with pytest.raises(MetricsRefusedError, match=r"unpacked, such as: dosegate metrics set\.zip/"):
        compute_metrics([archive], ["PTV"], ["Mean[Gy]"], None, tmp_path / "scratch")


@pytest.mark.parametrize(
    ("dose_gy", "prescription_gy", "words"),
    [
        (10.0, None, None),
        (10.0, 10.0, None),
        (10.0, 50.4, "the prescription given is 50.4 Gy"),
        (5040.0, None, "no plan of external beams gives more than 200 Gy"),
        (3e305, None, "no plan of external beams gives more than 200 Gy"),
    ],
)
def test_metrics__of_an_implausible_dose_stand_with_a_finding(
    tmp_path: Path, dose_gy: float, prescription_gy: float | None, words: str | None
) -> None:
    write(tmp_path / "course", structure_dataset({"PTV": box_mm((-3.0, 0.0, 3.0))}))
    write_object(tmp_path / "course" / "dose.dcm", dose_dataset(dose_gy))
    (tmp_path / "scratch").mkdir()
    expression = "Mean[Gy]"
    found = compute_metrics(
        [tmp_path / "course"], ["PTV"], [expression], prescription_gy, tmp_path / "scratch"
    )
    assert found["structures"]["PTV"]["metrics"][expression] == pytest.approx(dose_gy)
    said = [each["message"] for each in found["findings"] if each["code"] == FindingCode.DOSE_IMPLAUSIBLE]
    assert len(said) == (words is not None)
    assert all(words in each for each in said if words)
