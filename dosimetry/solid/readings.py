"""How contours can be read: where parts end, and how the gaps between planes are drawn through."""

from dataclasses import dataclass
from enum import StrEnum


class Between(StrEnum):
    """How the solid is drawn between two planes."""

    SMOOTH = "smooth"
    STRAIGHT = "straight"
    KINKED = "kinked"


class Ending(StrEnum):
    """Where a part ends that has a last plane."""

    EXPECTED = "expected"
    AT_LAST_PLANE = "at_last_plane"
    AT_NEXT_PLANE = "at_next_plane"


@dataclass(frozen=True)
class Reading:
    """One reading of the contours: where parts end downwards and upwards, and how gaps are drawn through."""

    low_end: Ending = Ending.EXPECTED
    high_end: Ending = Ending.EXPECTED
    between: Between = Between.SMOOTH


VARIANTS = (
    Reading(low_end=Ending.AT_LAST_PLANE, high_end=Ending.AT_LAST_PLANE),
    Reading(low_end=Ending.AT_NEXT_PLANE, high_end=Ending.AT_NEXT_PLANE),
    Reading(low_end=Ending.AT_LAST_PLANE, high_end=Ending.AT_NEXT_PLANE),
    Reading(low_end=Ending.AT_NEXT_PLANE, high_end=Ending.AT_LAST_PLANE),
    Reading(between=Between.STRAIGHT),
    Reading(between=Between.KINKED),
)
"""Other readings of the contours: both ends shorter, longer or shifted by up to a plane distance."""
