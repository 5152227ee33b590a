"""The doorbell: tells a worker that a job row is waiting. The job table stays the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trial_core.settings import Settings


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
    raise NotImplementedError
