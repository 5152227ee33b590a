"""Cumulative dose-volume histograms whose order statistics are exact on the samples."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

from dosimetry.accumulation.point_sum import Dose
from dosimetry.region import Region
from dosimetry.sampling.collecting import Bounds, DoseCollector, RegionInGrid, SampledDose
from dosimetry.sampling.region_samples import sample_region

SAMPLES = 120_000
"""Samples of a region, about; up to three times as many where cells would be large (`SampledRegion.enough`):
a region of 10 cc gets 0.5 mm, one of 15 litres 3.5 mm."""
VARIANT_SAMPLES = 50_000
"""Samples of each variant, which is compared with the plain reading at the same density."""
_SAFETY_FACTOR = 1.25
"""Ends flare and tips hide between planes: with it, phantoms at the most adverse phase are covered too."""
_DENSITY_FACTOR = 1.5
"""What is left to converge, per difference between the two densities (a factor of 2 at least)."""

_VOXEL_FACTOR = 1.5
"""Half-way between two centres the straight line is off by this many times its average."""

_ROUNDING_SHARE = 2e-4
"""Of the span of doses and of the volume: 0.01 mm, to which coordinates are written, in 50 mm."""


@dataclass(frozen=True, eq=False)
class Dvh(RegionInGrid):
    """Dose-volume histogram of one region.

    Parameters
    ----------
    samples
        The doses and volumes.
    variants
        Readings of the contours that differ within the uncertainty; the first is the plain one at the
        same sampling, that the others are compared with. Empty if no uncertainty was asked for.
    uncurved
        The first variant with the dose's curvature between voxel centres taken off; None without variants.
    """

    samples: Bounds
    variants: tuple[Bounds, ...]
    uncurved: Bounds | None

    @property
    def in_grid(self) -> RegionInGrid:
        """The facts without the samples."""
        return RegionInGrid(*(getattr(self, each.name) for each in fields(RegionInGrid)))

    @cached_property
    def volume_uncertainty_cc(self) -> float | None:
        """Half-width; None if no uncertainty was asked for."""
        return self.uncertainty_of(lambda samples: samples.total_cc)

    def uncertainty_of(self, quantity: Callable[[SampledDose], float]) -> float | None:
        """How far a quantity moves between the readings of the contours and when samples are fewer.

        `_SAFETY_FACTOR` times the largest distance from the plain reading, plus `_DENSITY_FACTOR` times that
        between the plain reading at the two densities, plus `_VOXEL_FACTOR` times what the curvature of the
        dose between voxel centres changes, plus the rounding of coordinates; None if no uncertainty was
        asked for.
        """
        if not self.variants or self.uncurved is None:
            return None
        plain, *others = (quantity(variant.if_uncovered_zero) for variant in self.variants)
        moved = max(abs(other - plain) for other in others)
        denser = abs(quantity(self.samples.if_uncovered_zero) - plain)
        curved = abs(quantity(self.uncurved.if_uncovered_zero) - plain)
        nudged = self.variants[0].if_uncovered_zero.nudged(_ROUNDING_SHARE)
        rounded = abs(quantity(nudged) - plain)
        return _SAFETY_FACTOR * moved + _DENSITY_FACTOR * denser + _VOXEL_FACTOR * curved + rounded

    @property
    def minimum_gy(self) -> float:
        """Lowest dose, the uncovered part at 0 Gy."""
        return self.samples.if_uncovered_zero.minimum_gy

    @property
    def maximum_gy(self) -> float:
        """Highest dose, the uncovered part at 0 Gy."""
        return self.samples.if_uncovered_zero.maximum_gy

    @property
    def mean_gy(self) -> float:
        """Mean dose, the uncovered part at 0 Gy."""
        return self.samples.if_uncovered_zero.mean_gy


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
    (dvh,) = dose_volume_histograms(region, [dose], with_uncertainty=with_uncertainty)
    return dvh


def dose_volume_histograms(
    region: Region, doses: Sequence[Dose], *, with_uncertainty: bool = True
) -> Iterator[Dvh]:
    """Sample a region once and collect several doses, one after the other.

    Parameters
    ----------
    region, with_uncertainty
        As for one dose.
    doses
        Plans and sums; a plan's grid is interpolated once for all that it is part of.

    Yields
    ------
    One histogram for each dose. It is made when asked for and holds some 15 MB: let it go before the next.

    Raises
    ------
    EmptyStructureError
        If the region encloses no volume.
    """
    layers = [layer for dose in doses for layer in dose.layers]
    fewer = VARIANT_SAMPLES if with_uncertainty else None
    collector = DoseCollector(sample_region(region, layers, SAMPLES, fewer))
    for dose in doses:
        yield _histogram(collector, dose)


def _histogram(collector: DoseCollector, dose: Dose) -> Dvh:
    found, samples = collector.collect(dose), collector.samples
    bounds = found.bounds(samples.plain)
    in_grid = found.region_in_grid(samples.plain, bounds.if_uncovered_zero.total_cc)
    return Dvh(
        **vars(in_grid),
        samples=bounds,
        variants=tuple(found.bounds(reading) for reading in samples.variants),
        uncurved=collector.without_curvature(dose) if samples.variants else None,
    )
