"""Holes of one plane: polygons that lie in others, and a part without them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.parts import Part, part_of
from dosimetry.kernels.even_odd import covers_outline

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_POINTS_ALONG = 8


@dataclass(frozen=True, eq=False)
class Hole:
    """A polygon that lies in an odd number of others, with all that lies in it.

    Parameters
    ----------
    part
        The number of the part that it is a hole of.
    polygons
        The numbers of the hole's polygon and those in it, among that part's.
    inside
        What the hole encloses, as a part.
    """

    part: int
    polygons: frozenset[int]
    inside: Part


def holes_of(parts: Sequence[Part]) -> list[Hole]:
    """All holes that are polygons of their own; a hole at the end of a keyhole channel is none."""
    return [hole for number, part in enumerate(parts) for hole in _holes(number, part)]


def without_holes(part: Part) -> Part:
    """A part with its holes filled."""
    outer = [p for p, within in zip(part.polygons, _nesting(part.polygons), strict=True) if not within.any()]
    return part_of(outer) or part


def covers(outline: FloatArray, boundary: FloatArray, inner: FloatArray) -> bool:
    """Whether all of `inner`, as segments (m, 4), lies in an outline with a boundary, without touching it."""
    return covers_outline(outline, boundary, inner, _POINTS_ALONG)


def _holes(number: int, part: Part) -> Iterator[Hole]:
    if len(part.polygons) == 1:
        return
    within = _nesting(part.polygons)
    for n in np.flatnonzero(within.sum(axis=1) % 2 == 1).tolist():
        polygons = frozenset([n, *np.flatnonzero(within[:, n]).tolist()])
        inside = part_of([part.polygons[m] for m in sorted(polygons)])
        if inside is not None:
            yield Hole(number, polygons, inside)


def _nesting(polygons: Sequence[FloatArray]) -> BoolArray:
    """Whether polygon (row) lies wholly in polygon (column)."""
    within = np.zeros((len(polygons),) * 2, dtype=np.bool_)
    for a, inner in enumerate(polygons):
        for b, outer in enumerate(polygons):
            within[a, b] = a != b and covers(outer, outer, inner)
    return within
