"""A job that kills every worker it meets stops after its cap, and its submission shows it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.integration.real_worker import is_over, wait_for_job
from tests.workers.installation import installation
from trial_core.domain.jobs import ATTEMPTS_CAP, JobState
from trial_core.domain.plan import SubmissionState
from trial_core.services import submissions
from workers.supervisor import Patience, WorkerSupervisor

# A worker as the supervisor starts it, but its leases are short and its reader is killed.
WORKER = """
import os, signal, sys
from datetime import timedelta
from trial_core.services import jobs
jobs.LEASE = timedelta(seconds=0.5)
import workers.plan_check_job
def crash(*_): os.kill(os.getpid(), signal.SIGKILL)
workers.plan_check_job.read_cleared = crash
from workers.worker_process import main
sys.exit(main(["--parent", sys.argv[1]]))
"""


def test_job__that_kills_its_worker_each_time_fails_after_the_cap(tmp_path: Path) -> None:
    with installation(tmp_path) as home:
        ticket = home.submit({"plan.dcm": b"a file that brings the reader down"})
        supervisor = WorkerSupervisor(
            [sys.executable, "-c", WORKER, str(os.getpid())],
            environment={**os.environ, "DOSEGATE_DATA": str(home.settings.data_folder)},
            patience=Patience(first_restart_s=0.1, longest_restart_s=0.1, stop_s=3),
        )
        supervisor.start()
        try:
            over = wait_for_job(home, ticket, is_over)
        finally:
            supervisor.stop()
        view = submissions.submission_view(home.db, home.actor, submission_id=ticket.submission_id)
    assert (over.state, over.attempts) == (JobState.FAILED, ATTEMPTS_CAP)
    assert "worker stopped" in (over.error or "")
    assert view.summary.state is SubmissionState.FAILED
    assert view.findings
