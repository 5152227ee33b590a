"""The dose grid: values at voxel centres and where those lie in the patient."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dosimetry.errors import GridError
from dosimetry.kernels.extreme_nodes import extreme_nodes

FloatArray = NDArray[np.float64]

_MINIMUM_VOLUME_RATIO = 1e-6
"""Axes that span less than this share of a box with the same edges are called singular."""


@dataclass(frozen=True, eq=False)
class DoseGrid:
    """Dose at voxel centres, with the affine that places them.

    Parameters
    ----------
    values_gy
        Shape (nk, nj, ni), Gy, finite and not negative; kept as read-only C-ordered float64.
    index_to_patient_mm
        Shape (4, 4). Maps (i, j, k, 1) to patient coordinates (DICOM LPS) in mm. Any invertible
        affine: feet-first, decubitus, oblique, descending. With `plane_offsets_mm`, it maps
        (i, j, offset, 1) instead: the third column is then the direction of one mm of offset.
    plane_offsets_mm
        Shape (nk,), strictly ascending or strictly descending: the position of each plane along the
        third axis, for planes that are not evenly spaced (GridFrameOffsetVector, PS3.3 C.8.8.3.2).
        None: even spacing.
    plane_thickness_mm
        The thickness of the only plane of a grid with nk = 1; refused without it.

    Raises
    ------
    GridError
        If values, shape or geometry cannot carry a dose.
    """

    values_gy: FloatArray
    index_to_patient_mm: FloatArray
    plane_offsets_mm: FloatArray | None = None
    plane_thickness_mm: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values_gy", _checked_values(self.values_gy))
        object.__setattr__(self, "index_to_patient_mm", _checked_affine(self.index_to_patient_mm))
        offsets = _checked_offsets(self.plane_offsets_mm, self.values_gy.shape[0])
        object.__setattr__(self, "plane_offsets_mm", offsets)
        _check_single_plane(self.values_gy.shape[0], self.plane_thickness_mm)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Planes, rows and columns: (nk, nj, ni)."""
        nk, nj, ni = self.values_gy.shape
        return nk, nj, ni

    @property
    def maximum_gy(self) -> float:
        """The highest voxel value, Gy."""
        return float(self.values_gy.max())

    @cached_property
    def axis_coordinates(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Coordinates of the voxel centres along (i, j, k), as the affine maps them, ascending or not."""
        nk, nj, ni = self.shape
        planes = np.arange(nk, dtype=np.float64) if self.plane_offsets_mm is None else self.plane_offsets_mm
        return np.arange(ni, dtype=np.float64), np.arange(nj, dtype=np.float64), planes

    @cached_property
    def patient_to_axes(self) -> FloatArray:
        """Shape (4, 4): maps patient mm to coordinates along (i, j, k) as in `axis_coordinates`."""
        return np.linalg.inv(self.index_to_patient_mm).astype(np.float64)

    @cached_property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance of neighbouring voxel centres along (i, j, k); along uneven planes the median, mm."""
        lengths = np.linalg.norm(self.index_to_patient_mm[:3, :3], axis=0)
        if self.shape[0] == 1:
            assert self.plane_thickness_mm is not None  # noqa: S101 - checked at construction
            return float(lengths[0]), float(lengths[1]), self.plane_thickness_mm
        step = float(np.median(np.abs(np.diff(self.axis_coordinates[2]))))
        return float(lengths[0]), float(lengths[1]), float(lengths[2]) * step

    @cached_property
    def extreme_nodes(self) -> NDArray[np.int64]:
        """Voxels (k, j, i) that none of their neighbours along the axes exceeds, or none undercuts, (n, 3).

        The extremes of the interpolated dose within a solid lie on its surface or at one of these.
        Voxels in the middle of a constant stretch are left out: its rim has the same dose.
        """
        return extreme_nodes(self.values_gy)

    @cached_property
    def face_maxima_gy(self) -> FloatArray:
        """Highest dose on the first and last face along i, j and k, as the file orders them, shape (3, 2)."""
        values = self.values_gy
        faces = [values[..., 0], values[..., -1], values[:, 0], values[:, -1], values[0], values[-1]]
        return np.array([float(face.max()) for face in faces]).reshape(3, 2)

    def voxel_centres_mm(self) -> FloatArray:
        """Patient coordinates of every voxel centre, shape (nk, nj, ni, 3), mm."""
        i, j, k = self.axis_coordinates
        ijk = np.stack(np.meshgrid(k, j, i, indexing="ij")[::-1], axis=-1)
        return ijk @ self.index_to_patient_mm[:3, :3].T + self.index_to_patient_mm[:3, 3]


def _checked_values(values: ArrayLike) -> FloatArray:
    # What nobody can write to needs no copy.
    is_frozen = isinstance(values, np.ndarray) and values.base is None and not values.flags.writeable
    array = np.array(values, dtype=np.float64, order="C", copy=None if is_frozen else True)
    if array.ndim != 3 or 0 in array.shape:
        raise GridError(
            f"values have shape {array.shape}; expected three axes (planes, rows, columns), none empty"
        )
    if min(array.shape[1:]) < 2:
        raise GridError(f"values have shape {array.shape}; expected at least two rows and two columns")
    if not np.isfinite(array).all():
        raise GridError(f"{int((~np.isfinite(array)).sum())} of {array.size} values are not finite")
    if array.min() < 0:
        raise GridError(
            f"{int((array < 0).sum())} of {array.size} values are negative, down to {array.min():g} Gy"
        )
    array.flags.writeable = False
    return array


def _checked_affine(affine: ArrayLike) -> FloatArray:
    matrix = np.array(affine, dtype=np.float64)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise GridError("index_to_patient_mm is not a finite 4 x 4 matrix")
    if not np.array_equal(matrix[3], [0, 0, 0, 1]):
        raise GridError("the last row of index_to_patient_mm is not 0, 0, 0, 1")
    box = float(np.prod(np.linalg.norm(matrix[:3, :3], axis=0)))
    if box == 0 or abs(np.linalg.det(matrix[:3, :3])) < _MINIMUM_VOLUME_RATIO * box:
        raise GridError("index_to_patient_mm is singular: the grid's axes do not span space")
    matrix.flags.writeable = False
    return matrix


def _checked_offsets(offsets: ArrayLike | None, planes: int) -> FloatArray | None:
    if offsets is None:
        return None
    array = np.array(offsets, dtype=np.float64)
    if array.shape != (planes,):
        raise GridError(f"{array.size} plane offsets for {planes} planes")
    if not np.isfinite(array).all():
        raise GridError("a plane offset is not finite")
    steps = np.diff(array)
    if not ((steps > 0).all() or (steps < 0).all()):
        raise GridError("plane offsets are neither strictly ascending nor strictly descending")
    array.flags.writeable = False
    return array


def _check_single_plane(planes: int, thickness_mm: float | None) -> None:
    if planes > 1:
        return
    if thickness_mm is None:
        raise GridError("it has one plane and no thickness: give plane_thickness_mm")
    if not (np.isfinite(thickness_mm) and thickness_mm > 0):
        raise GridError(f"plane_thickness_mm is {thickness_mm:g}; expected a finite length above 0")
