"""How kernels are compiled: the only file that names numba.

Kernels run on one thread, with IEEE arithmetic (`fastmath` off) and a cache on disk; they release the
interpreter's lock. Nothing is parallel inside a kernel, so results do not depend on the number of threads
and a forked worker inherits no thread pool. `NUMBA_DISABLE_JIT=1` runs the same functions as plain Python.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and scalars when it is first called; the machine code is cached on disk.

    A kernel calls no kernel of another file: numba's cache would not see an edit there.
    """
    return cast(Callable[P, R], numba.njit(cache=True, fastmath=False, nogil=True)(function))
