"""From a course and a protocol to the report with verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path

from imaging.course import Course
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import CourseReport

Progress = Callable[["Stage", int, int], None]


class Stage(StrEnum):
    """What the check is doing; told to `progress` with the steps done and the steps of this stage in all."""

    TAKING_IN = "taking in"
    READING = "reading"
    MEASURING = "measuring"
    JUDGING = "judging"


def check_paths(
    paths: Iterable[Path], protocol: Protocol, scratch: Path, progress: Progress | None = None
) -> CourseReport:
    """Take in, read and check what a user hands over.

    Parameters
    ----------
    paths
        Folders, ZIP archives and single files.
    protocol
        What to judge by.
    scratch
        An existing, private folder for inflated archives; the caller removes it.
    progress
        Called as `progress(stage, done, total)`.
    """
    raise NotImplementedError


def check_course(course: Course, protocol: Protocol, *, progress: Progress | None = None) -> CourseReport:
    """Check a course that `imaging` has read.

    Notes
    -----
    Never raises for what is in the files: what cannot be evaluated is said in the report, with its reason.
    """
    raise NotImplementedError
