"""A worker killed in the middle of a check before submitting: the page says so, and it is done again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.real_worker import is_over, real_worker, wait_for_job
from tests.workers.installation import Installation, installation, small_cfrt_files
from trial_core.domain.jobs import JobState
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.domain.precheck import Precheck
from trial_core.services import jobs, prechecks
from workers.plan_check_job import SCRATCH
from workers.queue import ring
from workers.reconciler import Reconciler
from workers.worker_name import VARIABLE


@pytest.fixture(scope="module")
def course() -> dict[str, bytes]:
    return small_cfrt_files()


def test_precheck__of_a_killed_worker_is_done_again_and_nothing_of_it_stays_on_disk(
    tmp_path: Path, course: dict[str, bytes]
) -> None:
    with installation(tmp_path) as home:
        submission = home.send(course)
        ticket = prechecks.request_precheck(home.db, home.actor, submission_id=submission)
        _kill_in_the_middle(home, ticket, tmp_path / "first.log")
        assert _left(home)
        watcher = Reconciler(home.settings, home.db, home.store)
        assert watcher.sweep() == 0  # by its lease it may live yet
        jobs.expire_worker(home.db, worker="first")
        assert watcher.sweep() == 1
        assert not _left(home)
        waiting = _shown(home, submission).job
        assert waiting is not None
        assert (waiting.state, waiting.attempts) == (JobState.WAITING, 1)  # "Attempt 1 of 3 broke off"
        assert ring(home.settings, ticket.job_id)
        with real_worker(_environment(home, "second"), tmp_path / "second.log"):
            over = wait_for_job(home, ticket, is_over)
        assert (over.state, over.attempts) == (JobState.DONE, 2)
        assert _shown(home, submission).expected_state is SubmissionState.AWAITING_CONFIRMATION
        assert not _left(home)


def _kill_in_the_middle(home: Installation, ticket: JobTicket, log: Path) -> None:
    assert ring(home.settings, ticket.job_id)
    with real_worker(_environment(home, "first"), log) as first:
        wait_for_job(home, ticket, lambda job: job.stage not in (None, "copying", "taking in"))
        first.kill()


def _environment(home: Installation, name: str) -> Mapping[str, str]:
    return {"DOSEGATE_DATA": str(home.settings.data_folder), VARIABLE: name}


def _left(home: Installation) -> list[Path]:
    return list((home.settings.data_folder / SCRATCH).rglob("*"))


def _shown(home: Installation, submission: str) -> Precheck:
    found = prechecks.precheck_of(home.db, home.actor, submission_id=submission)
    assert found is not None
    return found
