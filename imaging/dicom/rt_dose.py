"""RT Dose (PS3.3 A.18): a dose grid in Gy, with its place in the patient and what it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dosimetry.grid import DoseGrid


class DoseSummation(StrEnum):
    """DoseSummationType values that are used; all others are set aside."""

    PLAN = "PLAN"
    BEAM = "BEAM"


class OffsetReading(StrEnum):
    """How GridFrameOffsetVector was read (PS3.3 C.8.8.3.2)."""

    RELATIVE = "relative"  # starts at 0: distances from ImagePositionPatient along the normal
    ABSOLUTE = "absolute"  # starts at the z of ImagePositionPatient: patient z of each plane
    SINGLE_PLANE = "single-plane"  # one frame: no vector needed


@dataclass(frozen=True)
class DoseVolumeCurve:
    """What a planning system wrote in its DVHSequence; compared with the grid, never believed."""

    roi_number: int | None
    units: str | None
    maximum: float | None
    mean: float | None


@dataclass(frozen=True, eq=False)
class RtDose:
    """One usable RT Dose: physical, in Gy, of a plan or of a beam."""

    file: str
    sop_instance_uid: str
    frame_of_reference_uid: str | None
    summation: DoseSummation
    plan_uids: tuple[str, ...]
    structure_set_uid: str | None
    beam_numbers: tuple[int, ...]
    fraction_groups: tuple[int, ...]
    grid: DoseGrid
    offset_reading: OffsetReading
    curves: tuple[DoseVolumeCurve, ...]
