"""Metrics of every structure of every set of phantoms, with pyCERR: masks on the CT, bins of 0.01 Gy."""

import contextlib
import sys
from pathlib import Path

from cerr import dvh, plan_container

from benchmarks.clock import measure


def work() -> dict[str, dict[str, list[float]]]:
    """Values by set and structure."""
    with contextlib.redirect_stdout(sys.stderr):
        sets = [folder for folder in sorted(Path(sys.argv[1]).iterdir()) if folder.is_dir()]
        return {folder.name: _values(folder) for folder in sets}


def _values(folder: Path) -> dict[str, list[float]]:
    plan = plan_container.loadDcmDir(str(folder))
    found = {}
    for number, structure in enumerate(plan.structure):
        doses, shares, is_empty = dvh.getDVH(number, 0, plan)
        if is_empty or not len(doses):
            continue
        bins, volumes = dvh.doseHist(doses, shares, 0.01)
        at = [dvh.Dx(bins, volumes, percent, 1) for percent in (99, 95, 5, 1)]
        hottest = dvh.Dx(bins, volumes, 0.03, 0)
        values = (shares.sum(), doses.min(), doses.max(), dvh.meanDose(bins, volumes), *at, hottest)
        found[structure.structureName] = [float(x) for x in values]
    return found


measure(work)
