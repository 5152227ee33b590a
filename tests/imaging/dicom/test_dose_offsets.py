"""GridFrameOffsetVector where both of its readings hold."""

from pathlib import Path

import pytest

from imaging.dicom.dose_grid import OffsetReading
from imaging.findings import FindingCode
from tests.imaging.dicom.test_rt_dose import read, slope
from tests.imaging.reading import codes
from tests.support.dicom_builders import ORIENTATIONS, dose_array, dose_dataset


@pytest.mark.parametrize(("position", "is_said"), [("FFS", True), ("FFP", True), ("HFS", False)])
@pytest.mark.parametrize("z_mm", [0.0, -6.0])
def test_offsets_from_zero_at_z_zero__are_distances_and_said_where_they_may_be_positions(
    tmp_path: Path, position: str, is_said: bool, z_mm: float
) -> None:
    """PS3.3 C.8.8.3.2: both readings hold there, and of a normal to the feet they are mirror images."""
    dataset = dose_dataset(dose_array(slope, orientation=ORIENTATIONS[position]))
    dataset.ImagePositionPatient[2] = z_mm
    dose, findings = read(dataset, tmp_path)
    assert dose.offset_reading is OffsetReading.RELATIVE
    sign = 1 if position == "HFS" else -1
    assert dose.grid.index_to_patient_mm[2] @ (0, 0, 4, 1) == pytest.approx(z_mm + sign * 12)
    assert codes(findings) == [FindingCode.DOSE_OFFSETS_AMBIGUOUS] * (is_said and z_mm == 0)
