"""The PLAN dose beside the doses of its beams: do they tell of the same treatment?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.point_sum import Dose, DoseLayer, PointDoses
from dosimetry.grid import DoseGrid
from dosimetry.linear import mapped
from imaging.dicom.rt_dose import RtDose
from imaging.findings import Finding, FindingCode, info, warning
from imaging.linking.one_grid import same_grid, sum_of_grids

PLAN_AGAINST_BEAMS = 0.01
"""A PLAN dose and the sum of its BEAM doses may differ anywhere by this share of the maximum: both are
rounded to integers when they are written."""
PLAN_CONTRADICTS_BEAMS = 0.03
"""By more than this share anywhere, one of the two is not the plan's dose: as much is allowed between what is
planned and what is measured (AAPM TG-218)."""
_HIGH = 0.5
"""On other grids the means are compared where the PLAN dose has this share of its maximum: in a field's edge
two grids differ without any fault, and in the mean of what lies inside by little."""
_POINTS = 50_000
_COVERED = 0.5
_WHICH = "Find out in the planning system which of them is the plan's dose, and hand over that alone."


@dataclass(frozen=True)
class Comparison:
    """What the comparison found, and the `doubt` where the doses contradict one another."""

    finding: Finding
    doubt: str | None = None


def compare(whole: RtDose, beams: Sequence[RtDose], *, is_each_there: bool) -> Comparison:
    """Compare a PLAN dose with BEAM doses: their sum equals it, and some of them exceed it nowhere.

    Parameters
    ----------
    whole, beams
        The PLAN dose and the doses of its beams, each at most once.
    is_each_there
        Whether every treatment beam has its dose.
    """
    if all(same_grid(whole.grid, each.grid) for each in beams):
        beyond_gy = sum_of_grids([dose.grid for dose in beams]).values_gy - whole.grid.values_gy
        most_gy = np.abs(beyond_gy).max() if is_each_there else beyond_gy.max()
        return _judged(whole, float(most_gy), len(beams), is_each_there=is_each_there)
    beyond = _beyond_in_the_mean(whole.grid, [each.grid for each in beams])
    if beyond is None:
        return not_compared(whole)
    most = abs(beyond) if is_each_there else beyond
    return _judged_in_the_mean(whole, most, len(beams), is_each_there=is_each_there)


def not_compared(whole: RtDose) -> Comparison:
    """Say that the BEAM doses beside a PLAN dose cannot be compared with it."""
    message = "BEAM doses, incomplete or elsewhere, lie beside the PLAN dose; they were not compared."
    return Comparison(info(FindingCode.DOSE_NOT_ADDED, message, file=whole.file))


def _judged(whole: RtDose, most_gy: float, count: int, *, is_each_there: bool) -> Comparison:
    share = most_gy / whole.grid.maximum_gy
    by = f"{most_gy:.3g} Gy ({share:.0%} of its maximum)"
    if share > PLAN_CONTRADICTS_BEAMS:
        doubt = (
            f"the PLAN dose differs from the sum of its BEAM doses by up to {by}"
            if is_each_there
            else f"some of its BEAM doses exceed the PLAN dose by up to {by}"
        )
        return _contradiction(whole, doubt)
    if not is_each_there:
        return not_compared(whole)
    if share > PLAN_AGAINST_BEAMS:
        message = (
            f"The PLAN dose differs from the sum of its BEAM doses by up to {most_gy:.3g} Gy "
            f"(more than {PLAN_AGAINST_BEAMS:.0%} of its maximum); the PLAN dose is used."
        )
        return Comparison(_differs(whole, message))
    message = f"The PLAN dose equals the sum of its {count} BEAM doses; the beams were not added to it."
    return Comparison(info(FindingCode.DOSE_NOT_ADDED, message, file=whole.file))


def _judged_in_the_mean(whole: RtDose, share: float, count: int, *, is_each_there: bool) -> Comparison:
    if share > PLAN_CONTRADICTS_BEAMS:
        by = f"{share:.0%}"
        doubt = (
            f"the PLAN dose differs from the sum of its BEAM doses by {by} on average where it is high"
            if is_each_there
            else f"some of its BEAM doses exceed the PLAN dose by {by} on average where it is high"
        )
        return _contradiction(whole, doubt)
    if not is_each_there:
        return not_compared(whole)
    if share > PLAN_AGAINST_BEAMS:
        message = (
            f"Where it is high the PLAN dose differs from the sum of its BEAM doses, on another grid, by "
            f"{share:.1%} on average; the PLAN dose is used."
        )
        return Comparison(_differs(whole, message))
    message = (
        f"Where it is high the PLAN dose equals the sum of its {count} BEAM doses, on another grid, on "
        "average; the beams were not added to it."
    )
    return Comparison(info(FindingCode.DOSE_NOT_ADDED, message, file=whole.file))


def _contradiction(whole: RtDose, doubt: str) -> Comparison:
    return Comparison(_differs(whole, f"The doses of the plan contradict one another: {doubt}."), doubt)


def _differs(whole: RtDose, message: str) -> Finding:
    return warning(FindingCode.DOSE_PLAN_DIFFERS_FROM_BEAMS, message, action=_WHICH, file=whole.file)


def _beyond_in_the_mean(whole: DoseGrid, beams: Sequence[DoseGrid]) -> float | None:
    """By what share of it the beams' mean lies above the plan's; None where they cover too little of it."""
    high = _high_voxels(whole)
    doses = PointDoses(_centres_mm(whole, high), np.eye(3)).of(
        Dose(tuple(DoseLayer(each, None) for each in beams))
    )
    covered = ~doses.uncovered
    if covered.mean() < _COVERED:
        return None
    planned_gy = whole.values_gy[tuple(high[covered].T)].mean()
    return float(doses.low_gy[covered].mean() / planned_gy) - 1.0


def _high_voxels(grid: DoseGrid) -> NDArray[np.int64]:
    """Voxels (k, j, i) with a high dose, evenly thinned to a number that is read in no time, (n, 3)."""
    high = np.argwhere(grid.values_gy >= _HIGH * grid.maximum_gy)
    return high[:: max(1, len(high) // _POINTS)]


def _centres_mm(grid: DoseGrid, voxels: NDArray[np.int64]) -> NDArray[np.float64]:
    i, j, k = grid.axis_coordinates
    along = np.column_stack((i[voxels[:, 2]], j[voxels[:, 1]], k[voxels[:, 0]]))
    return mapped(grid.index_to_patient_mm[:3, :3], along) + grid.index_to_patient_mm[:3, 3]
