"""Where in an ellipsoid a plan's dose can be highest: on its surface, or at a peak of the plan's voxels."""

import math
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dosimetry.accumulation.alpha_beta import Coefficients
from dosimetry.accumulation.layer_planes import LayerPlanes, SumPlane, layer_planes
from dosimetry.accumulation.point_sum import Dose, DoseLayer, PointDoses, extreme_points_mm
from dosimetry.accumulation.voxel_frame import VoxelFrame
from dosimetry.kernels.ellipsoid_maximum import raise_near_peaks
from dosimetry.linear import mapped

FloatArray = NDArray[np.float64]
RealArray = NDArray[np.floating]
BoolArray = NDArray[np.bool_]

_DIRECTIONS = np.array(
    [steps for steps in product(range(-2, 3), repeat=3) if math.gcd(*steps) == 1], dtype=np.float64
)
"""98 of them, the axes among them; the cosine of the way from any other to the nearest is 0.953 or more."""
_SAME_MM = 1e-4
"""Points of a surface that is flat in some direction fall together."""
_NO_LABELS = np.empty((0, 0), dtype=np.uint8)


@dataclass(frozen=True, eq=False)
class SurfaceDoses:
    """A plan's dose at points of the ellipsoid's surface around every voxel, each in the plan's own grid.

    Parameters
    ----------
    planes
        For each point, the plan seen from voxels moved there.
    steps
        Shape (n, 3): how many voxels along k, j, i the one lies away that holds the point.
    """

    planes: tuple[LayerPlanes, ...]
    steps: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        frame: VoxelFrame,
        semi_axes_mm: FloatArray,
        layer: DoseLayer,
        outside_is_zero: bool,
        dtype: DTypeLike,
    ) -> "SurfaceDoses":
        """Prepare a whole plan for the voxels of a frame."""
        unit = _DIRECTIONS / np.linalg.norm(_DIRECTIONS, axis=1)[:, None]
        points_mm = unit * semi_axes_mm
        _, first = np.unique(np.round(points_mm / _SAME_MM), axis=0, return_index=True)
        points_mm = points_mm[np.sort(first)]
        physical = Coefficients.of(layer, None, dtype)
        planes = [layer_planes(_moved(frame, to), layer, physical, outside_is_zero) for to in points_mm]
        steps = mapped(np.linalg.inv(frame.index_to_patient_mm[:3, :3]).astype(np.float64), points_mm)
        return cls(tuple(planes), np.floor(steps[:, ::-1] + 0.5).astype(np.int64))

    def raise_to(
        self, dose: RealArray, missed: BoolArray, k: int, allowed: BoolArray | None, margin: NDArray[np.int64]
    ) -> None:
        """Raise the dose (nj, ni) of plane k to that of the points; mark voxels of which a point is missed.

        `allowed`, with `margin` (mk, mj, mi) voxels more on all sides than the frame, are the voxels whose
        points count; None: all.
        """
        for plane, step in zip(self.planes, self.steps, strict=True):
            found, missing = np.zeros_like(dose), np.zeros(dose.shape, dtype=np.uint8)
            plane.add(SumPlane(k, found, fresh=False, missing=missing, labels=_NO_LABELS))
            counts: BoolArray | bool = True
            if allowed is not None:
                at_k, at_j, at_i = margin + step
                counts = allowed[k + at_k, at_j : at_j + dose.shape[0], at_i : at_i + dose.shape[1]]
            np.maximum(dose, found, out=dose, where=counts)
            missed |= (missing > 0) & counts


@dataclass(frozen=True, eq=False)
class Peaks:
    """Voxel centres of a plan whose dose none of their neighbours exceeds, seen from a frame's voxels.

    Parameters
    ----------
    index
        Shape (n, 3): where they lie along k, j, i of the frame, by ascending k.
    dose_gy
        Shape (n,).
    """

    index: FloatArray
    dose_gy: FloatArray

    @classmethod
    def of(cls, frame: VoxelFrame, layer: DoseLayer, allowed: BoolArray | None) -> "Peaks":
        """Those of a plan; of a deformed one as many as its field brings back.

        `allowed` are the frame's voxels in which peaks count; None: everywhere, beside the frame as well.
        """
        points_mm = extreme_points_mm(layer, np.eye(3))
        to_index = np.linalg.inv(frame.index_to_patient_mm).astype(np.float64)
        index = np.ascontiguousarray((mapped(to_index[:3, :3], points_mm) + to_index[:3, 3])[:, ::-1])
        dose_gy = PointDoses(points_mm, np.eye(3)).of(Dose((layer,))).low_gy
        if allowed is not None:
            inside = _within(index, allowed)
            index, dose_gy = index[inside], dose_gy[inside]
        order = np.argsort(index[:, 0], kind="stable")
        return cls(index[order], dose_gy[order])

    def raise_to(
        self, dose: RealArray, chosen: BoolArray, k: int, form: FloatArray, reach: FloatArray
    ) -> None:
        """Raise the dose of plane k to that of the peaks within the ellipsoid x' form x <= 1 of each voxel.

        `form` (3, 3), and `reach` (3,), how far the ellipsoid goes, are in voxels along i, j, k.
        """
        first, last = np.searchsorted(self.index[:, 0], [k - reach[2] - 1e-9, k + reach[2] + 1e-9])
        raise_near_peaks(dose, chosen, k, self.index[first:last], self.dose_gy[first:last], form, reach)


def _moved(frame: VoxelFrame, to_mm: FloatArray) -> VoxelFrame:
    affine = np.array(frame.index_to_patient_mm)
    affine[:3, 3] += to_mm
    return replace(frame, index_to_patient_mm=affine)


def _within(index: FloatArray, allowed: BoolArray) -> BoolArray:
    """Which points lie in a voxel that is allowed."""
    nearest = np.floor(index + 0.5).astype(np.int64)
    inside = np.asarray(((nearest >= 0) & (nearest < np.array(allowed.shape))).all(axis=1))
    inside[inside] = allowed[tuple(nearest[inside].T)]
    return inside
