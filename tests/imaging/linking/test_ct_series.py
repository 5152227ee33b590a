"""CT series are sorted by position; spacing, gaps, duplicates and strangers are said."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from imaging.course import Course
from imaging.findings import FindingCode
from tests.imaging.reading import codes, read_datasets
from tests.support.dicom_builders import ORIENTATIONS, ct_datasets


def read(folder: Path, datasets: list[Dataset]) -> Course:
    return read_datasets(folder, *datasets)


def test_series__is_sorted_by_position(tmp_path: Path) -> None:
    course = read(tmp_path, ct_datasets(z_mm=(6.0, -6.0, 0.0, 3.0, -3.0)))
    (series,) = course.ct_series
    assert series.positions_mm == (-6.0, -3.0, 0.0, 3.0, 6.0)
    assert (series.spacing_mm, series.is_regular) == (3.0, True)
    assert course.findings == ()


@pytest.mark.parametrize("position", sorted(ORIENTATIONS))
def test_series__of_any_orientation_is_sorted_along_its_normal(tmp_path: Path, position: str) -> None:
    datasets = ct_datasets()
    for dataset in datasets:
        dataset.ImageOrientationPatient = [str(cosine) for cosine in ORIENTATIONS[position]]
    (series,) = read(tmp_path, datasets).ct_series
    assert series.spacing_mm == 3.0
    assert series.positions_mm == tuple(sorted(series.positions_mm))


def test_series__takes_spacing_from_positions_not_from_thickness(tmp_path: Path) -> None:
    datasets = ct_datasets()
    for dataset in datasets:
        dataset.SliceThickness = "5"
    course = read(tmp_path, datasets)
    assert course.ct_series[0].spacing_mm == 3.0
    assert codes(course.findings) == [FindingCode.CT_THICKNESS_DIFFERS]


def test_series__with_a_gap_is_said(tmp_path: Path) -> None:
    course = read(tmp_path, ct_datasets(z_mm=(-6.0, -3.0, 0.0, 3.0, 12.0, 15.0)))
    (finding,) = course.findings
    assert finding.code is FindingCode.CT_SLICE_GAP
    assert "About 2 CT slice(s)" in finding.message
    assert not course.ct_series[0].is_regular


def test_series__of_irregular_spacing_is_said(tmp_path: Path) -> None:
    course = read(tmp_path, ct_datasets(z_mm=(-6.0, -3.0, 0.0, 4.0, 7.0)))
    assert codes(course.findings) == [FindingCode.CT_SPACING_IRREGULAR]


def test_series__with_a_slice_twice_keeps_one(tmp_path: Path) -> None:
    twin = ct_datasets()[2]
    twin.SOPInstanceUID = twin.file_meta.MediaStorageSOPInstanceUID = "1.2.826.3.9"
    course = read(tmp_path, [*ct_datasets(), twin])
    assert len(course.ct_series[0].slices) == 5
    assert codes(course.findings) == [FindingCode.CT_SLICE_DUPLICATED]
    assert sum(file.used for file in course.files) == 5


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("ImageOrientationPatient", ["0", "1", "0", "0", "0", "-1"]),
        ("PixelSpacing", ["2", "2"]),
        ("FrameOfReferenceUID", "1.2.3"),
        ("PatientPosition", "FFS"),
    ],
)
def test_series__leaves_strangers_out(tmp_path: Path, keyword: str, value: object) -> None:
    datasets = ct_datasets()
    setattr(datasets[0], keyword, value)
    course = read(tmp_path, datasets)
    assert len(course.ct_series[0].slices) == 4
    assert codes(course.findings) == [FindingCode.CT_GEOMETRY_MIXED]


@pytest.mark.parametrize("position", ["", "SITTING"])
def test_series__of_unknown_patient_position_is_said(tmp_path: Path, position: str) -> None:
    datasets = ct_datasets()
    for dataset in datasets:
        dataset.PatientPosition = position
    assert codes(read(tmp_path, datasets).findings) == [FindingCode.PATIENT_POSITION_UNKNOWN]


def test_series__each_have_their_own_slices(tmp_path: Path) -> None:
    other = ct_datasets(z_mm=(0.0, 2.0))
    for index, dataset in enumerate(other):
        dataset.SeriesInstanceUID = "1.2.3.4"
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.4.{index}"
    course = read(tmp_path, [*ct_datasets(), *other])
    assert sorted(len(one.slices) for one in course.ct_series) == [2, 5]
    assert sorted(one.spacing_mm or 0 for one in course.ct_series) == [2.0, 3.0]
