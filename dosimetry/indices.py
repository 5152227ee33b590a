"""Conformity, homogeneity and gradient indices of one target in one dose."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dosimetry.dvh import Dvh
from dosimetry.grid import DoseGrid
from dosimetry.region import Region

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
        Positions, in the list handed over, of the other targets that lie in the same isodose; if there are any,
        the indices are those of their union.
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
    raise NotImplementedError


def homogeneity_index(dvh: Dvh) -> IndexValue:
    """ICRU 83 homogeneity index (D2% - D98%) / D50% of a target (ICRU Report 83, eq. 3.1)."""
    raise NotImplementedError
