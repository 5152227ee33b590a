"""Findings of the identity rule; they name fields, never a patient, a subject or a site."""

from __future__ import annotations

from trial_core.domain.identity import IdentityJudgement, IdentityProblem
from trial_core.domain.plan import SubmissionFinding

TO_CONFIRM = "identity-to-confirm"


def findings_of_judgement(judgement: IdentityJudgement) -> tuple[SubmissionFinding, ...]:
    """Say what blocks a set, or that a person must confirm it."""
    if judgement.problems:
        return tuple(_finding_of(problem, judgement) for problem in judgement.problems)
    return (_needs_person(),) if judgement.needs_person else ()


def _finding_of(problem: IdentityProblem, judgement: IdentityJudgement) -> SubmissionFinding:
    message, action, element = _words(problem, judgement)
    return SubmissionFinding(
        code=problem.value, severity="error", message=message, action=action, element=element
    )


def _words(problem: IdentityProblem, judgement: IdentityJudgement) -> tuple[str, str, str | None]:
    match problem:
        case IdentityProblem.ABSENT:
            return (
                "The files carry no PatientID, so nobody can say whose they are. The set was blocked.",
                "Export the files with their PatientID (0010,0020) and submit them again.",
                "PatientID",
            )
        case IdentityProblem.MIXED:
            return (
                "The files name more than one patient. The set was blocked.",
                "Export the files of this subject alone and submit them again.",
                None,
            )
        case IdentityProblem.DIFFERS:
            fields = ", ".join(judgement.differing)
            return (
                f"{fields} not as in an earlier set of this subject. The set was blocked.",
                "Check whose files these are. If the earlier set was someone else's, tell the trial office.",
                fields,
            )
        case IdentityProblem.PATIENT_ELSEWHERE:
            return (
                "The patient of these files is on record under another subject. The set was blocked.",
                "Check whose files these are and the subject's code; then ask the trial office.",
                "PatientID",
            )
        case IdentityProblem.OBJECTS_ELSEWHERE:
            return (
                "Some of these objects are on record under another subject. The set was blocked.",
                "Check whose files these are and the subject's code; then ask the trial office.",
                "SOPInstanceUID",
            )


def _needs_person() -> SubmissionFinding:
    return SubmissionFinding(
        code=TO_CONFIRM,
        severity="warning",
        message="Nobody has confirmed yet that these files are this subject's.",
        action="Compare with the subject's source documents, then confirm or reject with the PatientID.",
        element="PatientID",
    )
