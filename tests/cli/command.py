"""Runs the `dosegate` command as a user does, in a process of its own, or here where that is no matter."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from cli.main import main

DOSEGATE = Path(sys.executable).parent / "dosegate"
ROOT = Path(__file__).parents[2]
SHARED_DATA = ROOT.parent / "shared" / "data"


def dosegate(
    *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one subcommand to its end, with standard output and error apart."""
    return subprocess.run(
        [DOSEGATE, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**os.environ, **(environment or {})},
    )


def dosegate_here(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one subcommand in this process: a new one takes a second to load its libraries."""
    given = [str(each) for each in arguments]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    before = signal.getsignal(signal.SIGTERM)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = main(given)
    finally:
        signal.signal(signal.SIGTERM, before)
    return subprocess.CompletedProcess(given, status, _written(out), _written(err))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def only_json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Read standard output as exactly one JSON document without NaN."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    document = json.loads(done.stdout, parse_constant=refuse)
    assert isinstance(document, dict)
    return document
