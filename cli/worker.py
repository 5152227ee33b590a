"""`dosegate worker`: do the jobs of an installation, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
from argparse import Namespace
from contextlib import closing
from typing import TYPE_CHECKING

from cli.installation import settings_of_this_environment
from cli.output import say
from cli.stopping import told_to_end

if TYPE_CHECKING:
    from trial_core.settings import Settings


def run(arguments: Namespace) -> int:
    """Work until told to end; a job that is at hand is then given back."""
    os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")
    settings = settings_of_this_environment()
    if arguments.concurrency > 1:
        return _run_several(settings, arguments.concurrency)
    from workers.worker_process import run_worker  # after the environment that numba reads

    return run_worker(settings)


def _run_several(settings: Settings, count: int) -> int:
    from trial_core.db.migrate import migrate
    from trial_core.db.session import Database
    from workers.log import log_to_standard_error
    from workers.worker_group import WorkerGroup

    log_to_standard_error("workers")
    told = told_to_end()
    with closing(Database(settings.database_url, audit=settings.audit_outside(), zone=settings.zone)) as db:
        migrate(db, settings.database_owner_url)
        group = WorkerGroup(db, count)
        group.start()
        say(f"{count} workers do the jobs of this installation until Ctrl-C.")
        try:
            told.wait()
        finally:
            say("Stopping ...")
            group.stop()
    return 0
