"""What a server or worker logs: its own rooms from INFO, libraries from WARNING, all on standard error.

A line is for people, or with DOSEGATE_LOG=json for a machine: then with the id of the request or job that it
belongs to, and each request of the web has one. Codes and ids stand in it, never a name or a file's name.
"""

from __future__ import annotations

import logging
import os
import sys

from trial_core.domain.canonical import canonical_json
from trial_core.errors import SettingError
from trial_core.services.journal import current_request

ROOMS = ("cli", "web", "workers", "trial_core", "imaging", "dosimetry")
_REQUESTS = "web.requests"
_SETTING = "DOSEGATE_LOG"
_KINDS = ("text", "json")


def log_to_standard_error(process: str) -> None:
    """Set logging up for a process; `process` names it in each line.

    Raises
    ------
    SettingError
    """
    kind = os.environ.get(_SETTING) or "text"
    if kind not in _KINDS:
        raise SettingError(_SETTING, f"{kind!r} is not known; choose {' or '.join(_KINDS)}.")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(process, kind))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # Waitress warns of each request that waits for a thread, which is no more than a busy moment.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    for room in ROOMS:
        logging.getLogger(room).setLevel(logging.INFO)
    if kind == "json":
        logging.getLogger(_REQUESTS).setLevel(logging.DEBUG)


def _formatter(process: str, kind: str) -> logging.Formatter:
    if kind == "json":
        return _JsonLines(process)
    return logging.Formatter(f"%(asctime)s {process} %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")


class _JsonLines(logging.Formatter):
    """A line of JSON for each record; `extra={"facts": {...}}` adds to it."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Write it with sorted keys, on one line."""
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "process": self._process,
            "level": record.levelname,
            "room": record.name,
            "message": record.getMessage(),
            "request": current_request(),
        }
        return canonical_json({**line, **getattr(record, "facts", {})})
