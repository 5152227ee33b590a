"""Gaps between planes: how far apart they ordinarily lie, and which gaps a solid is drawn through."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

DEFAULT_SLICE_THICKNESS_MM = 3.0
"""Thickness of a structure with one plane where nothing tells the distance of slices."""
BRIDGED_GAP_RATIO = 3.5
"""A gap of up to this many ordinary distances (two missing slices, and rounding) is drawn through."""
ORDINARY_GAP_RATIO = 1.5
"""Above this many ordinary distances a gap misses a plane, and is no measure of how far an end reaches."""
WIDEST_SLICES_MM = 10.0
"""Slices of a planning CT lie no further apart; planes that do are no rhythm of drawing, unless the image
itself is that coarse."""


@dataclass(frozen=True)
class PlaneGaps:
    """The ordinary distance of planes, and for each gap whether the solid is drawn through."""

    ordinary_mm: float
    drawn_through: tuple[bool, ...]


def judge_gaps(heights_mm: FloatArray, slice_mm: float | None) -> PlaneGaps:
    """Tell which gaps between planes a solid is drawn through.

    The ordinary distance is the (lower) median one; in a stretch of wider planes, the smaller of two gaps
    beside counts. With two planes or one it is the slices' distance, if known. A gap is drawn through up to
    `BRIDGED_GAP_RATIO` ordinary distances, but never where it is wider than that many slices and than
    `WIDEST_SLICES_MM`.

    Parameters
    ----------
    heights_mm
        Shape (n,), ascending.
    slice_mm
        Distance of the slices that the planes were drawn on; None where not known.
    """
    gaps = np.diff(heights_mm)
    ordinary = ordinary_distance_mm(gaps, slice_mm)
    widest = _widest_mm(ordinary if slice_mm is None else slice_mm)
    reach = [BRIDGED_GAP_RATIO * max(ordinary, _beside_mm(gaps, n)) for n in range(len(gaps))]
    drawn = tuple(bool(gap <= min(each, widest)) for gap, each in zip(gaps, reach, strict=True))
    return PlaneGaps(ordinary, drawn)


def ordinary_distance_mm(gaps_mm: FloatArray, slice_mm: float | None) -> float:
    """The (lower) median gap of two or more that can be a distance of slices; else what is known of these."""
    possible = gaps_mm if slice_mm is None else gaps_mm[gaps_mm <= _widest_mm(slice_mm)]
    if len(possible) >= 2:
        return lower_median(possible)
    if slice_mm is not None:
        return slice_mm
    return float(gaps_mm[0]) if len(gaps_mm) else DEFAULT_SLICE_THICKNESS_MM


def lower_median(values: FloatArray) -> float:
    """The middle one of the values (n,), of two in the middle the lower; at least one."""
    return float(np.sort(values)[(len(values) - 1) // 2])


def _widest_mm(slice_mm: float) -> float:
    return max(BRIDGED_GAP_RATIO * slice_mm, WIDEST_SLICES_MM)


def _beside_mm(gaps: FloatArray, n: int) -> float:
    """How wide planes ordinarily lie about a gap, as two gaps below, two above or one on each side say."""
    pairs = [gaps[k : k + 2] for k in (n - 2, n + 1) if k >= 0]
    pairs += [gaps[[n - 1, n + 1]]] if 0 < n < len(gaps) - 1 else []
    return max((float(pair.min()) for pair in pairs if len(pair) == 2), default=0.0)
