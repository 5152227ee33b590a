"""Lattices as scanners and planning systems write them, and the pixels of a slice as points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trial_core.domain.pictures import Lattice
from web.pictures.planes import Slices

FloatArray = NDArray[np.float64]
Vector = tuple[float, float, float]

# (row direction, column direction) of ImageOrientationPatient, and the way the planes go.
HFS = ((1.0, 0, 0), (0, 1.0, 0), (0, 0, 1.0))
FFS = ((-1.0, 0, 0), (0, 1.0, 0), (0, 0, -1.0))
HFP = ((-1.0, 0, 0), (0, -1.0, 0), (0, 0, 1.0))
DECUBITUS = ((0, -1.0, 0), (1.0, 0, 0), (0, 0, 1.0))
TURN = np.deg2rad(12)
OBLIQUE = (
    (np.cos(TURN), np.sin(TURN), 0.0),
    (-np.sin(TURN), np.cos(TURN), 0.0),
    (0.0, 0.0, 1.0),
)
TILTED = (
    (1.0, 0.0, 0.0),
    (0.0, np.cos(TURN), np.sin(TURN)),
    (0.0, -np.sin(TURN), np.cos(TURN)),
)
WAYS = {"HFS": HFS, "FFS": FFS, "HFP": HFP, "decubitus": DECUBITUS, "oblique": OBLIQUE, "tilted": TILTED}


def lattice(
    way: str,
    *,
    shape: tuple[int, int, int] = (7, 11, 13),
    spacing_mm: Vector = (2.0, 2.5, 3.0),
    centre_mm: Vector = (0.0, 0.0, 0.0),
    offsets_mm: tuple[float, ...] | None = None,
) -> Lattice:
    """A lattice whose middle lies at a point; spacing along (i, j, k)."""
    directions = np.array(WAYS[way]).T
    affine = np.eye(4)
    affine[:3, :3] = directions * np.array(spacing_mm)
    nk, nj, ni = shape
    middle = [(ni - 1) / 2, (nj - 1) / 2, (nk - 1) / 2]
    if offsets_mm is not None:
        affine[:3, 2] = directions[:, 2]
        middle[2] = (offsets_mm[0] + offsets_mm[-1]) / 2
    affine[:3, 3] = np.array(centre_mm) - affine[:3, :3] @ middle
    return Lattice(shape=shape, index_to_scene_mm=tuple(affine.ravel().tolist()), plane_offsets_mm=offsets_mm)


def voxel_centres_mm(one: Lattice) -> FloatArray:
    """Shape (nk, nj, ni, 3)."""
    nk, nj, ni = one.shape
    planes = np.arange(nk) if one.plane_offsets_mm is None else np.array(one.plane_offsets_mm)
    k, j, i = np.meshgrid(planes, np.arange(nj), np.arange(ni), indexing="ij")
    affine = np.array(one.index_to_scene_mm).reshape(4, 4)
    centres: FloatArray = np.stack([i, j, k], axis=-1) @ affine[:3, :3].T + affine[:3, 3]
    return centres


def pixels_mm(slices: Slices, number: int) -> FloatArray:
    """Where a slice's pixels lie, shape (rows, columns, 3)."""
    rows, columns = np.meshgrid(np.arange(slices.rows), np.arange(slices.columns), indexing="ij")
    points: FloatArray = (
        slices.corner_mm(number) + rows[..., None] * slices.down_mm + columns[..., None] * slices.right_mm
    )
    return points
