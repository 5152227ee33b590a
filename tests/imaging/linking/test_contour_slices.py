"""Structures beside the slices of their CT: missing, irregular, alone."""

from pathlib import Path

from imaging.findings import FindingCode
from tests.imaging.reading import codes, read_datasets
from tests.imaging.small_course import square
from tests.support.dicom_builders import (
    ct_datasets,
    ct_series,
    structure_dataset,
)


def test_structure__with_a_missing_slice_is_said(tmp_path: Path) -> None:
    levels = {"PTV": [square(z) for z in (-6.0, -3.0, 3.0, 6.0)]}
    course = read_datasets(tmp_path, *ct_datasets(), structure_dataset(levels, on=ct_series()))
    (finding,) = course.findings
    assert (finding.code, finding.structure) == (FindingCode.CONTOUR_SLICE_MISSING, "PTV")
    assert finding.message.startswith("1 slice(s)")


def test_structure__on_every_other_slice_is_said(tmp_path: Path) -> None:
    levels = {"PTV": [square(z) for z in (-6.0, 0.0, 6.0)]}
    course = read_datasets(tmp_path, *ct_datasets(), structure_dataset(levels, on=ct_series()))
    assert [one.message.split()[0] for one in course.findings] == ["2"]


def test_structure__with_irregular_planes_is_said(tmp_path: Path) -> None:
    levels = {"PTV": [square(z) for z in (-6.0, -3.0, 1.2, 4.2)]}
    course = read_datasets(tmp_path, *ct_datasets(), structure_dataset(levels, on=ct_series()))
    assert codes(course.findings) == [FindingCode.CONTOUR_SPACING_IRREGULAR]


def test_structure__of_one_slice_takes_the_thickness_of_the_ct(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, *ct_datasets(), structure_dataset({"P": [square(0.0)]}, on=ct_series()))
    structure = course.structure_sets[0].rois[0].structure
    assert structure is not None
    assert structure.slice_thickness_mm == 3.0
