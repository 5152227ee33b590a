"""Treatment records without a plan through the worker: read, kept for delivery, and judged by nobody."""

from __future__ import annotations

from pathlib import Path

from tests.workers.installation import SUBJECT, installation, small_cfrt_files
from trial_core.domain.plan import SubmissionState
from trial_core.protocols.reader import read_protocol
from trial_core.services import delivery, submissions
from trial_core.services.conduct_of import conduct_of
from workers.jobs import run_job


def test_treatment_records_alone__are_fractions_once_the_patient_is_confirmed(tmp_path: Path) -> None:
    course = small_cfrt_files()
    records = {name: data for name, data in course.items() if name.startswith("records/")}
    with installation(tmp_path / "home") as home:
        ticket = home.submit(records, records_only=True)
        run_job(home.workplace, ticket.job_id)
        assert home.summary(ticket).state is SubmissionState.AWAITING_CONFIRMATION
        submissions.confirm_identity(
            home.db,
            home.actor,
            submission_id=ticket.submission_id,
            identity_key=home.settings.secrets().identity_key,
            patient_id="SYN-0001",
        )
        found = delivery.delivery_view(home.db, conduct_of(read_protocol()), home.actor, code=SUBJECT)
        assert len(found.other_fractions) == len(records) > 0
        assert found.courses == ()


def test_what_reading_treatment_records_found__is_on_the_record_of_the_set(tmp_path: Path) -> None:
    course = small_cfrt_files()
    records = {name: data for name, data in course.items() if name.startswith("records/")}
    cut = min(records)
    with installation(tmp_path / "home") as home:
        ticket = home.submit({**records, cut: records[cut][:-40]}, records_only=True)
        run_job(home.workplace, ticket.job_id)
        found = submissions.submission_view(home.db, home.actor, submission_id=ticket.submission_id).findings
        assert ("dicom-truncated", cut) in {(each.code, each.file) for each in found}
        assert {"sum-incomplete", "reference-absent"}.isdisjoint(each.code for each in found)


def test_a_plan_handed_over_as_a_treatment_record__is_refused(tmp_path: Path) -> None:
    with installation(tmp_path / "home") as home:
        course = small_cfrt_files()
        chosen = {name: data for name, data in course.items() if name.startswith(("RP.", "records/"))}
        ticket = home.submit(chosen, records_only=True)
        run_job(home.workplace, ticket.job_id)
        found = submissions.submission_view(home.db, home.actor, submission_id=ticket.submission_id)
        assert found.summary.state is SubmissionState.REFUSED
        assert found.findings[0].code == "plan-among-records"
