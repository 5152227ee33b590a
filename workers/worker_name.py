"""What a worker is called in the job table: its supervisor's name for it, else its host and process."""

from __future__ import annotations

import os
import socket
import uuid

VARIABLE = "DOSEGATE_WORKER_NAME"


def worker_name() -> str:
    """Name this process in the job table."""
    return os.environ.get(VARIABLE) or f"{socket.gethostname()}:{os.getpid()}"


def new_worker_name() -> str:
    """Draw a name for a worker to be started: process ids come again, in containers even soon."""
    return f"{socket.gethostname()}:{uuid.uuid4().hex[:12]}"
