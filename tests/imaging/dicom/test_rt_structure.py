"""A structure set gives every region its name and its contours, or a finding that says why not."""

import time
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from imaging.dicom.elements import quiet_pydicom
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode, Severity
from imaging.linking.objects import parse
from imaging.synthetic.header import set_raw_decimals, write_object
from imaging.synthetic.rt_structure import CONTOUR_DATA
from tests.imaging.reading import codes, open_file, parse_dataset
from tests.support.dicom_builders import FRAME, ct_series, structure_dataset

Floats = npt.NDArray[np.float64]


def circle(z_mm: float, radius_mm: float = 20.0, points: int = 36) -> Floats:
    angle = np.arange(points) * 2 * np.pi / points
    x, y = radius_mm * np.cos(angle), radius_mm * np.sin(angle)
    return np.round(np.column_stack([x, y, np.full(points, z_mm)]), 2)


def cylinder(levels_mm: Sequence[float] = (-3.0, 0.0, 3.0), radius_mm: float = 20.0) -> list[Floats]:
    return [circle(z, radius_mm) for z in levels_mm]


def read(dataset: Dataset, folder: Path) -> tuple[StructureSet, list[Finding]]:
    structures, findings = parse_dataset(dataset, folder)
    assert isinstance(structures, StructureSet)
    return structures, findings


def read_one(dataset: Dataset, folder: Path) -> tuple[Roi, list[Finding]]:
    structures, findings = read(dataset, folder)
    return structures.rois[0], findings


def contour_item(dataset: Dataset, number: int = 0) -> Dataset:
    item: Dataset = dataset.ROIContourSequence[0].ContourSequence[number]
    return item


def test_structure_set__keeps_names_numbers_and_contours(tmp_path: Path) -> None:
    series = ct_series()
    dataset = structure_dataset(
        {"PTV 1": cylinder(), "Cord": cylinder((0.0,))}, types={"PTV 1": "PTV"}, on=series
    )
    structures, findings = read(dataset, tmp_path)
    assert [(roi.number, roi.name, roi.interpreted_type) for roi in structures.rois] == [
        (1, "PTV 1", "PTV"),
        (2, "Cord", "ORGAN"),
    ]
    first = structures.rois[0].structure
    assert first is not None
    for found, drawn in zip(first.contours, cylinder(), strict=True):
        np.testing.assert_array_equal(found, drawn)
    assert structures.frame_of_reference_uid == FRAME
    assert len(structures.ct_uids) == 5
    assert findings == []


@pytest.mark.parametrize("said", ["", None])
def test_region__observed_twice_is_what_one_of_them_says(tmp_path: Path, said: str | None) -> None:
    dataset = structure_dataset({"PTV 1": cylinder()}, types={"PTV 1": "PTV"})
    silent = deepcopy(dataset.RTROIObservationsSequence[0])
    silent.RTROIInterpretedType = said
    dataset.RTROIObservationsSequence.insert(0, silent)
    structures, _ = read(dataset, tmp_path)
    assert [roi.interpreted_type for roi in structures.rois] == ["PTV"]


def test_structure_set__finds_its_regions(tmp_path: Path) -> None:
    structures, _ = read(structure_dataset({"A": cylinder(), "B": cylinder()}), tmp_path)
    assert structures.roi_by_name("B") is structures.rois[1]
    assert structures.roi_by_number(1) is structures.rois[0]
    assert structures.roi_by_name("C") is None
    assert structures.roi_by_number(9) is None


def test_region__without_contours_is_empty_and_said(tmp_path: Path) -> None:
    roi, findings = read_one(structure_dataset({"Areola": []}), tmp_path)
    assert roi.structure is None
    assert [(one.code, one.structure) for one in findings] == [(FindingCode.STRUCTURE_EMPTY, "Areola")]


@pytest.mark.parametrize("kind", ["POINT", "OPEN_PLANAR", "OPEN_NONPLANAR", "NONSENSE"])
def test_region__of_open_contours_bounds_no_volume(tmp_path: Path, kind: str) -> None:
    roi, findings = read_one(structure_dataset({"Wire": cylinder()}, geometric_type=kind), tmp_path)
    assert roi.structure is None
    assert roi.contours_set_aside == 3
    assert codes(findings) == [FindingCode.CONTOUR_TYPE_SET_ASIDE, FindingCode.STRUCTURE_EMPTY]
    assert kind in findings[0].message


@pytest.mark.parametrize("kind", ["POINT", "OPEN_PLANAR"])
def test_region__that_lost_an_outline_to_its_type_is_warned_of(tmp_path: Path, kind: str) -> None:
    dataset = structure_dataset({"Heart": cylinder()})
    dataset.ROIContourSequence[0].ContourSequence[1].ContourGeometricType = kind
    roi, findings = read_one(dataset, tmp_path)
    assert (roi.structure is not None, roi.contours_set_aside) == (True, 1)
    assert [(one.code, one.severity) for one in findings] == [
        (FindingCode.CONTOUR_TYPE_SET_ASIDE, Severity.WARNING)
    ]
    assert "may lack a part" in findings[0].message


def test_region__of_exclusive_or_contours_is_a_solid(tmp_path: Path) -> None:
    ring = [circle(0.0, 20.0), circle(0.0, 10.0)]
    roi, findings = read_one(structure_dataset({"Ring": ring}, geometric_type="CLOSEDPLANAR_XOR"), tmp_path)
    assert roi.structure is not None
    assert len(roi.structure.contours) == 2
    assert findings == []


def test_names__that_occur_twice_get_a_number(tmp_path: Path) -> None:
    dataset = structure_dataset({"a": cylinder(), "b": cylinder(), "c": cylinder(), "d": cylinder()})
    for item, name in zip(dataset.StructureSetROISequence, ("PTV", "PTV #2", "PTV", "PTV"), strict=True):
        item.ROIName = name
    structures, findings = read(dataset, tmp_path)
    assert [roi.name for roi in structures.rois] == ["PTV", "PTV #2", "PTV #3", "PTV #4"]
    assert [roi.verbatim_name for roi in structures.rois] == ["PTV", "PTV #2", "PTV", "PTV"]
    assert codes(findings) == [FindingCode.STRUCTURE_NAME_DUPLICATED] * 2


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(["A", "A #2", "A #3", "B", ""]), min_size=1, max_size=7))
def test_names__are_always_unique(tmp_path: Path, names: list[str]) -> None:
    dataset = structure_dataset({str(index): [] for index in range(len(names))})
    for item, name in zip(dataset.StructureSetROISequence, names, strict=True):
        item.ROIName = name
    structures, _ = read(dataset, tmp_path)
    shown = [roi.name for roi in structures.rois]
    assert len(set(shown)) == len(names)
    for name in set(names) - {""}:
        assert name in shown


def test_name__that_is_missing_is_replaced_and_said(tmp_path: Path) -> None:
    dataset = structure_dataset({"A": cylinder()})
    del dataset.StructureSetROISequence[0].ROIName
    roi, findings = read_one(dataset, tmp_path)
    assert roi.name == "ROI 1"
    assert codes(findings) == [FindingCode.STRUCTURE_NAME_MISSING]


def test_name__in_another_alphabet_stays_verbatim(tmp_path: Path) -> None:
    roi, _ = read_one(structure_dataset({"食管 Ösophagus": cylinder()}), tmp_path)
    assert roi.name == "食管 Ösophagus"


@pytest.mark.parametrize(
    "text",
    [
        "0\\0\\0\\1\\0\\0\\0\\1",
        "0\\0\\0\\nan\\0\\0\\0\\1\\0",
        "0\\0\\0\\inf\\0\\0\\0\\1\\0",
        "0\\0\\0\\1e80\\0\\0\\0\\1\\0",
        "0\\0\\0\\1e999\\0\\0\\0\\1\\0",
        "0\\0\\0\\1_0\\0\\0\\0\\1\\0",
        "0\\0\\0\\\\0\\0\\0\\1\\0",
        "0\\0\\0\\1 0\\0\\0\\0\\1\\0",
        "0\\0\\0\\1-0\\0\\0\\0\\1\\0",
        "",
    ],
)
def test_contour__that_is_no_list_of_points_costs_the_whole_structure(tmp_path: Path, text: str) -> None:
    """A solid with one contour missing has a wrong volume: better none."""
    dataset = structure_dataset({"A": cylinder(), "B": cylinder()})
    set_raw_decimals(contour_item(dataset), CONTOUR_DATA, text)
    contour_item(dataset).NumberOfContourPoints = 3
    structures, findings = read(dataset, tmp_path)
    assert structures.rois[0].structure is None
    assert structures.rois[1].structure is not None
    assert [(one.code, one.severity, one.structure) for one in findings] == [
        (FindingCode.CONTOUR_INVALID, Severity.ERROR, "A")
    ]


def test_contour__with_fewer_points_than_announced_costs_the_structure(tmp_path: Path) -> None:
    dataset = structure_dataset({"A": cylinder()})
    contour_item(dataset).NumberOfContourPoints = 37
    roi, findings = read_one(dataset, tmp_path)
    assert roi.structure is None
    assert codes(findings) == [FindingCode.CONTOUR_INVALID]


def test_contour__spelled_in_every_legal_way_is_read(tmp_path: Path) -> None:
    dataset = structure_dataset({"A": [circle(0.0)]})
    set_raw_decimals(contour_item(dataset), CONTOUR_DATA, " +1.0e1\\0 \\-0\\ 10\\ 10.\\0\\-.5E+1\\10\\0")
    contour_item(dataset).NumberOfContourPoints = 3
    roi, _ = read_one(dataset, tmp_path)
    assert roi.structure is not None
    np.testing.assert_array_equal(roi.structure.contours[0], [[10, 0, 0], [10, 10, 0], [-5, 10, 0]])


def test_contour__that_leaves_its_plane_costs_the_structure(tmp_path: Path) -> None:
    bent = circle(3.0)
    bent[0, 2] += 5.0
    roi, findings = read_one(structure_dataset({"A": [*cylinder(), bent]}), tmp_path)
    assert roi.structure is None
    assert codes(findings) == [FindingCode.CONTOUR_NOT_PLANAR]


def test_contour__of_another_orientation_costs_the_structure(tmp_path: Path) -> None:
    roi, findings = read_one(
        structure_dataset({"A": [*cylinder(), circle(0.0, 10.0)[:, [2, 0, 1]]]}), tmp_path
    )
    assert roi.structure is None
    assert codes(findings) == [FindingCode.CONTOUR_PLANES_MIXED]


def test_contours__of_a_tilted_solid_are_kept(tmp_path: Path) -> None:
    angle = np.deg2rad(20.0)
    tilt = np.array([[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]])
    roi, findings = read_one(structure_dataset({"A": [level @ tilt.T for level in cylinder()]}), tmp_path)
    assert roi.structure is not None
    assert findings == []


@pytest.mark.parametrize("points", [[[0, 0, 3]], [[0, 0, 3], [5, 0, 3]], [[0, 0, 3], [5, 0, 3], [9, 0, 3]]])
def test_contour__that_encloses_nothing_is_left_out_and_said(
    tmp_path: Path, points: list[list[float]]
) -> None:
    roi, findings = read_one(structure_dataset({"A": [*cylinder(), points]}), tmp_path)
    assert roi.structure is not None
    assert len(roi.structure.contours) == 3
    assert roi.contours_set_aside == 1
    assert codes(findings) == [FindingCode.CONTOUR_TYPE_SET_ASIDE]


def test_contour__like_a_figure_of_eight_is_planar(tmp_path: Path) -> None:
    eight = [[0, 0, 0], [10, 10, 0], [10, 0, 0], [0, 10, 0]]
    roi, findings = read_one(structure_dataset({"A": [eight]}), tmp_path)
    assert roi.structure is not None
    assert findings == []


def test_region_number__that_occurs_twice_costs_both(tmp_path: Path) -> None:
    dataset = structure_dataset({"A": cylinder(), "B": cylinder()})
    dataset.StructureSetROISequence[1].ROINumber = 1
    structures, findings = read(dataset, tmp_path)
    assert [roi.structure for roi in structures.rois] == [None, None]
    assert codes(findings).count(FindingCode.STRUCTURE_NUMBER_DUPLICATED) == 2
    assert FindingCode.STRUCTURE_UNKNOWN in codes(findings)


def test_contours__of_a_region_that_is_not_listed_are_said(tmp_path: Path) -> None:
    dataset = structure_dataset({"A": cylinder(), "B": cylinder()})
    del dataset.StructureSetROISequence[1]
    structures, findings = read(dataset, tmp_path)
    assert len(structures.rois) == 1
    assert codes(findings) == [FindingCode.STRUCTURE_UNKNOWN]


def test_region__in_another_frame_of_reference_costs_that_region(tmp_path: Path) -> None:
    dataset = structure_dataset({"A": cylinder(), "B": cylinder(), "C": cylinder()})
    dataset.StructureSetROISequence[1].ReferencedFrameOfReferenceUID = "1.2.3"
    structures, findings = read(dataset, tmp_path)
    assert [roi.structure is None for roi in structures.rois] == [False, True, False]
    assert structures.frame_of_reference_uid == FRAME
    assert [(one.code, one.structure) for one in findings] == [(FindingCode.FRAME_OF_REFERENCE_MISMATCH, "B")]


def test_frame_of_reference__that_is_blank_is_said(tmp_path: Path) -> None:
    dataset = structure_dataset({"A": cylinder()}, frame_uid="")
    structures, findings = read(dataset, tmp_path)
    assert structures.frame_of_reference_uid is None
    assert codes(findings) == [FindingCode.FRAME_OF_REFERENCE_MISSING]


def test_structure_set__that_lists_nothing_is_refused(tmp_path: Path) -> None:
    dataset = structure_dataset({"A": cylinder()})
    del dataset.StructureSetROISequence
    with pytest.raises(RefusedError) as refused:
        parse_dataset(dataset, tmp_path)
    assert refused.value.finding.code is FindingCode.ELEMENT_MISSING


def test_reading_90_000_points__takes_no_time(tmp_path: Path) -> None:
    levels = np.arange(-180.0, 180.0, 3.0)
    dataset = structure_dataset({f"S{i}": [circle(z, 20.0, 250) for z in levels] for i in range(3)})
    parse_dataset(dataset, tmp_path)
    started = time.process_time()
    structures, _ = read(dataset, tmp_path)
    elapsed_s = time.process_time() - started
    assert (
        sum(len(points) for roi in structures.rois if roi.structure for points in roi.structure.contours)
        == 90_000
    )
    assert elapsed_s < 2.0  # 0.2 s on a quiet machine, writing included; generous where tests share cores


def test_contour__whose_first_point_is_repeated_at_the_end_is_read_without_it(tmp_path: Path) -> None:
    drawn = circle(0.0)
    roi, findings = read_one(structure_dataset({"A": [np.vstack([drawn, drawn[:1]])]}), tmp_path)
    assert roi.structure is not None
    np.testing.assert_array_equal(roi.structure.contours[0], drawn)
    assert findings == []


@pytest.mark.parametrize("kind", ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR"])
def test_region__says_how_its_contours_combine(tmp_path: Path, kind: str) -> None:
    roi, _ = read_one(structure_dataset({"A": cylinder()}, geometric_type=kind), tmp_path)
    assert roi.combines_by_exclusive_or is (kind == "CLOSEDPLANAR_XOR")


def read_name(folder: Path, raw: bytes, character_sets: list[str]) -> tuple[str, list[Finding]]:
    """Read a region whose name has these very bytes under these character sets."""
    dataset = structure_dataset({"A": cylinder()})
    marker = b"N" * (len(raw) + len(raw) % 2)
    dataset.StructureSetROISequence[0].ROIName = marker.decode()
    dataset.SpecificCharacterSet = character_sets
    path = write_object(folder / "named.dcm", dataset)
    path.write_bytes(path.read_bytes().replace(marker, raw.ljust(len(marker))))
    file = open_file(path)
    with quiet_pydicom():
        structures = parse(file)
    assert isinstance(structures, StructureSet)
    return structures.rois[0].name, file.findings


ENCODED = {
    "IR 58": ("心脏", b"\x1b$)A\xd0\xc4\xd4\xe0", ["", "ISO 2022 IR 58"]),
    "IR 58 between Latin": ("PTV 心脏 1", b"PTV \x1b$)A\xd0\xc4\xd4\xe0 1", ["", "ISO 2022 IR 58"]),
    "IR 58 twice": ("心 心", b"\x1b$)A\xd0\xc4 \x1b$)A\xd0\xc4", ["ISO 2022 IR 6", "ISO 2022 IR 58"]),
    "IR 58 without its escape sequence": ("心脏", b"\xd0\xc4\xd4\xe0", ["", "ISO 2022 IR 58"]),
    "IR 58 without it, in Latin": ("PTV 心脏 1", b"PTV \xd0\xc4\xd4\xe0 1", ["", "ISO 2022 IR 58"]),
    "IR 100, and IR 58 unused": ("ÐÄÔà", b"\xd0\xc4\xd4\xe0", ["ISO_IR 100", "ISO 2022 IR 58"]),
    "IR 87": ("心臓", b"\x1b$B?4B!\x1b(B", ["", "ISO 2022 IR 87"]),
    "IR 13 and 87": ("ﾔﾏ心", b"\xd4\xcf\x1b$B?4\x1b(J", ["ISO 2022 IR 13", "ISO 2022 IR 87"]),
    "IR 149": ("심장", b"\x1b$)C\xbd\xc9\xc0\xe5", ["", "ISO 2022 IR 149"]),
    "GB18030": ("心脏", b"\xd0\xc4\xd4\xe0", ["GB18030"]),
    "IR 100": ("Ösophagus", b"\xd6sophagus", ["ISO_IR 100"]),
}


@pytest.mark.parametrize("case", ENCODED)
def test_name__in_any_character_set_is_decoded(tmp_path: Path, case: str) -> None:
    name, raw, character_sets = ENCODED[case]
    assert read_name(tmp_path, raw, character_sets) == (name, [])


@pytest.mark.parametrize(
    ("raw", "character_sets"),
    [(b"\xff\xfeHeart", ["ISO_IR 192"]), (b"\x1b$)A\xd0\xc4\xd4\xe0", ["ISO_IR 100"])],
    ids=["no UTF-8", "set not announced"],
)
def test_name__that_cannot_be_decoded_is_said(tmp_path: Path, raw: bytes, character_sets: list[str]) -> None:
    name, findings = read_name(tmp_path, raw, character_sets)
    assert "\ufffd" in name
    assert codes(findings) == [FindingCode.STRUCTURE_NAME_UNREADABLE]


def test_name__that_is_long_stays_verbatim_and_is_shortened_in_messages(tmp_path: Path) -> None:
    dataset = structure_dataset({"a": cylinder(), "b": cylinder()})
    for item in dataset.StructureSetROISequence:
        item.add(DataElement("ROIName", "LO", "L" * 300, validation_mode=IGNORE))
    structures, findings = read(dataset, tmp_path)
    assert [roi.verbatim_name for roi in structures.rois] == ["L" * 300] * 2
    assert structures.rois[1].name == "L" * 300 + " #2"
    (finding,) = findings
    assert finding.structure == structures.rois[1].name
    assert len(finding.message) < 256
