"""The voxelwise sum as slowly as it can be written: one voxel, one plan, one lerp after the other."""

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from dosimetry.accumulation.alpha_beta import AlphaBetaMap
from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.accumulation.voxel_frame import VoxelFrame

HALF_VOXEL = 0.5 + 1e-3
"""As far past the outermost centres the edge value counts, with the allowance for rounding."""


def naive_sum(
    frame: VoxelFrame,
    layers: Sequence[DoseLayer],
    alpha_beta: AlphaBetaMap | float | None = None,
    *,
    outside_is_zero: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum and how many plans miss each voxel, both (nk, nj, ni)."""
    values, missing = np.zeros(frame.shape), np.zeros(frame.shape, dtype=int)
    for k in range(frame.shape[0]):
        centres = frame.centres_mm(k)
        for j, i in np.ndindex(*frame.shape[1:]):
            for layer in layers:
                dose, covered = _dose_at(layer, centres[j, i], outside_is_zero)
                values[k, j, i] += layer.weight * _converted(dose, layer, _ratio(alpha_beta, (k, j, i)))
                missing[k, j, i] += not covered
    return values, missing


def _ratio(alpha_beta: AlphaBetaMap | float | None, voxel: tuple[int, int, int]) -> float | None:
    if isinstance(alpha_beta, AlphaBetaMap):
        return alpha_beta.alpha_beta_gy[int(alpha_beta.labels[voxel])]
    return alpha_beta


def _converted(dose: float, layer: DoseLayer, ratio: float | None) -> float:
    if ratio is None:
        return dose
    assert layer.fractions is not None
    return dose * (dose / layer.fractions + ratio) / (2 + ratio)


def _dose_at(layer: DoseLayer, point: np.ndarray, outside_is_zero: bool) -> tuple[float, bool]:
    where = (layer.region_to_dose_mm @ [*point, 1.0])[:3]
    if layer.deformation is not None:
        (where,), (known,) = layer.deformation.mapped(where[None, :])
        if not known:
            return (0.0 if outside_is_zero else max(map(max, _faces(layer)))), False
    return _in_grid(layer, where, outside_is_zero)


def _in_grid(layer: DoseLayer, where: np.ndarray, outside_is_zero: bool) -> tuple[float, bool]:
    grid = layer.grid
    at = (grid.patient_to_axes @ [*where, 1.0])[:3]
    faces, highest = _faces(layer), -1.0
    inside = np.empty(3)
    for axis, nodes in enumerate(grid.axis_coordinates):
        first, last = min(nodes[0], nodes[-1]), max(nodes[0], nodes[-1])
        ends = abs(nodes[1] - nodes[0]), abs(nodes[-1] - nodes[-2])
        low, high = ends if nodes[0] < nodes[-1] else ends[::-1]
        low, high = low / 2 + HALF_VOXEL - 0.5, high / 2 + HALF_VOXEL - 0.5
        if at[axis] < first - low:
            highest = max(highest, faces[axis][0 if nodes[0] < nodes[-1] else 1])
        if at[axis] > last + high:
            highest = max(highest, faces[axis][1 if nodes[0] < nodes[-1] else 0])
        inside[axis] = np.clip(at[axis], first, last)
    if highest >= 0:
        return (0.0 if outside_is_zero else highest), False
    return _interpolated(layer, inside), True


def _interpolated(layer: DoseLayer, at: np.ndarray) -> float:
    i, j, k = layer.grid.axis_coordinates
    values = layer.grid.values_gy
    if k[0] > k[-1]:
        k, values = k[::-1], values[::-1]
    return float(RegularGridInterpolator((k, j, i), values)(at[::-1])[0])


def _faces(layer: DoseLayer) -> list[tuple[float, float]]:
    """Highest dose on the first and last face along i, j, k as the file orders them."""
    values = layer.grid.values_gy
    return [
        (float(np.take(values, 0, axis).max()), float(np.take(values, -1, axis).max())) for axis in (2, 1, 0)
    ]
