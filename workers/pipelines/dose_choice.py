"""The one dose and structure set that metrics are computed from, or a refusal that says what to hand over."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from imaging.course import Course, DoseWithoutPlan, FileKind, LinkedBy, PlanDose
from imaging.dicom.rt_dose import DoseSummation
from imaging.dicom.rt_structure import StructureSet
from imaging.findings import Finding, FindingCode, error, warning
from workers.pipelines.dose_scale import dose_scale_findings
from workers.pipelines.placement import structure_frame


class MetricsRefusedError(Exception):
    """Nothing could be computed: `findings` (JSON objects) say why; the command line ends with 2."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(finding.as_json() for finding in findings)


@dataclass(frozen=True, eq=False)
class ChosenDose:
    """A dose with its structure set, and what has to be said about the choice."""

    dose: PlanDose
    structure_set: StructureSet
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class _Candidate:
    """`is_whole`: the dose is known to be that of a whole plan."""

    dose: PlanDose
    frame: str | None
    structure_set: StructureSet | None
    linked_by: LinkedBy | None
    is_whole: bool


def choose_dose(course: Course) -> ChosenDose:
    """Choose what there is only one of.

    Raises
    ------
    MetricsRefusedError
        if there is no dose, no structure set that it belongs to, or more than one dose.
    """
    if any(finding.code is FindingCode.PATIENT_MISMATCH for finding in course.findings):
        raise MetricsRefusedError("the files belong to more than one patient", course.findings)
    candidates = _candidates(course)
    if len(candidates) != 1:
        raise _refused(course, _none_or_several(course, candidates))
    candidate = candidates[0]
    if candidate.structure_set is None:
        raise _refused(course, _no_structures(course, candidate))
    problem = _frames_differ(candidate, candidate.structure_set)
    if problem:
        raise _refused(course, problem)
    scale = dose_scale_findings(each for each in course.plans if each.dose is candidate.dose)
    doubts = [*_doses_not_used(course, candidate.dose), *_doubts(candidate), *scale]
    return ChosenDose(candidate.dose, candidate.structure_set, tuple(doubts))


def _candidates(course: Course) -> list[_Candidate]:
    planned = [
        _Candidate(
            plan.dose,
            plan.dose.frame_of_reference_uid or plan.plan.frame_of_reference_uid,
            plan.structure_set,
            plan.structure_set_linked_by,
            is_whole=True,  # linking gives a plan its PLAN dose, or the sum over every one of its beams
        )
        for plan in course.plans
        if plan.dose is not None
    ]
    return (planned + _unplanned(course.doses_without_plan)) or _unplanned(course.doses_of_no_treatment)


def _unplanned(doses: Sequence[DoseWithoutPlan]) -> list[_Candidate]:
    return [
        _Candidate(
            each.dose,
            each.dose.frame_of_reference_uid,
            each.structure_set,
            each.structure_set_linked_by,
            is_whole=each.dose.summation is DoseSummation.PLAN,
        )
        for each in doses
    ]


def _refused(course: Course, finding: Finding) -> MetricsRefusedError:
    words = f"{finding.message}. {finding.action}" if finding.action else finding.message
    return MetricsRefusedError(words, [*course.findings, finding])


def _none_or_several(course: Course, candidates: Sequence[_Candidate]) -> Finding:
    if candidates:
        return _several_doses(course, candidates)
    reasons = [plan.why_no_dose.rstrip(".") for plan in course.plans if plan.why_no_dose]
    return error(
        FindingCode.DOSE_MISSING,
        f"there is no dose to compute metrics from{': ' if reasons else ''}{'; '.join(reasons)}",
        action="Hand over an RTDOSE (PHYSICAL, GY, PLAN or all BEAMs) with its RTSTRUCT.",
    )


def _several_doses(course: Course, candidates: Sequence[_Candidate]) -> Finding:
    files = "; ".join(_quoted(each.dose.files) for each in candidates)
    first = next((each for each in candidates if each.structure_set), candidates[0])
    own = first.structure_set or next(iter(course.structure_sets), None)
    example = _such_as(own.file if own else None, first.dose.files)
    return error(
        FindingCode.LINK_AMBIGUOUS,
        f"there are {len(candidates)} doses, and metrics are of one: {files}",
        action=f"Hand over one of them with its structure set, {example}. 'dosegate check' takes a "
        "whole course",
    )


def _no_structures(course: Course, candidate: _Candidate) -> Finding:
    files = candidate.dose.files
    sets = [each.file for each in course.structure_sets]
    if sets and all(_lies_elsewhere(candidate, each) for each in course.structure_sets):
        return _elsewhere(sets[0])
    if sets:
        again = "Export both again, with their frame of reference and the dose's reference to its plan"
        one = f"the structure set {_quoted(sets)} is not linked to the dose by UID or frame of reference"
        several = (
            f"none of {len(sets)} structure sets alone is linked to the dose by UID or frame of reference"
        )
        return error(
            FindingCode.LINK_AMBIGUOUS,
            one if len(sets) == 1 else f"{several}: {_quoted(sets)}",
            action=again
            if len(sets) == 1
            else f"Hand over the one that was drawn for the dose, {_such_as(sets[0], files)}",
            file=files[0] if files else None,
        )
    return error(
        FindingCode.REFERENCE_ABSENT,
        "no structure set was handed over",
        action="Hand over the RTSTRUCT that the dose was computed for with it.",
        file=files[0] if files else None,
    )


def _quoted(files: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in files)


def _such_as(structure_set: str | None, doses: Sequence[str]) -> str:
    """An example to run; what lies in an archive cannot be named alone."""
    zipped = any(".zip/" in name.casefold() for name in (structure_set or "", *doses))
    return f"{'unpacked, ' if zipped else ''}such as: {_example(structure_set, doses)}"


def _example(structure_set: str | None, doses: Sequence[str]) -> str:
    names = [structure_set or "RTSTRUCT.dcm", *doses]
    return f"dosegate metrics {' '.join(shlex.quote(name) for name in names)} --metric 'Mean[Gy]'"


def _frames_differ(candidate: _Candidate, structure_set: StructureSet) -> Finding | None:
    return _elsewhere(structure_set.file) if _lies_elsewhere(candidate, structure_set) else None


def _lies_elsewhere(candidate: _Candidate, structure_set: StructureSet) -> bool:
    frame = structure_frame(structure_set)
    return frame is not None and candidate.frame is not None and frame != candidate.frame


def _elsewhere(file: str) -> Finding:
    return error(
        FindingCode.FRAME_OF_REFERENCE_MISMATCH,
        "dose and structure set lie in different frames of reference: nothing can be computed",
        action="Hand over the structure set that was drawn on the images of this dose.",
        file=file,
        element="FrameOfReferenceUID",
    )


def _doses_not_used(course: Course, dose: PlanDose) -> list[Finding]:
    """Say whose the values are where another file was, or may have been, a dose as well."""
    no_dicom = {each.file for each in course.findings if each.code is FindingCode.NOT_DICOM}
    left = [
        file
        for file in course.files
        if file.kind in (FileKind.DOSE, FileKind.UNREADABLE)
        and file.name not in (*dose.files, *no_dicom)
        and file.sop_instance_uid not in dose.sop_instance_uids  # an exact copy is the same dose
    ]
    if not left:
        return []
    others = "; ".join(f"'{file.name}' ({(file.reason or 'not needed').rstrip('.')})" for file in left)
    return [
        warning(
            FindingCode.DOSE_CHOSEN,
            f"every value is of the dose {_quoted(dose.files)}; not used: {others}",
            action="Make sure that this is the dose that is meant.",
            file=dose.files[0] if dose.files else None,
        )
    ]


def _doubts(candidate: _Candidate) -> list[Finding]:
    doubts = []
    file = candidate.dose.files[0] if candidate.dose.files else None
    if not candidate.is_whole:
        doubts.append(
            warning(
                FindingCode.DOSE_BEAM_UNCLEAR,
                "the dose is that of a beam, and no plan shows that there are no others",
                action="Hand over the plan and the doses of all its beams.",
                file=file,
                element="DoseSummationType",
            )
        )
    structures = candidate.structure_set
    if candidate.frame is None or structures is None or structure_frame(structures) is None:
        doubts.append(
            warning(
                FindingCode.FRAME_OF_REFERENCE_MISSING,
                "a frame of reference is missing in dose or structure set; they were joined by reference",
                action="Compare the structures with the dose in a viewer.",
                file=file,
                element="FrameOfReferenceUID",
            )
        )
    return doubts
