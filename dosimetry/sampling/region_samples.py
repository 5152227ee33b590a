"""Sample a region once: the points of all its readings, in one pool that doses are read on."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.point_sum import DoseLayer, extreme_points_mm
from dosimetry.errors import EmptyStructureError
from dosimetry.region import Region
from dosimetry.sampling.extremes import ExtremeNodes, OutlineExtremes
from dosimetry.sampling.lattice import joined_slabs
from dosimetry.sampling.region_distance import RegionDistance
from dosimetry.sampling.sampled_region import DrawnRegion, SampledRegion
from dosimetry.solid.readings import VARIANTS, Reading

FloatArray = NDArray[np.float64]
S = TypeVar("S", bound=np.generic)

_FEWEST_CELLS = 250
"""What algebra leaves is nothing if it fills fewer: ends of surfaces that coincide, drawn a hair apart."""


@dataclass(eq=False)
class Pool:
    """Rows of arrays that are added one after the other, and where each went."""

    pieces: list[FloatArray] = field(default_factory=list)
    size: int = 0

    def add(self, piece: FloatArray) -> slice:
        """Add rows; returns their place."""
        self.pieces.append(piece)
        self.size += len(piece)
        return slice(self.size - len(piece), self.size)

    def joined(self) -> FloatArray:
        """All rows; the pieces are let go."""
        self.pieces = [np.concatenate(self.pieces)]
        return self.pieces[0]


@dataclass(frozen=True, eq=False)
class Places:
    """Rows of a pool that make up one reading."""

    slices: tuple[slice, ...]

    @classmethod
    def of(cls, slices: Sequence[slice]) -> "Places":
        """Neighbouring slices are joined."""
        joined: list[slice] = []
        for each in slices:
            if joined and joined[-1].stop == each.start:
                joined[-1] = slice(joined[-1].start, each.stop)
            elif each.stop > each.start:
                joined.append(each)
        return cls(tuple(joined))

    @property
    def empty(self) -> bool:
        """Whether there is no row."""
        return not any(each.stop > each.start for each in self.slices)

    def take(self, rows: NDArray[S]) -> NDArray[S]:
        """The rows, in order; no copy if they lie together."""
        if len(self.slices) == 1:
            return rows[self.slices[0]]
        return np.concatenate([rows[:0], *(rows[each] for each in self.slices)])


@dataclass(frozen=True, eq=False)
class ReadingPlaces:
    """One reading of a region: its samples, its extreme points, and the voxel centres of each placed grid."""

    samples: Places
    extremes: Places
    nodes: tuple[Places, ...]


@dataclass(frozen=True, eq=False)
class RegionSamples:
    """A region's points, shape (n, 3) in `frame` and mm, and which of them belong to which reading.

    Parameters
    ----------
    name
        Of the region.
    frame
        Shape (3, 3): rows u, v, w in patient axes.
    points_mm, volume_cc
        Samples, and what each stands for.
    extremes_mm
        Points on surfaces.
    nodes_mm, placements
        Voxel centres where a dose may be extreme, for each placement of a grid.
    outline_mm
        All contour points.
    plain
        The plain reading.
    variants
        At fewer samples: the plain reading again, then the others; empty if not asked for.
    """

    name: str
    frame: FloatArray
    points_mm: FloatArray
    volume_cc: FloatArray
    extremes_mm: FloatArray
    nodes_mm: tuple[FloatArray, ...]
    placements: tuple[Hashable, ...]
    outline_mm: FloatArray
    plain: ReadingPlaces
    variants: tuple[ReadingPlaces, ...]

    def only(self, reading: ReadingPlaces) -> "RegionSamples":
        """The points of one reading, as the plain one."""
        samples, extremes = reading.samples, reading.extremes
        nodes = tuple(places.take(nodes) for places, nodes in zip(reading.nodes, self.nodes_mm, strict=True))
        taken = replace(
            self,
            points_mm=samples.take(self.points_mm),
            volume_cc=samples.take(self.volume_cc),
            extremes_mm=extremes.take(self.extremes_mm),
            nodes_mm=nodes,
            variants=(),
        )
        counts = len(taken.points_mm), len(taken.extremes_mm), *(len(each) for each in nodes)
        points, surface, *centres = (Places((slice(0, count),)) for count in counts)
        return replace(taken, plain=ReadingPlaces(points, surface, tuple(centres)))


def sample_region(
    region: Region, layers: Sequence[DoseLayer], samples: int, variant_samples: int | None
) -> RegionSamples:
    """Sample a region for some doses.

    Parameters
    ----------
    region
        Structures and their algebra.
    layers
        Whose voxel centres are needed; each placement counts once.
    samples
        How many, about; up to twice as many for a large region.
    variant_samples
        How many for each variant; None: no variants.

    Raises
    ------
    EmptyStructureError
        If nothing is enclosed, or algebra leaves next to nothing.
    """
    sampled = SampledRegion(region)
    placed = {layer.placement: layer for layer in layers}
    pools = _Pools(len(placed))
    nodes = [extreme_points_mm(layer, sampled.frame) for layer in placed.values()]
    samples = sampled.enough(samples)
    (plain,) = _sample(sampled, nodes, pools, samples, (Reading(),))
    variants: tuple[ReadingPlaces, ...] = ()
    if variant_samples is not None:
        variants = _sample(sampled, nodes, pools, variant_samples, (Reading(), *VARIANTS))
    volume_cc = pools.volume.joined()
    if not sampled.is_single and _total(volume_cc, plain) < _FEWEST_CELLS * sampled.cell_cc(samples):
        raise EmptyStructureError(region.name)
    return RegionSamples(
        *(region.name, sampled.frame, pools.points.joined(), volume_cc),
        *(pools.extremes.joined(), tuple(pool.joined() for pool in pools.nodes), tuple(placed)),
        *(sampled.outline_points_mm, plain, variants),
    )


def _total(volume_cc: FloatArray, reading: ReadingPlaces) -> float:
    return float(reading.samples.take(volume_cc).sum())


class _Pools:
    """Where the points of all readings and lattices go."""

    def __init__(self, grids: int) -> None:
        self.points, self.volume, self.extremes = Pool(), Pool(), Pool()
        self.nodes = [Pool() for _ in range(grids)]


@dataclass(frozen=True)
class _Piece:
    """Where one slab's points went."""

    samples: slice
    surface: slice
    nodes: tuple[slice, ...]


def _sample(
    sampled: SampledRegion,
    nodes_mm: Sequence[FloatArray],
    pools: _Pools,
    samples: int,
    readings: Sequence[Reading],
) -> tuple[ReadingPlaces, ...]:
    """Sample readings on one lattice; slabs that two of them draw alike are sampled once.

    A reading that leaves nothing of the region (an end cut off) counts as the first one.
    """
    drawing = _Drawing(sampled, nodes_mm, pools, samples, shares=len(readings) > 1)
    drawn = [drawing.read(reading) for reading in readings]
    if drawn[0].samples.empty:
        raise EmptyStructureError(sampled.region.name)
    return tuple(drawn[0] if each.samples.empty else each for each in drawn)


class _Drawing:
    """Readings of a region on one lattice."""

    def __init__(
        self,
        sampled: SampledRegion,
        nodes_mm: Sequence[FloatArray],
        pools: _Pools,
        samples: int,
        *,
        shares: bool,
    ) -> None:
        lattice = sampled.lattice(samples)
        self._drawn = DrawnRegion(sampled, lattice)
        # What readings share, and which surfaces coincide, is found slab by slab: one for each gap.
        by_gap = shares or not sampled.is_single
        self._slabs = lattice.slabs if by_gap else joined_slabs(lattice)
        self._pools = pools
        self._nodes = [ExtremeNodes(points, lattice.raster) for points in nodes_mm]
        self._outline = OutlineExtremes(sampled, lattice.raster)
        self._shares = shares
        self._pieces: dict[Hashable, _Piece] = {}

    def read(self, reading: Reading) -> ReadingPlaces:
        distance = self._drawn.distance(reading)
        pieces = [self._piece(number, distance) for number in range(len(self._slabs))]
        outline = self._pools.extremes.add(self._outline.of(distance))
        return ReadingPlaces(
            Places.of([piece.samples for piece in pieces]),
            Places.of([*(piece.surface for piece in pieces), outline]),
            tuple(Places.of([piece.nodes[n] for piece in pieces]) for n in range(len(self._nodes))),
        )

    def _piece(self, number: int, distance: RegionDistance) -> _Piece:
        slab = self._slabs[number]
        key = (number, distance.decided_by(slab.heights_mm) if self._shares else None)
        if key not in self._pieces:
            found = self._drawn.samples(slab, distance)
            self._pools.volume.add(found.volume_cc)
            nodes = [nodes.inside(slab, found.distance_mm) for nodes in self._nodes]
            self._pieces[key] = _Piece(
                self._pools.points.add(found.points_mm),
                self._pools.extremes.add(found.surface_mm),
                tuple(pool.add(inside) for pool, inside in zip(self._pools.nodes, nodes, strict=True)),
            )
        return self._pieces[key]
