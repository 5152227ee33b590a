"""A check keeps its pictures once its verdict is on record, and is none the worse where it cannot."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest

from tests.trial_core import enrolling
from tests.workers.installation import Installation, installation, small_cfrt_files
from trial_core.domain.access import Role
from trial_core.domain.pictures import PictureSet
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.services import submissions
from trial_core.services.pictures import kept_pictures
from trial_core.services.recheck import request_recheck, results_of
from workers.jobs import run_job


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        yield made


def _kept(home: Installation, submission_id: str) -> PictureSet | None:
    return kept_pictures(home.db, home.store, home.actor, submission_id=submission_id)


def _confirm(home: Installation, ticket: JobTicket, files: dict[str, bytes], folder: Path) -> None:
    one = folder / "one.dcm"
    one.write_bytes(next(data for name, data in files.items() if name.endswith(".dcm")))
    submissions.confirm_identity(
        home.db,
        home.actor,
        submission_id=ticket.submission_id,
        identity_key=home.settings.secrets().identity_key,
        patient_id=str(pydicom.dcmread(one).PatientID),
    )


def test_pictures_that_cannot_be_kept__cost_the_check_nothing_and_come_with_the_next_one(
    home: Installation, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (home.store.folder / "pictures").write_text("no folder")
    files = small_cfrt_files()
    ticket = home.submit(files)
    with caplog.at_level(logging.ERROR):
        run_job(home.workplace, ticket.job_id)
    assert "No pictures were kept" in caplog.text
    assert home.summary(ticket).state is SubmissionState.AWAITING_CONFIRMATION
    _confirm(home, ticket, files, tmp_path)
    (home.store.folder / "pictures").unlink()
    assert _kept(home, ticket.submission_id) is None
    _check_again(home, ticket)
    assert len(results_of(home.db, home.actor, submission_id=ticket.submission_id)) == 1
    kept = _kept(home, ticket.submission_id)
    assert kept is not None
    assert kept.scenes[0].ct is not None
    assert kept.scenes[0].doses[0].label.startswith("CFRT")


def _check_again(home: Installation, ticket: JobTicket) -> None:
    reviewer = enrolling.add_person(home.db, Role.CENTRAL_REVIEWER)
    again = request_recheck(
        home.db, reviewer, submission_id=ticket.submission_id, reason="its pictures were not kept"
    )
    run_job(home.workplace, again.job_id)
