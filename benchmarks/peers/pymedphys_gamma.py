"""Gamma 3 %/2 mm of the prepared case with pymedphys at its recommended interp_fraction of 10."""

import sys

import numpy as np
import pymedphys

from benchmarks.clock import measure

case = np.load(sys.argv[1])
reference, evaluation = case["reference"], case["evaluation"]
axes = tuple(
    case["origin_mm"][axis] + case["spacing_mm"][axis] * np.arange(reference.shape[2 - axis])
    for axis in (2, 1, 0)
)
shifted = tuple(axis + 1 for axis in axes)


def work() -> dict[str, float]:
    """Pass rate and mean."""
    gamma = pymedphys.gamma(
        axes,
        reference,
        shifted,
        evaluation,
        3,
        2,
        lower_percent_dose_cutoff=10,
        interp_fraction=10,
        max_gamma=2,
    )
    evaluated = reference >= 0.1 * reference.max()
    found = np.where(np.isnan(gamma[evaluated]), 2, gamma[evaluated])
    return {"pass_rate_percent": 100 * float((found <= 1).mean()), "mean_gamma": float(found.mean())}


measure(work)
