"""Progress by stage on standard error: a line that renews itself on a terminal, else one line a stage."""

from __future__ import annotations

import sys
import time

_TELL_AFTER_S = 3.0


class StageLog:
    """Writes what a pipeline reports; `note` is what the pipeline calls."""

    def __init__(self) -> None:
        self._stage: str | None = None
        self._began_s = time.monotonic()
        self._terminal = sys.stderr.isatty()

    def note(self, stage: str, done: int, total: int) -> None:
        """Show the stage and how far it is."""
        if stage != self._stage:
            self._began_s = time.monotonic()
        if self._terminal:
            self._renew(stage, done, total)
        elif stage != self._stage:
            print(f"{stage} ...", file=sys.stderr, flush=True)
        self._stage = stage

    def _renew(self, stage: str, done: int, total: int) -> None:
        new_line = "\n" if self._stage not in (None, stage) else ""
        steps = f" {done}/{total}" if total else ""
        left = time_left(done, total, time.monotonic() - self._began_s)
        sys.stderr.write(f"{new_line}\r\x1b[K{stage}{steps}{f', {left}' if left else ''}")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line that renews itself."""
        if self._terminal and self._stage is not None:
            sys.stderr.write("\n")
            sys.stderr.flush()


def time_left(done: int, total: int, took_s: float) -> str:
    """Say how long the rest takes at the pace so far; nothing while nobody can know."""
    if not 0 < done < total or took_s < _TELL_AFTER_S:
        return ""
    left_s = took_s / done * (total - done)
    if left_s < 90:
        return f"about {left_s:.0f} s left"
    return f"about {left_s / 60:.0f} min left" if left_s < 5400 else f"about {left_s / 3600:.1f} h left"
