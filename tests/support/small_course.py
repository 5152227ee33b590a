"""The small synthetic course, made once in a process: making it takes a second, writing it again a moment."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from imaging.synthetic.course import CourseSize, write_course
from imaging.synthetic.faults import Fault


def write_small_course(folder: Path, *, faults: Collection[Fault] = ()) -> None:
    """Write the course into a folder, as `write_course` does."""
    for name, data in small_course_files(faults=faults).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def small_course_files(*, faults: Collection[Fault] = ()) -> dict[str, bytes]:
    """Give every file of the course under its relative name."""
    return dict(_made(frozenset(faults)))


def read_files(folder: Path) -> dict[str, bytes]:
    """Give every file below a folder under its relative name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@lru_cache(maxsize=3)
def _made(faults: frozenset[Fault]) -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        write_course(Path(folder), size=CourseSize.SMALL, faults=faults)
        return read_files(Path(folder))
