"""The doorbell: tells a worker that a job row is waiting. The job table stays the truth."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trial_core.settings import Settings

_log = logging.getLogger(__name__)


def ring(settings: Settings, job_id: str) -> bool:
    """Tell the workers that a job waits: send its id, by name, after the commit that wrote its row.

    Parameters
    ----------
    settings
        Where the broker is.
    job_id
        The job's row. Nothing else travels.

    Returns
    -------
    bool
        False when the broker could not be reached. The submission is safe all the same: the reconciler
        rings again for every job that is due.
    """
    from kombu.exceptions import KombuError, OperationalError  # noqa: PLC0415 - half a second, paid by who rings

    from workers.app import QUEUE, RUN_JOB, celery_app  # noqa: PLC0415

    try:
        celery_app(settings).send_task(RUN_JOB, args=[job_id], queue=QUEUE, retry=False)
    except (OperationalError, KombuError, OSError) as problem:
        _log.warning(
            "The broker cannot be reached (%s); job %s waits for the reconciler.",
            type(problem).__name__,
            job_id,
        )
        return False
    return True
