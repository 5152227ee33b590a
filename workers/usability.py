"""Whether a checked input can be judged as a whole: the one rule of the command line and of the jobs."""

from __future__ import annotations

from imaging.findings import FindingCode
from trial_core.domain.report import CourseReport


def why_unusable(report: CourseReport) -> str | None:
    """Say why the input as a whole cannot be judged, or None when it was.

    A plan that cannot be evaluated is still judged ("not evaluable", with its reasons); what nobody could
    judge is an input without any plan, or one that mixes patients.
    """
    if any(finding["code"] == FindingCode.PATIENT_MISMATCH for finding in report.findings):
        return "The files belong to more than one patient. Hand over the files of one patient."
    if not report.plans:
        return "There is no treatment plan to judge. Hand over RTPLAN, RTSTRUCT, RTDOSE and CT of the course."
    return None
