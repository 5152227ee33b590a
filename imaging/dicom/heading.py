"""The head of an object that has just arrived: what it is and whose, without reading it whole."""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from pydicom.filereader import read_dataset

from imaging.dicom.elements import Item, quiet_pydicom
from imaging.dicom.layout import Encoding, LayoutError, outermost
from imaging.dicom.sop_classes import MODALITIES, SopClass
from imaging.linked import PatientIdentity

_WANTED = frozenset(
    (
        0x00080005,  # SpecificCharacterSet
        0x00080016,  # SOPClassUID
        0x00080018,  # SOPInstanceUID
        0x00080020,  # StudyDate
        0x00100010,  # PatientName
        0x00100020,  # PatientID
        0x00100030,  # PatientBirthDate
        0x0020000D,  # StudyInstanceUID
        0x300A0002,  # RTPlanLabel
        0x300A0006,  # RTPlanDate
    )
)
_LAST_OF_ALL, _LAST_OF_PLAN = 0x0020000D, 0x300A0006
_LONGEST_BYTES = 1024
_PATIENT = ("PatientID", "PatientName", "PatientBirthDate")
_SEPARATORS = "^= "


class HeadUnreadable(Exception):  # noqa: N818 - named for what is so
    """The beginning of an object cannot be read; `problem` quotes nothing of it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class Heading:
    """What the head of an object says; "" or None where it says nothing. Whose it is, is never shown."""

    sop_class_uid: str
    sop_instance_uid: str
    modality: str
    identity: PatientIdentity = field(repr=False)
    study_instance_uid: str = field(repr=False)
    plan_label: str | None
    dated: str | None
    """YYYY-MM-DD: of a plan its own date, else that of the study."""


def read_heading(path: Path, start: int, *, is_explicit: bool, is_plan: bool) -> Heading:
    """Read the head of a little-endian dataset that begins at byte `start`; memory stays flat.

    Of what is announced as a plan its label and date are looked for as well, which stand further on.

    Raises
    ------
    HeadUnreadable
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
            last = _LAST_OF_PLAN if is_plan else _LAST_OF_ALL
            head = _wanted(buffer, start, Encoding(is_explicit, is_little_endian=True), last)
    except LayoutError as problem:
        raise HeadUnreadable(problem.problem) from None
    return _heading(_item(head, is_explicit=is_explicit))


def _wanted(buffer: mmap.mmap, start: int, encoding: Encoding, last_tag: int) -> bytes:
    """Copy the few elements that are wanted, as they are encoded."""
    found = bytearray()
    for tag, begin, end in outermost(buffer, start, encoding, last_tag):
        if tag in _WANTED and end - begin <= _LONGEST_BYTES:
            found += buffer[begin:end]
    return bytes(found)


def _item(head: bytes, *, is_explicit: bool) -> Item:
    try:
        with quiet_pydicom():
            return Item(read_dataset(BytesIO(head), not is_explicit, True), "", [])
    except Exception:  # noqa: BLE001 - pydicom raises whatever hostile bytes provoke; each is this one refusal
        raise HeadUnreadable("it cannot be decoded") from None


def _heading(item: Item) -> Heading:
    with quiet_pydicom():
        uid = item.uid("SOPClassUID") or ""
        known = uid in SopClass.__members__.values()
        patient_id, name, birth_date = (item.text(keyword) for keyword in _PATIENT)
        return Heading(
            sop_class_uid=uid,
            sop_instance_uid=item.uid("SOPInstanceUID") or "",
            modality=MODALITIES[SopClass(uid)] if known else "",
            identity=PatientIdentity(patient_id, _said(name), birth_date),
            study_instance_uid=item.uid("StudyInstanceUID") or "",
            plan_label=item.text("RTPlanLabel", longest=64),
            dated=_day(item.text("RTPlanDate")) or _day(item.text("StudyDate")),
        )


def _said(name: str | None) -> str | None:
    return name if name and name.strip(_SEPARATORS) else None


def _day(text: str | None) -> str | None:
    digits = (text or "").replace(".", "")
    is_day = len(digits) == 8 and digits.isascii() and digits.isdigit()
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if is_day else None
