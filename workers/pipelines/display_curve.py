"""A cumulative DVH for a plot: as few points as show it, close together where it falls."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dosimetry.sampling.collecting import SampledDose

Floats = npt.NDArray[np.float64]
Points = tuple[Floats, Floats]
"""Gy, and percent of the volume."""

VOLUME_STEP_PERCENT = 0.25
"""The exact curve is looked at wherever it has fallen by so much: a pixel of a plot of 400."""
DOSE_STEPS = 200
"""And at so many doses up to the maximum, for what the last drops of volume receive."""
TOLERANCE_PERCENT = 0.05
"""Points are left out where a straight line comes as close as this."""
DOSE_DECIMALS, VOLUME_DECIMALS = 4, 4
_DOSE_STEP_GY = 10.0**-DOSE_DECIMALS


def display_curve(samples: SampledDose) -> Points:
    """Thin a histogram for display, never for a verdict.

    Parameters
    ----------
    samples
        The doses and volumes; what is uncovered is at 0 Gy.

    Returns
    -------
    Doses in Gy, rising from 0 to just past the maximum, and the percentage of the volume that receives each
    of them or more. At any dose, a straight line between two points lies within `VOLUME_STEP_PERCENT` +
    `TOLERANCE_PERCENT` of the volume, or within 0.0001 Gy, of the histogram.
    """
    dose_gy = _candidates_gy(samples)
    volume = _volume_percent(samples, dose_gy)
    kept = _needed(dose_gy, volume)
    return dose_gy[kept], volume[kept]


def _candidates_gy(samples: SampledDose) -> Floats:
    """Doses at even steps of volume and of dose, with those just below and above each of them."""
    below_cc = np.arange(0.0, 100.0, VOLUME_STEP_PERCENT) / 100 * samples.total_cc
    first = np.searchsorted(samples.volume_below_cc[1:], below_cc, side="right")
    by_volume = samples.dose_gy[np.minimum(first, len(samples.dose_gy) - 1)]
    by_dose = np.linspace(0.0, float(samples.dose_gy[-1]), DOSE_STEPS + 1)
    steps = np.floor(np.concatenate([by_volume, by_dose]) / _DOSE_STEP_GY)
    around = np.unique(np.concatenate([steps, steps + 1, steps + 2]))  # a product may round across a step
    return np.asarray(np.round(around * _DOSE_STEP_GY, DOSE_DECIMALS), dtype=np.float64)


def _volume_percent(samples: SampledDose, dose_gy: Floats) -> Floats:
    first = np.searchsorted(samples.dose_gy, dose_gy, side="left")
    share = 1.0 - samples.volume_below_cc[first] / samples.total_cc
    percent: Floats = np.clip(100.0 * share, 0.0, 100.0)
    return percent.round(VOLUME_DECIMALS)


def _needed(dose_gy: Floats, volume: Floats) -> npt.NDArray[np.int64]:
    """The points that straight lines need to stay within the tolerance.

    Source: Douglas and Peucker, Cartographica 1973, 10, 112, with distances taken along the volume.
    """
    kept, open_ = {0, len(dose_gy) - 1}, [(0, len(dose_gy) - 1)]
    while open_:
        start, end = open_.pop()
        inner = slice(start + 1, end)
        line = np.interp(dose_gy[inner], dose_gy[[start, end]], volume[[start, end]])
        away = np.abs(volume[inner] - line)
        if len(away) and away.max() > TOLERANCE_PERCENT:
            split = start + 1 + int(away.argmax())
            kept.add(split)
            open_ += [(start, split), (split, end)]
    return np.array(sorted(kept))
