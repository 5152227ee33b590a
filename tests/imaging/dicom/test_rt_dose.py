"""A dose grid lies where its elements say, in Gy, or it is refused with the finding that says why."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from dosimetry.grid import DoseGrid
from imaging.dicom.dose_grid import OffsetReading, scaled_gy
from imaging.dicom.rt_dose import DoseSummation, RtDose
from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode
from imaging.synthetic.rt_dose import DoseLabel
from tests.imaging.reading import codes, parse_dataset, refusal
from tests.support import hostile
from tests.support.dicom_builders import FRAME, ORIENTATIONS, PLAN, STRUCTURES, dose_array, dose_dataset

Floats = npt.NDArray[np.float64]
ROUNDING_GY = 1e-4
"""Stored integers and decimal strings of six digits round a dose of some 30 Gy by less."""


def slope(x: Floats, y: Floats, z: Floats) -> Floats:
    """A dose that tells every axis and direction apart, linear so that interpolation is exact."""
    dose: Floats = 20.0 + 0.031 * x - 0.047 * y + 0.083 * z
    return dose


def read(dataset: Dataset, folder: Path) -> tuple[RtDose, list[Finding]]:
    dose, findings = parse_dataset(dataset, folder)
    assert isinstance(dose, RtDose)
    return dose, findings


def refused(dataset: Dataset, folder: Path) -> Finding:
    with pytest.raises(RefusedError) as caught:
        parse_dataset(dataset, folder)
    return caught.value.finding


def assert_lies_where_it_should(grid: DoseGrid) -> None:
    points = grid.voxel_centres_mm()
    expected = slope(points[..., 0], points[..., 1], points[..., 2])
    np.testing.assert_allclose(grid.values_gy, expected, atol=ROUNDING_GY)


OFFSETS = {
    "ascending": (0.0, 3.0, 6.0, 9.0, 12.0),
    "descending": (0.0, -3.0, -6.0, -9.0, -12.0),
    "irregular": (0.0, 2.0, 5.0, 9.5, 10.5),
    "irregular descending": (0.0, -2.0, -5.0, -9.5, -10.5),
}


@pytest.mark.parametrize(("position", "offsets"), list(product(ORIENTATIONS, OFFSETS)))
def test_relative_offsets__run_along_row_times_column(tmp_path: Path, position: str, offsets: str) -> None:
    array = dose_array(slope, orientation=ORIENTATIONS[position], offsets_mm=OFFSETS[offsets])
    dose, findings = read(dose_dataset(array), tmp_path)
    assert dose.offset_reading is OffsetReading.RELATIVE
    assert_lies_where_it_should(dose.grid)
    assert findings == []


@pytest.mark.parametrize(("position", "offsets"), list(product(ORIENTATIONS, OFFSETS)))
def test_absolute_offsets__are_patient_z(tmp_path: Path, position: str, offsets: str) -> None:
    array = dose_array(
        slope, orientation=ORIENTATIONS[position], offsets_mm=OFFSETS[offsets], absolute_offsets=True
    )
    dose, findings = read(dose_dataset(array), tmp_path)
    assert dose.offset_reading is OffsetReading.ABSOLUTE
    assert_lies_where_it_should(dose.grid)
    assert codes(findings) == [FindingCode.DOSE_OFFSETS_ABSOLUTE]


def test_feet_first_planes__run_downwards(tmp_path: Path) -> None:
    """By hand: plane 4 of a feet-first supine grid that starts at z = -6 lies 12 mm below it."""
    dose, _ = read(dose_dataset(dose_array(slope, orientation=ORIENTATIONS["FFS"])), tmp_path)
    corner = dose.grid.index_to_patient_mm @ (13, 11, 4, 1)
    np.testing.assert_allclose(corner, (-30 - 13 * 5, -25 + 11 * 4, -6 - 12, 1))


def test_non_square_pixels__row_spacing_comes_first(tmp_path: Path) -> None:
    """PixelSpacing 4\\5: rows lie 4 mm apart, columns 5 mm."""
    dose, _ = read(dose_dataset(dose_array(slope, pixel_spacing_mm=(4.0, 5.0))), tmp_path)
    assert dose.grid.spacing_mm == pytest.approx((5.0, 4.0, 3.0))
    np.testing.assert_allclose(dose.grid.index_to_patient_mm @ (1, 2, 0, 1), (-25, -17, -6, 1))


@pytest.mark.parametrize("angle_degrees", [10.0, 45.0, -30.0])
def test_oblique_planes__keep_their_place(tmp_path: Path, angle_degrees: float) -> None:
    angle = np.deg2rad(angle_degrees)
    orientation = (np.cos(angle), 0.0, np.sin(angle), 0.0, 1.0, 0.0)
    dose, _ = read(dose_dataset(dose_array(slope, orientation=orientation)), tmp_path)
    assert_lies_where_it_should(dose.grid)


def test_absolute_offsets__of_oblique_planes_are_refused(tmp_path: Path) -> None:
    orientation = (0.8, 0.0, 0.6, 0.0, 1.0, 0.0)
    array = dose_array(slope, orientation=orientation, absolute_offsets=True)
    assert refused(dose_dataset(array), tmp_path).code is FindingCode.DOSE_GEOMETRY_INVALID


@st.composite
def geometries(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a grid of any orientation, spacing and place; distances are rounded as an export rounds them."""
    steps = draw(st.lists(st.floats(0.5, 8.0), min_size=1, max_size=6))
    offsets = np.concatenate(([0.0], np.cumsum(steps))) * draw(st.sampled_from([1.0, -1.0]))
    place = st.floats(-300, 300).map(lambda mm: round(mm, 2))
    return {
        "orientation": ORIENTATIONS[draw(st.sampled_from(sorted(ORIENTATIONS)))],
        "offsets_mm": np.round(offsets, 2).tolist(),
        "origin_mm": draw(st.tuples(place, place, place)),
        "pixel_spacing_mm": draw(st.tuples(st.sampled_from([1.0, 2.5]), st.sampled_from([1.5, 2.5, 5.0]))),
        "shape": (len(offsets), 4, 5),
    }


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(geometry=geometries())
def test_any_grid__lies_where_its_elements_say(tmp_path: Path, geometry: dict[str, Any]) -> None:
    array = dose_array(lambda x, y, z: slope(x, y, z) + 60.0, **geometry)
    dose, _ = read(dose_dataset(array), tmp_path)
    points = dose.grid.voxel_centres_mm()
    expected = slope(points[..., 0], points[..., 1], points[..., 2]) + 60.0
    # Planes up to 0.01 mm off count as evenly spaced: at 0.083 Gy/mm that is less than 1 mGy.
    np.testing.assert_allclose(dose.grid.values_gy, expected, atol=1e-3)


@pytest.mark.parametrize("bits", [16, 32])
def test_stored_integers__of_both_widths_become_gray(tmp_path: Path, bits: int) -> None:
    dose, _ = read(dose_dataset(dose_array(slope), label=DoseLabel(bits=bits)), tmp_path)
    points = dose.grid.voxel_centres_mm()
    rounding = 1e-3 if bits == 16 else ROUNDING_GY
    expected = slope(points[..., 0], points[..., 1], points[..., 2])
    np.testing.assert_allclose(dose.grid.values_gy, expected, atol=rounding)


def test_dose__is_stored_value_times_scaling(tmp_path: Path) -> None:
    dataset = dose_dataset(dose_array(slope, shape=(2, 2, 2)), label=DoseLabel(bits=16))
    dataset.DoseGridScaling = "0.25"
    dataset.PixelData = np.arange(8, dtype="<u2").tobytes()
    dose, _ = read(dataset, tmp_path)
    np.testing.assert_array_equal(dose.grid.values_gy.ravel(), 0.25 * np.arange(8))


def test_unsigned_values__above_the_signed_range_stay_positive(tmp_path: Path) -> None:
    dataset = dose_dataset(dose_array(slope, shape=(1, 2, 2)), label=DoseLabel(bits=16))
    dataset.SliceThickness = "3"
    dataset.DoseGridScaling = "0.001"
    dataset.PixelData = np.array([0, 1, 40_000, 65_535], dtype="<u2").tobytes()
    dose, _ = read(dataset, tmp_path)
    assert dose.grid.maximum_gy == pytest.approx(65.535)


def signed_dose(values: Sequence[int]) -> Dataset:
    dataset = dose_dataset(dose_array(slope, shape=(1, 2, 2)), label=DoseLabel(bits=16))
    dataset.SliceThickness = "3"
    dataset.PixelRepresentation = 1
    dataset.DoseGridScaling = "0.01"
    dataset.PixelData = np.array(values, dtype="<i2").tobytes()
    return dataset


def test_signed_values__are_read_as_such(tmp_path: Path) -> None:
    dose, findings = read(signed_dose([0, 1, 2, 3000]), tmp_path)
    assert dose.grid.maximum_gy == pytest.approx(30.0)
    assert findings == []


def test_signed_values__slightly_below_zero_become_zero_and_are_said(tmp_path: Path) -> None:
    dose, findings = read(signed_dose([-3, 1, 2, 3000]), tmp_path)
    assert dose.grid.values_gy.min() == 0
    assert codes(findings) == [FindingCode.DOSE_NEGATIVE]


def test_signed_values__far_below_zero_are_refused(tmp_path: Path) -> None:
    assert refused(signed_dose([-300, 1, 2, 3000]), tmp_path).code is FindingCode.DOSE_NEGATIVE


def test_single_plane__takes_its_thickness(tmp_path: Path) -> None:
    dose, _ = read(signed_dose([0, 1, 2, 3000]), tmp_path)
    assert dose.offset_reading is OffsetReading.SINGLE_PLANE
    assert dose.grid.spacing_mm[2] == 3.0


def test_single_plane__without_thickness_is_refused(tmp_path: Path) -> None:
    dataset = signed_dose([0, 1, 2, 3000])
    del dataset.SliceThickness
    assert refused(dataset, tmp_path).code is FindingCode.DOSE_GEOMETRY_INVALID


@pytest.mark.parametrize(
    ("keyword", "value", "code"),
    [
        ("DoseUnits", "RELATIVE", FindingCode.DOSE_UNITS_UNUSABLE),
        ("DoseUnits", None, FindingCode.DOSE_UNITS_UNUSABLE),
        ("DoseUnits", "CGY", FindingCode.DOSE_UNITS_UNUSABLE),
        ("DoseType", "EFFECTIVE", FindingCode.DOSE_TYPE_UNUSABLE),
        ("DoseType", "ERROR", FindingCode.DOSE_TYPE_UNUSABLE),
        ("DoseType", None, FindingCode.DOSE_TYPE_UNUSABLE),
        *[
            ("DoseSummationType", summation, FindingCode.DOSE_SUMMATION_UNUSABLE)
            for summation in (
                "FRACTION",
                "MULTI_PLAN",
                "BRACHY",
                "CONTROL_POINT",
                "FRACTION_SESSION",
                "NEW",
                None,
            )
        ],
        ("DoseGridScaling", "0", FindingCode.DOSE_SCALING_INVALID),
        ("DoseGridScaling", "-0.001", FindingCode.DOSE_SCALING_INVALID),
        ("DoseGridScaling", "1e308", FindingCode.DOSE_SCALING_INVALID),
        ("ImagePositionPatient", None, FindingCode.DOSE_GEOMETRY_INVALID),
        ("ImageOrientationPatient", None, FindingCode.DOSE_GEOMETRY_INVALID),
        ("ImageOrientationPatient", ["1", "0", "0", "1", "0", "0"], FindingCode.DOSE_GEOMETRY_INVALID),
        ("ImageOrientationPatient", ["2", "0", "0", "0", "1", "0"], FindingCode.DOSE_GEOMETRY_INVALID),
        ("PixelSpacing", None, FindingCode.DOSE_GEOMETRY_INVALID),
        ("PixelSpacing", ["0", "2"], FindingCode.DOSE_GEOMETRY_INVALID),
        ("PixelSpacing", ["-2", "2"], FindingCode.DOSE_GEOMETRY_INVALID),
        ("GridFrameOffsetVector", None, FindingCode.DOSE_GEOMETRY_INVALID),
        ("GridFrameOffsetVector", ["0", "3", "6"], FindingCode.DOSE_GEOMETRY_INVALID),
        ("GridFrameOffsetVector", ["0", "3", "3", "6", "9"], FindingCode.DOSE_GEOMETRY_INVALID),
        ("GridFrameOffsetVector", ["0", "3", "-6", "9", "12"], FindingCode.DOSE_GEOMETRY_INVALID),
        ("GridFrameOffsetVector", ["1", "4", "7", "10", "13"], FindingCode.DOSE_GEOMETRY_INVALID),
        ("Rows", None, FindingCode.DOSE_GEOMETRY_INVALID),
        ("Rows", 65_535, FindingCode.DOSE_PIXELS_UNUSABLE),
        ("Columns", 13, FindingCode.DOSE_PIXELS_UNUSABLE),
        ("NumberOfFrames", "6", FindingCode.DOSE_GEOMETRY_INVALID),
        ("NumberOfFrames", "100000000", FindingCode.DOSE_PIXELS_UNUSABLE),
        ("NumberOfFrames", None, FindingCode.DOSE_PIXELS_UNUSABLE),
        ("BitsAllocated", 16, FindingCode.DOSE_PIXELS_UNUSABLE),
        ("BitsAllocated", 8, FindingCode.DOSE_PIXELS_UNUSABLE),
        ("BitsStored", 12, FindingCode.DOSE_PIXELS_UNUSABLE),
        ("SamplesPerPixel", 3, FindingCode.DOSE_PIXELS_UNUSABLE),
        ("PixelData", None, FindingCode.DOSE_PIXELS_MISSING),
        ("PixelData", b"\0" * 100, FindingCode.DOSE_PIXELS_UNUSABLE),
    ],
)
def test_dose__is_refused(tmp_path: Path, keyword: str, value: object, code: FindingCode) -> None:
    dataset = dose_dataset(dose_array(slope))
    if value is None:
        delattr(dataset, keyword)
    else:
        setattr(dataset, keyword, value)
    finding = refused(dataset, tmp_path)
    assert finding.code is code
    assert finding.action


def test_dose__in_gy_of_any_case_is_in_gy(tmp_path: Path) -> None:
    dataset = dose_dataset(3.0)
    dataset.add(DataElement("DoseUnits", "CS", "Gy", validation_mode=IGNORE))
    dose, findings = read(dataset, tmp_path)
    assert dose.grid.maximum_gy == pytest.approx(3.0)
    assert not findings


def test_dose__without_scaling_is_refused(tmp_path: Path) -> None:
    assert refusal(hostile.dose_without_scaling(tmp_path / "a.dcm")).code is FindingCode.DOSE_SCALING_MISSING


@pytest.mark.parametrize("scaling", ["NaN", "nan", "inf", "-inf", "-0.001", "1e999", "0.0", "abc", "1\\2"])
def test_dose__with_a_scaling_that_is_no_positive_number_is_refused(tmp_path: Path, scaling: str) -> None:
    finding = refusal(hostile.dose_with_scaling(tmp_path / "a.dcm", scaling))
    assert finding.code is FindingCode.DOSE_SCALING_INVALID
    assert finding.element == "DoseGridScaling"


def test_dose__says_what_it_belongs_to(tmp_path: Path) -> None:
    label = DoseLabel(summation_type="BEAM", beam_number=3, plan_uid=PLAN, structure_set_uid=STRUCTURES)
    dose, _ = read(dose_dataset(2.0, label=label), tmp_path)
    assert dose.summation is DoseSummation.BEAM
    assert (dose.plan_uids, dose.structure_set_uids, dose.beam_numbers) == ((PLAN,), (STRUCTURES,), (3,))
    assert dose.frame_of_reference_uid == FRAME


def test_dose__of_zeros_alone_is_said(tmp_path: Path) -> None:
    dataset = dose_dataset(1.0)
    dataset.PixelData = bytes(len(dataset.PixelData))
    dose, findings = read(dataset, tmp_path)
    assert dose.is_all_zero
    assert codes(findings) == [FindingCode.DOSE_ALL_ZERO]


def test_dose__on_a_coarse_grid_is_said(tmp_path: Path) -> None:
    _, findings = read(dose_dataset(dose_array(slope, pixel_spacing_mm=(8.0, 2.0))), tmp_path)
    assert codes(findings) == [FindingCode.DOSE_GRID_COARSE]


def test_odd_pixel_padding__is_no_fault(tmp_path: Path) -> None:
    dataset = dose_dataset(dose_array(slope, shape=(3, 3, 3)), label=DoseLabel(bits=16))
    assert len(dataset.PixelData) == 54
    dose, _ = read(dataset, tmp_path)
    assert_lies_roughly(dose.grid)


def assert_lies_roughly(grid: DoseGrid) -> None:
    points = grid.voxel_centres_mm()
    np.testing.assert_allclose(
        grid.values_gy, slope(points[..., 0], points[..., 1], points[..., 2]), atol=1e-3
    )


STORED_AND_SCALING = [(47_880_000, "1e-6"), (4788, "0.01"), (50_400_003, "1.0E-06"), (3, "0.7"), (7, "1.1e1")]


@pytest.mark.parametrize(("stored", "scaling"), STORED_AND_SCALING)
def test_stored_integer__times_its_scaling_is_the_nearest_double(
    tmp_path: Path, stored: int, scaling: str
) -> None:
    """47,880,000 x 1e-6 is 47.88 Gy, not the double below: V47.88Gy of it is everything, not nothing."""
    dataset = dose_dataset(10.0)
    pixels = np.frombuffer(dataset.PixelData, dtype=f"<u{dataset.BitsAllocated // 8}")
    dataset.PixelData = np.full_like(pixels, stored).tobytes()
    dataset.DoseGridScaling = scaling
    dose, _ = read(dataset, tmp_path)
    assert set(dose.grid.values_gy.ravel().tolist()) == {float(Decimal(stored) * Decimal(scaling))}


@settings(max_examples=60)
@given(
    stored=st.integers(0, 2**32 - 1),
    mantissa=st.integers(1, 10**5),
    exponent=st.integers(-10, 0),
)
def test_short_scalings__are_rounded_once(stored: int, mantissa: int, exponent: int) -> None:
    scaling = Decimal(mantissa).scaleb(exponent)
    values = scaled_gy(np.array([[[stored]]], dtype=np.uint32), scaling)
    assert stored * mantissa > 2**53 or values[0, 0, 0] == float(stored * scaling)
    assert values[0, 0, 0] == pytest.approx(stored * float(scaling), rel=1e-15)


def test_dose__without_frame_of_reference_is_said(tmp_path: Path) -> None:
    dose, findings = read(dose_dataset(frame_uid=""), tmp_path)
    assert dose.frame_of_reference_uid is None
    assert [(one.code, one.element) for one in findings] == [
        (FindingCode.FRAME_OF_REFERENCE_MISSING, "FrameOfReferenceUID")
    ]
