"""Where gamma looks for a matching dose: points on spheres around a voxel, near to far."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

STEPS_PER_DISTANCE = 10
"""Spheres, and points on them, lie a tenth of the distance criterion apart (Wendling 2007)."""
_ROUNDING = 1e-9
"""Of a circle's length in steps: that of the second pole is not quite 0."""


@dataclass(frozen=True, eq=False)
class Shells:
    """Points on concentric spheres, the first of radius 0.

    Parameters
    ----------
    points_mm
        Shape (m, 3): x, y, z in patient mm from the centre.
    starts
        Shape (s + 1,): sphere s holds the points from `starts[s]` up to `starts[s + 1]`.
    radii
        Shape (s,), ascending, in distance criteria.
    """

    points_mm: FloatArray
    starts: NDArray[np.int64]
    radii: FloatArray


def gamma_shells(distance_mm: float, max_gamma: float) -> Shells:
    """Spheres a tenth of the distance apart, up to `max_gamma` distances away.

    The points are those of pymedphys 0.41 (`interp_fraction` 10): circles about the patient's x axis, a step
    or less apart, each divided into steps or less. No point on a sphere is further than a step from the
    next (Wendling 2007, doi 10.1118/1.2721657).
    """
    radii = np.arange(math.floor(max_gamma * STEPS_PER_DISTANCE) + 1) / STEPS_PER_DISTANCE
    points = [_sphere(number) * radius * distance_mm for number, radius in enumerate(radii)]
    starts = np.cumsum([0, *map(len, points)], dtype=np.int64)
    return Shells(np.concatenate(points), starts, radii)


def _sphere(number: int) -> FloatArray:
    """Points on the unit sphere, at most 1/number apart along circles and between them, shape (n, 3)."""
    polar = np.linspace(0.0, np.pi, int(np.ceil(np.pi * number)) + 1)
    on_circle = np.ceil(2 * np.pi * number * np.sin(polar) - _ROUNDING).astype(np.int64) + 1
    first = np.repeat(np.cumsum(on_circle) - on_circle, on_circle)
    azimuth = (np.arange(len(first)) - first) * np.repeat(2 * np.pi / on_circle, on_circle)
    along, across = np.repeat(np.cos(polar), on_circle), np.repeat(np.sin(polar), on_circle)
    return np.stack([along, across * np.sin(azimuth), across * np.cos(azimuth)], axis=1)
