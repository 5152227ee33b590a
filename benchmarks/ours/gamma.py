"""Gamma 3 %/2 mm of the prepared case."""

import hashlib
import sys

import numpy as np

from benchmarks.clock import measure
from dosimetry.gamma.gamma_index import GammaCriteria, gamma_index
from dosimetry.grid import DoseGrid

case = np.load(sys.argv[1])
affine = np.diag([*case["spacing_mm"], 1.0])
affine[:3, 3] = case["origin_mm"]
reference = DoseGrid(case["reference"], affine)
affine[:3, 3] += 1
evaluation = DoseGrid(case["evaluation"], affine)


def work() -> dict[str, object]:
    """Pass rate, mean and a hash over all values."""
    found = gamma_index(reference, evaluation, GammaCriteria(3, 2))
    digest = hashlib.sha256(found.gamma.tobytes()).hexdigest()
    return {"pass_rate_percent": found.pass_rate_percent, "mean_gamma": found.mean_gamma, "sha256": digest}


measure(work)
