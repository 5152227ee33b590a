"""A whole synthetic course: CT, structures, an LDRT and a CFRT plan with doses and treatment records."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydicom.dataset import Dataset

from imaging.synthetic.faults import Fault


class CourseSize(StrEnum):
    """How finely the course is sampled; the anatomy is the same."""

    FULL = "full"
    SMALL = "small"


@dataclass(frozen=True)
class SyntheticCourse:
    """A course of one synthetic patient, the same bytes for the same arguments.

    Attributes
    ----------
    seed
        Chooses the patient: identifiers, stature, noise.
    size
        ``FULL``: CT 512 x 512, 3 mm, 150 slices. ``SMALL``: CT 128 x 128, 5 mm, for tests.
    faults
        The defects to plant.
    """

    seed: int = 1
    size: CourseSize = CourseSize.FULL
    faults: frozenset[Fault] = frozenset()

    def objects(self) -> Iterator[tuple[str, Dataset]]:
        """Yield each DICOM object with the relative file name it is written under."""
        raise NotImplementedError


def write_course(
    folder: Path, *, seed: int = 1, size: CourseSize = CourseSize.FULL, faults: Collection[Fault] = ()
) -> tuple[Path, ...]:
    """Write a synthetic course into a folder, which is made if need be, and return the files' paths."""
    raise NotImplementedError
