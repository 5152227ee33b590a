"""CT images: geometry of the slices, read without their pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class CtSlice:
    """One CT image; mm in the patient frame (LPS).

    `row_direction` is the direction in which the column index grows, `column_direction` that of the row index;
    `pixel_spacing_mm` is (between rows, between columns) as in PS3.3 10.7.1.3.
    """

    file: str
    path: Path
    sop_instance_uid: str
    series_uid: str | None
    frame_of_reference_uid: str | None
    position_mm: Vector
    row_direction: Vector
    column_direction: Vector
    pixel_spacing_mm: tuple[float, float]
    rows: int
    columns: int
    thickness_mm: float | None
    patient_position: str | None


@dataclass(frozen=True)
class CtSeries:
    """Slices of one series, sorted along their normal.

    `spacing_mm` is the median distance of neighbouring slice positions (never SliceThickness), None for one slice.
    """

    series_uid: str
    frame_of_reference_uid: str | None
    patient_position: str | None
    slices: tuple[CtSlice, ...]
    spacing_mm: float | None
    is_regular: bool
