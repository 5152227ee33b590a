"""Where a criterion lies in the DVH: its ideal, its limit and its value, each as a dose and a volume."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trial_core.domain.report import CourseReport, ResultRow
from web.figures.dvh_curves import volume_of_row_cc

_DOSE_AT_VOLUME = re.compile(r"D(?P<x>[0-9.]+)(?P<unit>%|cc)\[(?P<out>Gy|%)\]")
_VOLUME_AT_DOSE = re.compile(r"V(?P<x>[0-9.]+)(?P<unit>Gy|%)\[(?P<out>cc|%)\]")
_DOSE_ALONE = re.compile(r"(?:Mean|Median|Max|Min)\[(?P<out>Gy|%)\]")


@dataclass(frozen=True)
class Place:
    """A point of a criterion; a mean dose has no volume."""

    dose_gy: float
    volume_percent: float | None


def place_of(report: CourseReport, row: ResultRow, value: float | None) -> Place | None:
    """Give where a value of a row's metric lies; None where that is not known for certain."""
    if value is None:
        return None
    if match := _DOSE_AT_VOLUME.fullmatch(row.metric):
        percent = _percent(report, row, float(match["x"]), match["unit"])
        return _both(_gray(report, row, value, match["out"]), percent)
    if match := _VOLUME_AT_DOSE.fullmatch(row.metric):
        dose_gy = _gray(report, row, float(match["x"]), match["unit"])
        return _both(dose_gy, _percent(report, row, value, match["out"]))
    if match := _DOSE_ALONE.fullmatch(row.metric):
        dose_gy = _gray(report, row, value, match["out"])
        return None if dose_gy is None else Place(dose_gy, None)
    return None


def _both(dose_gy: float | None, percent: float | None) -> Place | None:
    return None if dose_gy is None or percent is None else Place(dose_gy, percent)


def _gray(report: CourseReport, row: ResultRow, value: float, unit: str) -> float | None:
    if unit == "Gy":
        return value
    prescriptions = [
        target.prescription_gy
        for plan in report.plans
        if plan.key == row.plan_key
        for target in plan.targets
        if target.name == row.structure and target.site_structure in (*row.site_structures, row.structure)
    ]
    known = [gy for gy in prescriptions if gy is not None]
    return value / 100 * known[0] if len(known) == 1 else None


def _percent(report: CourseReport, row: ResultRow, value: float, unit: str) -> float | None:
    if unit == "%":
        return value
    volume_cc = volume_of_row_cc(report, row)
    return 100 * value / volume_cc if volume_cc else None
