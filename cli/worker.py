"""`dosegate worker`: do the jobs of an installation, until Ctrl-C."""

from __future__ import annotations

import os
from argparse import Namespace

from cli.installation import settings_of_this_environment


def run(_arguments: Namespace) -> int:
    """Work until told to end."""
    os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")
    settings = settings_of_this_environment()
    from workers.worker_process import run_worker  # after the environment that numba reads

    return run_worker(settings)
