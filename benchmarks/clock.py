"""Times a piece of work in a process of its own: once to warm up, then several times; standard library alone.

Run beside every script in `ours` and `peers`, in whatever environment that needs.
"""

from __future__ import annotations

import json
import os
import re
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_WHOSE = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def measure(work: Callable[[], Any]) -> None:
    """Print what repeated runs took, and the last result, as one line of JSON.

    `BENCH_REPEATS` and `BENCH_PROCESSORS` in the environment say how often and on how many processors.
    """
    _keep_to(int(os.environ.get("BENCH_PROCESSORS", "0")))
    work()
    wall, cpu, result = [], [], None
    for _ in range(int(os.environ.get("BENCH_REPEATS", "5"))):
        started, used = time.perf_counter(), _cpu_s()
        result = work()
        wall.append(time.perf_counter() - started)
        cpu.append(_cpu_s() - used)
    found = {"wall_s": wall, "cpu_s": cpu, "peak_mib": _peak_mib(), "result": result}
    print(json.dumps(found), flush=True)


def _cpu_s() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, _WHOSE))


def _peak_mib() -> float:
    """Of this process and of its largest child.

    Its own is the kernel's high-water mark of this program; `ru_maxrss` starts at what its parent held.
    """
    status = Path("/proc/self/status")
    kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if status.is_file():
        found = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(), re.MULTILINE)
        return max(kib, int(found[1]) if found else 0) / 1024
    return max(kib, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def _keep_to(processors: int) -> None:
    if processors:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:processors])
