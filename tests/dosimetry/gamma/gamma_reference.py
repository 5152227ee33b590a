"""Gamma as its definition reads: every sample of every sphere, one voxel after the other."""

import math
from functools import cache

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from dosimetry.gamma.gamma_index import GammaCriteria
from dosimetry.grid import DoseGrid


def naive_gamma(reference: DoseGrid, evaluation: DoseGrid, criteria: GammaCriteria) -> np.ndarray:
    """Gamma of each voxel at or above the cutoff, in the order of the reference dose."""
    maximum = reference.values_gy.max()
    axes = evaluation.axis_coordinates[::-1]
    dose_at = RegularGridInterpolator(axes, evaluation.values_gy, bounds_error=False, fill_value=np.inf)
    share = criteria.dose_percent / 100
    found = []
    for index in np.argwhere(reference.values_gy >= criteria.cutoff_percent / 100 * maximum):
        dose, centre = reference.values_gy[tuple(index)], reference.voxel_centres_mm()[tuple(index)]
        least = criteria.max_gamma
        for step in range(int(criteria.max_gamma * 10) + 1):
            if least <= step / 10:
                break  # every sample from here on is as far away
            samples = centre + np.array(sphere(step)) * step / 10 * criteria.distance_mm
            apart = np.abs(dose_at(_coordinates(evaluation, samples)) - dose).min()
            least = min(
                least, math.hypot(apart / (share * (dose if criteria.is_local else maximum)), step / 10)
            )
        found.append(least)
    return np.array(found)


def _coordinates(grid: DoseGrid, points_mm: np.ndarray) -> np.ndarray:
    """Along (k, j, i); rounded, so that an edge is inside."""
    along = points_mm @ grid.patient_to_axes[:3, :3].T + grid.patient_to_axes[:3, 3]
    return np.asarray(along[:, ::-1].round(12))


@cache
def sphere(step: int) -> list[tuple[float, float, float]]:
    """Points on the unit sphere, on circles about x that are as far apart as the points on them."""
    rows = math.ceil(math.pi * step) + 1
    points = []
    for row in range(rows):
        polar = math.pi * row / max(rows - 1, 1)
        count = math.ceil(2 * math.pi * step * math.sin(polar) - 1e-9) + 1
        for number in range(count):
            azimuth = 2 * math.pi * number / count
            across = math.sin(polar)
            points.append((math.cos(polar), across * math.sin(azimuth), across * math.cos(azimuth)))
    return points
