"""SOP classes: what a file is, by its UID and never by its Modality or its name."""

from __future__ import annotations

from enum import StrEnum

from pydicom.uid import UID


class SopClass(StrEnum):
    """The SOP classes that are read; all others are set aside."""

    CT = "1.2.840.10008.5.1.4.1.1.2"
    RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
    RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
    RT_BEAMS_TREATMENT_RECORD = "1.2.840.10008.5.1.4.1.1.481.4"
    RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.5"
    SPATIAL_REGISTRATION = "1.2.840.10008.5.1.4.1.1.66.1"
    DEFORMABLE_REGISTRATION = "1.2.840.10008.5.1.4.1.1.66.3"


MODALITIES = {
    SopClass.CT: "CT",
    SopClass.RT_DOSE: "RTDOSE",
    SopClass.RT_STRUCTURE_SET: "RTSTRUCT",
    SopClass.RT_BEAMS_TREATMENT_RECORD: "RTRECORD",
    SopClass.RT_PLAN: "RTPLAN",
    SopClass.SPATIAL_REGISTRATION: "REG",
    SopClass.DEFORMABLE_REGISTRATION: "REG",
}
"""The Modality that each SOP class must carry (PS3.3 C.7.3.1.1.1, C.8.8.1)."""


def sop_class(uid: str) -> SopClass | None:
    """Give the SOP class if it is one that is read."""
    return SopClass(uid) if uid in SopClass.__members__.values() else None


def sop_class_name(uid: str) -> str:
    """Give the standard's name of a SOP class for people, the UID itself when it is private or unknown."""
    name = UID(uid).name
    return name.removesuffix(" Storage") if name != uid else f"an unknown kind of object ({uid[:64]})"
