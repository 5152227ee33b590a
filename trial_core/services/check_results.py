"""A checked course as a row of the record: its report in the store, its hashes, what delivery needs of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from trial_core.db.form_content import to_plain
from trial_core.db.repositories.results import CheckResult
from trial_core.domain.plan import Provenance
from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_to_json
from trial_core.domain.submitted_course import SubmittedCourse
from trial_core.store import Store


def new_result(
    store: Store,
    submission_id: str,
    report: CourseReport,
    *,
    number: int,
    at: datetime,
    reason: str | None = None,
    course: SubmittedCourse | None = None,
) -> CheckResult:
    """Keep the report and give its row, which the caller adds in the same transaction."""
    return CheckResult(
        submission_id=submission_id,
        number=number,
        report_sha256=store.put(report_to_json(report)),
        judged_sha256=judged_sha256(report),
        verdict=report.verdict.value,
        plan_verdicts=tuple((plan.label, plan.verdict.value) for plan in report.plans),
        provenance=provenance_of(report),
        created_at=at,
        reason=reason,
        course=None if course is None else to_plain(course),
    )


def judged_sha256(report: CourseReport) -> str:
    """Hash what a person judges: the whole report but the version of the code that wrote it."""
    return hashlib.sha256(report_to_json(replace(report, code_version=""))).hexdigest()


def provenance_of(report: CourseReport) -> Provenance:
    """Give what a report was computed from and with."""
    return Provenance(
        protocol_id=report.protocol.id,
        protocol_version=report.protocol.version,
        protocol_sha256=report.protocol.sha256,
        code_version=report.code_version,
        input_sha256=tuple(sorted({file.sha256 for file in report.inputs})),
    )
