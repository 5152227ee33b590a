"""What follows from a seed: patient, study, UIDs, random numbers."""

import uuid
from dataclasses import dataclass, field

import numpy as np

NAMESPACE = uuid.UUID("6d1f1c0e-5a4b-5f0e-9c57-0d05e6a7e001")
"""The root of every synthetic UID; any fixed UUID would do."""


def random_numbers(seed: int, *role: int) -> np.random.Generator:
    """Return the generator of one role of a course; any whole number is a seed."""
    return np.random.Generator(np.random.PCG64([seed % 2**64, *role]))


@dataclass(frozen=True)
class Uids:
    """UIDs derived from a family name, so that a run gives the same ones each time (PS3.5 B.2)."""

    family: str

    def uid(self, *role: object) -> str:
        """Return the UID of one role, such as ``uid("ct", 12)``."""
        text = "/".join(str(part) for part in (self.family, *role))
        return f"2.25.{uuid.uuid5(NAMESPACE, text).int}"


@dataclass(frozen=True)
class Patient:
    """A synthetic patient's identifiers (PS3.3 C.7.1.1)."""

    patient_id: str = "SYN-0001"
    name: str = "Synthetic^Course"
    birth_date: str = "19580214"
    sex: str = "M"


@dataclass(frozen=True)
class Study:
    """The study that an object belongs to, with the date every object of it carries.

    Attributes
    ----------
    date
        DICOM DA; also the content and series date. Never the clock's.
    """

    patient: Patient = field(default_factory=Patient)
    uids: Uids = field(default_factory=lambda: Uids("study"))
    date: str = "20240311"
    time: str = "090000"
    patient_position: str = "HFS"

    @property
    def study_uid(self) -> str:
        """The Study Instance UID."""
        return self.uids.uid("study")
