"""CT images (PS3.3 A.3): geometry of the slices, read without their pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from imaging.dicom.geometry import Plane, read_plane
from imaging.dicom.part10 import DicomFile
from imaging.errors import RefusedError
from imaging.findings import FindingCode, info


@dataclass(frozen=True)
class CtSlice:
    """One CT image; `path` is where its bytes lie, `thickness_mm` what SliceThickness says (not the
    spacing)."""

    file: str
    path: Path
    sop_instance_uid: str
    series_uid: str
    frame_of_reference_uid: str | None
    plane: Plane
    rows: int
    columns: int
    thickness_mm: float | None
    patient_position: str | None
    is_compressed: bool


@dataclass(frozen=True)
class CtSeries:
    """Slices of one series, sorted along their normal.

    `spacing_mm` is the median distance of neighbouring slice positions (never SliceThickness), None for one
    slice; `positions_mm` are those positions along the normal. `left_out` names the files of images of the
    series that are no slices of it: duplicates, and those of another geometry.
    """

    series_uid: str
    frame_of_reference_uid: str | None
    patient_position: str | None
    slices: tuple[CtSlice, ...]
    positions_mm: tuple[float, ...]
    spacing_mm: float | None
    is_regular: bool
    left_out: tuple[str, ...] = ()


def read_ct_slice(file: DicomFile) -> CtSlice:
    """Read the header of a CT image.

    Raises
    ------
    RefusedError
        If it cannot be placed in the patient, is a localizer, or its pixels are cut short.
    """
    item = file.item
    action = "Export the CT series again, without scout images."
    if "LOCALIZER" in (item.text("ImageType") or "").upper():
        message = "The image is a scout (LOCALIZER), not a slice; it was set aside."
        where = {"file": item.file, "element": "ImageType"}
        raise RefusedError(
            info(FindingCode.CT_SLICE_UNUSABLE, message, **where)
        )  # archives hold them as a rule
    plane = read_plane(item)
    rows, columns = item.integer("Rows") or 0, item.integer("Columns") or 0
    series_uid = item.uid("SeriesInstanceUID")
    if isinstance(plane, str) or min(rows, columns) < 1 or series_uid is None:
        element = plane if isinstance(plane, str) else ("Rows" if series_uid else "SeriesInstanceUID")
        message = f"The CT image has no usable {element}; it was set aside."
        raise item.refuse(FindingCode.CT_SLICE_UNUSABLE, message, action=action, element=element)
    _check_pixels(file, rows * columns * ((item.integer("BitsAllocated") or 16) // 8))
    return CtSlice(
        file=item.file,
        path=file.received.path,
        sop_instance_uid=file.sop_instance_uid,
        series_uid=series_uid,
        frame_of_reference_uid=item.uid("FrameOfReferenceUID"),
        plane=plane,
        rows=rows,
        columns=columns,
        thickness_mm=item.number("SliceThickness"),
        patient_position=item.code("PatientPosition"),
        is_compressed=file.is_compressed,
    )


def _check_pixels(file: DicomFile, expected_bytes: int) -> None:
    if file.pixels is None or len(file.pixels) >= expected_bytes:
        return
    message = (
        f"The CT image has {len(file.pixels):,} of {expected_bytes:,} bytes of pixels; it was set aside."
    )
    action = "Export the CT series again."
    raise file.item.refuse(FindingCode.CT_SLICE_UNUSABLE, message, action=action, element="PixelData")
