"""Smooth lines through the points of a curve that only falls: for the eye, never for a number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

STEEPEST_STEP_PERCENT = 1.5
"""A fall of more than this between two points is drawn with points between: about 6 px of a plot."""


def smooth(dose_gy: Numbers, volume_percent: Numbers) -> tuple[Numbers, Numbers]:
    """Give the points with more of them where the curve falls steeply.

    They lie on the monotone cubic through the given points (Fritsch and Butland, SIAM J. Sci. Stat. Comput.
    1984, 5, 300): the curve passes every given point and rises nowhere.

    Parameters
    ----------
    dose_gy
        (n,), rising; Gy.
    volume_percent
        (n,), falling; percent.
    """
    pieces = np.ceil(np.abs(np.diff(volume_percent)) / STEEPEST_STEP_PERCENT).astype(int)
    if len(dose_gy) < 3 or np.all(pieces <= 1) or np.any(np.diff(dose_gy) <= 0):
        return dose_gy, volume_percent
    slopes = _slopes(dose_gy, volume_percent)
    first, part = _places(np.maximum(pieces, 1))
    width = np.diff(dose_gy)[first]
    volume = (
        _start(part) * volume_percent[first]
        + _start(1 - part) * volume_percent[first + 1]
        + width * part * (1 - part) * ((1 - part) * slopes[first] - part * slopes[first + 1])
    )
    dose = dose_gy[first] + part * width
    return np.append(dose, dose_gy[-1]), np.append(volume, volume_percent[-1])


def _start(part: Numbers) -> Numbers:
    return (1 + 2 * part) * (1 - part) ** 2


def _places(pieces: NDArray[np.int64]) -> tuple[NDArray[np.int64], Numbers]:
    """Give the interval of every point to draw, and how far into it the point lies, 0 to 1."""
    first = np.repeat(np.arange(len(pieces)), pieces)
    within = np.arange(len(first)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    return first, within / pieces[first]


def _slopes(dose_gy: Numbers, volume_percent: Numbers) -> Numbers:
    """Give the slope at every point: a weighted harmonic mean of the two beside it, 0 beside a flat piece."""
    width = np.diff(dose_gy)
    secant = np.diff(volume_percent) / width
    left, right = secant[:-1], secant[1:]
    weight = (1 + width[1:] / (width[:-1] + width[1:])) / 3
    falling = (left < 0) & (right < 0)
    safe = np.where(falling, weight * right + (1 - weight) * left, 1.0)
    inner = np.where(falling, left * right / safe, 0.0)
    return np.concatenate(([min(secant[0], 0.0)], inner, [min(secant[-1], 0.0)]))
