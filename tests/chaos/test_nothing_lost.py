"""Nothing is lost, done twice or changed, whatever is killed in the middle of thousands of jobs."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.chaos.courses import thin_courses
from tests.chaos.disturbed import Killer, Rate, Sent, submit_all
from tests.chaos.victims import Hospital, RedisServer
from tests.integration.real_worker import is_over, wait_for_job
from tests.trial_core.postgres import postgres_server
from tests.workers.installation import Installation, installation
from trial_core.domain.jobs import JobState
from trial_core.services import audit_trail, submissions
from workers.jobs import run_job
from workers.queue import ring

JOBS_A_SET = 2
"""A look into the files before they are submitted, and the check of the submitted set."""
SEED = int(os.environ.get("CHAOS_SEED", "20"))

EACH = ("worker", "web process", "web", "redis", "postgres")
SHORT = Rate(1.0, 3.0, 0.5, EACH, most=len(EACH))
LONG = Rate(5.0, 15.0, 4.0, (*EACH, "worker", "workers"))


@pytest.mark.timeout(280)
def test_nothing_is_lost__over_a_few_jobs(tmp_path: Path) -> None:
    killed = _disturb(tmp_path, jobs=10, rate=SHORT, limit_s=250)
    assert killed


@pytest.mark.chaos
def test_nothing_is_lost__over_two_thousand_jobs(tmp_path: Path) -> None:
    jobs = int(os.environ.get("CHAOS_JOBS", "2000"))
    killed = _disturb(tmp_path, jobs=jobs, rate=LONG, limit_s=60 + 40 * jobs)
    print(f"{jobs} jobs; killed: {dict(Counter(killed))}")
    assert set(killed) == set(LONG.victims) or jobs < 200


@pytest.mark.chaos
def test_broker_away_for_a_minute__submissions_are_taken_and_done_after(tmp_path: Path) -> None:
    course = thin_courses(1)[0]
    with _hospital(tmp_path) as (home, hospital), hospital.open(_environment(home)):
        hospital.redis.kill()
        ticket = home.submit(course)
        assert not ring(home.settings, ticket.job_id)
        time.sleep(60)
        hospital.redis.start()
        assert wait_for_job(home, ticket, is_over, limit_s=240).state is JobState.DONE


def _disturb(folder: Path, *, jobs: int, rate: Rate, limit_s: float) -> list[str]:
    courses = thin_courses(jobs // JOBS_A_SET)
    with _hospital(folder) as (home, hospital):
        with hospital.open(_environment(home)):
            killer = Killer(home, hospital, rate, random.Random(SEED))  # noqa: S311 - which is killed when
            thread = threading.Thread(target=killer.run)
            thread.start()
            try:
                sent = submit_all(home, hospital, courses, limit_s)
            finally:
                killer.over.set()
                thread.join()
        assert killer.problem is None
        _nothing_is_lost(home, sent, _undisturbed(folder / "undisturbed", courses))
    return killer.killed


def _environment(home: Installation) -> dict[str, str]:
    return {
        "DOSEGATE_DATA": str(home.settings.data_folder),
        "DOSEGATE_DATABASE_URL": home.settings.database_url,
        "DOSEGATE_BROKER_URL": home.settings.broker_url,
    }


@contextmanager
def _hospital(folder: Path) -> Iterator[tuple[Installation, Hospital]]:
    (folder / "redis").mkdir()
    redis = RedisServer(folder / "redis")
    with postgres_server() as postgres:
        postgres.start()
        redis.start()
        server = create_engine(postgres.url.format(name="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text("CREATE DATABASE chaos"))
        server.dispose()
        servers = {
            "DOSEGATE_BROKER_URL": redis.url,
            "DOSEGATE_DATABASE_URL": postgres.url.format(name="chaos"),
        }
        try:
            with installation(folder / "home", environment=servers) as home:
                yield home, Hospital(postgres, redis, folder)
        finally:
            redis.end()


def _undisturbed(folder: Path, courses: Sequence[Mapping[str, bytes]]) -> list[bytes]:
    reports = []
    with installation(folder) as home:
        for course in courses:
            ticket = home.submit(course)
            run_job(home.workplace, ticket.job_id)
            reports.append(_report(home, ticket.submission_id))
    return reports


def _nothing_is_lost(home: Installation, sent: Sequence[Sent], undisturbed: Sequence[bytes]) -> None:
    for each in sent:
        assert _report(home, each.submission_id) == undisturbed[each.course]
    acknowledged = {each.submission_id for each in sent}
    assert len(acknowledged) == len(sent)
    finished = Counter(_entries(home, "finish plan check"))
    assert finished == dict.fromkeys(acknowledged, 1)
    trail = audit_trail.verify(home.db)
    assert trail.broken is None
    assert trail.whole
    for sha256, _ in home.store.hashes():
        home.store.verify(sha256)


def _entries(home: Installation, action: str) -> list[str]:
    with home.db.read() as connection:
        asked = text("SELECT entity_id FROM audit_entry WHERE action = :action")
        return list(connection.execute(asked, {"action": action}).scalars())


def _report(home: Installation, submission_id: str) -> bytes:
    return submissions.report_bytes(home.db, home.store, home.actor, submission_id=submission_id)
