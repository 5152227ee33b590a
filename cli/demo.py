"""`dosegate demo`: write a synthetic LDRT + CFRT course as DICOM files."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.arguments import fault_lines
from cli.errors import CommandError
from cli.output import say, show

if TYPE_CHECKING:
    from imaging.synthetic.faults import Fault


def run(arguments: Namespace) -> int:
    """Write the course into a new or empty folder."""
    from imaging.synthetic.course import CourseSize, write_course

    faults = _faults(arguments.fault)
    folder = _free_folder(arguments.path)
    size = CourseSize.SMALL if arguments.small else CourseSize.FULL
    say("writing the synthetic course ...")
    try:
        files = write_course(folder, seed=arguments.seed, size=size, faults=faults)
    except OSError as problem:
        raise CommandError(
            f"{folder}: could not be written ({problem.strerror}). Name another folder."
        ) from problem
    show([f"{len(files)} files in {folder}. Next: dosegate check {folder}"])
    return 0


def _free_folder(name: str) -> Path:
    folder = Path(name)
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder}: this is a file. Name a new or empty folder.")
    if folder.is_dir() and any(folder.iterdir()):
        raise CommandError(
            f"{folder}: this folder is not empty. Name a new or empty one; nothing was written."
        )
    return folder


def _faults(names: Sequence[str]) -> list[Fault]:
    from imaging.synthetic.faults import Fault

    known = [fault.value for fault in Fault]
    for name in names:
        if name not in known:
            raise CommandError(f"--fault {name}: there is no such fault. Choose from these:\n{fault_lines()}")
    return [fault for fault in Fault if fault.value in names]
