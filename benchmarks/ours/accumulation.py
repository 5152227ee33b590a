"""LDRT, turned by so many degrees, and CFRT onto a grid of 512 x 512 x 150, as EQD2 with alpha/beta 3 Gy."""

import hashlib
import sys

import numpy as np

from benchmarks.clock import measure
from dosimetry.accumulation.dose_sum import sum_doses
from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.accumulation.voxel_frame import VoxelFrame
from dosimetry.grid import DoseGrid

case, turned_degrees = np.load(sys.argv[1]), float(sys.argv[2])


def _affine(suffix: str) -> np.ndarray:
    affine = np.diag([*case["spacing_mm" + suffix], 1.0])
    affine[:3, 3] = case["origin_mm" + suffix]
    return affine


def _turned() -> np.ndarray:
    """About the axis along the patient that goes through the origin."""
    cosine, sine = np.cos(np.radians(turned_degrees)), np.sin(np.radians(turned_degrees))
    matrix = np.eye(4)
    matrix[:2, :2] = [[cosine, -sine], [sine, cosine]]
    return matrix


layers = [
    DoseLayer(DoseGrid(case[f"values_{number}"], _affine(f"_{number}")), float(fractions), 1.0, matrix)
    for number, (fractions, matrix) in enumerate(zip(case["fractions"], (_turned(), np.eye(4)), strict=True))
]
planes, rows, columns = map(int, case["shape"])
frame = VoxelFrame((planes, rows, columns), _affine(""))
out = np.zeros(frame.shape)


def work() -> dict[str, object]:
    """Sum of some voxels and a hash over them."""
    sum_doses(frame, layers, 3.0, out=out)
    some = np.ascontiguousarray(out[::7, ::7, ::7])
    return {"some_gy": float(some.sum()), "sha256": hashlib.sha256(some.tobytes()).hexdigest()}


measure(work)
