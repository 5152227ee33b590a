"""Real worker processes on a real broker, for tests that kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.workers.installation import Installation
from trial_core.domain.jobs import JobProgress, JobState
from trial_core.domain.plan import JobTicket
from trial_core.services import jobs

WORKER = (sys.executable, "-P", "-m", "workers.worker_process", "--parent", str(os.getpid()))


@dataclass(frozen=True)
class RealWorker:
    """A worker process and what it wrote to standard error."""

    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def real_worker(environment: Mapping[str, str], log: Path) -> Iterator[RealWorker]:
    """Start a worker as the supervisor does; it is ended afterwards."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            WORKER, env={**os.environ, **environment}, stdout=file, stderr=file, start_new_session=True
        )
        try:
            yield RealWorker(process, log)
        finally:
            process.terminate()
            process.wait(60)


def wait_for_job(
    home: Installation, ticket: JobTicket, met: Callable[[JobProgress], bool], limit_s: float = 180
) -> JobProgress:
    """Look at the job until it meets a condition."""
    end = time.monotonic() + limit_s
    while not met(progress := jobs.job_progress(home.db, job_id=ticket.job_id)):
        assert time.monotonic() < end, f"waited too long: {progress}"
        time.sleep(0.02)
    return progress


def is_over(progress: JobProgress) -> bool:
    """Tell whether nothing more will happen to a job."""
    return progress.state in (JobState.DONE, JobState.FAILED)
