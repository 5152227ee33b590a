"""Gamma of one RT Dose file against another, whatever they refer to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dosimetry.gamma.gamma_index import GammaCriteria, GammaResult, gamma_index
from imaging.dicom.lone_dose import LoneDose, read_lone_dose
from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode, error, warning


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
    return ComparedDoses(result, tuple(dict.fromkeys([*about_files, *_frames(*doses)])))


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
