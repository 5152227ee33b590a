"""Plans over the DICOM network: kept before they are acknowledged, then matched to a subject or waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.workers.installation import SUBJECT, Installation, installation
from tests.workers.receiving import Reception, echo, reception, register, send
from trial_core.domain.plan import SubmissionState
from trial_core.domain.receiving import WhyWaiting
from trial_core.errors import MissingReason
from trial_core.services import submissions
from trial_core.services.inbox import assign_set, discard_set
from trial_core.services.receiving import EndedSet
from trial_core.services.whose_files import confirm_identity
from workers.jobs import run_job

TPS = "PINNACLE1"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        register(made, TPS)
        yield made


@pytest.fixture(scope="module")
def files(course: Path) -> list[Path]:
    """Plans and structures: quickly checked."""
    return sorted(path for path in course.rglob("*.dcm") if path.name[:2] in ("RP", "RS"))


def _kept(home: Installation) -> int:
    return sum(1 for _ in home.store.hashes())


def _staged(home: Installation) -> list[Path]:
    return list((home.store.folder / "staging").iterdir())


def test_receiver__answers_an_echo(home: Installation) -> None:
    with reception(home) as at:
        assert echo(at.port, TPS)


def test_receiver__keeps_what_is_sent_and_shows_counts_labels_and_dates_alone(
    home: Installation, files: list[Path]
) -> None:
    with reception(home) as at:
        assert send(at.port, TPS, files) == [0x0000] * len(files)
        (seen,) = at.inbox()
    assert seen.ae_title == TPS
    assert seen.counts == {"RTPLAN": 2, "RTSTRUCT": 1}
    assert seen.plan_labels == ("CFRT", "LDRT")
    assert seen.dates == ("2024-03-11",)
    assert _staged(home) == []


def test_receiver__a_set_of_nobody_known_waits_and_a_person_assigns_it(
    home: Installation, files: list[Path]
) -> None:
    with reception(home) as at:
        send(at.port, TPS, files)
        (ended,) = _after_quiet(at)
        assert ended.waits_because is WhyWaiting.UNKNOWN
        (waiting,) = at.inbox()
        ticket = assign_set(home.db, home.actor, set_id=waiting.set_id, subject_code=SUBJECT)
        assert at.inbox() == ()
    run_job(home.workplace, ticket.job_id)
    summary = home.summary(ticket)
    assert summary.submitter_name == f"DICOM receiver, AE {TPS}"
    assert summary.state is SubmissionState.AWAITING_CONFIRMATION


def test_receiver__the_next_set_of_a_confirmed_patient_is_submitted_without_a_click(
    home: Installation, files: list[Path], tmp_path: Path
) -> None:
    with reception(home) as at:
        send(at.port, TPS, files)
        _after_quiet(at)
        first = assign_set(home.db, home.actor, set_id=at.inbox()[0].set_id, subject_code=SUBJECT)
        run_job(home.workplace, first.job_id)
        _confirm(home, first.submission_id, files)
        send(at.port, TPS, [_changed(path, tmp_path) for path in files])
        (ended,) = _after_quiet(at)
    assert ended.ticket is not None
    run_job(home.workplace, ended.ticket.job_id)
    summary = submissions.submission_view(
        home.db, home.actor, submission_id=ended.ticket.submission_id
    ).summary
    assert (summary.state, summary.subject_code) == (SubmissionState.CHECKED, SUBJECT)


def test_receiver__a_discarded_set_leaves_no_bytes(home: Installation, files: list[Path]) -> None:
    with reception(home) as at:
        send(at.port, TPS, files)
        _after_quiet(at)
        (waiting,) = at.inbox()
        with pytest.raises(MissingReason):
            discard_set(home.db, home.store, home.actor, set_id=waiting.set_id, reason=" ")
        discard_set(home.db, home.store, home.actor, set_id=waiting.set_id, reason="A phantom")
        assert at.inbox() == ()
    assert _kept(home) == 0


def test_receiver__the_same_object_twice_is_one_and_another_version_is_kept_beside_it(
    home: Installation, files: list[Path], tmp_path: Path
) -> None:
    plan = files[0]
    other = dcmread(plan)
    other.RTPlanLabel = "Another"
    other.save_as(tmp_path / "other.dcm")
    with reception(home) as at:
        assert send(at.port, TPS, [plan, plan, tmp_path / "other.dcm"]) == [0, 0, 0]
        _after_quiet(at)
        (seen,) = at.inbox()
    assert (seen.counts, seen.twice) == ({"RTPLAN": 2}, 1)
    ticket = assign_set(home.db, home.actor, set_id=seen.set_id, subject_code=SUBJECT)
    run_job(home.workplace, ticket.job_id)
    view = submissions.submission_view(home.db, home.actor, submission_id=ticket.submission_id)
    assert "sop-instance-contradictory" in {each.code for each in view.findings}
    assert view.summary.state is SubmissionState.REFUSED


def _after_quiet(at: Reception) -> tuple[EndedSet, ...]:
    time.sleep(0.15)
    return at.keeper().look()


def _confirm(home: Installation, submission_id: str, files: list[Path]) -> None:
    confirm_identity(
        home.db,
        home.actor,
        submission_id=submission_id,
        identity_key=home.settings.secrets().identity_key,
        patient_id=str(dcmread(files[0]).PatientID),
    )


def _changed(path: Path, folder: Path) -> Path:
    dataset = dcmread(path)
    dataset.SeriesDescription = "Planned again"
    if "RTPLAN" in dataset.Modality:
        dataset.RTPlanLabel = f"{dataset.RTPlanLabel} b"
    target = folder / path.name
    dataset.save_as(target)
    return target
