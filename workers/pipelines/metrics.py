"""Metrics of structures in one dose, for any RTSTRUCT + RTDOSE, with or without plan and protocol."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.dvh import Dvh, dose_volume_histogram
from dosimetry.errors import DosimetryError
from dosimetry.expressions import Metric, parse_metric
from dosimetry.metrics import MetricValue, NotEvaluable, evaluate
from dosimetry.region import Region
from imaging.course import read_course
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, error, warning
from imaging.intake import take_in
from workers.pipelines.dose_choice import ChosenDose, MetricsRefusedError, choose_dose
from workers.pipelines.dose_scale import dose_scale_finding
from workers.pipelines.grid_coverage import GridOf, grid_finding
from workers.pipelines.measuring import not_evaluable_words

__all__ = ["MetricsRefusedError", "compute_metrics"]


def compute_metrics(
    paths: Iterable[Path],
    structures: Sequence[str],
    metrics: Sequence[str],
    prescription_gy: float | None,
    scratch: Path,
) -> dict[str, Any]:
    """Evaluate `metrics` for `structures` (all where empty).

    Parameters
    ----------
    paths
        Folders, ZIP archives and single files.
    structures
        Names of ROIs, verbatim.
    metrics
        Metric expressions; they are the keys of the result exactly as typed.
    prescription_gy
        100 % of percent doses in Gy; without it every metric that needs it is `None`.
    scratch
        An existing, private folder for inflated archives; the caller removes it.

    Returns
    -------
    dict
        `{"structures": {NAME: {"volume_cc": x, "metrics": {EXPR: value}}}, "findings": [...]}`.

    Raises
    ------
    MetricsRefusedError
        where nothing can be computed: no structure set or no dose, several of them, an unknown structure.
    dosimetry.errors.ExpressionError
        if an expression is wrong; its message says where.
    """
    parsed = {text: parse_metric(text) for text in metrics}
    _check_prescription(prescription_gy)
    course = read_course(take_in(paths, scratch))
    chosen = choose_dose(course)
    rois = _chosen_rois(chosen.structure_set, structures, course.findings)
    sheet = _Sheet(chosen, parsed, prescription_gy)
    values = {roi.name: sheet.fill(roi) for roi in rois}
    findings = [*course.findings, *_of_dose(chosen, prescription_gy), *sheet.findings]
    return {"structures": values, "findings": [each.as_json() for each in dict.fromkeys(findings)]}


def _of_dose(chosen: ChosenDose, prescription_gy: float | None) -> list[Finding]:
    """What must be said of the dose; of its size once."""
    said = any(each.code is FindingCode.DOSE_IMPLAUSIBLE for each in chosen.findings)
    scale = None if said else dose_scale_finding(chosen.dose, prescription_gy)
    return [*chosen.findings, *([scale] if scale else [])]


def _check_prescription(prescription_gy: float | None) -> None:
    if prescription_gy is not None and not (math.isfinite(prescription_gy) and prescription_gy > 0):
        raise MetricsRefusedError(f"the prescription is {prescription_gy:g} Gy; it must be a number above 0")


def _chosen_rois(
    structure_set: StructureSet, names: Sequence[str], findings: Sequence[Finding]
) -> Sequence[Roi]:
    if not names:
        return structure_set.rois
    unknown = [name for name in dict.fromkeys(names) if structure_set.roi_by_name(name) is None]
    if unknown:
        known = ", ".join(f"'{roi.name}'" for roi in structure_set.rois)
        wanted = ", ".join(f"'{name}'" for name in unknown)
        missing = error(
            FindingCode.STRUCTURE_UNKNOWN,
            f"there is no structure {wanted}; the file has {known}",
            action="Give a name exactly as in the file, with upper and lower case.",
            file=structure_set.file,
        )
        raise MetricsRefusedError(f"{missing.message}. {missing.action}", [*findings, missing])
    found = (structure_set.roi_by_name(name) for name in dict.fromkeys(names))
    return [roi for roi in found if roi is not None]


class _Sheet:
    """Evaluates all metrics of one structure after the other and keeps what has to be said about them."""

    def __init__(self, chosen: ChosenDose, metrics: dict[str, Metric], prescription_gy: float | None) -> None:
        self._file = chosen.structure_set.file
        self._grid = GridOf(chosen.dose.files[0] if chosen.dose.files else None)
        self._dose = Dose((DoseLayer(chosen.dose.grid, None),))
        self._metrics = metrics
        self._prescription_gy = prescription_gy
        self.findings: list[Finding] = self._without_prescription()

    def fill(self, roi: Roi) -> dict[str, Any]:
        """`{"volume_cc": x, "metrics": {EXPR: value}}` of one ROI; what cannot be evaluated is None."""
        dvh = self._histogram(roi)
        if dvh is None:
            return {"volume_cc": None, "metrics": dict.fromkeys(self._metrics)}
        self._note_grid(roi, dvh)
        values = {text: self._value(roi, dvh, text, metric) for text, metric in self._metrics.items()}
        return {"volume_cc": dvh.volume_cc, "metrics": values}

    def _without_prescription(self) -> list[Finding]:
        if self._prescription_gy is not None:
            return []
        return [
            warning(
                FindingCode.PRESCRIPTION_MISSING,
                f"{text} is percent of a prescription, and none was given: it has no value",
                action="Give the prescription in Gy (--prescription).",
            )
            for text, metric in self._metrics.items()
            if metric.needs_prescription
        ]

    def _histogram(self, roi: Roi) -> Dvh | None:
        if roi.structure is None:
            return None  # the reader of the structure set has said so
        try:
            return dose_volume_histogram(Region.of(roi.structure), self._dose)
        except DosimetryError as problem:
            self._note(warning, FindingCode.STRUCTURE_EMPTY, roi, f"The structure has no values: {problem}")
            return None

    def _value(self, roi: Roi, dvh: Dvh, text: str, metric: Metric) -> float | None:
        found = evaluate(metric, dvh, prescription_gy=self._prescription_gy)
        if found.reason is not None and found.reason not in (
            NotEvaluable.NO_PRESCRIPTION,
            NotEvaluable.WHOLLY_OUTSIDE_GRID,
        ):
            code = FindingCode.METRIC_NOT_EVALUABLE
            self._note(warning, code, roi, f"{text} has no value: {_why(found, dvh)}")
        return found.value

    def _note_grid(self, roi: Roi, dvh: Dvh) -> None:
        found = grid_finding(roi.name, dvh, self._grid)
        self.findings += [found] if found else []

    def _note(self, kind: Any, code: FindingCode, roi: Roi, message: str) -> None:
        self.findings.append(kind(code, message, file=self._file, structure=roi.name))


def _why(found: MetricValue, dvh: Dvh) -> str:
    words = not_evaluable_words(found.reason) if found.reason else ""
    if found.if_uncovered_zero is None or found.if_uncovered_max is None:
        return words
    zero, highest = f"{found.if_uncovered_zero:.6g}", f"{found.if_uncovered_max:.6g}"
    return (
        f"{words} ({dvh.uncovered_cc:.4g} cc): {zero} {found.unit} with it at 0 Gy, "
        f"{highest} at the highest dose on the face it crosses"
    )
