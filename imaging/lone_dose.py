"""One RT Dose by itself, whatever it refers to: of a plan, a beam or a sum, physical or effective, in Gy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dosimetry.grid import DoseGrid
from imaging.dicom.dose_grid import AGAIN, read_dose_grid
from imaging.dicom.elements import Item, quiet_pydicom
from imaging.dicom.part10 import read_part10
from imaging.dicom.sop_classes import SopClass, sop_class_name
from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode, error
from imaging.linking.identity import NamedIdentity, read_identity
from imaging.received import Limits, received_file, shown
from imaging.zip_archive import foreign_archive, is_zip

_DOSE_TYPES = ("PHYSICAL", "EFFECTIVE")


@dataclass(frozen=True, eq=False)
class LoneDose:
    """A dose grid and what its file says of it.

    Attributes
    ----------
    file
        Its name as the user knows it.
    grid
        In Gy, placed in the patient.
    dose_type
        PHYSICAL, or EFFECTIVE (such as EQD2).
    summation
        DoseSummationType; None where the file gives none.
    frame_of_reference_uid
        None where the file names none.
    identity
        Whose dose it is, as the file says.
    findings
        Doubts about it.
    """

    file: str
    grid: DoseGrid
    dose_type: str
    summation: str | None
    frame_of_reference_uid: str | None
    identity: NamedIdentity
    findings: tuple[Finding, ...]


def read_lone_dose(path: Path) -> LoneDose:
    """Read one RT Dose file without believing it.

    Raises
    ------
    RefusedError
        If it is not one readable RT Dose in Gy; the finding says what it is instead.
    """
    name = shown(path.name)
    _check_is_one_file(path, name)
    try:
        received = received_file(path, name)
    except OSError as problem:
        message = f"The file cannot be read ({problem.strerror})."
        raise _refused(FindingCode.FILE_UNREADABLE, message, "Check its permissions.", name) from None
    with quiet_pydicom():
        file = read_part10(received)
        if file.sop_class_uid != SopClass.RT_DOSE:
            message = f"The file is {sop_class_name(file.sop_class_uid)}, not RT Dose."
            raise _refused(FindingCode.OBJECT_SET_ASIDE, message, "Name the RT Dose file.", name)
        dose_type = _dose_type(file.item)
        grid, _ = read_dose_grid(file)
        return LoneDose(
            file=name,
            grid=grid,
            dose_type=dose_type,
            summation=file.item.code("DoseSummationType"),
            frame_of_reference_uid=file.item.uid("FrameOfReferenceUID"),
            identity=read_identity(file.item),
            findings=tuple(file.findings),
        )


def _check_is_one_file(path: Path, name: str) -> None:
    if not path.is_file():
        message = "This is not a file."
        raise _refused(FindingCode.OBJECT_SET_ASIDE, message, "Name one RT Dose file.", name)
    if is_zip(path) or foreign_archive(path):
        message = "This is an archive."
        raise _refused(FindingCode.ARCHIVE_UNSUPPORTED, message, "Unpack it and name one RT Dose file.", name)
    size, most = path.stat().st_size, Limits().entry_bytes
    if size > most:
        message = f"The file has {size:,} bytes; at most {most:,} are taken."
        raise _refused(FindingCode.FILE_TOO_LARGE, message, "Export the dose on a coarser grid.", name)


def _dose_type(item: Item) -> str:
    units, kind = item.code("DoseUnits"), item.code("DoseType")
    if units != "GY":
        what = "relative, not in Gy" if units == "RELATIVE" else f"in units {units or 'that are not given'}"
        message = f"The dose is {what}."
        raise item.refuse(FindingCode.DOSE_UNITS_UNUSABLE, message, action=AGAIN, element="DoseUnits")
    if kind not in _DOSE_TYPES:
        message = f"The dose is of type {kind or 'not given'}, not {' or '.join(_DOSE_TYPES)}."
        raise item.refuse(FindingCode.DOSE_TYPE_UNUSABLE, message, action=AGAIN, element="DoseType")
    return kind


def _refused(code: FindingCode, message: str, action: str, file: str) -> RefusedError:
    return RefusedError(error(code, message, action=action, file=file))
