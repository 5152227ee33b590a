"""A region's sections and the frame they share; slabs of sample points from its signed distance."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.sections import SectionStack, stack_sections
from dosimetry.errors import EmptyStructureError
from dosimetry.kernels.cell_samples import cell_samples
from dosimetry.kernels.combined_cells import combined_cells
from dosimetry.region import CombinedRegion, Operation, Region, StructureRegion
from dosimetry.sampling.common_planes import on_common_planes
from dosimetry.sampling.lattice import NOTHING, Extent, Lattice, Slab, extent_of, make_lattice
from dosimetry.sampling.region_distance import RegionDistance, SolidElsewhere
from dosimetry.solid.profiles import PlaneProfiles
from dosimetry.solid.readings import Reading
from dosimetry.solid.solid import Solid
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]

_LARGEST_CELL_MM3 = 10.0
"""A third of 0.03 cc: a hot spot of that volume is more than one sample."""
_MOST_SAMPLES_RATIO = 3


@dataclass(frozen=True, eq=False)
class SlabSamples:
    """Samples of one slab.

    Parameters
    ----------
    points_mm
        Shape (n, 3), in the lattice's frame.
    volume_cc
        Shape (n,): what each stands for.
    surface_mm
        Shape (m, 3): points on the region's surface.
    distance_mm
        Shape (slices, nv, nu): the signed distance that they come from.
    """

    points_mm: FloatArray
    volume_cc: FloatArray
    surface_mm: FloatArray
    distance_mm: FloatArray


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
        stacks = {structure: stack_sections(structure) for structure in region.structures()}
        filled = [structure for structure in _adding(region) if stacks[structure].sections]
        if not filled:
            raise EmptyStructureError(region.name)
        self.stacks: dict[int, SectionStack] = on_common_planes(stacks, filled[0])
        self.frame: FloatArray = self.stacks[id(filled[0])].frame
        self._extents = {
            key: extent_of(stack, self.frame) if stack.sections else NOTHING
            for key, stack in self.stacks.items()
        }

    @property
    def is_single(self) -> bool:
        """Whether the region is one structure, without algebra."""
        return isinstance(self.region, StructureRegion)

    def lattice(self, samples: int) -> Lattice:
        """A lattice with about as many samples inside the region."""
        extent = self._extent(self.region)
        return make_lattice(self.region.name, extent, self._aligned(), self.frame, samples)

    def enough(self, samples: int) -> int:
        """As many samples as asked for; more, up to a bound, where cells would exceed `_LARGEST_CELL_MM3`."""
        most = _MOST_SAMPLES_RATIO * samples
        if not self.is_single:
            # What is left of several solids may be thin, and one drawn across is interpolated.
            return most
        return int(min(max(samples, self._extent(self.region).volume_mm3 / _LARGEST_CELL_MM3), most))

    def cell_cc(self, samples: int) -> float:
        """Volume of one of about so many samples inside the region."""
        return self._extent(self.region).volume_mm3 / samples / 1000

    @cached_property
    def outline_points_mm(self) -> FloatArray:
        """Every contour point of the structures that share the frame, shape (n, 3) in that frame, mm."""
        sections = [section for stack in self._aligned() for section in stack.sections]
        places = [part.boundary[:, :2] for section in sections for part in section.parts]
        counts = [sum(len(part.boundary) for part in section.parts) for section in sections]
        points = np.empty((sum(counts), 3))
        points[:, :2] = np.concatenate(places)
        points[:, 2] = np.repeat([section.w_mm for section in sections], counts)
        return points

    def _aligned(self) -> list[SectionStack]:
        """The stacks whose planes are parallel to the lattice's slices."""
        return [stack for stack in self.stacks.values() if stack.sections and self._is_aligned(stack)]

    def _is_aligned(self, stack: SectionStack) -> bool:
        return np.array_equal(stack.frame, self.frame)

    def _extent(self, region: Region) -> Extent:
        """Box in the common frame and rough volume of what a region can enclose."""
        if isinstance(region, StructureRegion):
            return self._extents[id(region.structure)]
        assert isinstance(region, CombinedRegion)  # noqa: S101 - there are two kinds
        left = self._extent(region.left)
        if region.operation is Operation.DIFFERENCE:
            return left
        right = self._extent(region.right)
        return left.joined(right) if region.operation is Operation.UNION else left.shared(right)


class DrawnRegion:
    """A region on one lattice, in as many readings as asked for.

    Parameters
    ----------
    sampled
        The region.
    lattice
        Made for it.
    """

    def __init__(self, sampled: SampledRegion, lattice: Lattice) -> None:
        self.sampled = sampled
        self.lattice = lattice
        self._profiles = {
            key: PlaneProfiles(stack, lattice.raster)
            for key, stack in sampled.stacks.items()
            if stack.sections and np.array_equal(stack.frame, lattice.frame)
        }

    def distance(self, reading: Reading) -> RegionDistance:
        """The region's signed distance under a reading of its contours."""
        solids = {
            key: self._solid(key, stack, reading)
            for key, stack in self.sampled.stacks.items()
            if stack.sections
        }
        return RegionDistance(self.sampled.region, solids, self.lattice.raster)

    def samples(self, slab: Slab, distance: RegionDistance) -> SlabSamples:
        """Samples of a slab; it may hold none."""
        raster = self.lattice.raster
        depths = distance.depths_at(slab.heights_mm)
        where = raster.u0_mm, raster.v0_mm, raster.step_mm, slab.heights_mm, slab.thicknesses_mm, slab.first
        if len(depths) == 1:
            return SlabSamples(*cell_samples(depths[0], *where), depths[0])
        depth = distance.combined(depths, slab.first)
        return SlabSamples(*combined_cells(depths, distance.program, depth, *where), depth)

    def _solid(self, key: int, stack: SectionStack, reading: Reading) -> Solid | SolidElsewhere:
        if key in self._profiles:
            return Solid(self._profiles[key], reading)
        return SolidElsewhere(stack, self.lattice, reading)


def _adding(region: Region) -> Iterator[Structure]:
    """Structures that can add volume: not those that are only taken away."""
    if isinstance(region, StructureRegion):
        yield region.structure
    elif isinstance(region, CombinedRegion):
        yield from _adding(region.left)
        if region.operation is not Operation.DIFFERENCE:
            yield from _adding(region.right)
