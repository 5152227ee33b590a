"""Collect the dose of a sampled region: sorted samples, extremes, and what lies outside the grid."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation import PointDose, PointSampler
from dosimetry.errors import EmptyStructureError
from dosimetry.sampling import SampledRegion, slice_samples
from dosimetry.solid import Raster, Reading

FloatArray = NDArray[np.float64]

_ROUNDING = 1e-12
"""Relative rounding of a sum of volumes."""


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
        return np.concatenate([[0.0], np.cumsum(self.volume_cc)])

    @property
    def total_cc(self) -> float:
        """Volume of all samples."""
        return float(self.volume_below_cc[-1])

    @cached_property
    def mean_gy(self) -> float:
        """Mean dose; between the extremes whatever the rounding."""
        mean = float(self.dose_gy @ self.volume_cc) / float(self.volume_cc.sum())
        return min(max(mean, float(self.dose_gy[0])), float(self.dose_gy[-1]))

    def volume_from_cc(self, dose_gy: float) -> float:
        """Volume that receives a dose or more."""
        first = int(np.searchsorted(self.dose_gy, dose_gy, side="left"))
        return self.total_cc - float(self.volume_below_cc[first]) if first else self.total_cc

    def dose_to_gy(self, volume_cc: float) -> float:
        """Highest dose that at least a volume receives; the volume is at most the total."""
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
class Collected:
    """A region's samples and how they meet the dose grids."""

    bounds: Bounds
    uncovered_cc: float
    beyond_centres_cc: float
    beyond_centres_mm: float
    outline_beyond_centres_mm: float
    wholly_outside: bool


def collect(sampled: SampledRegion, sampler: PointSampler, samples: int, reading: Reading) -> Collected:
    """Sample a region under one reading of its contours.

    Extremes are those of a trilinear dose over the region: they lie on its surface or at voxel
    centres within it. Samples are kept within them.

    Parameters
    ----------
    sampled
        The region.
    sampler
        The dose, in the region's frame.
    samples
        How many, about.
    reading
        Of the contours.

    Raises
    ------
    EmptyStructureError
        If nothing is enclosed.
    """
    lattice = sampled.lattice(samples)
    distances = sampled.distances(lattice, reading)
    doses, volumes, extremes = [], [], _Extremes(sampler)
    nodes = _Nodes(sampler.extreme_points_mm(), lattice.raster)
    for piece in slice_samples(lattice, distances):
        dose = sampler.at(piece.points_mm)
        doses.append(dose)
        volumes.append(piece.volume_cc)
        extremes.add_points(piece.surface_mm)
        extremes.add_points(nodes.inside(piece.distance_mm, piece.w_mm, piece.thickness_mm))
        if len(sampler.dose.layers) > 1:
            extremes.add(dose)
    if not volumes:
        raise EmptyStructureError(sampled.region.name)
    for points in sampled.outline_extremes_mm(lattice, distances):
        extremes.add_points(points)
    outline = sampler.at(sampled.outline_points_mm()).beyond_mm
    return _collected(joined(doses), np.concatenate(volumes), extremes, float(outline.max()))


class _Extremes:
    """Lowest and highest dose seen, for both readings of the uncovered part."""

    def __init__(self, sampler: PointSampler) -> None:
        self._sampler = sampler
        self.low = [np.inf, -np.inf]
        self.high = [np.inf, -np.inf]
        self.beyond_mm = 0.0

    def add_points(self, points_mm: FloatArray) -> None:
        if len(points_mm):
            self.add(self._sampler.at(np.ascontiguousarray(points_mm)))

    def add(self, dose: PointDose) -> None:
        self.low = _widened(self.low, dose.low_gy)
        self.high = _widened(self.high, dose.high_gy)
        self.beyond_mm = max(self.beyond_mm, float(dose.beyond_mm.max()))


def _widened(range_gy: list[float], dose_gy: FloatArray) -> list[float]:
    return [min(range_gy[0], float(dose_gy.min())), max(range_gy[1], float(dose_gy.max()))]


class _Nodes:
    """Voxel centres where the dose may be extreme, by height, for one raster."""

    def __init__(self, points_mm: FloatArray, raster: Raster) -> None:
        self._raster = raster
        u = (points_mm[:, 0] - raster.u0_mm) / raster.step_mm
        v = (points_mm[:, 1] - raster.v0_mm) / raster.step_mm
        within = (u >= 0) & (u < raster.nu - 1) & (v >= 0) & (v < raster.nv - 1)
        points = points_mm[within]
        order = np.argsort(points[:, 2], kind="stable")
        self._points = points[order]
        self._column = u[within][order].astype(np.int64)
        self._row = v[within][order].astype(np.int64)

    def inside(self, distance_mm: FloatArray, w_mm: float, thickness_mm: float) -> FloatArray:
        """Those in a slice that lie inside by half a cell at least, shape (n, 3)."""
        ends = [w_mm - thickness_mm / 2, w_mm + thickness_mm / 2]
        first, last = np.searchsorted(self._points[:, 2], ends)
        i, j = self._column[first:last], self._row[first:last]
        corners = [distance_mm[j, i], distance_mm[j, i + 1], distance_mm[j + 1, i], distance_mm[j + 1, i + 1]]
        deep = np.minimum.reduce(corners) >= max(self._raster.step_mm, thickness_mm) / 2
        inside: FloatArray = self._points[first:last][deep]
        return inside


def joined(doses: list[PointDose]) -> PointDose:
    """One after the other."""
    return PointDose(
        *(
            np.concatenate([getattr(dose, name) for dose in doses])
            for name in ("low_gy", "high_gy", "uncovered", "covered_by_none", "beyond_mm")
        )
    )


def _collected(
    dose: PointDose, volume_cc: FloatArray, extremes: _Extremes, outline_beyond_mm: float
) -> Collected:
    low = _sorted(dose.low_gy, volume_cc, extremes.low)
    high = _sorted(dose.high_gy, volume_cc, extremes.high) if dose.uncovered.any() else low
    return Collected(
        bounds=Bounds(low, high),
        uncovered_cc=float(volume_cc[dose.uncovered].sum()),
        beyond_centres_cc=float(volume_cc[dose.beyond_mm > 0].sum()),
        beyond_centres_mm=extremes.beyond_mm,
        outline_beyond_centres_mm=outline_beyond_mm,
        wholly_outside=bool(dose.covered_by_none.all()),
    )


def _sorted(dose_gy: FloatArray, volume_cc: FloatArray, extremes: list[float]) -> SampledDose:
    order = np.argsort(dose_gy, kind="stable")
    kept = np.clip(dose_gy[order], extremes[0], extremes[1])
    return SampledDose(kept, volume_cc[order], extremes[0], extremes[1])
