"""Sample points of a region, slice by slice: where they lie, and the volume each stands for."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from dosimetry.errors import EmptyStructureError
from dosimetry.kernels.cell_samples import cell_samples
from dosimetry.region import CombinedRegion, Operation, Region, StructureRegion
from dosimetry.sections import ORDINARY_GAP_RATIO, SectionStack, stack_sections
from dosimetry.solid import Raster, Reading, Solid
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]

_RASTER_POINTS_PER_SAMPLE = 40
"""Raster points per sample wanted at most, empty ones included: bounds the time of scattered regions."""
_MOST_POINTS_ELSEWHERE = 8_000_000
_SAMPLES_ELSEWHERE = 200_000
"""Bounds for a structure that is drawn in other planes than the region's first one."""
_SAME_HEIGHT_MM = 1e-6
_MARGIN_STEPS = 2
_FINEST_STEP_MM = 0.02


@dataclass(frozen=True)
class Lattice:
    """Where a region is sampled: one raster, and slices across it.

    Parameters
    ----------
    frame
        Shape (3, 3): rows u, v, w in patient axes.
    raster
        Points within a slice.
    heights_mm, thicknesses_mm
        Middle and thickness of each slice along w, ascending, shape (n,).
    """

    frame: FloatArray
    raster: Raster
    heights_mm: FloatArray
    thicknesses_mm: FloatArray


@dataclass(frozen=True, eq=False)
class SliceSamples:
    """Samples of one slice.

    Parameters
    ----------
    points_mm
        Shape (n, 3), in the lattice's frame.
    volume_cc
        Shape (n,): what each stands for.
    surface_mm
        Shape (m, 3): points on the region's surface.
    distance_mm
        Shape (nv, nu): the signed distance that they come from.
    w_mm, thickness_mm
        Of the slice.
    """

    points_mm: FloatArray
    volume_cc: FloatArray
    surface_mm: FloatArray
    distance_mm: FloatArray
    w_mm: float
    thickness_mm: float


class SampledRegion:
    """A region with its sections made and a common frame chosen; ready for sampling.

    Parameters
    ----------
    region
        Structures and their algebra.

    Raises
    ------
    EmptyStructureError
        If no structure that can add volume has a section.
    """

    def __init__(self, region: Region) -> None:
        self.region = region
        self.stacks: dict[int, SectionStack] = {
            id(structure): stack_sections(structure) for structure in region.structures()
        }
        bounding = [self.stacks[id(structure)] for structure in _adding(region)]
        self._filled = [stack for stack in bounding if stack.sections]
        if not self._filled:
            raise EmptyStructureError(region.name)
        self.frame: FloatArray = self._filled[0].frame

    @property
    def is_single(self) -> bool:
        """Whether the region is one structure, without algebra."""
        return isinstance(self.region, StructureRegion)

    def lattice(self, samples: int) -> Lattice:
        """A lattice with about as many samples inside the region, cells about as high as wide."""
        extent = self._extent(self.region)
        low, high, volume = extent.low_mm, extent.high_mm, extent.volume_mm3
        if (low >= high).any():
            raise EmptyStructureError(self.region.name)
        step = max((volume / samples) ** (1 / 3), _FINEST_STEP_MM)
        step = max(step, float(np.prod(high - low) / (samples * _RASTER_POINTS_PER_SAMPLE)) ** (1 / 3))
        heights, thicknesses = _slices(self._aligned(), low, high, step)
        step = max(float(np.sqrt(volume / samples / thicknesses.mean())), step / 2)
        return Lattice(self.frame, _raster(low, high, step), heights, thicknesses)

    def distances(self, lattice: Lattice, reading: Reading) -> "RegionDistance":
        """The region's signed distance on a lattice's raster."""
        solids = {
            key: _solid_in(stack, lattice, reading) for key, stack in self.stacks.items() if stack.sections
        }
        return RegionDistance(self.region, solids, lattice.raster)

    def outline_extremes_mm(self, lattice: Lattice, distances: "RegionDistance") -> Iterator[FloatArray]:
        """Where a dose may be extreme: contour points, tips, and the faces of flat ends, (n, 3), mm."""
        candidates = [self.outline_points_mm(), *distances.tips_mm()]
        points = np.concatenate(candidates)
        if self.is_single:
            yield points
        heights = np.unique(points[:, 2]) if not self.is_single else np.unique(candidates[-1][:, 2])
        for height in heights:
            distance = distances.at(float(height))
            if self.is_single:
                yield _raster_points(lattice.raster, distance >= 0, float(height))
            else:
                here = points[points[:, 2] == height]
                yield here[_looked_up(lattice.raster, distance, here) >= -lattice.raster.step_mm / 2]

    def outline_points_mm(self) -> FloatArray:
        """Every contour point of the structures that share the frame, shape (n, 3) in that frame, mm."""
        points = [
            np.column_stack([part.boundary[:, :2], np.full(len(part.boundary), section.w_mm)])
            for stack in self._aligned()
            for section in stack.sections
            for part in section.parts
        ]
        return np.concatenate(points)

    def _aligned(self) -> list[SectionStack]:
        """The stacks whose planes are parallel to the lattice's slices."""
        return [
            stack
            for stack in self.stacks.values()
            if stack.sections and np.array_equal(stack.frame, self.frame)
        ]

    def _extent(self, region: Region) -> "Extent":
        """Box in the common frame and rough volume of what a region can enclose."""
        if isinstance(region, StructureRegion):
            stack = self.stacks[id(region.structure)]
            return _extent_of(stack, self.frame) if stack.sections else NOTHING
        assert isinstance(region, CombinedRegion)  # noqa: S101 - there are two kinds
        left = self._extent(region.left)
        if region.operation is Operation.DIFFERENCE:
            return left
        right = self._extent(region.right)
        return left.joined(right) if region.operation is Operation.UNION else left.shared(right)


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


class RegionDistance:
    """Signed distance of a region: that of its solids, combined."""

    def __init__(self, region: Region, solids: dict[int, "Solid | SolidElsewhere"], raster: Raster) -> None:
        self.region = region
        self.solids = solids
        self.raster = raster

    def at(self, w_mm: float) -> FloatArray:
        """Shape (nv, nu), positive inside, mm."""
        return self._of(self.region, w_mm)

    def tips_mm(self) -> list[FloatArray]:
        """Where the ends of the structures that share the lattice's frame close, each (n, 3), mm."""
        return [solid.tips() for solid in self.solids.values() if isinstance(solid, Solid)]

    def _of(self, region: Region, w_mm: float) -> FloatArray:
        if isinstance(region, StructureRegion):
            solid = self.solids.get(id(region.structure))
            if solid is None:
                return np.full((self.raster.nv, self.raster.nu), -np.inf)
            return solid.distance_mm(w_mm)
        assert isinstance(region, CombinedRegion)  # noqa: S101 - there are two kinds
        left, right = self._of(region.left, w_mm), self._of(region.right, w_mm)
        match region.operation:
            case Operation.UNION:
                return np.maximum(left, right)
            case Operation.INTERSECTION:
                return np.minimum(left, right)
            case Operation.DIFFERENCE:
                return np.minimum(left, -right)


class SolidElsewhere:
    """A solid whose planes lie across the lattice's: sampled in its own frame, looked up in the other.

    Between its own raster points the distance is interpolated, so its surface is known to within a
    fraction of the larger of the two cells.
    """

    def __init__(self, stack: SectionStack, lattice: Lattice, reading: Reading) -> None:
        corners = _corners(stack)
        low, high = corners.min(axis=0), corners.max(axis=0)
        step = _own_step_mm(stack, high - low)
        raster = _raster(low, high, step)
        solid = Solid(stack, raster, reading)
        self._heights, _ = _slices([stack], low, high, step)
        slices = [solid.distance_mm(float(w)) for w in self._heights]
        self._volume = np.clip(np.stack(slices), -4 * step, 4 * step)
        self._raster, self._lattice = raster, lattice
        self._turn = stack.frame @ lattice.frame.T

    def distance_mm(self, w_mm: float) -> FloatArray:
        """As `Solid.distance_mm`, cut off at a few cells from the surface."""
        raster = self._lattice.raster
        points = _raster_points(raster, np.ones((raster.nv, raster.nu), np.bool_), w_mm)
        u, v, w = (points @ self._turn.T).T
        own = self._raster
        number = np.interp(w, self._heights, np.arange(len(self._heights)), left=-2, right=-2)
        index = np.stack([number, (v - own.v0_mm) / own.step_mm, (u - own.u0_mm) / own.step_mm])
        found = map_coordinates(self._volume, index, order=1, mode="constant", cval=-4 * own.step_mm)
        distance: FloatArray = found.reshape(raster.nv, raster.nu)
        return distance


def _own_step_mm(stack: SectionStack, box_mm: FloatArray) -> float:
    cells = float(np.prod(box_mm + stack.spacing_mm)) / _MOST_POINTS_ELSEWHERE
    fine = (_rough_volume_mm3(stack) / _SAMPLES_ELSEWHERE) ** (1 / 3)
    return float(max(cells ** (1 / 3), fine, _FINEST_STEP_MM))


def slice_samples(lattice: Lattice, distances: RegionDistance) -> Iterator[SliceSamples]:
    """Samples of every slice that holds any, by ascending height."""
    raster = lattice.raster
    for number, (w, thickness) in enumerate(zip(lattice.heights_mm, lattice.thicknesses_mm, strict=True)):
        distance = distances.at(float(w))
        points, fraction, surface = cell_samples(
            distance, raster.u0_mm, raster.v0_mm, raster.step_mm, float(w), float(thickness), number
        )
        if len(points):
            volume = fraction * (raster.step_mm**2 * thickness / 1000.0)
            yield SliceSamples(points, volume, surface, distance, float(w), float(thickness))


def _raster_points(raster: Raster, chosen: NDArray[np.bool_], w_mm: float) -> FloatArray:
    j, i = np.nonzero(chosen)
    u, v = raster.u0_mm + i * raster.step_mm, raster.v0_mm + j * raster.step_mm
    return np.column_stack([u, v, np.full(len(u), w_mm)])


def _looked_up(raster: Raster, distance_mm: FloatArray, points_mm: FloatArray) -> FloatArray:
    """Distance at the raster point nearest to each point; outside the raster, minus infinity."""
    i = np.rint((points_mm[:, 0] - raster.u0_mm) / raster.step_mm).astype(np.int64)
    j = np.rint((points_mm[:, 1] - raster.v0_mm) / raster.step_mm).astype(np.int64)
    known = (i >= 0) & (i < raster.nu) & (j >= 0) & (j < raster.nv)
    result = np.full(len(points_mm), -np.inf)
    result[known] = distance_mm[j[known], i[known]]
    return result


def _adding(region: Region) -> Iterator[Structure]:
    """Structures that can add volume: not those that are only taken away."""
    if isinstance(region, StructureRegion):
        yield region.structure
    elif isinstance(region, CombinedRegion):
        yield from _adding(region.left)
        if region.operation is not Operation.DIFFERENCE:
            yield from _adding(region.right)


def _solid_in(stack: SectionStack, lattice: Lattice, reading: Reading) -> "Solid | SolidElsewhere":
    if np.array_equal(stack.frame, lattice.frame):
        return Solid(stack, lattice.raster, reading)
    return SolidElsewhere(stack, lattice, reading)


def _raster(low: FloatArray, high: FloatArray, step: float) -> Raster:
    nu, nv = (int(np.ceil((high[axis] - low[axis]) / step)) + 1 + 2 * _MARGIN_STEPS for axis in (0, 1))
    u0 = 0.5 * (low[0] + high[0]) - 0.5 * (nu - 1) * step
    v0 = 0.5 * (low[1] + high[1]) - 0.5 * (nv - 1) * step
    return Raster(float(u0), float(v0), step, nv, nu)


def _rough_volume_mm3(stack: SectionStack) -> float:
    """Area times distance of planes, gaps that are not drawn through left out."""
    areas = np.array([sum(part.area_mm2 for part in section.parts) for section in stack.sections])
    volume = float(areas[0] + areas[-1]) * stack.spacing_mm / 2
    gaps = np.diff(stack.heights_mm)
    for n, link in enumerate(stack.links):
        gap = stack.spacing_mm if link is None else gaps[n]
        volume += float(areas[n] + areas[n + 1]) / 2 * float(gap)
    return volume


def _slices(
    stacks: list[SectionStack], low: FloatArray, high: FloatArray, step_mm: float
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


def _extent_of(stack: SectionStack, frame: FloatArray) -> Extent:
    corners = _corners(stack) @ stack.frame @ frame.T
    return Extent(corners.min(axis=0), corners.max(axis=0), _rough_volume_mm3(stack))


def _corners(stack: SectionStack) -> FloatArray:
    """Corners of the box around a stack, (8, 3), in its frame: with its ends, and room to bulge."""
    outlines = np.concatenate([part.outline[:, :2] for s in stack.sections for part in s.parts])
    bulge = stack.spacing_mm / 2
    low, high = outlines.min(axis=0) - bulge, outlines.max(axis=0) + bulge
    heights = stack.heights_mm
    reach = ORDINARY_GAP_RATIO * stack.spacing_mm
    spans = [(low[0], high[0]), (low[1], high[1]), (heights[0] - reach, heights[-1] + reach)]
    return np.stack(np.meshgrid(*spans, indexing="ij"), axis=-1).reshape(-1, 3)


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
