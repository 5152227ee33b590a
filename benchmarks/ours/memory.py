"""What the memory allows: writing an array as large as the sum once, on all processors."""

import sys

import numpy as np

from benchmarks.clock import measure
from dosimetry.threads import for_each

shape = tuple(map(int, np.load(sys.argv[1])["shape"]))
out = np.zeros(shape)


def work() -> dict[str, float]:
    """Write every voxel."""
    for_each(lambda plane: out[plane].fill(1.0), shape[0])
    return {"mib": out.nbytes / 2**20}


measure(work)
