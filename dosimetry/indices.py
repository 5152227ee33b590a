"""Conformity, homogeneity and gradient indices of one target in one dose."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.dvh import Dvh
from dosimetry.fractionation import require_positive
from dosimetry.grid import DoseGrid
from dosimetry.isodose import Isodose, IsodoseVolume, TargetSamples, samples_in
from dosimetry.region import Region, union

FloatArray = NDArray[np.float64]


class IndexUndefined(StrEnum):
    """Why an index has no value."""

    TARGET_OUTSIDE_GRID = "target_outside_grid"
    TARGET_PARTLY_OUTSIDE_GRID = "target_partly_outside_grid"
    NO_PRESCRIPTION_ISODOSE = "no_prescription_isodose"
    ISODOSE_LEAVES_GRID = "isodose_leaves_grid"
    NO_MEDIAN_DOSE = "no_median_dose"


@dataclass(frozen=True)
class IndexValue:
    """An index, or the reason why it has no value."""

    value: float | None
    reason: IndexUndefined | None


@dataclass(frozen=True)
class ConformityIndices:
    """Indices of a target against its prescription isodose, with the volumes they are made of.

    Parameters
    ----------
    paddick
        TV_PIV^2 / (TV x PIV); Paddick 2000, doi 10.3171/jns.2000.93.supplement_3.0219.
    gradient
        V50% / V100% of the isodoses that belong to the target; Paddick & Lippitz 2006.
    target_cc, covered_cc
        TV, and the part of it at the prescription or more (TV_PIV).
    isodose_cc, half_isodose_cc
        Volumes at 100 % (PIV) and 50 % of the prescription, only the parts connected with the target.
    shared_with
        Positions, in the list handed over, of the other targets that lie in the same isodose; if there
        are any, the indices are those of their union.
    """

    paddick: IndexValue
    gradient: IndexValue
    target_cc: float
    covered_cc: float
    isodose_cc: float
    half_isodose_cc: float
    shared_with: tuple[int, ...] = ()


def conformity_indices(
    targets: tuple[Region, ...],
    grid: DoseGrid,
    prescription_gy: float,
    *,
    region_to_dose_mm: FloatArray | None = None,
) -> tuple[ConformityIndices, ...]:
    """Paddick's conformity index and gradient index of each target of one prescription.

    Parameters
    ----------
    targets
        All targets with this prescription; those that share a connected isodose are taken as their union.
    grid
        The plan's dose.
    prescription_gy
        Above 0.
    region_to_dose_mm
        Shape (4, 4), as in `DoseLayer`; None: identity.

    Returns
    -------
    One for each target, in order.

    Raises
    ------
    DoseError, EmptyStructureError
        If the prescription is not above 0 or a target encloses no volume.
    """
    require_positive("prescription in Gy", prescription_gy)
    layer = DoseLayer(
        grid, None, region_to_dose_mm=np.eye(4) if region_to_dose_mm is None else region_to_dose_mm
    )
    full = Isodose(grid, prescription_gy)
    groups = _sharing([full.parts_of(samples_in(target, layer)) for target in targets])
    results: dict[int, ConformityIndices] = {}
    for group in groups:
        indices = _of_group(union([targets[n] for n in group]), layer, full)
        for n in group:
            results[n] = replace(indices, shared_with=tuple(other for other in group if other != n))
    return tuple(results[n] for n in range(len(targets)))


def homogeneity_index(dvh: Dvh) -> IndexValue:
    """ICRU 83 homogeneity index (D2% - D98%) / D50% of a target (ICRU Report 83, eq. 3.1)."""
    if dvh.wholly_outside:
        return IndexValue(None, IndexUndefined.TARGET_OUTSIDE_GRID)
    if dvh.uncovered_cc > 0:
        return IndexValue(None, IndexUndefined.TARGET_PARTLY_OUTSIDE_GRID)
    samples = dvh.samples.if_uncovered_zero
    near_max, median, near_min = (samples.dose_to_gy(share * samples.total_cc) for share in (0.02, 0.5, 0.98))
    if median <= 0:
        return IndexValue(None, IndexUndefined.NO_MEDIAN_DOSE)
    return IndexValue((near_max - near_min) / median, None)


def _sharing(parts: list[frozenset[int]]) -> list[list[int]]:
    """Group targets whose isodoses have a part in common, directly or through others."""
    groups: list[tuple[set[int], list[int]]] = []
    for n, mine in enumerate(parts):
        joined, members = set(mine), [n]
        apart = []
        for theirs, others in groups:
            if theirs & joined:
                joined |= theirs
                members = others + members
            else:
                apart.append((theirs, others))
        groups = [*apart, (joined, sorted(members))]
    return [members for _, members in groups]


def _of_group(target: Region, layer: DoseLayer, full: Isodose) -> ConformityIndices:
    samples = samples_in(target, layer)
    target_cc = float(samples.volume_cc.sum())
    covered_cc = float(samples.volume_cc[samples.dose.low_gy >= full.level_gy].sum())
    half = Isodose(layer.grid, full.level_gy / 2)
    whole_region, half_region = full.volume_of(full.parts_of(samples)), half.volume_of(half.parts_of(samples))
    reason = _why_undefined(samples, whole_region)
    paddick = IndexValue(None, reason)
    gradient = IndexValue(None, reason)
    if reason is None:
        paddick = IndexValue(covered_cc**2 / (target_cc * whole_region.volume_cc), None)
        gradient = IndexValue(half_region.volume_cc / whole_region.volume_cc, None)
        if half_region.leaves_grid:
            gradient = IndexValue(None, IndexUndefined.ISODOSE_LEAVES_GRID)
    return ConformityIndices(
        paddick, gradient, target_cc, covered_cc, whole_region.volume_cc, half_region.volume_cc
    )


def _why_undefined(samples: TargetSamples, isodose: IsodoseVolume) -> IndexUndefined | None:
    if samples.dose.covered_by_none.all():
        return IndexUndefined.TARGET_OUTSIDE_GRID
    if samples.dose.uncovered.any():
        return IndexUndefined.TARGET_PARTLY_OUTSIDE_GRID
    if isodose.volume_cc == 0:
        return IndexUndefined.NO_PRESCRIPTION_ISODOSE
    return IndexUndefined.ISODOSE_LEAVES_GRID if isodose.leaves_grid else None
