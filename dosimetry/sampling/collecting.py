"""Collect the dose of a sampled region: sorted samples, extremes, and what lies outside the grid."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.dose_curvature import without_curvature
from dosimetry.accumulation.point_sum import Dose, PointDose, PointDoses
from dosimetry.kernels.sorted_doses import sorted_doses
from dosimetry.sampling.region_samples import ReadingPlaces, RegionSamples

FloatArray = NDArray[np.float64]

_ROUNDING = 1e-12
"""Relative rounding of a sum of volumes."""
DOSE_ROUNDING = 1e-12
"""Relative rounding of a dose. One that lacks no more than that of another reaches it: eight beams of 6.3 Gy
add up to 50.39999999999999 Gy."""


@dataclass(frozen=True, eq=False)
class SampledDose:
    """Dose samples in ascending order and the volume that each stands for.

    Parameters
    ----------
    dose_gy
        Shape (n,), ascending.
    volume_cc
        Shape (n,), above 0.
    minimum_gy, maximum_gy
        Of the samples, of points on the surface and of the voxel centres inside.
    """

    dose_gy: FloatArray
    volume_cc: FloatArray
    minimum_gy: float
    maximum_gy: float

    @cached_property
    def volume_below_cc(self) -> FloatArray:
        """Volume of the samples before each one, and of all of them, shape (n + 1,)."""
        below = np.zeros(len(self.volume_cc) + 1)
        np.cumsum(self.volume_cc, out=below[1:])
        return below

    @property
    def total_cc(self) -> float:
        """Volume of all samples."""
        return float(self.volume_below_cc[-1])

    @cached_property
    def mean_gy(self) -> float:
        """Mean dose; between the extremes whatever the rounding."""
        # No dot product: a threaded library would sum in an order that depends on the threads.
        mean = float((self.dose_gy * self.volume_cc).sum()) / float(self.volume_cc.sum())
        return min(max(mean, float(self.dose_gy[0])), float(self.dose_gy[-1]))

    def nudged(self, share: float) -> "SampledDose":
        """All doses higher by a share of their span, all volumes larger by that share of themselves."""
        shift_gy = share * (self.maximum_gy - self.minimum_gy)
        return SampledDose(
            self.dose_gy + shift_gy,
            self.volume_cc * (1 + share),
            self.minimum_gy + shift_gy,
            self.maximum_gy + shift_gy,
        )

    def volume_from_cc(self, dose_gy: float) -> float:
        """Volume that receives a dose or more."""
        first = int(np.searchsorted(self.dose_gy, dose_gy * (1 - DOSE_ROUNDING), side="left"))
        return self.total_cc - float(self.volume_below_cc[first]) if first else self.total_cc

    def dose_to_gy(self, volume_cc: float) -> float:
        """Highest dose that at least a volume receives; the volume is at most the total.

        All of it receives the minimum, which lies on the surface or in a voxel centre: below each sample.
        """
        if volume_cc >= self.total_cc:
            return self.minimum_gy
        below = self.total_cc - volume_cc
        below += _ROUNDING * self.total_cc
        last = int(np.searchsorted(self.volume_below_cc, below, side="right")) - 1
        return float(self.dose_gy[min(max(last, 0), len(self.dose_gy) - 1)])


@dataclass(frozen=True, eq=False)
class Bounds:
    """One reading of a region with its uncovered part at 0 Gy and at the dose of the face it crosses.

    Where all is covered, both are the same object.
    """

    if_uncovered_zero: SampledDose
    if_uncovered_max: SampledDose


@dataclass(frozen=True, eq=False)
class RegionInGrid:
    """A region's volume and how it lies in the dose grids.

    Parameters
    ----------
    name
        Of the region.
    volume_cc
        Of the whole region, inside the dose grid or not.
    uncovered_cc
        Volume further than half a voxel outside the outermost voxel centres of some plan's dose grid.
    beyond_centres_cc, beyond_centres_mm
        Volume, and largest distance, past the outermost voxel centres at all (up to half a voxel the
        edge value counts).
    outline_beyond_centres_mm
        Largest distance of a contour point past the outermost voxel centres: without the half plane
        distance that an end may reach past its last contour.
    wholly_outside
        No part of the region lies in any dose grid: nothing but its volume is evaluable.
    """

    name: str
    volume_cc: float
    uncovered_cc: float
    beyond_centres_cc: float
    beyond_centres_mm: float
    outline_beyond_centres_mm: float
    wholly_outside: bool


class DoseCollector:
    """Reads doses on a sampled region.

    Extremes are those of a trilinear dose over the region: they lie on its surface or at voxel
    centres within it. Samples are kept within them.

    Parameters
    ----------
    samples
        Sampled for every layer of the doses that are read.
    """

    def __init__(self, samples: RegionSamples) -> None:
        self.samples = samples
        frame = samples.frame
        self._points = PointDoses(samples.points_mm, frame)
        self._extremes = PointDoses(samples.extremes_mm, frame)
        self._nodes = [PointDoses(nodes, frame) for nodes in samples.nodes_mm]
        self._outline = PointDoses(samples.outline_mm, frame)

    def collect(self, dose: Dose) -> "DoseInReadings":
        """Read one dose."""
        wanted = [self.samples.placements.index(layer.placement) for layer in dose.layers]
        nodes = {n: self._nodes[n].of(dose) for n in dict.fromkeys(wanted)}
        return DoseInReadings(
            self.samples, dose, self._points.of(dose), self._extremes.of(dose), nodes, self._outline.of(dose)
        )

    def without_curvature(self, dose: Dose) -> Bounds:
        """Read a dose at the first variant's points, its curvature between voxel centres taken off."""
        straight = without_curvature(dose)
        moved = {old.placement: new.placement for old, new in zip(dose.layers, straight.layers, strict=True)}
        few = self.samples.only(self.samples.variants[0])
        placed = replace(few, placements=tuple(moved.get(each, each) for each in few.placements))
        return DoseCollector(placed).collect(straight).bounds(placed.plain)


@dataclass(frozen=True, eq=False)
class DoseInReadings:
    """One dose at all points of a sampled region, and at the voxel centres of its own grids."""

    samples: RegionSamples
    dose: Dose
    at_points: PointDose
    at_extremes: PointDose
    at_nodes: Mapping[int, PointDose]
    at_outline: PointDose

    def bounds(self, reading: ReadingPlaces) -> Bounds:
        """The samples of a reading."""
        low = self._sorted(reading, "low_gy")
        uncovered = reading.samples.take(self.at_points.uncovered).any()
        return Bounds(low, self._sorted(reading, "high_gy") if uncovered else low)

    def region_in_grid(self, reading: ReadingPlaces, volume_cc: float) -> RegionInGrid:
        """How a reading of the region, with a volume, lies in the grids of the dose."""
        take, points = reading.samples.take, self.at_points
        volume, past = take(self.samples.volume_cc), take(points.beyond_mm)
        return RegionInGrid(
            name=self.samples.name,
            volume_cc=volume_cc,
            uncovered_cc=float(volume[take(points.uncovered)].sum()),
            beyond_centres_cc=float(volume[past > 0].sum()),
            beyond_centres_mm=max(float(each.max()) for each in self._extreme(reading, "beyond_mm")),
            outline_beyond_centres_mm=float(self.at_outline.beyond_mm.max()),
            wholly_outside=bool(take(points.covered_by_none).all()),
        )

    def _sorted(self, reading: ReadingPlaces, bound: str) -> SampledDose:
        extremes = self._extreme(reading, bound)
        lowest = min(float(each.min()) for each in extremes)
        highest = max(float(each.max()) for each in extremes)
        dose_gy = reading.samples.take(getattr(self.at_points, bound))
        ascending, volume_cc = sorted_doses(dose_gy, reading.samples.take(self.samples.volume_cc))
        return SampledDose(np.clip(ascending, lowest, highest), volume_cc, lowest, highest)

    def _extreme(self, reading: ReadingPlaces, field: str) -> list[FloatArray]:
        """A field of the dose at all points of a reading where it may be extreme."""
        found = [reading.extremes.take(getattr(self.at_extremes, field))]
        found += [reading.nodes[n].take(getattr(nodes, field)) for n, nodes in self.at_nodes.items()]
        found = [each for each in found if len(each)]
        if len(self.dose.layers) > 1 or not found:
            # A sum may be extreme between the voxel centres of its plans.
            found.append(reading.samples.take(getattr(self.at_points, field)))
        return found
