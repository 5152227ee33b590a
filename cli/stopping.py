"""Ctrl-C and SIGTERM, as a command that runs until it is told to end hears them."""

from __future__ import annotations

import signal
import threading
from types import FrameType


def told_to_end() -> threading.Event:
    """Give an event that is set once somebody tells this process to end."""
    told = threading.Event()

    def note(_signal: int, _frame: FrameType | None) -> None:
        told.set()

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, note)
    return told
