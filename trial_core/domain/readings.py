"""What a tumour assessment found: readings of target, non-target and new lesions, each with its date."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ReadingRefused(ValueError):  # noqa: N818 - a refusal, named for what is so
    """A reading that cannot be: the lesion, and what is wrong with it."""

    def __init__(self, lesion: str, problem: str) -> None:
        super().__init__(f"Lesion {lesion}: {problem}.")
        self.lesion = lesion


class Size(StrEnum):
    """How a target lesion was found."""

    MEASURED = "measured"
    TOO_SMALL = "too small to measure"
    ABSENT = "absent"
    NOT_ASSESSED = "not assessed"


class NonTargetStatus(StrEnum):
    """How a non-target lesion was found; a node below 10 mm short axis is absent."""

    ABSENT = "absent"
    PRESENT = "present"
    UNEQUIVOCAL_PROGRESSION = "unequivocal progression"
    NOT_ASSESSED = "not assessed"


@dataclass(frozen=True, kw_only=True)
class TargetReading:
    """One target lesion at one visit; `mm` (long axis, of a node short axis) only where it was measured."""

    lesion: str
    on: date | None
    size: Size
    mm: float | None = None

    def __post_init__(self) -> None:
        if (self.size is Size.MEASURED) != (self.mm is not None):
            raise ReadingRefused(self.lesion, "a diameter belongs to 'measured', and to nothing else")
        if self.mm is not None and not (math.isfinite(self.mm) and self.mm > 0):
            raise ReadingRefused(self.lesion, f"{self.mm:g} mm is no diameter; enter 'absent' for 0")


@dataclass(frozen=True, kw_only=True)
class NonTargetReading:
    """One non-target lesion at one visit."""

    lesion: str
    on: date | None
    status: NonTargetStatus


@dataclass(frozen=True, kw_only=True)
class NewLesion:
    """A lesion that was not there at baseline.

    `certain` False is an equivocal finding: no progression, until a later visit calls the same lesion
    certain; then progression is dated by the first visit that saw it (RECIST 1.1, section 4.3.5).
    """

    id: str
    on: date | None
    certain: bool = True


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One tumour assessment; its parts may have been examined on different days."""

    label: str
    targets: tuple[TargetReading, ...] = ()
    non_targets: tuple[NonTargetReading, ...] = ()
    new_lesions: tuple[NewLesion, ...] = ()

    @property
    def completed_on(self) -> date | None:
        """The day the last part was examined; None where no part has a date."""
        return max(self._days(), default=None)

    @property
    def undated(self) -> tuple[str, ...]:
        """Lesions that were assessed on a day that was not entered."""
        return tuple(sorted(_name(each) for each in self._assessed() if each.on is None))

    def _days(self) -> list[date]:
        return [each.on for each in self._assessed() if each.on is not None]

    def _assessed(self) -> tuple[Reading, ...]:
        targets = [each for each in self.targets if each.size is not Size.NOT_ASSESSED]
        others = [each for each in self.non_targets if each.status is not NonTargetStatus.NOT_ASSESSED]
        return (*targets, *others, *self.new_lesions)


Reading = TargetReading | NonTargetReading | NewLesion


def _name(reading: Reading) -> str:
    return reading.id if isinstance(reading, NewLesion) else reading.lesion
