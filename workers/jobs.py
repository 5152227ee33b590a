"""One job from claim to end: heartbeat, pipeline, result and state in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trial_core.settings import Settings


def run_job(settings: Settings, db: Any, store: Any, job_id: str) -> None:
    """Do one job, if it is still to be done: a job that another worker holds or has finished is left alone."""
    raise NotImplementedError
