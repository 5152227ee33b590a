"""Runs the `dosegate` command as a user does: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

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


def only_json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Read standard output as exactly one JSON document without NaN."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    document = json.loads(done.stdout, parse_constant=refuse)
    assert isinstance(document, dict)
    return document
