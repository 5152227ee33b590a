"""Sums as RT Dose: read back alike by pydicom, SimpleITK and our own reader, and valid by dciodvfy."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813 - the name of its own documentation
from pydicom.dataset import Dataset

from dosimetry.accumulation.voxel_frame import VoxelFrame
from imaging.dicom.dose_grid import read_dose_grid
from imaging.dicom.elements import quiet_pydicom
from imaging.dicom.rt_dose_export import (
    DoseExportError,
    DoseKind,
    SpatialTransform,
    SummedDose,
    as_part10,
    summed_dose_dataset,
)
from imaging.findings import FindingCode
from tests.dosimetry.accumulation.test_dose_sum import rigid
from tests.imaging.reading import open_file, refusal
from tests.support.dicom_builders import FRAME, another_patient, plan_dataset

STEPS = (2.0, 2.5, 3.0)


def frame(kind: str) -> VoxelFrame:
    """Head first, feet first, turned, planes that descend, or that are uneven."""
    affine = np.diag([*STEPS, 1.0])
    affine[:3, 3] = (-30.25, 11.5, -100.0)
    offsets = None
    if kind == "feet first":
        affine = affine @ np.diag([-1.0, 1, -1, 1])
    if kind == "turned":
        affine = rigid(37.0) @ affine
    if kind == "descending":
        affine = affine @ np.diag([1.0, 1, -1, 1])
    if kind == "uneven":
        offsets = np.array([0.0, 1.0, 2.5, 3.0])
    return VoxelFrame((4, 5, 6), affine, offsets)


def summed(kind: str = "head first", values: np.ndarray | None = None) -> SummedDose:
    doses = np.random.default_rng(1).uniform(0, 66.384, (4, 5, 6)) if values is None else values
    return SummedDose(
        values_gy=doses,
        frame=frame(kind),
        kind=DoseKind.EFFECTIVE,
        plan_uids=("1.2.3.4", "1.2.3.5"),
        frame_of_reference_uid=FRAME,
        title="EQD2 sum, a/b 3 Gy",
        comment="Sum of EQD2 ...",
        input_hashes=("a" * 64, "b" * 64),
        transform=SpatialTransform.RIGID,
        registration_uids=("1.2.3.6",),
    )


def written(dose: SummedDose, folder: Path, *, bits: int = 32) -> Path:
    path = folder / "sum.dcm"
    path.write_bytes(as_part10(summed_dose_dataset(dose, plan_dataset(), bits=bits)))
    return path


@pytest.mark.parametrize("kind", ["head first", "feet first", "turned", "descending", "uneven"])
@pytest.mark.parametrize("bits", [16, 32])
def test_sum__is_read_back_by_our_reader_where_it_was(tmp_path: Path, kind: str, bits: int) -> None:
    dose = summed(kind)
    with quiet_pydicom():
        grid, _ = read_dose_grid(open_file(written(dose, tmp_path, bits=bits)))
    highest = dose.values_gy.max()
    by_point = {tuple(np.round(p, 4)): v for p, v in _points(dose.frame, dose.values_gy)}
    found = {tuple(np.round(p, 4)): v for p, v in _points(VoxelFrame.of(grid), grid.values_gy)}
    assert found.keys() == by_point.keys()
    worst = max(abs(found[point] - by_point[point]) for point in found)
    assert worst <= (1e-5 if bits == 16 else 1e-9) * highest


def _points(voxels: VoxelFrame, values: np.ndarray) -> list[tuple[np.ndarray, float]]:
    centres = np.stack([voxels.centres_mm(k) for k in range(voxels.shape[0])])
    return list(zip(centres.reshape(-1, 3) + 0.0, values.ravel().tolist(), strict=True))


@pytest.mark.parametrize("kind", ["head first", "feet first", "turned", "descending"])
def test_sum__is_read_back_by_pydicom_and_simpleitk(tmp_path: Path, kind: str) -> None:
    dose = summed(kind)
    path = written(dose, tmp_path)
    dataset = pydicom.dcmread(path)
    gray = dataset.pixel_array * float(dataset.DoseGridScaling)
    expected = dose.values_gy[::-1] if kind == "descending" else dose.values_gy
    np.testing.assert_allclose(gray, expected, atol=1e-7)
    image = sitk.ReadImage(str(path))
    np.testing.assert_allclose(sitk.GetArrayFromImage(image) * _scale(image, dataset), gray, rtol=1e-5)
    corner = dataset.ImagePositionPatient
    np.testing.assert_allclose(image.GetOrigin(), [float(x) for x in corner], atol=1e-6)


def _scale(image: sitk.Image, dataset: Dataset) -> float:
    """SimpleITK (GDCM) may apply Dose Grid Scaling itself or leave the stored integers."""
    highest = float(sitk.GetArrayViewFromImage(image).max())
    return 1.0 if highest < 1000 else float(dataset.DoseGridScaling)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not on PATH")
@pytest.mark.parametrize("kind", ["head first", "turned"])
def test_sum__is_valid(tmp_path: Path, kind: str) -> None:
    """With 16 bits: dciodvfy itself aborts on 32-bit pixels, on other makers' doses too."""
    path = written(summed(kind), tmp_path, bits=16)
    found = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    assert [line for line in found.stderr.splitlines() if line.startswith(("Error", "Warning"))] == []


def test_sum__says_what_it_is(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(written(summed(), tmp_path))
    base = plan_dataset()
    assert (dataset.DoseType, dataset.DoseUnits, dataset.DoseSummationType) == (
        "EFFECTIVE",
        "GY",
        "MULTI_PLAN",
    )
    assert [item.ReferencedSOPInstanceUID for item in dataset.ReferencedRTPlanSequence] == [
        "1.2.3.4",
        "1.2.3.5",
    ]
    assert dataset.SpatialTransformOfDose == "RIGID"
    assert dataset.ReferencedSpatialRegistrationSequence[0].ReferencedSOPInstanceUID == "1.2.3.6"
    for keyword in ("PatientID", "PatientName", "PatientBirthDate", "StudyInstanceUID"):
        assert dataset[keyword].value == base[keyword].value
    assert dataset.FrameOfReferenceUID == FRAME
    assert dataset.SeriesInstanceUID != base.SeriesInstanceUID
    assert (
        refusal(written(summed(), tmp_path)).code is FindingCode.DOSE_TYPE_UNUSABLE
    )  # never taken for a plan's


def test_uids__follow_from_inputs_and_sum_alone() -> None:
    dose = summed()
    first = as_part10(summed_dose_dataset(dose, plan_dataset()))
    assert first == as_part10(summed_dose_dataset(dose, plan_dataset()))
    values = np.array(dose.values_gy)
    values[0, 0, 0] += 1.0
    others = [
        summed_dose_dataset(replace(dose, input_hashes=("c" * 64,)), plan_dataset()),
        summed_dose_dataset(replace(dose, values_gy=values), plan_dataset()),
        summed_dose_dataset(replace(dose, kind=DoseKind.PHYSICAL), plan_dataset()),
        summed_dose_dataset(dose, plan_dataset(study=another_patient())),
    ]
    uids = {str(each.SOPInstanceUID) for each in others} | {
        str(summed_dose_dataset(dose, plan_dataset()).SOPInstanceUID)
    }
    assert len(uids) == 5
    assert all(len(uid) <= 64 for uid in uids)


def test_refusals__say_what_is_wrong() -> None:
    skew = np.diag([*STEPS, 1.0])
    skew[0, 1] = 0.5
    leaning = replace(summed(), frame=VoxelFrame((4, 5, 6), skew))
    negative, nothing = summed(values=np.full((4, 5, 6), -1.0)), summed(values=np.zeros((4, 5, 6)))
    for dose, words in ((leaning, "right angles"), (negative, "negative"), (nothing, "0 Gy")):
        with pytest.raises(DoseExportError, match=words):
            summed_dose_dataset(dose, plan_dataset())
    nobody = plan_dataset()
    nobody.StudyInstanceUID = None
    with pytest.raises(DoseExportError, match="StudyInstanceUID"):
        summed_dose_dataset(summed(), nobody)
