"""Structures beside the slices of their CT: missing, irregular, alone."""

from pathlib import Path

from imaging.findings import FindingCode, Severity
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


def test_structure__of_one_plane_without_a_ct_is_as_thick_as_others_are_drawn(tmp_path: Path) -> None:
    levels = {"Cord": [square(z) for z in (-5.0, 0.0, 5.0)], "Lesion": [square(0.0)]}
    course = read_datasets(tmp_path, structure_dataset(levels))
    lesion = course.structure_sets[0].roi_by_name("Lesion")
    assert lesion is not None
    assert lesion.structure is not None
    assert lesion.structure.slice_thickness_mm == 5.0
    found = [one for one in course.findings if one.code is FindingCode.CONTOUR_THICKNESS_ASSUMED]
    assert [(one.structure, one.severity) for one in found] == [("Lesion", Severity.INFO)]


def test_structure__of_one_plane_that_nothing_tells_the_thickness_of_is_warned_of(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, structure_dataset({"Lesion": [square(0.0)]}))
    found = [one for one in course.findings if one.code is FindingCode.CONTOUR_THICKNESS_ASSUMED]
    assert [(one.structure, one.severity) for one in found] == [("Lesion", Severity.WARNING)]
    assert "3 mm is assumed" in found[0].message


def test_structure__whose_piece_leaves_out_a_slice_is_said(tmp_path: Path) -> None:
    """The other piece is drawn on every slice: taken together they miss none."""
    apart = [[[x + 60, y, w] for x, y, w in square(z)] for z in (-6.0, -3.0, 3.0, 6.0)]
    levels = {"Nodes": [*(square(z) for z in (-6.0, -3.0, 0.0, 3.0, 6.0)), *apart]}
    course = read_datasets(tmp_path, *ct_datasets(), structure_dataset(levels, on=ct_series()))
    (finding,) = course.findings
    assert finding.code is FindingCode.CONTOUR_SLICE_MISSING
    assert "taken to end" in finding.message
