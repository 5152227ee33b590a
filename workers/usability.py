"""Whether a checked input can be judged as a whole: the one rule of the command line and of the jobs."""

from __future__ import annotations

from collections.abc import Mapping

from imaging.findings import FindingCode, error
from trial_core.domain.report import CourseReport

NO_PLAN = "There is no treatment plan to judge."
HAND_OVER = "Hand over RTPLAN, RTSTRUCT, RTDOSE and CT of the course."


def why_unusable(report: CourseReport, *, records_only: bool = False) -> str | None:
    """Say why the input as a whole cannot be judged, or None when it was.

    A plan that cannot be evaluated is still judged ("not evaluable", with its reasons); what nobody could
    judge is an input without any plan, or one that mixes patients. Treatment records handed over alone need
    no plan.
    """
    if any(finding["code"] == FindingCode.PATIENT_MISMATCH for finding in report.findings):
        return "The files belong to more than one patient. Hand over the files of one patient."
    return None if report.plans or records_only else f"{NO_PLAN} {HAND_OVER}"


def findings_of_refusal(report: CourseReport) -> list[Mapping[str, str | None]]:
    """Give the findings of an input that cannot be judged; what is no fault of any file comes first."""
    if any(finding["code"] == FindingCode.PATIENT_MISMATCH for finding in report.findings):
        return list(report.findings)
    return [error(FindingCode.PLAN_MISSING, NO_PLAN, action=HAND_OVER).as_json(), *report.findings]
