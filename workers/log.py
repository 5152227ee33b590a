"""What a server or worker logs: its own rooms from INFO, libraries from WARNING, all on standard error."""

from __future__ import annotations

import logging
import sys

ROOMS = ("cli", "web", "workers", "trial_core", "imaging", "dosimetry")


def log_to_standard_error(process: str) -> None:
    """Set logging up for a process; `process` names it in each line."""
    logging.basicConfig(
        level=logging.WARNING,
        stream=sys.stderr,
        format=f"%(asctime)s {process} %(levelname)s %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    # Waitress warns of each request that waits for a thread, which is no more than a busy moment.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    for room in ROOMS:
        logging.getLogger(room).setLevel(logging.INFO)
