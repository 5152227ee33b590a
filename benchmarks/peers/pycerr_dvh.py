"""All DVHs of the real set with pyCERR: it rasterises on the CT, so it is given one; bins of 0.01 Gy."""

import contextlib
import sys

import numpy as np
from cerr import dvh, plan_container

from benchmarks.clock import measure


def work() -> dict[str, float]:
    """Volumes in cc."""
    with contextlib.redirect_stdout(sys.stderr):
        plan = plan_container.loadDcmDir(sys.argv[1])
        volumes = {}
        for number, structure in enumerate(plan.structure):
            doses, shares, is_empty = dvh.getDVH(number, 0, plan)
            if not is_empty:
                dvh.doseHist(np.nan_to_num(doses), shares, 0.01)  # outside its grid, where it would fail
            volumes[structure.structureName] = float(shares.sum()) if len(shares) else 0.0
    return volumes


measure(work)
