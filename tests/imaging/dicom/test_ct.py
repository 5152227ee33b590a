"""CT headers give the geometry of slices; what cannot be placed is set aside."""

from pathlib import Path

import pytest

from imaging.dicom.ct import CtSlice
from imaging.errors import RefusedError
from imaging.findings import FindingCode, Severity
from tests.imaging.reading import parse_dataset
from tests.support.dicom_builders import FRAME, ct_datasets


def test_slice__gives_its_place(tmp_path: Path) -> None:
    found, findings = parse_dataset(ct_datasets(z_mm=(4.0,), matrix=8)[0], tmp_path)
    assert isinstance(found, CtSlice)
    assert found.plane.position_mm == (-35.0, -35.0, 4.0)
    assert found.plane.pixel_spacing_mm == (10.0, 10.0)
    assert (found.rows, found.columns, found.frame_of_reference_uid) == (8, 8, FRAME)
    assert found.patient_position == "HFS"
    assert findings == []


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("ImagePositionPatient", None),
        ("ImageOrientationPatient", ["1", "0", "0", "1", "0", "0"]),
        ("PixelSpacing", None),
        ("Rows", None),
        ("SeriesInstanceUID", None),
        ("ImageType", ["ORIGINAL", "PRIMARY", "LOCALIZER"]),
        ("PixelData", b"\0\0"),
    ],
)
def test_slice__that_cannot_be_used_is_set_aside(tmp_path: Path, keyword: str, value: object) -> None:
    dataset = ct_datasets(z_mm=(0.0,))[0]
    if value is None:
        delattr(dataset, keyword)
    else:
        setattr(dataset, keyword, value)
    with pytest.raises(RefusedError) as refused:
        parse_dataset(dataset, tmp_path)
    assert refused.value.finding.code is FindingCode.CT_SLICE_UNUSABLE
    assert refused.value.finding.element == keyword
    is_fault = keyword != "ImageType"  # a scout beside the slices is as it should be
    assert refused.value.finding.severity is (Severity.ERROR if is_fault else Severity.INFO)
