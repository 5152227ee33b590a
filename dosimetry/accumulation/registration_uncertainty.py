"""Sums that allow for the registration's uncertainty: per voxel the worst dose within an ellipsoid."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dosimetry.accumulation.alpha_beta import AlphaBetaMap, Coefficients
from dosimetry.accumulation.dose_sum import DoseSum, Uncovered, sum_doses
from dosimetry.accumulation.ellipsoid_points import Peaks, SurfaceDoses
from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.accumulation.voxel_frame import VoxelFrame
from dosimetry.errors import DoseError, GridError
from dosimetry.kernels.ellipsoid_maximum import highest_within
from dosimetry.threads import for_each

FloatArray = NDArray[np.float64]
RealArray = NDArray[np.floating]
S = TypeVar("S", bound=np.generic)

_LEAST_SEMI_AXIS_MM = 1e-6
"""An axis of 0 mm: certain in that direction."""
_TOUCHING = 1e-9
"""Rows that the ellipsoid only touches belong to it."""


@dataclass(frozen=True)
class Ellipsoid:
    """How far a registered point may lie from where it belongs.

    Attributes
    ----------
    semi_axes_mm
        Along x, y and z of the frame in which the dose is summed; 0 or more, mm.

    Raises
    ------
    DoseError
        If one is negative or not finite.
    """

    semi_axes_mm: tuple[float, float, float]

    def __post_init__(self) -> None:
        for length in self.semi_axes_mm:
            if not (math.isfinite(length) and length >= 0):
                raise DoseError(
                    "uncertainty of the registration in mm", length, "a finite length of 0 or more"
                )


def worst_sum(
    frame: VoxelFrame,
    certain: Sequence[DoseLayer],
    uncertain: Sequence[DoseLayer],
    ellipsoid: Ellipsoid,
    alpha_beta: AlphaBetaMap | float | None = None,
    *,
    within: NDArray[np.bool_] | None = None,
    uncovered: Uncovered = Uncovered.ZERO,
    dtype: DTypeLike = np.float64,
    threads: int | None = None,
) -> DoseSum:
    """Add plans, each uncertain one by its highest dose within the ellipsoid around a voxel's mapped point.

    Parameters
    ----------
    frame
        The voxels; evenly spaced planes.
    certain
        Plans of the frame itself, added as they are.
    uncertain
        Plans that a registration brought here.
    ellipsoid
        Of the registration's uncertainty.
    alpha_beta
        As in `sum_doses`: that of the voxel, also for a dose found beside it.
    within
        Shape (nk, nj, ni): an organ. Then only its voxels are searched around, and only its voxels count as
        found; elsewhere the plain sum stands. None: all voxels.
    uncovered, dtype, threads
        As in `sum_doses`. A voxel counts as missed by a plan if a voxel of its ellipsoid is.

    Raises
    ------
    DosimetryError
        As `sum_doses`; also where the frame's planes are not evenly spaced, or `within` does not fit it.

    Notes
    -----
    Mechalakos 2024, doi 10.1016/j.prro.2024.10.006. EQD2 rises with dose, so the worst EQD2 of a plan is that
    of its highest dose. A trilinear dose is highest on the ellipsoid's surface or at a peak of its own voxels
    within. All such peaks are looked at, and of the surface 98 points, interpolated in the plan's own grid:
    an even rise is met exactly along the axes, and to 5 % in any other direction. So are the frame's voxel
    centres within the ellipsoid and the ends of its rows.
    """
    if frame.plane_offsets_mm is not None:
        raise GridError("a search within an ellipsoid needs evenly spaced planes")
    if within is not None and within.shape != frame.shape:
        raise GridError(f"the organ's voxels have shape {within.shape}; expected {frame.shape}")
    search = _Search.of(frame, ellipsoid)
    if certain:
        total = sum_doses(frame, certain, alpha_beta, uncovered=uncovered, dtype=dtype, threads=threads)
    else:
        total = _nothing(frame, uncovered, dtype)
    missed = [total.uncovered_cc]
    for layer in uncertain:
        counts = search.add(total, layer, alpha_beta, within, threads)
        missed.append((float(np.dot(counts, frame.voxel_volumes_cc)),))
    return replace(total, uncovered_cc=tuple(cc for volumes in missed for cc in volumes))


def _nothing(frame: VoxelFrame, uncovered: Uncovered, dtype: DTypeLike) -> DoseSum:
    """A sum of no plans, to add uncertain ones to."""
    missing = np.zeros(frame.shape, dtype=np.uint16)
    return DoseSum(frame, np.zeros(frame.shape, dtype=dtype), missing, uncovered, ())


@dataclass(frozen=True, eq=False)
class _Search:
    """An ellipsoid cut into rows of voxels, and the frame with room for it on all sides.

    Parameters
    ----------
    margin
        Shape (3,): voxels that the wider frame reaches further, along k, j, i.
    rows, ends
        Shape (n, 2): steps (dk, dj) of each row from the centre, and its two ends along i.
    semi_axes_mm, form, reach
        The ellipsoid: along x, y, z, and in voxels along i, j, k as x' form x <= 1, and how far it goes.
    """

    frame: VoxelFrame
    margin: NDArray[np.int64]
    rows: NDArray[np.int64]
    ends: FloatArray
    semi_axes_mm: FloatArray
    form: FloatArray
    reach: FloatArray

    @classmethod
    def of(cls, frame: VoxelFrame, ellipsoid: Ellipsoid) -> "_Search":
        axes = frame.index_to_patient_mm[:3, :3]
        lengths = np.maximum(np.array(ellipsoid.semi_axes_mm), _LEAST_SEMI_AXIS_MM)
        form = axes.T @ np.diag(lengths**-2.0) @ axes
        reach = np.sqrt(np.diag(np.linalg.inv(form)))
        margin = np.floor(reach[::-1] + 1e-9).astype(np.int64) + 1
        rows, ends = _rows(form, margin)
        return cls(_widened(frame, margin), margin, rows, ends, lengths, form, reach)

    def add(
        self,
        total: DoseSum,
        layer: DoseLayer,
        alpha_beta: AlphaBetaMap | float | None,
        within: NDArray[np.bool_] | None,
        threads: int | None,
    ) -> NDArray[np.int64]:
        """Add a plan's worst dose to a sum; returns how many voxels of each plane it misses."""
        dtype, bound = total.values_gy.dtype, total.uncovered
        coefficients = Coefficients.of(layer, alpha_beta, dtype)
        whole = replace(layer, weight=1.0)
        around = sum_doses(self.frame, [whole], uncovered=bound, dtype=dtype, threads=threads)
        allowed = None if within is None else self._wide(within)
        values = around.values_gy if allowed is None else np.where(allowed, around.values_gy, dtype.type(-1))
        missing = _indicator(around, allowed, dtype) if any(around.uncovered_cc) else None
        surface = SurfaceDoses.of(total.frame, self.semi_axes_mm, whole, bound is Uncovered.ZERO, dtype)
        peaks = Peaks.of(total.frame, whole, within)
        counts = np.zeros(total.frame.shape[0], dtype=np.int64)

        def worst(k: int, chosen: NDArray[np.bool_]) -> tuple[RealArray, NDArray[np.bool_]]:
            dose, missed = self._highest(values, k, dtype), np.zeros(chosen.shape, dtype=np.bool_)
            surface.raise_to(dose, missed, k, allowed, self.margin)
            peaks.raise_to(dose, chosen, k, self.form, self.reach)
            if missing is not None:
                missed |= self._highest(missing, k, dtype) > 0
            return dose, missed

        def add_plane(k: int) -> None:
            dose = self._centre(around.values_gy)[k]
            missed = self._centre(around.missing_plans)[k] > 0
            chosen = np.ones(dose.shape, dtype=np.bool_) if within is None else within[k]
            if chosen.any():
                found, beside = worst(k, chosen)
                dose, missed = np.where(chosen, found, dose), np.where(chosen, beside, missed)
            label = alpha_beta.labels[k] if isinstance(alpha_beta, AlphaBetaMap) else 0
            linear, square = coefficients.linear[label], coefficients.square[label]
            total.values_gy[k] += dose * (linear + square * dose)
            total.missing_plans[k] += missed
            counts[k] = int(missed.sum())

        for_each(add_plane, total.frame.shape[0], threads)
        return counts

    def _highest(self, values: RealArray, k: int, dtype: np.dtype[np.floating]) -> RealArray:
        out = np.empty(self._centre(values).shape[1:], dtype=dtype)
        highest_within(values, k, self.margin, self.rows, self.ends, out)
        return out

    def _centre(self, values: NDArray[S]) -> NDArray[S]:
        mk, mj, mi = self.margin
        return values[mk:-mk, mj:-mj, mi:-mi]

    def _wide(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.pad(chosen, [(int(m), int(m)) for m in self.margin])


def _indicator(around: DoseSum, allowed: NDArray[np.bool_] | None, dtype: np.dtype[np.floating]) -> RealArray:
    """1 where a plan misses a voxel, 0 where not, -1 where it is not looked at."""
    missing = (around.missing_plans > 0).astype(dtype)
    return missing if allowed is None else np.where(allowed, missing, dtype.type(-1))


def _rows(form: FloatArray, margin: NDArray[np.int64]) -> tuple[NDArray[np.int64], FloatArray]:
    """The rows (dk, dj) that meet the ellipsoid x' form x <= 1, and where each begins and ends along i."""
    rows, ends = [], []
    for dk, dj in np.ndindex(*(2 * margin[:2] + 1)):
        k, j = int(dk - margin[0]), int(dj - margin[1])
        slope = form[0, 1] * j + form[0, 2] * k
        rest = form[1, 1] * j * j + 2 * form[1, 2] * j * k + form[2, 2] * k * k - 1.0
        square = slope**2 - form[0, 0] * rest
        if square < -_TOUCHING * form[0, 0]:
            continue
        half = math.sqrt(max(square, 0.0))
        rows.append((k, j))
        ends.append(((-slope - half) / form[0, 0], (-slope + half) / form[0, 0]))
    rounded = np.round(np.array(ends, dtype=np.float64), 9).astype(np.float64) + 0.0
    return np.array(rows, dtype=np.int64), np.asarray(rounded, dtype=np.float64)


def _widened(frame: VoxelFrame, margin: NDArray[np.int64]) -> VoxelFrame:
    affine = np.array(frame.index_to_patient_mm)
    affine[:3, 3] -= affine[:3, :3] @ margin[::-1]
    nk, nj, ni = (int(n + 2 * m) for n, m in zip(frame.shape, margin, strict=True))
    return VoxelFrame((nk, nj, ni), affine)
