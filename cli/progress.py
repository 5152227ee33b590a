"""Progress by stage on standard error: a line that renews itself on a terminal, else one line a stage."""

from __future__ import annotations

import sys


class StageLog:
    """Writes what a pipeline reports; `note` is what the pipeline calls."""

    def __init__(self) -> None:
        self._stage: str | None = None
        self._terminal = sys.stderr.isatty()

    def note(self, stage: str, done: int, total: int) -> None:
        """Show the stage and how far it is."""
        if self._terminal:
            self._renew(stage, done, total)
        elif stage != self._stage:
            print(f"{stage} ...", file=sys.stderr, flush=True)
        self._stage = stage

    def _renew(self, stage: str, done: int, total: int) -> None:
        new_line = "\n" if self._stage not in (None, stage) else ""
        steps = f" {done}/{total}" if total else ""
        sys.stderr.write(f"{new_line}\r\x1b[K{stage}{steps}")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line that renews itself."""
        if self._terminal and self._stage is not None:
            sys.stderr.write("\n")
            sys.stderr.flush()
