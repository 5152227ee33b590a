"""Where results go: JSON on standard output, files written whole, all else on standard error."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cli.errors import CommandError, RefusalCode

_BEGINNINGS = {"--json": b"{", "--html": b"<", "--pdf": b"%PDF-", "--output": b""}
"""How our own documents begin. A file that begins otherwise may be a patient's: it is never replaced; and no
DICOM file is, for ours begin as all others do."""


def take_any_letter() -> None:
    """Let standard output and error write what their encoding lacks as an escape, never fail.

    A terminal that knows no Greek is no reason to lose a verdict.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a test may have put something else there
            stream.reconfigure(errors="backslashreplace")


def say(line: str) -> None:
    """Write one line for people to standard error."""
    print(line, file=sys.stderr, flush=True)


def to_json(document: Mapping[str, Any]) -> bytes:
    """Give the document as UTF-8 JSON with unrounded numbers; NaN and infinity are refused.

    Raises
    ------
    ValueError
        a number is NaN or infinite: what cannot be evaluated must have become None before.
    """
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1).encode("utf-8")


def put_on_standard_output(data: bytes) -> None:
    """Write a whole document, and nothing else, to standard output.

    Raises
    ------
    CommandError
        it takes nothing, such as a full disk.
    """
    with _on_standard_output():
        sys.stdout.flush()
        sys.stdout.buffer.write(data + b"\n")
        sys.stdout.buffer.flush()


def show(lines: Iterable[str]) -> None:
    """Write lines for people to standard output.

    Raises
    ------
    CommandError
        it takes nothing, such as a full disk.
    """
    with _on_standard_output():
        print("\n".join(lines), flush=True)


@contextmanager
def _on_standard_output() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # whoever reads has seen enough
        raise
    except OSError as problem:
        words = f"Standard output could not be written ({problem.strerror}). Send it elsewhere."
        raise CommandError(words, code=RefusalCode.STANDARD_OUTPUT_REFUSED) from problem


def check_writable(path: Path, option: str) -> None:
    """Find out before the work that its result can be written.

    Raises
    ------
    CommandError
        the file's folder is missing or takes no file, the name is that of a folder, or what stands there
        is no earlier result.
    """
    if path.is_dir():
        raise _not_writable(f"{option} {path}: this is a folder. Name a file in it.")
    if not path.parent.is_dir():
        raise _not_writable(
            f"{option} {path}: the folder {path.parent} does not exist. Create it or name another."
        )
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise _not_writable(
            f"{option} {path}: cannot be written. Check its permissions or name another file."
        )
    _keep_what_is_no_result(path, option)


def write_whole(path: Path, data: bytes, option: str) -> None:
    """Write a file so that a reader sees the old one or the whole new one, never a part.

    Raises
    ------
    CommandError
        the disk refused it, and nothing half-written remains; or what stands there is no earlier result.
    """
    _keep_what_is_no_result(path, option)
    try:
        _write(path.resolve(), data)
    except OSError as problem:
        raise _not_writable(
            f"{option} {path}: could not be written ({problem.strerror}). Name another file."
        ) from problem


def _keep_what_is_no_result(path: Path, option: str) -> None:
    found, own = _beginning(path), _BEGINNINGS[option]
    if found and not (own and found.startswith(own)):
        raise _not_writable(
            f"{option} {path}: this file is no earlier result and was left as it is. Name another file."
        )


def _beginning(path: Path) -> bytes:
    """First bytes of a file from one that is not blank; nothing where there is no ordinary file to read."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(64).lstrip()
    except OSError:
        return b""


def _not_writable(message: str) -> CommandError:
    return CommandError(message, code=RefusalCode.OUTPUT_NOT_WRITABLE)


def _write(path: Path, data: bytes) -> None:
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a pipe or device such as /dev/stdout takes bytes; it must never be replaced
    else:
        _replace(path, data)


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o666 & ~_umask())
        unfinished.replace(path)
    except OSError:
        with suppress(FileNotFoundError):
            unfinished.unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
