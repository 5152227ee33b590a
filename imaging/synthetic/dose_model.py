"""Plausible photon doses in closed form: a plateau in each target, a fall-off, and the beams' paths.

Only sums, products, quotients and square roots touch the grid: these are exactly rounded everywhere, so
that a course has the same bytes on every machine.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imaging.synthetic.identity import random_numbers
from imaging.synthetic.placement import Placement
from imaging.synthetic.solids import FloatArray, Solid

PLATEAU_MARGIN_MM = 0.5
"""How far the plateau reaches past the target's surface."""
HALF_WAY_MM = 7.0
"""Distance from the plateau's edge at which its share has fallen to one half."""
PENUMBRA_MM = 7.0
ATTENUATION_PER_MM = 0.0028
LEAKAGE = 0.004
RIPPLE = 1_000_000
"""The role of the ripple's random numbers; the roles below are those of CT slices."""


@dataclass(frozen=True)
class GridPoints:
    """Voxel centres of a dose grid in its frame: one axis each for x, y and z, in mm, rising."""

    x_mm: FloatArray
    y_mm: FloatArray
    z_mm: FloatArray


@dataclass(frozen=True)
class Irradiation:
    """One target's part of a plan.

    Attributes
    ----------
    target
        A capsule.
    dose_gy
        The plan's prescription for it.
    gantry_degrees
        Angles of static fields; empty for a full arc.
    centre_excess
        How much hotter the target's centre is than its edge, as a part of the prescription.
    """

    target: Solid
    dose_gy: float
    gantry_degrees: tuple[float, ...] = ()
    centre_excess: float = 0.035


@dataclass(frozen=True)
class HotSpot:
    """A misplaced dose: at least ``dose_gy`` within ``radius_mm`` of a point of the anatomy."""

    centre_mm: tuple[float, float, float]
    radius_mm: float
    dose_gy: float


@dataclass(frozen=True)
class _Axes:
    """The anatomy's coordinates of the voxel centres, shaped to broadcast to (k, j, i)."""

    x_mm: FloatArray
    y_mm: FloatArray
    z_mm: FloatArray


def plan_dose_gy(
    points: GridPoints,
    placement: Placement,
    body: Solid,
    irradiations: Sequence[Irradiation],
    *,
    seed: int,
    hot_spots: Sequence[HotSpot] = (),
) -> FloatArray:
    """Return the dose of one plan, (k, j, i) in Gray, zero outside the body.

    Targets irradiated by one plan add up outside their plateaus; inside a plateau the nearest target rules.
    """
    axes = _axes(points, placement)
    dose_gy = np.zeros((points.z_mm.size, points.y_mm.size, points.x_mm.size))
    for irradiation in irradiations:
        _irradiate(dose_gy, irradiation, axes)
    dose_gy *= _ripple(axes, seed)
    for hot_spot in hot_spots:
        np.maximum(dose_gy, _hot_spot_gy(hot_spot, axes), out=dose_gy)
    _clear_outside(dose_gy, body, axes)
    return dose_gy


def _axes(points: GridPoints, placement: Placement) -> _Axes:
    x_mm, y_mm = placement.to_anatomy_mm(points.x_mm[None, None, :], points.y_mm[None, :, None])
    return _Axes(x_mm, y_mm, points.z_mm[:, None, None] - placement.shift_mm[2])


def _irradiate(dose_gy: FloatArray, irradiation: Irradiation, axes: _Axes) -> None:
    """Add one target's part to the dose of those before it, whose dose its plateau replaces."""
    target = irradiation.target
    distance_mm = target.capsule_distance_mm(axes.x_mm, axes.y_mm, axes.z_mm)
    share = _share(distance_mm)
    plateau = 1.005 + irradiation.centre_excess * np.clip(-distance_mm / target.cap_mm, 0.0, 1.0)
    across = _fields(irradiation, axes) if irradiation.gantry_degrees else _arc(target, axes)
    bath = across * _along(target, axes) + LEAKAGE
    dose_gy *= 1 - share
    dose_gy += irradiation.dose_gy * (share * plateau + (1 - share) * bath)


def _share(distance_mm: FloatArray) -> FloatArray:
    """Return the plateau's share of the dose: 1 within its margin, one half HALF_WAY_MM further out."""
    beyond = np.maximum(0.0, distance_mm - PLATEAU_MARGIN_MM) / HALF_WAY_MM
    return np.asarray(1 / (1 + beyond * beyond))


def _arc(target: Solid, axes: _Axes) -> FloatArray:
    """Return a full arc's bath, 1 at its axis.

    At a distance r from the axis of a field of half width a, the share of the arc that sees the point is
    2/pi asin(a/r); the polynomial stands for it.
    """
    half_width_mm = target.cap_mm + PLATEAU_MARGIN_MM
    radius_mm = np.sqrt((axes.x_mm - target.centre_mm[0]) ** 2 + (axes.y_mm - target.centre_mm[1]) ** 2)
    seen = half_width_mm / np.maximum(radius_mm, half_width_mm)
    seen = seen * (0.6366 + 0.3634 * seen**4)
    return np.asarray(seen / (1 + 0.5 * ATTENUATION_PER_MM * radius_mm))


def _fields(irradiation: Irradiation, axes: _Axes) -> FloatArray:
    """Return the bath of equally weighted static fields, 1 at their common isocentre."""
    target = irradiation.target
    right_mm, back_mm = axes.x_mm - target.centre_mm[0], axes.y_mm - target.centre_mm[1]
    total = np.zeros(np.broadcast_shapes(right_mm.shape, back_mm.shape))
    for angle in irradiation.gantry_degrees:
        sine, cosine = (round(f(math.radians(angle)), 9) for f in (math.sin, math.cos))
        aside_mm = np.abs(cosine * right_mm + sine * back_mm)
        ahead_mm = cosine * back_mm - sine * right_mm
        opening = _edge(aside_mm - target.cap_mm - PLATEAU_MARGIN_MM)
        total += opening * np.clip(1 - ATTENUATION_PER_MM * ahead_mm, 0.35, 1.6)
    return np.asarray(total / len(irradiation.gantry_degrees))


def _along(target: Solid, axes: _Axes) -> FloatArray:
    """Return the field's profile along z: open over the target, a penumbra, then scatter."""
    beyond_mm = np.abs(axes.z_mm - target.centre_mm[2]) - target.half_height_mm - PLATEAU_MARGIN_MM
    scatter = 0.05 / (1 + np.maximum(0.0, beyond_mm) / 20)
    return np.asarray(scatter + (1 - scatter) * _edge(beyond_mm))


def _edge(beyond_mm: FloatArray) -> FloatArray:
    """Return a field edge's profile: 1 inside, falling smoothly to 0 over twice the penumbra."""
    inside = np.clip(0.5 - beyond_mm / (2 * PENUMBRA_MM), 0.0, 1.0)
    return np.asarray(inside * inside * (3 - 2 * inside))


def _ripple(axes: _Axes, seed: int) -> FloatArray:
    """Return a smooth factor within 1.2 % of 1, its phases from the seed."""
    phases = random_numbers(seed, RIPPLE).integers(0, 1000, size=3) / 1000
    waves: list[tuple[FloatArray, float]] = [(axes.x_mm, 37.0), (axes.y_mm, 43.0), (axes.z_mm, 59.0)]
    ripple = 1 + 0.004 * sum(
        (
            _wave(values_mm / length_mm + phase)
            for (values_mm, length_mm), phase in zip(waves, phases, strict=True)
        ),
        start=np.zeros(1),
    )
    return np.asarray(ripple)


def _wave(turns: FloatArray) -> FloatArray:
    """Return a smooth wave of period 1 between -1 and 1, made of parabolas squared."""
    part = turns - np.floor(turns)
    return np.asarray(32 * (part * (1 - part)) ** 2 - 1)


def _hot_spot_gy(hot_spot: HotSpot, axes: _Axes) -> FloatArray:
    sphere = Solid.capsule(hot_spot.centre_mm, hot_spot.radius_mm)
    distance_mm = sphere.capsule_distance_mm(axes.x_mm, axes.y_mm, axes.z_mm)
    beyond = np.maximum(0.0, distance_mm) / HALF_WAY_MM
    return np.asarray(hot_spot.dose_gy / (1 + beyond * beyond))


def _clear_outside(dose_gy: FloatArray, body: Solid, axes: _Axes) -> None:
    for k, z_mm in enumerate(axes.z_mm[:, 0, 0].tolist()):
        dose_gy[k][~body.section_mask(axes.x_mm[0], axes.y_mm[0], z_mm)] = 0.0
