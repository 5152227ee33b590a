"""Tables of what was measured, for the terminal and for `docs/benchmarks.md`."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.running import Measurement

NOTHING = "–"


@dataclass(frozen=True)
class Section:
    """One task: what was asked for, a table, and what has to be said about it."""

    title: str
    goal: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()


SIDE_BY_SIDE = ("program", "median s", "processor s", "peak MiB", "times ours")


def side_by_side(ours: Measurement, peers: Sequence[Measurement]) -> tuple[tuple[str, ...], ...]:
    """A row for each program, with how many times our time it took."""
    return tuple(_row(each, ours) for each in (ours, *peers))


def ratio(other: Measurement, ours: Measurement) -> float | None:
    """How many times ours the other took."""
    if other.median_s is None or ours.median_s is None:
        return None
    return other.median_s / ours.median_s


def problems(measurements: Sequence[Measurement]) -> tuple[str, ...]:
    """What could not be measured, and why."""
    return tuple(f"{each.name}: {each.problem}." for each in measurements if each.problem)


def number(value: float | None, digits: int = 3) -> str:
    """A number with as many significant digits; nothing where there is none."""
    return NOTHING if value is None else f"{value:#.{digits}g}".rstrip(".")


def text(sections: Sequence[Section]) -> str:
    """The whole report in Markdown."""
    parts = [_TITLE, _machine(), *map(section_text, sections)]
    return "\n\n".join(parts) + "\n"


_TITLE = """# Benchmarks: side by side with the peers, in one run

`make bench` writes this page: every program in a process and an environment of its own (`benchmarks/peers`),
warm, the median of its repetitions. Other work on the machine slows all alike: only ratios within one run
mean something. Peak memory is that of the whole process, libraries and input included."""


def _machine() -> str:
    processors = len(os.sched_getaffinity(0))
    return f"Measured on {processors} processors ({_processor()}), Python {platform.python_version()}."


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def section_text(section: Section) -> str:
    """One task in Markdown."""
    table = [section.head, tuple("---" for _ in section.head), *section.rows]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in table)
    remarks = "\n".join(f"- {remark}" for remark in section.remarks)
    return "\n\n".join(part for part in (f"## {section.title}", section.goal, lines, remarks) if part)


def _row(one: Measurement, ours: Measurement) -> tuple[str, ...]:
    times = ratio(one, ours)
    return (
        one.name,
        number(one.median_s),
        number(one.median_cpu_s),
        NOTHING if one.peak_mib is None else f"{one.peak_mib:.0f}",
        NOTHING if times is None or one is ours else f"{number(times)} x",
    )
