"""Plan checks that are answered by the files themselves: dose, grid, CT, links, frames, contours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from imaging.course import Course, LinkedBy
from imaging.dicom.ct import CtSeries
from imaging.findings import Finding, FindingCode, Severity
from trial_core.domain.protocol import PlanCheckRule
from trial_core.domain.report import CheckStatus
from workers.pipelines.placement import structure_frame
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.targets import absent_targets

SPACING_TOLERANCE_MM = 1e-3
"""Positions are written with two or three decimals: 2.5 mm may read as 2.5001."""

_CT_FAULTS = frozenset(
    {
        FindingCode.CT_SLICE_UNUSABLE,
        FindingCode.CT_GEOMETRY_MIXED,
        FindingCode.CT_SLICE_DUPLICATED,
        FindingCode.CT_SLICE_GAP,
        FindingCode.CT_SPACING_IRREGULAR,
    }
)
_LINK_FAULTS = frozenset({FindingCode.REFERENCE_CONTRADICTORY, FindingCode.LINK_AMBIGUOUS})
_CONTOUR_FAULTS = frozenset(
    {
        FindingCode.STRUCTURE_EMPTY,
        FindingCode.CONTOUR_INVALID,
        FindingCode.CONTOUR_NOT_PLANAR,
        FindingCode.CONTOUR_PLANES_MIXED,
        FindingCode.CONTOUR_DUPLICATED,
        FindingCode.CONTOUR_CROSSING,
        FindingCode.CONTOUR_SELF_CROSSING,
        FindingCode.CONTOUR_WALL_THIN,
        FindingCode.CONTOUR_SLICE_MISSING,
        FindingCode.CONTOUR_SPACING_IRREGULAR,
        FindingCode.CONTOUR_THICKNESS_ASSUMED,
    }
)


@dataclass(frozen=True)
class Answer:
    """What a check found; `permitted`: it failed, but within what the protocol permits."""

    status: CheckStatus
    expected: str
    found: str
    message: str
    permitted: bool = False


def passed(expected: str, found: str) -> Answer:
    """The check passed."""
    return Answer(CheckStatus.PASSED, expected, found, "")


def failed(expected: str, found: str, message: str, *, permitted: bool = False) -> Answer:
    """The check failed."""
    return Answer(CheckStatus.FAILED, expected, found, message, permitted)


def unknown(message: str, *, expected: str = "", found: str = "") -> Answer:
    """The files do not tell."""
    return Answer(CheckStatus.UNKNOWN, expected, found, message)


def check_dose(plan: PreparedPlan, _course: Course, _rule: PlanCheckRule) -> Answer:
    """Whether the plan has one usable physical dose in Gy, of the plan or of all its beams."""
    dose, expected = plan.assigned.linked.dose, "PLAN or all BEAMs, PHYSICAL, in GY"
    if dose is None:
        return failed(expected, "none", plan.assigned.linked.why_no_dose or "no dose was handed over")
    files, refused = len(dose.files), plan.assigned.linked.doses_refused
    found = f"{dose.summation.value}, {files} file{'s' if files > 1 else ''}"
    beside = f"; not used: {'; '.join(refused)}" if refused else ""
    return passed(expected, found + beside)


def check_dose_grid_spacing(plan: PreparedPlan, _course: Course, rule: PlanCheckRule) -> Answer:
    """The widest spacing of the dose grid."""
    dose = plan.assigned.linked.dose
    if dose is None:
        return unknown("no dose")
    return _spacing(max(dose.grid.spacing_mm), rule)


def check_ct_spacing(plan: PreparedPlan, course: Course, rule: PlanCheckRule) -> Answer:
    """The spacing of the CT slices by their positions, never by SliceThickness."""
    spacings = [series.spacing_mm for series in _ct_of(plan, course) if series.spacing_mm is not None]
    return (
        _spacing(max(spacings), rule) if spacings else unknown("the CT was not handed over, or is one slice")
    )


def check_ct_complete(plan: PreparedPlan, course: Course, _rule: PlanCheckRule) -> Answer:
    """Gaps, duplicates and mixed geometry in the CT of the plan."""
    series = _ct_of(plan, course)
    files = {file for one in series for file in (*(each.file for each in one.slices), *one.left_out)}
    faults = [
        each.message
        for each in course.findings
        if each.code in _CT_FAULTS and (each.file is None or each.file in files or not files)
    ]
    if faults:
        return failed("complete", "faulty", "; ".join(faults))
    if not series:
        return unknown("the CT was not handed over", expected="complete")
    irregular = any(not one.is_regular for one in series)
    return failed("complete", "irregular", "uneven slices") if irregular else passed("complete", "complete")


def check_references(plan: PreparedPlan, course: Course, _rule: PlanCheckRule) -> Answer:
    """Whether plan, structure set, CT and dose name one another by UID."""
    files = _files_of(plan)
    faults = _messages(course.findings, _LINK_FAULTS, files)
    linked_by, structure_set = plan.assigned.linked.structure_set_linked_by, plan.lookup.structure_set
    if structure_set is None:
        return failed("linked by UID", "no structure set", "the plan has no structure set")
    absent_rois = absent_targets(plan.assigned.plan, structure_set)
    faults += [f"the plan aims at ROI number {each}, which the structure set lacks" for each in absent_rois]
    if faults or linked_by is LinkedBy.FRAME_OF_REFERENCE:
        how = f"linked by {linked_by}" if linked_by else "not linked"
        return failed("linked by UID", how, "; ".join(faults) or "joined by the frame of reference alone")
    absent = _messages(course.findings, frozenset({FindingCode.REFERENCE_ABSENT}), files)
    if absent:
        return unknown("; ".join(absent), expected="linked by UID")
    return passed("linked by UID", "linked by UID")


def check_frame_of_reference(plan: PreparedPlan, course: Course, _rule: PlanCheckRule) -> Answer:
    """Whether plan, structure set, dose and CT lie in one frame of reference."""
    linked, expected = plan.assigned.linked, "one"
    if linked.dose is None or linked.structure_set is None:
        return unknown("no dose or no structure set", expected=expected)
    frames = [
        plan.assigned.plan.frame_of_reference_uid,
        structure_frame(linked.structure_set),
        linked.dose.frame_of_reference_uid,
        *(series.frame_of_reference_uid for series in _ct_of(plan, course)),
    ]
    known = {frame for frame in frames if frame}
    if len(known) > 1:
        message = "plan, structure set, dose and CT do not share one frame of reference"
        return failed(expected, str(len(known)), message)
    if None in frames or "" in frames:
        return unknown("a frame of reference is missing", expected=expected)
    return passed(expected, "one")


def check_structures_complete(plan: PreparedPlan, course: Course, _rule: PlanCheckRule) -> Answer:
    """Whether a structure that the protocol uses is empty, lacks slices or lost contours in reading."""
    structure_set = plan.assigned.linked.structure_set
    if structure_set is None:
        return unknown("no structure set")
    aimed = {roi.name for target in plan.targets for roi in target.structure.rois}
    used = aimed | plan.lookup.used_names()
    faults = [
        f"'{each.structure}': {each.message}"
        for each in course.findings
        if _doubts_contours(each) and each.file == structure_set.file and each.structure in used
    ]
    return failed("complete", "faulty", "; ".join(faults)) if faults else passed("complete", "complete")


def _doubts_contours(finding: Finding) -> bool:
    """Points are no part of a volume; what may have been an outline is a warning, and may be missing."""
    may_be_outline = (
        finding.code is FindingCode.CONTOUR_TYPE_SET_ASIDE and finding.severity is Severity.WARNING
    )
    return may_be_outline or finding.code in _CONTOUR_FAULTS


def _spacing(found_mm: float, rule: PlanCheckRule) -> Answer:
    found = f"{found_mm:.3g} mm"
    if rule.at_most_mm is None:
        return passed("", found)
    expected = f"at most {rule.at_most_mm:g} mm"
    if found_mm <= rule.at_most_mm + SPACING_TOLERANCE_MM:
        return passed(expected, found)
    return failed(expected, found, f"{found} is wider than {rule.at_most_mm:g} mm")


def _ct_of(plan: PreparedPlan, course: Course) -> list[CtSeries]:
    structure_set = plan.assigned.linked.structure_set
    if structure_set is None:
        return []
    return [series for series in course.ct_series if series.series_uid in structure_set.ct_series_uids]


def _files_of(plan: PreparedPlan) -> set[str]:
    linked = plan.assigned.linked
    files = {plan.assigned.plan.file, *(linked.dose.files if linked.dose else ())}
    return files | ({linked.structure_set.file} if linked.structure_set else set())


def _messages(findings: Iterable[Finding], codes: frozenset[FindingCode], files: set[str]) -> list[str]:
    return [each.message for each in findings if each.code in codes and each.file in files]
