"""The version of the code that computes a result: the package's version and a hash over its source files."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_ROOMS = ("dosimetry", "imaging", "trial_core", "workers/pipelines")
_SOURCES = (".py", ".yaml")
_HASH_LETTERS = 12


@lru_cache(maxsize=1)
def code_version() -> str:
    """Give `VERSION+HASH`; the hash covers every source file that a number or a verdict can depend on."""
    digest = hashlib.sha256()
    for path in _source_files():
        digest.update(path.relative_to(_ROOT).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{_package_version()}+{digest.hexdigest()[:_HASH_LETTERS]}"


def _source_files() -> list[Path]:
    files = [path for room in _ROOMS for path in (_ROOT / room).rglob("*") if path.suffix in _SOURCES]
    return sorted(files, key=lambda path: path.relative_to(_ROOT).as_posix())


def _package_version() -> str:
    try:
        return version("dosegate")
    except PackageNotFoundError:
        return "uninstalled"
