"""`make bench`: us and the peers on the same work, in one run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.inputs import REAL_SET
from benchmarks.report import Section, text
from benchmarks.tasks import (
    accumulation,
    accuracy,
    course_check,
    dvh,
    gamma,
    linearity,
    printed_report,
    threads,
)

TASKS: dict[str, Callable[[int], Section]] = {
    "dvh": dvh.section,
    "accuracy": accuracy.section,
    "gamma": gamma.section,
    "accumulation": accumulation.section,
    "course": course_check.section,
    "printed": printed_report.section,
    "threads": threads.section,
    "linearity": linearity.section,
}


def main() -> int:
    """Run the tasks asked for; print the report and write it where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=f"{', '.join(TASKS)} (default: all)")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each program (default: 5)")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the report, such as docs/benchmarks.md"
    )
    arguments = parser.parse_args()
    unknown = [name for name in arguments.tasks if name not in TASKS]
    if unknown:
        parser.error(f"there is no task {unknown[0]!r}; choose from {', '.join(TASKS)}")
    if not REAL_SET.is_dir():
        print(f"The real set is not there: {REAL_SET.relative_to(REAL_SET.parents[3])}.", file=sys.stderr)
        return 2
    report = text([_measured(name, arguments.repeats) for name in arguments.tasks or TASKS])
    print(report)
    if arguments.write:
        arguments.write.write_text(report)
    return 0


def _measured(name: str, repeats: int) -> Section:
    print(f"measuring {name} ...", file=sys.stderr, flush=True)
    return TASKS[name](repeats)


if __name__ == "__main__":
    sys.exit(main())
