"""The one task: a ring with a job's id."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery

from workers.app import RUN_JOB


def register(app: Celery, run: Callable[[str], None]) -> None:
    """Let the application's workers answer a ring by `run(job_id)`."""

    @app.task(name=RUN_JOB)
    def run_job(job_id: str) -> None:
        run(job_id)
