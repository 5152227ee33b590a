"""Where the machine code of kernels is kept: a folder for each state of the sources, private to the user.

Numba looks only at the file of the kernel that it loads: an edit of what that calls would go unseen. A hash
over all sources in the folder's name sees it.
"""

import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

_PREFIX = "kernels-"
_STALE_SECONDS = 24 * 3600
"""Folders of other states of the sources are kept as long: another checkout may be at work with them."""


def kernel_cache_folder(compiler: str, preferred: str = "") -> Path | None:
    """The first usable folder: the preferred one, beside the package, the user's cache, a temporary one.

    Parameters
    ----------
    compiler
        Name and version: another one needs other machine code.
    preferred
        A folder that the user has named; empty: none.

    Returns
    -------
    A folder that exists and can be written to; None where there is none: then nothing is kept.
    """
    package = Path(__file__).parent
    return usable_folder(_bases(package, preferred), sources_key(package, compiler))


def sources_key(package: Path, compiler: str) -> str:
    """A hash over every source of a package, its place in it, and the compiler."""
    digest = hashlib.sha256(f"{compiler} python {sys.version}".encode())
    for path in sorted(package.rglob("*.py")):
        source = path.read_bytes()
        digest.update(f"\n{path.relative_to(package).as_posix()} {len(source)}\n".encode())
        digest.update(source)
    return digest.hexdigest()[:16]


def usable_folder(bases: Iterable[Path], key: str) -> Path | None:
    """The folder of a key in the first base that takes one; those of other keys that nobody uses go.

    What lies in it is executed: a folder that others may write to is not used.
    """
    for base in bases:
        folder = base / f"{_PREFIX}{key}"
        if _is_private(base) and _is_private(folder) and _is_writable(folder):
            _remove_stale(base, folder)
            return folder
    return None


def _bases(package: Path, preferred: str) -> list[Path]:
    user_cache = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    named = [Path(preferred)] if preferred else []
    temporary = Path(tempfile.gettempdir()) / f"dosegate-{_user()}"
    return [*named, package / "__pycache__", Path(user_cache) / "dosegate", temporary]


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _is_private(folder: Path) -> bool:
    """Make it if it is not there; whether it is the user's own and not everyone's to write to."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == _user() and not found.st_mode & stat.S_IWOTH


def _is_writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            os.utime(folder)
    except OSError:
        return False
    return True


def _remove_stale(base: Path, used: Path) -> None:
    for other in base.glob(f"{_PREFIX}*"):
        if other != used and _age_seconds(other) > _STALE_SECONDS:
            shutil.rmtree(other, ignore_errors=True)


def _age_seconds(folder: Path) -> float:
    try:
        return time.time() - folder.lstat().st_mtime
    except OSError:
        return 0.0
