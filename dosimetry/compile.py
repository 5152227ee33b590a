"""How kernels are compiled: the only file that names numba.

Kernels run on one thread, with IEEE arithmetic (`fastmath` off) and a cache on disk; they release the
interpreter's lock. Nothing is parallel inside a kernel, so results do not depend on the number of threads
and a forked worker inherits no thread pool. `NUMBA_DISABLE_JIT=1` runs the same functions as plain Python.
"""

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

from dosimetry.kernel_cache import kernel_cache_folder

P = ParamSpec("P")
R = TypeVar("R")

_FOLDER = kernel_cache_folder(f"numba {numba.__version__}", numba.config.CACHE_DIR)
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)


def kernel_folder() -> Path | None:
    """Where the machine code of kernels is kept; None where no folder takes it."""
    return _FOLDER


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and scalars when it is first called.

    The machine code is kept in `kernel_cache_folder`; where there is none, for this process only.
    """
    compiled = numba.njit(cache=_FOLDER is not None, fastmath=False, nogil=True)(function)
    return cast(Callable[P, R], compiled)
