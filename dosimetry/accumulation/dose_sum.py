"""The voxelwise sum of plans on one grid: physical dose, or EQD2 with one alpha/beta or one per structure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dosimetry.accumulation.alpha_beta import AlphaBetaMap, Coefficients
from dosimetry.accumulation.layer_planes import SumPlane, layer_planes
from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.accumulation.voxel_frame import VoxelFrame
from dosimetry.errors import DosimetryError, FractionsMissingError, GridError
from dosimetry.threads import for_each


class Uncovered(Enum):
    """What counts where a plan's grid does not reach."""

    ZERO = "zero"
    HIGHEST_ON_FACE = "highest on the face"


@dataclass(frozen=True, eq=False)
class DoseSum:
    """A sum of plans, with what lies outside their grids.

    Parameters
    ----------
    frame
        Its voxels.
    values_gy
        Shape (nk, nj, ni): physical dose or EQD2. Where a plan does not reach, that plan counts as
        `uncovered` says: read it together with `missing_plans`.
    missing_plans
        Shape (nk, nj, ni): how many plans do not cover a voxel. Above 0, the value is a bound only.
    uncovered
        What such plans count as.
    uncovered_cc
        For each plan, the volume of the frame that it does not cover.
    """

    frame: VoxelFrame
    values_gy: NDArray[np.floating]
    missing_plans: NDArray[np.unsignedinteger]
    uncovered: Uncovered
    uncovered_cc: tuple[float, ...]

    @property
    def uncovered_by_any_cc(self) -> float:
        """Volume that at least one plan does not cover."""
        return self._volume_cc(self.missing_plans > 0) if any(self.uncovered_cc) else 0.0

    @property
    def covered_by_none_cc(self) -> float:
        """Volume that no plan covers: what stands there is no dose."""
        return (
            self._volume_cc(self.missing_plans == len(self.uncovered_cc)) if all(self.uncovered_cc) else 0.0
        )

    def _volume_cc(self, chosen: NDArray[np.bool_]) -> float:
        return float(np.dot(chosen.sum(axis=(1, 2)), self.frame.voxel_volumes_cc))


def sum_doses(
    frame: VoxelFrame,
    layers: Sequence[DoseLayer],
    alpha_beta: AlphaBetaMap | float | None = None,
    *,
    uncovered: Uncovered = Uncovered.ZERO,
    dtype: DTypeLike = np.float64,
    threads: int | None = None,
    out: NDArray[np.floating] | None = None,
) -> DoseSum:
    """Add plans at every voxel of a frame: convert, then sum.

    Per voxel and plan D = weight x interpolated plan dose and d = interpolated plan dose / fractions, the
    planned dose per fraction; EQD2 = D (d + alpha/beta) / (2 + alpha/beta).

    Parameters
    ----------
    frame
        The voxels; `region_to_dose_mm` and `deformation` of each layer start from its patient coordinates.
    layers
        At least one plan.
    alpha_beta
        None: physical dose; one number in Gy; or a map of them on the frame's voxels.
    uncovered
        What a plan counts as where its grid does not reach: both together bound the sum.
    dtype
        float64, or float32 for half the memory: then each plan adds up to 2e-7 of its dose to the error.
    threads
        How many; None: as many as there are processors. The result is the same to the bit.
    out
        An array of the frame's shape to write into, instead of a new one of `dtype`.

    Raises
    ------
    DosimetryError
        If there is no plan.
    FractionsMissingError
        If alpha/beta is given and a plan has no number of fractions.
    GridError
        If a map or `out` does not fit the frame.
    """
    _check(frame, layers, alpha_beta)
    values = np.empty(frame.shape, dtype=dtype) if out is None else _checked_out(out, frame)
    prepared = [
        layer_planes(
            frame, layer, Coefficients.of(layer, alpha_beta, values.dtype), uncovered is Uncovered.ZERO
        )
        for layer in layers
    ]
    missing = np.zeros(frame.shape, dtype=np.uint8 if len(layers) < 256 else np.uint16)
    counts = np.zeros((len(layers), frame.shape[0]), dtype=np.int64)
    no_labels = np.empty((0, 0), dtype=np.uint8)

    def add_plane(k: int) -> None:
        labels = alpha_beta.labels[k] if isinstance(alpha_beta, AlphaBetaMap) else no_labels
        fresh = prepared[0].fills(k)
        if not fresh:
            values[k] = 0
        for number, layer in enumerate(prepared):
            plane = SumPlane(k, values[k], fresh and number == 0, missing[k], labels)
            counts[number, k] = layer.add(plane)

    for_each(add_plane, frame.shape[0], threads)
    volumes = tuple(float(cc) for cc in np.einsum("nk,k->n", counts, frame.voxel_volumes_cc))
    return DoseSum(frame, values, missing, uncovered, volumes)


def _check(frame: VoxelFrame, layers: Sequence[DoseLayer], alpha_beta: AlphaBetaMap | float | None) -> None:
    if not layers:
        raise DosimetryError("a dose needs at least one plan")
    if isinstance(alpha_beta, AlphaBetaMap) and alpha_beta.labels.shape != frame.shape:
        raise GridError(f"the alpha/beta map has shape {alpha_beta.labels.shape}; expected {frame.shape}")
    if alpha_beta is None:
        return
    for number, layer in enumerate(layers):
        if layer.fractions is None:
            raise FractionsMissingError(number)


def _checked_out(out: NDArray[np.floating], frame: VoxelFrame) -> NDArray[np.floating]:
    if out.shape != frame.shape or out.dtype not in (np.float32, np.float64) or not out.flags.c_contiguous:
        raise GridError(
            f"out has shape {out.shape} and type {out.dtype}; expected {frame.shape}, float, C order"
        )
    return out
