"""Where a region is sampled: the box around it, one raster, and slices across it that end on its planes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.plane_gaps import ORDINARY_GAP_RATIO
from dosimetry.contours.sections import SectionStack
from dosimetry.errors import EmptyStructureError
from dosimetry.solid.end_caps import end_cap
from dosimetry.solid.profiles import Raster

FloatArray = NDArray[np.float64]

FINEST_STEP_MM = 0.02
_RASTER_POINTS_PER_SAMPLE = 40
"""Raster points per sample wanted at most, empty ones included: bounds the time of scattered regions."""
_MOST_POINTS_A_SLAB = 200_000
"""Raster points of slices that are worked on together: they stay in the processor's cache, nearly."""
_MOST_POINTS_JOINED = 60_000
"""Raster points of slabs that are joined: their distances stay in a processor's own cache."""
_SAME_HEIGHT_MM = 1e-6
_MARGIN_STEPS = 2


@dataclass(frozen=True, eq=False)
class Extent:
    """A box, shape (3,) each, and a rough volume."""

    low_mm: FloatArray
    high_mm: FloatArray
    volume_mm3: float

    def joined(self, other: "Extent") -> "Extent":
        """Around both."""
        low, high = np.minimum(self.low_mm, other.low_mm), np.maximum(self.high_mm, other.high_mm)
        return Extent(low, high, self.volume_mm3 + other.volume_mm3)

    def shared(self, other: "Extent") -> "Extent":
        """Around what both share."""
        low, high = np.maximum(self.low_mm, other.low_mm), np.minimum(self.high_mm, other.high_mm)
        box = float(np.prod(np.maximum(high - low, 0.0)))
        return Extent(low, high, min(self.volume_mm3, other.volume_mm3, box))


NOTHING = Extent(np.full(3, np.inf), np.full(3, -np.inf), 0.0)
"""The extent of a structure without sections."""


@dataclass(frozen=True, eq=False)
class Slab:
    """Neighbouring slices that are sampled together.

    Parameters
    ----------
    heights_mm, thicknesses_mm
        Middle and thickness of each slice along w, ascending, shape (n,).
    first
        The number of the first one among all slices.
    """

    heights_mm: FloatArray
    thicknesses_mm: FloatArray
    first: int


@dataclass(frozen=True, eq=False)
class Lattice:
    """Where a region is sampled: one raster, and slices across it.

    Parameters
    ----------
    frame
        Shape (3, 3): rows u, v, w in patient axes.
    raster
        Points within a slice.
    slabs
        All slices, ascending; those of one slab lie between the same planes.
    """

    frame: FloatArray
    raster: Raster
    slabs: tuple[Slab, ...]


def make_lattice(
    name: str, extent: Extent, stacks: Sequence[SectionStack], frame: FloatArray, samples: int
) -> Lattice:
    """A lattice with about as many samples inside a region, cells about as high as wide.

    Parameters
    ----------
    name
        Of the region.
    extent
        Of the region, in the frame.
    stacks
        Whose planes are parallel to the slices.
    frame
        Shape (3, 3).
    samples
        How many, about.

    Raises
    ------
    EmptyStructureError
        If the box is empty.
    """
    low, high, volume = extent.low_mm, extent.high_mm, extent.volume_mm3
    if (low >= high).any():
        raise EmptyStructureError(name)
    step = max((volume / samples) ** (1 / 3), FINEST_STEP_MM)
    step = max(step, float(np.prod(high - low) / (samples * _RASTER_POINTS_PER_SAMPLE)) ** (1 / 3))
    heights, thicknesses = make_slices(stacks, low, high, step)
    step = max(float(np.sqrt(volume / samples / thicknesses.mean())), step / 2)
    raster = make_raster(low, high, step)
    planes = np.unique(np.concatenate([stack.heights_mm for stack in stacks]))
    most = max(_MOST_POINTS_A_SLAB // (raster.nv * raster.nu), 1)
    return Lattice(frame, raster, _slabs(heights, thicknesses, planes, most))


def joined_slabs(lattice: Lattice) -> tuple[Slab, ...]:
    """The lattice's slices in fewer slabs, which may reach through several gaps."""
    most = max(_MOST_POINTS_JOINED // (lattice.raster.nv * lattice.raster.nu), 1)
    groups: list[list[Slab]] = []
    for slab in lattice.slabs:
        if groups and sum(len(each.heights_mm) for each in (*groups[-1], slab)) <= most:
            groups[-1].append(slab)
        else:
            groups.append([slab])
    return tuple(_joined(group) for group in groups)


def _joined(slabs: Sequence[Slab]) -> Slab:
    heights = np.concatenate([slab.heights_mm for slab in slabs])
    return Slab(heights, np.concatenate([slab.thicknesses_mm for slab in slabs]), slabs[0].first)


def make_raster(low: FloatArray, high: FloatArray, step: float) -> Raster:
    """The raster around a box, with a margin."""
    nu, nv = (int(np.ceil((high[axis] - low[axis]) / step)) + 1 + 2 * _MARGIN_STEPS for axis in (0, 1))
    u0 = 0.5 * (low[0] + high[0]) - 0.5 * (nu - 1) * step
    v0 = 0.5 * (low[1] + high[1]) - 0.5 * (nv - 1) * step
    return Raster(float(u0), float(v0), step, nv, nu)


def make_slices(
    stacks: Sequence[SectionStack], low: FloatArray, high: FloatArray, step_mm: float
) -> tuple[FloatArray, FloatArray]:
    """Slices, no thicker than a step, that end on every plane, half-way between and on flat ends."""
    edges = [float(low[2]), float(high[2])]
    for stack in stacks:
        edges += _edges(stack)
    edges = sorted(edge for edge in edges if low[2] <= edge <= high[2])
    heights: list[float] = []
    thicknesses: list[float] = []
    for bottom, top in pairwise(edges):
        if top - bottom < _SAME_HEIGHT_MM:
            continue
        count = max(int(np.ceil((top - bottom) / step_mm - _SAME_HEIGHT_MM)), 1)
        thickness = (top - bottom) / count
        heights += [bottom + (n + 0.5) * thickness for n in range(count)]
        thicknesses += [thickness] * count
    return np.array(heights), np.array(thicknesses)


def extent_of(stack: SectionStack, frame: FloatArray) -> Extent:
    """Box in a frame and rough volume of a stack that has sections."""
    turned = corners(stack) @ stack.frame @ frame.T
    return Extent(turned.min(axis=0), turned.max(axis=0), rough_volume_mm3(stack))


def rough_volume_mm3(stack: SectionStack) -> float:
    """Area times distance of planes, gaps that are not drawn through left out."""
    areas = np.array([sum(part.area_mm2 for part in section.parts) for section in stack.sections])
    volume = float(areas[0] + areas[-1]) * stack.spacing_mm / 2
    gaps = np.diff(stack.heights_mm)
    for n, link in enumerate(stack.links):
        gap = stack.spacing_mm if link is None else gaps[n]
        volume += float(areas[n] + areas[n + 1]) / 2 * float(gap)
    return volume


def corners(stack: SectionStack) -> FloatArray:
    """Corners of the box around a stack, (8, 3), in its frame: with its ends, and room to bulge."""
    outlines = np.concatenate([part.outline[:, :2] for s in stack.sections for part in s.parts])
    outlines = np.concatenate([outlines, *_ends_mm(stack)])
    bulge = stack.spacing_mm
    low, high = outlines.min(axis=0) - bulge, outlines.max(axis=0) + bulge
    heights = stack.heights_mm
    ordinary = ORDINARY_GAP_RATIO * stack.spacing_mm
    below, above = max(ordinary, stack.gap_mm(0, -1)), max(ordinary, stack.gap_mm(len(heights) - 1, +1))
    spans = [(low[0], high[0]), (low[1], high[1]), (heights[0] - below, heights[-1] + above)]
    return np.stack(np.meshgrid(*spans, indexing="ij"), axis=-1).reshape(-1, 3)


def _ends_mm(stack: SectionStack) -> Iterator[FloatArray]:
    """Outlines where parts end, which may have moved past all planes', (n, 2) each."""
    for plane, section in enumerate(stack.sections):
        for side in (-1, +1):
            for part in stack.ending_parts(plane, side):
                cap = end_cap(stack, plane, part, side)
                yield cap.moved(section.parts[part].outline[:, :2], cap.reach_mm)


def _slabs(
    heights: FloatArray, thicknesses: FloatArray, planes: FloatArray, most_slices: int
) -> tuple[Slab, ...]:
    """Slices grouped by the planes that they lie between, not too many together."""
    starts = np.flatnonzero(np.diff(np.searchsorted(planes, heights, side="right"))) + 1
    slabs = []
    for start, stop in pairwise([0, *starts.tolist(), len(heights)]):
        for first in range(start, stop, most_slices):
            last = min(first + most_slices, stop)
            slabs.append(Slab(heights[first:last], thicknesses[first:last], first))
    return tuple(slabs)


def _edges(stack: SectionStack) -> list[float]:
    """Heights at which a slice should end: planes, half-way between, and where flat ends lie."""
    heights = stack.heights_mm
    edges = [*heights.tolist(), *((heights[1:] + heights[:-1]) / 2).tolist()]
    for plane, height in enumerate(heights.tolist()):
        for side in (-1, 1):
            if stack.ending_parts(plane, side):
                gap = stack.gap_mm(plane, side)
                edges += [height + side * gap / 2, height + side * gap]
    return edges
