"""RT Dose (PS3.3 A.18): a dose grid in Gy, with its place in the patient and what it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dosimetry.grid import DoseGrid
from imaging.dicom.dose_grid import AGAIN, OffsetReading, read_dose_grid
from imaging.dicom.elements import Item, unique
from imaging.dicom.part10 import DicomFile
from imaging.findings import FindingCode, warning


class DoseSummation(StrEnum):
    """DoseSummationType values that are used; all others are set aside."""

    PLAN = "PLAN"
    BEAM = "BEAM"


@dataclass(frozen=True)
class DoseVolumeCurve:
    """What a planning system wrote in its DVHSequence; compared with the grid, never believed."""

    roi_number: int | None
    units: str | None
    maximum: float | None
    mean: float | None


@dataclass(frozen=True, eq=False)
class RtDose:
    """One usable RT Dose: physical, in Gy, of a plan or of a beam.

    `is_all_zero` says that every voxel is 0 Gy: such a grid is never added to anything.
    """

    file: str
    sop_instance_uid: str
    frame_of_reference_uid: str | None
    summation: DoseSummation
    plan_uids: tuple[str, ...]
    structure_set_uids: tuple[str, ...]
    beam_numbers: tuple[int, ...]
    fraction_groups: tuple[int, ...]
    grid: DoseGrid
    offset_reading: OffsetReading
    curves: tuple[DoseVolumeCurve, ...]
    is_all_zero: bool


def read_rt_dose(file: DicomFile) -> RtDose:
    """Read an RT Dose; doubts are noted in the file's findings.

    Raises
    ------
    RefusedError
        If it is not a physical dose in Gy of a plan or beam, or its grid cannot be placed or scaled.
    """
    item = file.item
    summation = _summation(item)
    plans = item.items("ReferencedRTPlanSequence")
    groups = [group for plan in plans for group in plan.items("ReferencedFractionGroupSequence")]
    beams = [beam for group in groups for beam in group.items("ReferencedBeamSequence")]
    numbers = _integers(beams, "ReferencedBeamNumber")
    grid, reading = read_dose_grid(file)
    return RtDose(
        file=item.file,
        sop_instance_uid=file.sop_instance_uid,
        frame_of_reference_uid=_frame_of_reference(item),
        summation=summation,
        plan_uids=unique([plan.uid("ReferencedSOPInstanceUID") for plan in plans]),
        structure_set_uids=unique(
            [
                reference.uid("ReferencedSOPInstanceUID")
                for reference in item.items("ReferencedStructureSetSequence")
            ]
        ),
        beam_numbers=numbers,
        fraction_groups=_integers(groups, "ReferencedFractionGroupNumber"),
        grid=grid,
        offset_reading=reading,
        curves=tuple(_curve(curve) for curve in item.items("DVHSequence")),
        is_all_zero=_note_all_zero(item, grid, numbers),
    )


def _summation(item: Item) -> DoseSummation:
    units, kind, summation = (item.code(key) for key in ("DoseUnits", "DoseType", "DoseSummationType"))
    if units != "GY":
        what = (
            "percent or relative units" if units == "RELATIVE" else f"units {units or 'that are not given'}"
        )
        message = f"The dose is in {what}, not in Gy; it was set aside."
        raise item.refuse(FindingCode.DOSE_UNITS_UNUSABLE, message, action=AGAIN, element="DoseUnits")
    if kind != "PHYSICAL":
        message = f"The dose is of type {kind or 'not given'}, not PHYSICAL; it was set aside."
        raise item.refuse(FindingCode.DOSE_TYPE_UNUSABLE, message, action=AGAIN, element="DoseType")
    if summation is None or summation not in DoseSummation.__members__:
        message = f"The dose is a sum of kind {summation or 'not given'}, not PLAN or BEAM; it was set aside."
        raise item.refuse(
            FindingCode.DOSE_SUMMATION_UNUSABLE, message, action=AGAIN, element="DoseSummationType"
        )
    return DoseSummation(summation)


def _frame_of_reference(item: Item) -> str | None:
    frame = item.uid("FrameOfReferenceUID")
    if frame is None:
        message = "The dose names no frame of reference; it is taken to lie in that of its plan."
        action = "Export the dose again with its frame of reference."
        code, element = FindingCode.FRAME_OF_REFERENCE_MISSING, "FrameOfReferenceUID"
        item.note(warning(code, message, action=action, file=item.file, element=element))
    return frame


def _note_all_zero(item: Item, grid: DoseGrid, beams: tuple[int, ...]) -> bool:
    if grid.maximum_gy > 0:
        return False
    claim = f" although it claims beams {', '.join(map(str, beams))}" if beams else ""
    finding = warning(
        FindingCode.DOSE_ALL_ZERO,
        f"Every voxel of the dose is 0 Gy{claim}; it was set aside and added to nothing.",
        action="Export the dose again if one was meant to be here.",
        file=item.file,
        element="PixelData",
    )
    item.note(finding)
    return True


def _curve(item: Item) -> DoseVolumeCurve:
    reference = item.first("DVHReferencedROISequence")
    return DoseVolumeCurve(
        roi_number=reference.integer("ReferencedROINumber") if reference else None,
        units=item.code("DoseUnits"),
        maximum=item.number("DVHMaximumDose"),
        mean=item.number("DVHMeanDose"),
    )


def _integers(items: list[Item], keyword: str) -> tuple[int, ...]:
    numbers = [item.integer(keyword) for item in items]
    return tuple(number for number in numbers if number is not None)
