"""Cumulative dose-volume histograms whose order statistics are exact on the samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation import Dose
from dosimetry.region import Region

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DisplayCurve:
    """A cumulative DVH for a plot: `volume_cc[b]` receives `dose_gy[b]` or more.

    Parameters
    ----------
    dose_gy
        Shape (bins,), ascending from 0.
    volume_percent, volume_cc
        Shape (bins,), not increasing.
    """

    dose_gy: FloatArray
    volume_percent: FloatArray
    volume_cc: FloatArray


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
        Of the samples and of the structure's surface.
    """

    dose_gy: FloatArray
    volume_cc: FloatArray
    minimum_gy: float
    maximum_gy: float


@dataclass(frozen=True, eq=False)
class Variant:
    """The same region under another reading of its contours: what the uncertainty is made of."""

    if_uncovered_zero: SampledDose
    if_uncovered_max: SampledDose


@dataclass(frozen=True, eq=False)
class Dvh:
    """Dose-volume histogram of one region.

    Parameters
    ----------
    name
        Of the region.
    volume_cc, volume_uncertainty_cc
        Of the whole region, inside the dose grid or not; the uncertainty is None if it was not asked for.
    minimum_gy, maximum_gy, mean_gy
        With the uncovered part at 0 Gy.
    uncovered_cc
        Volume further than half a voxel outside the outermost voxel centres of some plan's dose grid.
    beyond_centres_cc, beyond_centres_mm
        Volume, and largest distance, past the outermost voxel centres at all (up to half a voxel the edge value counts).
    wholly_outside
        No part of the region lies in the dose grid: nothing but its volume is evaluable.
    if_uncovered_zero, if_uncovered_max
        The samples with the uncovered part at 0 Gy and at the highest dose on the face it crosses; the same object
        where all is covered.
    variants
        Readings that differ within the uncertainty; the first is the reference that the others are compared with.
    """

    name: str
    volume_cc: float
    volume_uncertainty_cc: float | None
    minimum_gy: float
    maximum_gy: float
    mean_gy: float
    uncovered_cc: float
    beyond_centres_cc: float
    beyond_centres_mm: float
    wholly_outside: bool
    if_uncovered_zero: SampledDose
    if_uncovered_max: SampledDose
    variants: tuple[Variant, ...]

    def curve(self, bins: int = 1000) -> DisplayCurve:
        """The histogram at evenly spaced doses from 0 to just above the maximum, for a plot (never for a verdict).

        Parameters
        ----------
        bins
            Number of doses, at least 2.
        """
        raise NotImplementedError


def dose_volume_histogram(region: Region, dose: Dose, *, with_uncertainty: bool = True) -> Dvh:
    """Sample a region and collect its dose.

    Parameters
    ----------
    region
        Structures and their algebra, patient mm.
    dose
        One plan or a sum, physical or EQD2.
    with_uncertainty
        Also sample the variants that `evaluate` states an uncertainty from.

    Raises
    ------
    EmptyStructureError
        If the region encloses no volume.
    """
    raise NotImplementedError
