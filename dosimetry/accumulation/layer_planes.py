"""One plan of a voxelwise sum, ready to be added plane by plane: along its axes, across, or deformed."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.accumulation.alpha_beta import Coefficients
from dosimetry.accumulation.deformation import Deformation
from dosimetry.kernels.aligned_plane import add_aligned_plane, add_outside_plane
from dosimetry.kernels.mapped_plane import add_deformed_plane, add_turned_plane
from dosimetry.accumulation.placed_grid import PlacedGrid
from dosimetry.accumulation.voxel_frame import VoxelFrame

FloatArray = NDArray[np.float64]

_PARALLEL = 1e-9
"""Axes are parallel if no voxel of the sum is further than this from its line, in voxels of the plan."""


class LayerPlanes(Protocol):
    """Adds a plan to one plane of a sum after the other; planes do not depend on each other."""

    def fills(self, k: int) -> bool:
        """Whether `add` may put its part into plane k instead of adding it: the plan covers all of it."""

    def add(
        self,
        k: int,
        out: NDArray[np.floating],
        fresh: bool,
        missing: NDArray[np.unsignedinteger],
        labels: NDArray[np.uint8],
    ) -> int:
        """Add plane k to `out` (nj, ni); returns how many of its voxels are not covered."""


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
    if layer.deformation is not None:
        return _DeformedPlanes.of(frame, layer, layer.deformation, coefficients, outside_is_zero)
    placed = PlacedGrid.of(layer.grid, layer.region_to_dose_mm @ frame.index_to_patient_mm)
    faces = np.zeros((3, 2)) if outside_is_zero else placed.faces
    if _is_parallel(frame, placed.affine):
        return _AlignedPlanes.of(frame, placed, coefficients, faces)
    return _TurnedPlanes(frame, placed, coefficients, faces)


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

    def add(
        self,
        k: int,
        out: NDArray[np.floating],
        fresh: bool,
        missing: NDArray[np.unsignedinteger],
        labels: NDArray[np.uint8],
    ) -> int:
        linear, square = self.coefficients.linear, self.coefficients.square
        covered = self._covered(k)
        if covered:
            n = k - self.k.first
            below = int(self.k.index[n])
            above = min(below + 1, len(self.values_gy) - 1)
            share = out.dtype.type(self.k.share[n])
            add_aligned_plane(
                out,
                fresh,
                self.values_gy[below],
                self.values_gy[above],
                share,
                self.j.index,
                self.along,
                self.column,
                self.across,
                self.j.first,
                self.i.first,
                linear,
                square,
                labels,
            )
        if covered < out.size:
            faces = self.j.faces_gy, self.i.faces_gy, float(self.k.faces_gy[k])
            add_outside_plane(out, missing, *faces, linear, square, labels)
        return int(out.size - covered)

    def _covered(self, k: int) -> int:
        return len(self.j.index) * len(self.i.index) if self.k.faces_gy[k] < 0 else 0


@dataclass(frozen=True, eq=False)
class _TurnedPlanes:
    """A plan at an angle to the sum."""

    frame: VoxelFrame
    placed: PlacedGrid
    coefficients: Coefficients
    faces: FloatArray

    def fills(self, k: int) -> bool:
        return False

    def add(
        self,
        k: int,
        out: NDArray[np.floating],
        fresh: bool,
        missing: NDArray[np.unsignedinteger],
        labels: NDArray[np.uint8],
    ) -> int:
        placed = self.placed
        start, along_j, along_i = _plane_steps(placed.affine, self.frame, k)
        return add_turned_plane(
            out,
            missing,
            placed.grid.values_gy,
            placed.planes,
            placed.is_even,
            start,
            along_j,
            along_i,
            placed.reach,
            self.faces,
            self.coefficients.linear,
            self.coefficients.square,
            labels,
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
    placed: PlacedGrid
    vectors_mm: NDArray[np.float32]
    still: FloatArray
    in_field: FloatArray
    coefficients: Coefficients
    faces: FloatArray

    @classmethod
    def of(
        cls,
        frame: VoxelFrame,
        layer: DoseLayer,
        deformation: Deformation,
        coefficients: Coefficients,
        outside_is_zero: bool,
    ) -> "_DeformedPlanes":
        to_field_mm = layer.region_to_dose_mm @ frame.index_to_patient_mm
        placed = PlacedGrid.of(layer.grid, deformation.after)
        still = placed.affine @ deformation.before @ to_field_mm
        in_field = (np.linalg.inv(deformation.index_to_mm) @ to_field_mm)[:3]
        faces = np.zeros((3, 2)) if outside_is_zero else placed.faces
        return cls(frame, placed, deformation.vectors_mm, still, in_field, coefficients, faces)

    def fills(self, k: int) -> bool:
        return False

    def add(
        self,
        k: int,
        out: NDArray[np.floating],
        fresh: bool,
        missing: NDArray[np.unsignedinteger],
        labels: NDArray[np.uint8],
    ) -> int:
        placed = self.placed
        start, along_j, along_i = _plane_steps(self.still, self.frame, k)
        field_start, field_j, field_i = _plane_steps(self.in_field, self.frame, k)
        return add_deformed_plane(
            out,
            missing,
            placed.grid.values_gy,
            placed.planes,
            placed.is_even,
            start,
            along_j,
            along_i,
            self.vectors_mm,
            field_start,
            field_j,
            field_i,
            np.ascontiguousarray(placed.affine[:, :3]),
            placed.reach,
            self.faces,
            self.coefficients.linear,
            self.coefficients.square,
            labels,
        )


def _plane_steps(affine: FloatArray, frame: VoxelFrame, k: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Where a plane of the frame begins under a map of its indices, and its steps along j and i."""
    start = affine[:, 2] * frame.plane_coordinates[k] + affine[:, 3]
    return start, np.ascontiguousarray(affine[:, 1]), np.ascontiguousarray(affine[:, 0])
