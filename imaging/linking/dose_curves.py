"""The DVHSequence of a dose against its own grid: a planning system's curves are compared, never believed."""

from __future__ import annotations

from collections.abc import Sequence

from imaging.dicom.rt_dose import RtDose
from imaging.dicom.rt_plan import RtPlan
from imaging.findings import Finding, FindingCode, warning

ABOVE_GRID = 1.05
"""No curve can exceed the grid's maximum; this allows for a curve taken on a finer grid."""
EXPLAINED = 0.02
"""An explanation (percent, cGy, per fraction) must meet the grid's maximum this closely."""


def check_curves(dose: RtDose, plan: RtPlan | None) -> list[Finding]:
    """Compare the highest dose of all curves labelled GY with the grid's maximum."""
    maxima = [curve.maximum for curve in dose.curves if curve.units == "GY" and curve.maximum is not None]
    if not maxima or dose.is_all_zero:
        return []
    highest, grid_maximum = max(maxima), dose.grid.maximum_gy
    likely = _explanation(highest, grid_maximum, plan)
    if highest <= ABOVE_GRID * grid_maximum and likely is None:
        return []
    message = (
        f"The curves in the DVHSequence say GY and reach {highest:.2f}, but the dose grid's maximum is "
        f"{grid_maximum:.2f} Gy{f': the curves hold {likely}' if likely else ''}. They were not used."
    )
    action = (
        "Trust no DVH table of this system before its unit is explained; all numbers here come from the grid."
    )
    return [
        warning(
            FindingCode.DVH_DISAGREES_WITH_GRID, message, action=action, file=dose.file, element="DVHSequence"
        )
    ]


def _explanation(highest: float, grid_maximum: float, plan: RtPlan | None) -> str | None:
    """Say what the curves hold in truth, if one reading meets the grid's maximum; None for Gy or no idea."""
    if _meets(highest, grid_maximum):
        return None
    if _meets(highest / 100, grid_maximum):
        return "cGy"
    for prescription in _prescriptions(plan):
        if _meets(highest * prescription / 100, grid_maximum):
            return f"percent of {prescription:g} Gy ({highest:.2f} % = {highest * prescription / 100:.2f} Gy)"
    fractions = plan.planned_fractions if plan else None
    if fractions and fractions > 1 and _meets(highest * fractions, grid_maximum):
        return f"the dose of one of {fractions} fractions"
    return None


def _meets(value: float, grid_maximum: float) -> bool:
    return abs(value - grid_maximum) <= EXPLAINED * grid_maximum


def _prescriptions(plan: RtPlan | None) -> Sequence[float]:
    references = plan.dose_references if plan else ()
    found = {reference.target_prescription_gy for reference in references}
    return sorted((dose for dose in found if dose is not None and dose > 0), reverse=True)
