"""Profiles of whole planes, many in one compiled call, in rasters that lie one after the other."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.parts import Part
from dosimetry.contours.sections import Section, SectionStack
from dosimetry.kernels.plane_profile import plane_profiles

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MOST_POINTS = 4_000_000
"""Raster points of all planes, at most: some 110 MB."""
_AT_ONCE = 16
"""Planes that are made together: a region may need few of a structure's."""


class WholePlanes:
    """The profiles of all parts of each plane; made when asked for, with those of the planes beside.

    Parameters
    ----------
    stack
        At least one section.
    origin_mm, step_mm
        The first raster point (u, v), and the distance of neighbours.
    shape
        Raster points along v and u.

    Attributes
    ----------
    values, squares
        Shape (planes, nv, nu): profiles and rho^2, mm^2.
    parts, nearest
        Shape (planes, nv, nu): the nearest part, and the nearest segment of the plane's boundary.
    is_made
        Shape (planes,): which of them are there.
    """

    def __init__(
        self, stack: SectionStack, origin_mm: tuple[float, float], step_mm: float, shape: tuple[int, int]
    ) -> None:
        self._stack = stack
        self._raster = (*origin_mm, step_mm)
        every = (len(stack.sections), *shape)
        # Memory that nobody writes to is not taken from the system.
        self.values, self.squares = np.empty(every), np.empty(every)
        self.parts, self.nearest = np.empty(every, np.int64), np.empty(every, np.int32)
        self.is_made = np.zeros(len(stack.sections), np.bool_)

    @cached_property
    def goes_on(self) -> BoolArray:
        """Shape (planes, 2, parts): which parts of a plane go on downwards and upwards."""
        sections = self._stack.sections
        flags = np.zeros((len(sections), 2, max(len(section.parts) for section in sections)), np.bool_)
        for plane, section in enumerate(sections):
            for number, side in enumerate((-1, +1)):
                flags[plane, number, : len(section.parts)] = self._stack.goes_on(plane, side)
        return flags

    def make(self, first: int, last: int) -> None:
        """Make the planes from `first` to before `last` unless they are there; the stack may end before."""
        for start in range(max(first, 0) // _AT_ONCE * _AT_ONCE, last, _AT_ONCE):
            stop = min(start + _AT_ONCE, len(self.is_made))
            if start < stop and not self.is_made[start]:
                self._make(start, stop)
                self.is_made[start:stop] = True

    def _make(self, first: int, last: int) -> None:
        sections = self._stack.sections[first:last]
        parts = [part for section in sections for part in section.parts]
        here = slice(first, last)
        plane_profiles(
            np.concatenate([part.outline for part in parts]),
            np.concatenate([part.boundary for part in parts]),
            _numbers(sections, parts),
            np.array([part.radius_mm for part in parts]),
            _starts(sections),
            *self._raster,
            self.values[here],
            self.squares[here],
            self.parts[here],
            self.nearest[here],
        )


def _numbers(sections: tuple[Section, ...], parts: list[Part]) -> NDArray[np.int64]:
    """For each segment of all boundaries the number of its part in its plane."""
    numbers = [number for section in sections for number in range(len(section.parts))]
    return np.repeat(numbers, [len(part.boundary) for part in parts])


def _starts(sections: tuple[Section, ...]) -> NDArray[np.int64]:
    """Where each plane's outlines, boundaries and parts begin, and the last one's end: (planes + 1, 3)."""
    counts = [
        [
            sum(len(part.outline) for part in section.parts),
            sum(len(part.boundary) for part in section.parts),
            len(section.parts),
        ]
        for section in sections
    ]
    return np.cumsum([[0, 0, 0], *counts], axis=0)
