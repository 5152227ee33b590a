"""Workers under a real Slurm: killed in the middle of a check, drained when their time is up, cancelled."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.slurm import Slurm, running_slurm, wait_for
from tests.integration.real_worker import is_over, wait_for_job
from tests.workers.installation import Installation, installation, small_cfrt_files
from trial_core.domain.jobs import JobProgress, JobState
from trial_core.domain.plan import JobTicket
from trial_core.services import submissions
from workers.jobs import run_job
from workers.queue import ring

SCRIPT = Path(__file__).parents[2] / "docker" / "cluster" / "dosegate-worker.sbatch"
LEASE_AND_MORE_S = 150

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]


@dataclass(frozen=True)
class Cluster:
    """A Slurm, an installation on PostgreSQL and Redis, and what a worker's job needs to know."""

    slurm: Slurm
    home: Installation
    environment: dict[str, str]
    log: Path

    def start_worker(self) -> str:
        """Submit the batch script as its guide says; one worker."""
        options = ("--cpus-per-task=1", "--mem=2G", "--time=30", f"--output={self.log}-%j.log")
        return self.slurm.submit(SCRIPT, *options, environment=self.environment)

    def said(self) -> str:
        """Give what workers and daemons wrote."""
        logs = sorted(self.log.parent.glob(f"{self.log.name}-*.log"))
        return "\n".join(log.read_text() for log in logs) + self.slurm.logs()


@pytest.fixture(scope="module")
def course() -> dict[str, bytes]:
    return small_cfrt_files()


@pytest.fixture(scope="module")
def without_ct(course: dict[str, bytes]) -> dict[str, bytes]:
    """Another set: the same one again would be a duplicate, which has no report of its own."""
    return {name: data for name, data in course.items() if not name.startswith("CT")}


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, postgresql_url: str
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    servers = {"DOSEGATE_BROKER_URL": redis_url, "DOSEGATE_DATABASE_URL": postgresql_url}
    with running_slurm() as slurm, installation(folder, environment=servers) as home:
        settings = folder / "dosegate.env"
        lines = {**servers, "DOSEGATE_DATA": str(home.settings.data_folder)}
        settings.write_text("".join(f"{name}='{value}'\n" for name, value in lines.items()))
        settings.chmod(0o600)
        program = str(Path(sys.executable).parent / "dosegate")
        yield Cluster(slurm, home, {"SETTINGS": str(settings), "PROGRAM": program}, folder / "worker")


def test_worker_killed_in_the_middle__has_its_job_done_by_the_next(
    cluster: Cluster, course: dict[str, bytes], tmp_path: Path
) -> None:
    first = cluster.start_worker()
    ticket = _submit(cluster, course)
    _wait_until_at_work(cluster, ticket)
    for process in cluster.slurm.processes(first):
        os.kill(process, signal.SIGKILL)
    wait_for(lambda: cluster.slurm.state(first) in ("FAILED", "NODE_FAIL", "CANCELLED"), cluster.said)
    cluster.start_worker()
    over = wait_for_job(cluster.home, ticket, is_over, LEASE_AND_MORE_S)
    assert (over.state, over.attempts) == (JobState.DONE, 2), cluster.said()
    assert _report(cluster.home, ticket) == _undisturbed(tmp_path, course)


def test_worker_whose_time_is_up__gives_its_job_back_and_comes_again(
    cluster: Cluster, without_ct: dict[str, bytes], tmp_path: Path
) -> None:
    _end_all(cluster)
    job = cluster.start_worker()
    ticket = _submit(cluster, without_ct)
    _wait_until_at_work(cluster, ticket)
    cluster.slurm.run("scancel", "--signal=TERM", "--batch", job)  # what Slurm does 120 s before the end
    wait_for(lambda: cluster.slurm.facts(job)["Restarts"] == "1", cluster.said)
    over = wait_for_job(cluster.home, ticket, is_over, LEASE_AND_MORE_S)
    assert (over.state, over.attempts) == (JobState.DONE, 1), cluster.said()
    assert "drained; back to the queue" in cluster.said()
    assert _report(cluster.home, ticket) == _undisturbed(tmp_path, without_ct)


def test_worker_that_is_cancelled__ends_for_good(cluster: Cluster) -> None:
    _end_all(cluster)
    job = cluster.start_worker()
    wait_for(lambda: cluster.slurm.state(job) == "RUNNING", cluster.said)
    cluster.slurm.run("scancel", job)
    wait_for(lambda: not cluster.slurm.processes(job), cluster.said)
    wait_for(lambda: cluster.slurm.state(job) == "CANCELLED", cluster.said)
    assert cluster.slurm.facts(job)["Restarts"] == "0"


def test_script__refuses_settings_that_others_may_read(cluster: Cluster, tmp_path: Path) -> None:
    settings = tmp_path / "open.env"
    settings.write_text(Path(cluster.environment["SETTINGS"]).read_text())
    settings.chmod(0o644)
    log = tmp_path / "log"
    job = cluster.slurm.submit(
        SCRIPT, "--cpus-per-task=1", "--mem=1G", f"--output={log}", environment={"SETTINGS": str(settings)}
    )
    wait_for(lambda: cluster.slurm.state(job) == "FAILED", cluster.said)
    assert "chmod 600" in log.read_text()


def _end_all(cluster: Cluster) -> None:
    cluster.slurm.run("scancel", "--user=root")
    wait_for(lambda: not cluster.slurm.run("squeue", "--noheader"), cluster.said)


def _submit(cluster: Cluster, course: dict[str, bytes]) -> JobTicket:
    ticket = cluster.home.submit(course)
    assert ring(cluster.home.settings, ticket.job_id)
    return ticket


def _wait_until_at_work(cluster: Cluster, ticket: JobTicket) -> JobProgress:
    return wait_for_job(
        cluster.home, ticket, lambda job: job.stage not in (None, "copying", "taking in"), limit_s=60
    )


def _undisturbed(folder: Path, course: dict[str, bytes]) -> bytes:
    with installation(folder) as home:
        ticket = home.submit(course)
        run_job(home.workplace, ticket.job_id)
        return _report(home, ticket)


def _report(home: Installation, ticket: JobTicket) -> bytes:
    return submissions.report_bytes(home.db, home.store, home.actor, submission_id=ticket.submission_id)
