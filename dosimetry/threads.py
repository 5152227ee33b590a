"""Work split over threads: kernels release the interpreter's lock, and no piece knows of another."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def usable_threads() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def for_each(work: Callable[[int], None], count: int, threads: int | None = None) -> None:
    """Do `work(0)`, `work(1)` ... `work(count - 1)`, each once, in any order.

    The result does not depend on the threads as long as no piece reads what another writes.

    Parameters
    ----------
    threads
        How many at once; None: as many as there are processors.
    """
    for _ in in_order(work, count, threads):
        pass


def in_order(work: Callable[[int], T], count: int, threads: int | None = None) -> Iterator[T]:
    """What `work(0)`, `work(1)` ... `work(count - 1)` return, in this order, each as soon as it is there.

    Parameters
    ----------
    threads
        How many at once; None: as many as there are processors.
    """
    wanted = min(usable_threads() if threads is None else threads, count)
    if wanted <= 1:
        yield from map(work, range(count))
        return
    with ThreadPoolExecutor(wanted) as pool:
        yield from pool.map(work, range(count))
