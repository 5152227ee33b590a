"""One plan of a voxelwise sum, ready to be added plane by plane: along its axes, across, or deformed."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.alpha_beta import Coefficients
from dosimetry.accumulation.deformation import Deformation
from dosimetry.accumulation.placed_grid import PlacedGrid
from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.accumulation.voxel_frame import VoxelFrame
from dosimetry.kernels.aligned_plane import add_aligned_plane, add_outside_plane
from dosimetry.kernels.deformed_plane import add_deformed_plane
from dosimetry.kernels.turned_plane import add_turned_plane

FloatArray = NDArray[np.float64]

_PARALLEL = 1e-9
"""Axes are parallel if no voxel of the sum is further than this from its line, in voxels of the plan."""


@dataclass(frozen=True, eq=False)
class SumPlane:
    """One plane of a sum, while plans are added to it.

    Parameters
    ----------
    k
        Which one of the frame.
    dose
        Shape (nj, ni): the sum so far, added to in place.
    fresh
        Whether nothing is there yet: a plan that covers all of it puts its part there.
    missing
        Shape (nj, ni): by how many plans a voxel is not covered so far, counted in place.
    labels
        Shape (nj, ni), or empty: which alpha/beta holds in each voxel.
    """

    k: int
    dose: NDArray[np.floating]
    fresh: bool
    missing: NDArray[np.unsignedinteger]
    labels: NDArray[np.uint8]


class LayerPlanes(Protocol):
    """Adds a plan to one plane of a sum after the other; planes do not depend on each other."""

    def fills(self, k: int) -> bool:
        """Whether `add` may put its part into plane k instead of adding it: the plan covers all of it."""

    def add(self, plane: SumPlane) -> int:
        """Add the plan's part to a plane; returns how many of its voxels are not covered."""


def layer_planes(
    frame: VoxelFrame, layer: DoseLayer, coefficients: Coefficients, outside_is_zero: bool
) -> LayerPlanes:
    """Prepare one plan of a sum.

    Parameters
    ----------
    frame, layer
        The voxels and the plan.
    coefficients
        What becomes of its dose, in the type of the sum.
    outside_is_zero
        Where its grid does not reach it counts as 0 Gy, else as the highest dose on the face.
    """
    deformation = layer.deformation
    to_dose_mm = layer.region_to_dose_mm @ frame.index_to_patient_mm
    placed = PlacedGrid.of(layer.grid, to_dose_mm if deformation is None else deformation.after)
    faces = np.zeros((3, 2)) if outside_is_zero else placed.faces
    if deformation is not None:
        return _DeformedPlanes.of(frame, layer, deformation, _Across(placed, coefficients, faces))
    if _is_parallel(frame, placed.affine):
        return _AlignedPlanes.of(frame, placed, coefficients, faces)
    return _TurnedPlanes(frame, _Across(placed, coefficients, faces))


def _is_parallel(frame: VoxelFrame, affine: FloatArray) -> bool:
    across = np.abs(affine[:, :3])
    np.fill_diagonal(across, 0.0)
    _, nj, ni = frame.shape
    farthest = np.array([ni, nj, float(np.abs(frame.plane_coordinates).max())])
    return bool((across @ farthest).max() <= _PARALLEL)


@dataclass(frozen=True, eq=False)
class _Axis:
    """Where the voxels of a sum fall along one axis of a plan.

    Parameters
    ----------
    first, index, share
        Of the covered voxels, which form one stretch: number of the first one, the plan's voxel before each
        and the share of the way to the next.
    faces_gy
        For all voxels: highest dose on the face that they lie past; -1 for those covered.
    """

    first: int
    index: NDArray[np.int64]
    share: FloatArray
    faces_gy: FloatArray

    @classmethod
    def of(cls, at: FloatArray, nodes: FloatArray, reach: FloatArray, faces_gy: FloatArray) -> "_Axis":
        """Coordinates (n,), monotonic; the plan's `nodes`, ascending; reach and faces of both ends."""
        below, above = at < nodes[0] - reach[0], at > nodes[-1] + reach[1]
        outside = np.where(below, faces_gy[0], np.where(above, faces_gy[1], -1.0))
        covered = np.flatnonzero(~(below | above))
        inside = np.clip(at[covered], nodes[0], nodes[-1])
        if len(nodes) == 1:
            index, share = np.zeros(len(inside), dtype=np.int64), np.zeros(len(inside))
        else:
            index = np.clip(np.searchsorted(nodes, inside, side="right") - 1, 0, len(nodes) - 2)
            share = (inside - nodes[index]) / (nodes[index + 1] - nodes[index])
        return cls(int(covered[0]) if len(covered) else 0, index, share, outside)

    @property
    def complete(self) -> bool:
        """Whether the plan covers every voxel along it."""
        return len(self.index) == len(self.faces_gy)


@dataclass(frozen=True, eq=False)
class _AlignedPlanes:
    """A plan whose axes are those of the sum, to scale and in either direction."""

    values_gy: FloatArray
    i: _Axis
    j: _Axis
    k: _Axis
    column: NDArray[np.uint64]
    across: NDArray[np.floating]
    along: NDArray[np.floating]
    coefficients: Coefficients

    @classmethod
    def of(
        cls, frame: VoxelFrame, placed: PlacedGrid, coefficients: Coefficients, faces: FloatArray
    ) -> "_AlignedPlanes":
        _, nj, ni = placed.grid.shape
        voxels = (np.arange(frame.shape[2]), np.arange(frame.shape[1]), frame.plane_coordinates)
        nodes = (np.arange(ni, dtype=np.float64), np.arange(nj, dtype=np.float64), placed.planes)
        i, j, k = (
            _Axis.of(
                placed.affine[a, a] * voxels[a] + placed.affine[a, 3], nodes[a], placed.reach[a], faces[a]
            )
            for a in range(3)
        )
        real = coefficients.linear.dtype
        column, across, along = i.index.astype(np.uint64), i.share.astype(real), j.share.astype(real)
        return cls(placed.grid.values_gy, i, j, k, column, across, along, coefficients)

    def fills(self, k: int) -> bool:
        return self.i.complete and self.j.complete and self.k.faces_gy[k] < 0

    def add(self, plane: SumPlane) -> int:
        covered = self._covered(plane.k)
        if covered:
            self._add_covered(plane)
        if covered < plane.dose.size:
            faces = self.j.faces_gy, self.i.faces_gy, float(self.k.faces_gy[plane.k])
            curve = self.coefficients.linear, self.coefficients.square
            add_outside_plane(plane.dose, plane.missing, *faces, *curve, plane.labels)
        return int(plane.dose.size - covered)

    def _add_covered(self, plane: SumPlane) -> None:
        n = plane.k - self.k.first
        below = int(self.k.index[n])
        add_aligned_plane(
            plane.dose,
            plane.fresh,
            self.values_gy[below],
            self.values_gy[min(below + 1, len(self.values_gy) - 1)],
            plane.dose.dtype.type(self.k.share[n]),
            self.j.index,
            self.along,
            self.column,
            self.across,
            self.j.first,
            self.i.first,
            self.coefficients.linear,
            self.coefficients.square,
            plane.labels,
        )

    def _covered(self, k: int) -> int:
        return len(self.j.index) * len(self.i.index) if self.k.faces_gy[k] < 0 else 0


@dataclass(frozen=True, eq=False)
class _Across:
    """A plan across the sum: where its values lie, what becomes of them, and what counts past its faces."""

    placed: PlacedGrid
    coefficients: Coefficients
    faces: FloatArray

    @property
    def values(self) -> tuple[FloatArray, FloatArray, bool]:
        """Of the plan's grid: the dose, where its planes lie, and whether that is 0, 1, 2 ..."""
        return self.placed.grid.values_gy, self.placed.planes, self.placed.is_even

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """How far past its faces the edge value counts, and what counts further out."""
        return self.placed.reach, self.faces


@dataclass(frozen=True, eq=False)
class _TurnedPlanes:
    """A plan at an angle to the sum."""

    frame: VoxelFrame
    plan: _Across

    def fills(self, k: int) -> bool:
        return False

    def add(self, plane: SumPlane) -> int:
        return add_turned_plane(
            plane.dose,
            plane.missing,
            *self.plan.values,
            *_plane_steps(self.plan.placed.affine, self.frame, plane.k),
            *self.plan.bounds,
            self.plan.coefficients.linear,
            self.plan.coefficients.square,
            plane.labels,
        )


@dataclass(frozen=True, eq=False)
class _DeformedPlanes:
    """A plan that a deformation field brings to the sum.

    Parameters
    ----------
    still, in_field
        Shape (3, 4): map indices of the sum to the plan's axes without the field's vectors, and to the
        field's axes.
    """

    frame: VoxelFrame
    plan: _Across
    vectors_mm: NDArray[np.float32]
    still: FloatArray
    in_field: FloatArray

    @classmethod
    def of(
        cls, frame: VoxelFrame, layer: DoseLayer, deformation: Deformation, plan: _Across
    ) -> "_DeformedPlanes":
        to_field_mm = layer.region_to_dose_mm @ frame.index_to_patient_mm
        still = plan.placed.affine @ deformation.before @ to_field_mm
        in_field = (np.linalg.inv(deformation.index_to_mm) @ to_field_mm)[:3]
        return cls(frame, plan, deformation.vectors_mm, still, in_field)

    def fills(self, k: int) -> bool:
        return False

    def add(self, plane: SumPlane) -> int:
        return add_deformed_plane(
            plane.dose,
            plane.missing,
            *self.plan.values,
            *_plane_steps(self.still, self.frame, plane.k),
            self.vectors_mm,
            *_plane_steps(self.in_field, self.frame, plane.k),
            np.ascontiguousarray(self.plan.placed.affine[:, :3]),
            *self.plan.bounds,
            self.plan.coefficients.linear,
            self.plan.coefficients.square,
            plane.labels,
        )


def _plane_steps(affine: FloatArray, frame: VoxelFrame, k: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Where a plane of the frame begins under a map of its indices, and its steps along j and i."""
    start = affine[:, 2] * frame.plane_coordinates[k] + affine[:, 3]
    return start, np.ascontiguousarray(affine[:, 1]), np.ascontiguousarray(affine[:, 0])
