"""A worker process: Celery with the solo pool, the reconciler beside it, until it is told to end."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from celery import signals
from celery.platforms import SecurityWarning

from trial_core.code_version import code_version
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.services.audit_trail import seal_old_entries
from trial_core.services.jobs import workers_at_work
from trial_core.services.protocol_versions import record_own_protocol
from trial_core.settings import Settings, read_settings
from trial_core.store import Store
from workers.app import celery_app
from workers.jobs import run_job
from workers.log import log_to_standard_error
from workers.parent_watch import die_with_parent
from workers.plan_check_job import SCRATCH
from workers.presence import worker_presence
from workers.reconciler import Reconciler
from workers.scratch import sweep
from workers.tasks.run_job import register
from workers.workplace import Workplace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the worker that the embedded supervisor starts: it ends with its parent."""
    parser = argparse.ArgumentParser(prog="python -m workers.worker_process")
    parser.add_argument("--parent", type=int, required=True, help="process id of the supervisor")
    die_with_parent(parser.parse_args(arguments).parent)
    return run_worker(read_settings())


def run_worker(settings: Settings) -> int:
    """Do the installation's jobs until SIGTERM or Ctrl-C; the exit status is 0 after an orderly end."""
    log_to_standard_error("worker")
    code_version()  # of the code as it is loaded here: results name it, also after the files have changed
    # Celery warns of root because messages could be pickled code; ours are JSON with one id.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    db = Database(settings.database_url, audit=settings.audit_outside(), zone=settings.zone)
    migrate(db, settings.database_owner_url)
    seal_old_entries(db)
    record_own_protocol(db)  # before anything is judged by it
    sweep(settings.data_folder / SCRATCH, workers_at_work(db))
    workplace = Workplace(settings, db, Store(settings.store_folder))
    reconciler = Reconciler(settings, db, workplace.store)
    present = worker_presence(db)
    reconciler.start()
    present.start()
    try:
        return _answer_rings(workplace)
    finally:
        present.stop()
        reconciler.stop()
        db.close()


def _answer_rings(workplace: Workplace) -> int:
    app = celery_app(workplace.settings)
    register(app, lambda job_id: run_job(workplace, job_id))

    def note_stop(**_facts: Any) -> None:
        workplace.stop.set()

    def keep_logging(**_facts: Any) -> None:
        """Tell Celery, by being there, that logging is set up already."""

    signals.worker_shutting_down.connect(note_stop)
    signals.setup_logging.connect(keep_logging)
    # Solo: the compiled kernels use the cores themselves, and their threads do not survive a fork.
    worker = app.Worker(pool="solo", concurrency=1, quiet=True, without_gossip=True, without_mingle=True)
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
