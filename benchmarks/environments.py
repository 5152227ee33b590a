"""Each peer in an environment of its own under `.bench/`, built from its hashed lock."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".bench"
LOCKS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Environment:
    """Where a peer's Python is; `problem` says why there is none."""

    name: str
    python: Path
    problem: str | None = None


def environment(name: str) -> Environment:
    """Build a peer's environment unless it is there; one that cannot be built is said, not fatal."""
    lock = LOCKS / f"{name}.txt"
    key = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    folder, stamp = FOLDER / name, FOLDER / name / "ready"
    python = folder / "bin" / "python"
    if stamp.is_file() and stamp.read_text() == key:
        return Environment(name, python)
    print(f"building the environment of {name} (once) ...", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    problem = _build(folder, python, lock)
    if problem is None:
        stamp.write_text(key)
    return Environment(name, python, problem)


def own_environment() -> Environment:
    """The environment that runs this."""
    return Environment("dosegate", Path(sys.executable))


def _build(folder: Path, python: Path, lock: Path) -> str | None:
    install = ["-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:", "-r"]
    for command in ([sys.executable, "-m", "venv", str(folder)], [str(python), *install, str(lock)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines() or [str(done.returncode)]
            return f"cannot be installed: {next((line for line in lines if 'ERROR' in line), lines[-1])}"
    return None
