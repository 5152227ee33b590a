"""The doctor's look at this machine: program, libraries, processors, compiled kernels."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from dosimetry.compile import kernel_folder
from dosimetry.threads import usable_threads
from trial_core.code_version import code_version
from workers.doctor.looks import Look, note, well

_LIBRARIES = ("numpy", "numba", "pydicom", "SimpleITK", "SQLAlchemy", "celery", "dash", "lifelines")


def look_at_machine() -> Iterator[Look]:
    """Look at what runs here."""
    yield well("program", f"{code_version()} on Python {platform.python_version()}")
    yield well("libraries", ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES))
    yield well("processors", f"{usable_threads()} may be used by this process")
    yield _kernels()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _kernels() -> Look:
    folder = kernel_folder()
    if folder is None:
        said = (
            "No folder takes compiled kernels: each process compiles them anew, which takes about a minute."
        )
        return note("dose kernels", said, "Set NUMBA_CACHE_DIR to a folder that only this user can write to.")
    kept = sum(1 for _ in folder.rglob("*.nbi"))
    if not kept:
        return note(
            "dose kernels", "None is compiled yet: the first check waits for it.", "Run: dosegate warm-up."
        )
    return well("dose kernels", f"{kept} compiled, in {folder}")
