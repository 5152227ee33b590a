"""Deformation fields: where a point of one anatomy lies in another, and where that mapping folds."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dosimetry.errors import GridError
from dosimetry.kernels.deformation import cell_jacobians, displacements
from dosimetry.linear import mapped

FloatArray = NDArray[np.float64]


_MET_MM = 0.01
_MOST_STEPS = 30
"""Fields of registrations move neighbours nearly alike: each step leaves a third or less of the way."""


def _identity() -> FloatArray:
    return np.eye(4)


@dataclass(frozen=True, eq=False)
class Deformation:
    """A map x -> after (before x + v(x)), as PS3.3 C.20.3.1.1 applies it: it *pulls*.

    x lies in the frame of reference in which the dose is summed (the registered one), the result in that
    of the plan (the source). It says where to look a dose up; it is never inverted here.

    Parameters
    ----------
    vectors_mm
        Shape (nk, nj, ni, 3): v at the grid's points, mm; NaN where the map is not defined. Kept as
        read-only float32.
    index_to_mm
        Shape (4, 4): maps (i, j, k, 1) of the field to x, mm.
    before, after
        Shape (4, 4), invertible affine maps in mm.

    Raises
    ------
    GridError
        If shapes or matrices make no map, or no vector is a number.
    """

    vectors_mm: NDArray[np.float32]
    index_to_mm: FloatArray
    before: FloatArray = field(default_factory=_identity)
    after: FloatArray = field(default_factory=_identity)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vectors_mm", _checked_vectors(self.vectors_mm))
        for name in ("index_to_mm", "before", "after"):
            object.__setattr__(self, name, _checked_matrix(name, getattr(self, name)))

    def mapped(self, points_mm: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Map points.

        Parameters
        ----------
        points_mm
            Shape (n, 3), in the registered frame of reference.

        Returns
        -------
        The points in the source's frame, (n, 3), and whether the map is defined there, (n,): up to half a
        cell past the field's outermost points, and where its vectors are numbers.
        """
        inverse = np.linalg.inv(self.index_to_mm).astype(np.float64)
        at = mapped(inverse[:3, :3], points_mm) + inverse[:3, 3]
        vectors = displacements(np.ascontiguousarray(at), self.vectors_mm)
        known = np.isfinite(vectors).all(axis=1)
        moved = mapped(self.before[:3, :3], points_mm) + self.before[:3, 3] + vectors
        return mapped(self.after[:3, :3], moved) + self.after[:3, 3], known

    def sources(self, points_mm: FloatArray) -> FloatArray:
        """Points of the registered frame that the map brings to given ones of the source's.

        Found in steps from where the affine maps alone lead; those not met to `_MET_MM`, as where the map
        folds or is not defined, are left out. No dose is looked up by this: it says only where a look through
        the map itself is worth while.

        Parameters
        ----------
        points_mm
            Shape (n, 3), in the source's frame of reference.

        Returns
        -------
        Shape (m, 3), in the order of the points, m <= n.
        """
        back = np.linalg.inv(self.after[:3, :3] @ self.before[:3, :3]).astype(np.float64)
        still = self.after @ self.before
        found = mapped(back, points_mm - still[:3, 3])
        for _ in range(_MOST_STEPS):
            moved, known = self.mapped(found)
            apart = np.where(known[:, None], points_mm - moved, 0.0)
            if np.abs(apart).max(initial=0.0) <= _MET_MM:
                break
            found = found + mapped(back, apart)
        moved, known = self.mapped(found)
        met: FloatArray = found[known & (np.abs(points_mm - moved).max(axis=1) <= _MET_MM)]
        return met

    def folding(self) -> "Folding":
        """Where the map turns the anatomy inside out: its Jacobian at the corners of every cell."""
        steps = np.linalg.inv(self.index_to_mm[:3, :3]).astype(np.float64)
        scale = float(np.linalg.det(self.after[:3, :3]))
        cells, undefined, folded, lowest, highest = cell_jacobians(
            self.vectors_mm, steps, np.ascontiguousarray(self.before[:3, :3]), scale
        )
        return Folding(int(cells), int(undefined), int(folded), float(lowest), float(highest))


@dataclass(frozen=True)
class Folding:
    """Jacobian determinants of a deformation.

    Attributes
    ----------
    cells, undefined_cells
        Cells of the field, and those with a corner where the map is not defined.
    folded_cells
        Cells with a determinant of 0 or less at a corner: no anatomy does that.
    lowest, highest
        Over all defined corners; 1 keeps volumes. NaN where there is none.
    """

    cells: int
    undefined_cells: int
    folded_cells: int
    lowest: float
    highest: float


def _checked_vectors(vectors: ArrayLike) -> NDArray[np.float32]:
    array = np.array(vectors, dtype=np.float32, order="C")
    if array.ndim != 4 or array.shape[3] != 3 or 0 in array.shape:
        raise GridError(f"the deformation field has shape {array.shape}; expected (planes, rows, columns, 3)")
    if np.isinf(array).any() or not np.isfinite(array).any():
        raise GridError("the deformation field has infinite vectors, or none that is a number")
    array.flags.writeable = False
    return array


def _checked_matrix(name: str, matrix: ArrayLike) -> FloatArray:
    array = np.array(matrix, dtype=np.float64)
    if array.shape != (4, 4) or not np.isfinite(array).all() or not np.array_equal(array[3], [0, 0, 0, 1]):
        raise GridError(f"{name} of the deformation is no finite affine 4 x 4 matrix")
    if abs(np.linalg.det(array)) < np.finfo(np.float64).tiny:
        raise GridError(f"{name} of the deformation is singular")
    array.flags.writeable = False
    return array
