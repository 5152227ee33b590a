"""Several workers on one machine, each on its share of the processors: started, watched, drained together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trial_core.services.jobs import expire_worker, release_worker
from workers.supervisor import Told, WorkerSupervisor

if TYPE_CHECKING:
    from trial_core.db.session import Database


class WorkerGroup:
    """Keeps as many workers running as it was told, until `stop`.

    The job of a worker that dies waits again at once, and a new one starts; a worker that is told to end
    gives its job back, which costs the job no attempt.
    """

    def __init__(self, db: Database, count: int) -> None:
        told = Told(
            end=lambda name: expire_worker(db, worker=name),
            stop=lambda name: release_worker(db, worker=name),
        )
        shares = shares_of(sorted(os.sched_getaffinity(0)), count)
        self._supervisors = [WorkerSupervisor(told=told, processors=share) for share in shares]

    def start(self) -> None:
        """Start them."""
        for each in self._supervisors:
            each.start()

    def stop(self) -> None:
        """Tell all of them to end, then wait until they are gone."""
        for each in self._supervisors:
            each.tell_to_stop()
        for each in self._supervisors:
            each.stop()


def shares_of(processors: Sequence[int], count: int) -> list[frozenset[int]]:
    """Deal the processors out to `count` workers: none is left over, and none is shared that need not be."""
    return [frozenset(processors[worker % len(processors) :: max(count, 1)]) for worker in range(count)]
