"""Programs of dcmtk, a sender that shares no code with our listener; installed where that can be done."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

_UNASKED = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def foreign(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program of dcmtk and give how it ended."""
    return subprocess.run(
        [_found(program), *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a program of dcmtk."""
    return subprocess.Popen(
        [_found(program), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _found(program: str) -> str:
    if shutil.which(program) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for step in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "dcmtk")):
            subprocess.run(["apt-get", *step], capture_output=True, check=False, env=_UNASKED)
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not there: on Debian, apt-get install dcmtk")
    return found
