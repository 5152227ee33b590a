"""Two workers never hold one job: on PostgreSQL, of many that reach for it at once, one gets it."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.workers.installation import Installation, installation
from trial_core.db.session import Database
from trial_core.services import jobs

WORKERS = 6
JOBS = 8


def test_job_that_many_workers_reach_for__is_held_by_one(tmp_path: Path, postgresql_url: str) -> None:
    with installation(tmp_path, environment={"DOSEGATE_DATABASE_URL": postgresql_url}) as home:
        ids = [home.submit({"a.dcm": f"{number}".encode()}).job_id for number in range(JOBS)]
        together = threading.Barrier(WORKERS)
        with ThreadPoolExecutor(WORKERS) as pool:
            claimed = pool.map(
                lambda number: _claims(home, together, ids, f"worker {number}"), range(WORKERS)
            )
        held = Counter(job_id for claims in claimed for job_id in claims)
        assert held == dict.fromkeys(ids, 1)


def _claims(home: Installation, together: threading.Barrier, ids: list[str], worker: str) -> list[str]:
    """Reach for every job with a connection of one's own, each at the same moment as the others."""
    db = Database(home.settings.database_url, audit=home.settings.audit_outside())
    try:
        got = []
        for job_id in ids:
            together.wait(60)
            if jobs.claim(db, job_id=job_id, worker=worker) is not None:
                got.append(job_id)
        return got
    finally:
        db.close()
