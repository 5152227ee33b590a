"""Gamma of one RT Dose file against another, whatever they refer to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dosimetry.gamma.gamma_index import GammaCriteria, GammaResult, gamma_index
from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode, error, warning
from imaging.linking.identity import is_two_patients, one_patient
from imaging.lone_dose import LoneDose, read_lone_dose


@dataclass(frozen=True, eq=False)
class ComparedDoses:
    """The result and what a person should know about the files."""

    result: GammaResult
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, float | int | None]:
        """Pass rate in percent, evaluated voxels and mean gamma; without a voxel no rate and no mean."""
        return {
            "pass_rate_percent": self.result.pass_rate_percent,
            "points": self.result.points,
            "mean_gamma": self.result.mean_gamma,
        }


def compare_doses(reference: Path, evaluation: Path, criteria: GammaCriteria) -> ComparedDoses:
    """Read two RT Dose files and take the gamma of the first's voxels, by coordinates.

    Raises
    ------
    RefusedError
        If one of them is no dose in Gy, or one is physical and the other effective.
    """
    doses = read_lone_dose(reference), read_lone_dose(evaluation)
    _check_types(*doses)
    result = gamma_index(doses[0].grid, doses[1].grid, criteria)
    about_files = [finding for dose in doses for finding in dose.findings]
    doubts = [*_patients(*doses), *_frames(*doses), *_summations(*doses)]
    return ComparedDoses(result, tuple(dict.fromkeys([*about_files, *doubts])))


def _check_types(reference: LoneDose, evaluation: LoneDose) -> None:
    if reference.dose_type == evaluation.dose_type:
        return
    message = (
        f"The dose is {evaluation.dose_type}, but that of {reference.file} is {reference.dose_type}: "
        "they are different quantities."
    )
    action = "Compare doses of one type."
    code = FindingCode.DOSE_TYPE_UNUSABLE
    raise RefusedError(error(code, message, action=action, file=evaluation.file, element="DoseType"))


def _patients(reference: LoneDose, evaluation: LoneDose) -> list[Finding]:
    _, found = one_patient([reference.identity, evaluation.identity])
    if not is_two_patients(found):
        return []
    return [
        warning(
            FindingCode.PATIENT_MISMATCH,
            f"The two doses name different patients ({each.element}); they were compared all the same.",
            action="Check that both are meant: a phantom's dose may bear another name, a patient's may not.",
            file=evaluation.file,
            element=each.element,
        )
        for each in found
        if each.code is FindingCode.PATIENT_MISMATCH
    ]


def _summations(reference: LoneDose, evaluation: LoneDose) -> list[Finding]:
    if reference.summation == evaluation.summation:
        return []
    message = (
        f"The dose is of kind {evaluation.summation or 'not given'}, that of {reference.file} of kind "
        f"{reference.summation or 'not given'}: they may be doses of different beams or fractions."
    )
    action = "Compare the dose of a plan with that of a plan, a beam's with a beam's."
    code = FindingCode.DOSE_SUMMATION_UNUSABLE
    return [warning(code, message, action=action, file=evaluation.file, element="DoseSummationType")]


def _frames(reference: LoneDose, evaluation: LoneDose) -> list[Finding]:
    frames = reference.frame_of_reference_uid, evaluation.frame_of_reference_uid
    if None not in frames and frames[0] == frames[1]:
        return []
    return [
        warning(
            FindingCode.FRAME_OF_REFERENCE_MISMATCH,
            "The two doses are not known to be in one frame of reference; they were compared by coordinates.",
            action="Check that both are of the same image or phantom set-up.",
            file=evaluation.file,
            element="FrameOfReferenceUID",
        )
    ]
