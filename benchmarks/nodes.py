"""Throughput of re-checks with 1, 2 and 4 workers on PostgreSQL and Redis: `python -m benchmarks.nodes`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.report import Section, number, section_text
from benchmarks.trial_of_many import Trial, put_on_record
from tests.chaos.victims import Program, RedisServer
from tests.cli.command import DOSEGATE, dosegate
from tests.trial_core.postgres import running_postgres
from tests.workers.installation import installation
from trial_core.protocols.reader import read_protocol
from trial_core.services.presence import present
from workers.pipelines.plan_check import check_paths

SUBJECTS = 160
WORKERS = (1, 2, 4)
_START_WITHIN_S = 180.0


@dataclass(frozen=True)
class Run:
    """One re-check of all plans: workers, wall time, and processor time of the workers and the services."""

    workers: int
    wall_s: float
    worker_cpu_s: float
    database_cpu_s: float
    plans: int

    @property
    def a_second(self) -> float:
        """Plans a second."""
        return self.plans / self.wall_s

    @property
    def cpu_a_plan_s(self) -> float:
        """Processor time of all that took part."""
        return (self.worker_cpu_s + self.database_cpu_s) / self.plans


def main() -> int:
    """Measure, print, and write where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nodes", description=__doc__)
    parser.add_argument("--subjects", type=int, default=SUBJECTS, help=f"default: {SUBJECTS}")
    parser.add_argument("--workers", type=int, nargs="+", default=list(WORKERS), help="default: 1 2 4")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page, such as docs/nodes.md")
    arguments = parser.parse_args()
    page = f"{_TITLE}\n\n{section_text(_measured(arguments.subjects, arguments.workers))}\n\n{_ON_PAPER}"
    print(page)
    if arguments.write:
        arguments.write.write_text(page, encoding="utf-8")
    return 0


def _measured(subjects: int, workers: Sequence[int]) -> Section:
    with _services() as (environment, folder), installation(folder / "home", environment=environment) as home:
        trial = put_on_record(home, folder / "courses", subjects)
        told = {**environment, "DOSEGATE_DATA": str(home.settings.data_folder)}
        compute_s = _compute_s(trial.courses[:8])
        runs = [_recheck(trial, told, folder, count) for count in workers]
    return _section(runs, compute_s, subjects)


@contextmanager
def _services() -> Iterator[tuple[dict[str, str], Path]]:
    with tempfile.TemporaryDirectory(prefix="dosegate-nodes-") as name, running_postgres() as database:
        folder = Path(name)
        redis = RedisServer(folder)
        redis.start()
        server = create_engine(database.format(name="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text("CREATE DATABASE nodes"))
        server.dispose()
        servers = {"DOSEGATE_DATABASE_URL": database.format(name="nodes"), "DOSEGATE_BROKER_URL": redis.url}
        try:
            yield servers, folder
        finally:
            redis.end()


def _compute_s(courses: Sequence[Path]) -> float:
    """Processor time of a check from files to verdicts, without queue, store and record; warm."""
    protocol, used = read_protocol(), 0.0
    for turn, course in enumerate((courses[0], *courses)):
        with tempfile.TemporaryDirectory() as scratch:
            began = time.process_time()
            check_paths([course], protocol, Path(scratch))
            used += time.process_time() - began if turn else 0.0
    return used / len(courses)


def _recheck(trial: Trial, environment: dict[str, str], folder: Path, count: int) -> Run:
    """Let so many workers, a processor each where there are as many, do all plans once."""
    print(f"{count} workers ...", file=sys.stderr, flush=True)
    command = [str(DOSEGATE), "worker", "--concurrency", str(count)]
    workers = Program(command, environment, folder / f"workers-{count}.log")
    before = {each.name for each in present(trial.home.db)}
    with _on_processors(count):
        workers.start()
    try:
        _wait_for_workers(trial, before, count)
        processes = workers.children() or [workers.process_id]
        worker_s, database_s, began = _cpu_s(processes), _database_cpu_s(trial), time.monotonic()
        done = dosegate("recheck", "--all", "--reason", "Benchmark", "--wait", environment=environment)
        wall_s = time.monotonic() - began
        assert done.returncode == 0, done.stderr  # noqa: S101 - a benchmark of what failed says nothing
        worker_s, database_s = _cpu_s(processes) - worker_s, _database_cpu_s(trial) - database_s
    finally:
        workers.end()
    return Run(count, wall_s, worker_s, database_s, len(trial.courses))


@contextmanager
def _on_processors(count: int) -> Iterator[None]:
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_of_them)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def _wait_for_workers(trial: Trial, before: set[str], count: int) -> None:
    end = time.monotonic() + _START_WITHIN_S
    while len({each.name for each in present(trial.home.db)} - before) < count:
        if time.monotonic() > end:
            raise TimeoutError("the workers did not start")
        time.sleep(0.2)


def _cpu_s(processes: Sequence[int]) -> float:
    """Processor time of processes and of their children that have ended."""
    ticks = 0
    for process in processes:
        ticks += sum(int(each) for each in Path(f"/proc/{process}/stat").read_text().split()[13:17])
    return ticks / os.sysconf("SC_CLK_TCK")


def _database_cpu_s(trial: Trial) -> float:
    """Processor time of the server: of its first process, of those that it runs, and of those that ended."""
    with trial.home.db.read() as connection:
        backend = int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
    server = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    running = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return _cpu_s([server, *map(int, running)])


def _section(runs: Sequence[Run], compute_s: float, subjects: int) -> Section:
    one = next((run for run in runs if run.workers == 1), runs[0])
    return Section(
        "Re-checks after an amendment",
        (
            f"{subjects} synthetic subjects, two plans each, as `dosegate recheck --all --wait`; each worker "
            "on a processor of its own, while there is one. Goals: 85 % efficiency up to the processors; "
            "queue, store and pipeline under 15 % of the compute of a check, in processor time."
        ),
        (
            "workers",
            "s",
            "sets a second",
            "efficiency",
            "processor s a set",
            "of it database",
            "over compute",
        ),
        tuple(_row(run, one, compute_s) for run in runs),
        (
            f"Compute of a check, files to verdicts, alone: {number(compute_s)} s of a processor.",
            _said_of_the_machine(),
        ),
    )


def _said_of_the_machine() -> str:
    return (
        f"Measured on {len(os.sched_getaffinity(0))} processors under a load of {os.getloadavg()[1]:.1f}: "
        "wall times, and efficiency with them, are shared with other work; processor times much less. The "
        "first check of each worker loads libraries and kernels: with few sets a worker, that is most "
        "of what grows."
    )


def _row(run: Run, one: Run, compute_s: float) -> tuple[str, ...]:
    efficiency = run.a_second / one.a_second * one.workers / run.workers
    return (
        str(run.workers),
        f"{run.wall_s:.1f}",
        number(run.a_second),
        f"{efficiency:.0%}",
        number(run.cpu_a_plan_s),
        number(run.database_cpu_s / run.plans, 2),
        f"{run.cpu_a_plan_s / compute_s - 1:+.0%}",
    )


_TITLE = (
    "# Throughput with worker nodes\n\n`python -m benchmarks.nodes --write docs/nodes.md` writes this page."
)
_ON_PAPER = """## Where it ends: an estimate

Nothing below was measured with so many workers. Each figure is computed from the assumptions named with it,
and stands or falls with them; c is the processor time of a check, about 3 s for a clinic's course
(docs/benchmarks.md).

- **PostgreSQL's processors.** A worker asks for a claim, a heartbeat every 10 s and at each stage, and one
  transaction at the end: all of that is in `of it database`, d seconds a set. Assumed: four processors for
  the database alone, used in full. Then at most 4 / d sets a second, for 4 c / d workers.
- **The audit trail's lock.** Entries are written one after the other, for each holds the hash of the one
  before. A re-check writes two, claim and finish. Assumed: a commit is safe on disk after 5 ms (not
  measured; measure yours), and nothing else writes. Then 1 / (2 x 0.005 s) = 100 sets a second, for 100 c =
  300 workers.
- **The store.** 150 slices of 512 x 512 in 16 bits are 79 MB, read and hashed at each check and written to
  scratch. Assumed: a shared file system that gives 1 GB/s to all nodes together, and scratch elsewhere. Then
  1000 / 79 = 12.7 sets a second, for about 38 workers; with scratch in the same folder about half of that.

By these assumptions the shared file system would be a cluster's first limit. What decides it are its speed
and that of the commits; `python -m benchmarks.nodes` on your own machines gives c and d.
"""


if __name__ == "__main__":
    sys.exit(main())
