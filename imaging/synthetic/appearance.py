"""What the CT of an anatomy looks like: tissues painted in order, with noise."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imaging.synthetic.anatomy import Anatomy
from imaging.synthetic.ct import CtSeries
from imaging.synthetic.identity import random_numbers
from imaging.synthetic.placement import Placement
from imaging.synthetic.solids import FloatArray, Solid

AIR_HU = -1000
NOISE_HU = 12


@dataclass(frozen=True)
class _Pixels:
    """Pixel centres of a slice in its frame."""

    x_mm: FloatArray
    y_mm: FloatArray
    z_mm: float


def ct_planes(
    anatomy: Anatomy, placement: Placement, series: CtSeries, *, matrix: int, seed: int
) -> Iterator[npt.NDArray[np.int16]]:
    """Yield (matrix, matrix) planes of Hounsfield units, one for each slice of a series."""
    tissues = _tissues(anatomy)
    steps = np.arange(matrix, dtype=np.float64)
    row_mm, column_mm = series.pixel_spacing_mm
    for index, (left_mm, front_mm, z_mm) in enumerate(series.positions_mm):
        pixels = _Pixels(left_mm + column_mm * steps, front_mm + row_mm * steps, z_mm)
        plane = np.full((matrix, matrix), AIR_HU, dtype=np.int16)
        for solid, hounsfield in tissues:
            _paint(plane, pixels, placement, solid, hounsfield)
        yield plane + _noise(matrix, seed, index)


def _tissues(anatomy: Anatomy) -> list[tuple[Solid, int]]:
    """Return what to paint, in order: organs, bone and gas over them, tumours last."""
    tumours = [part for part in anatomy.parts if part.interpreted_type == "GTV"]
    organs = [part for part in anatomy.parts if part not in tumours]
    painted = [(part.solid, part.hounsfield) for part in organs if part.hounsfield is not None]
    lesions = [(part.solid, part.hounsfield) for part in tumours if part.hounsfield is not None]
    return [*painted, *anatomy.scenery, *lesions]


def _noise(matrix: int, seed: int, index: int) -> npt.NDArray[np.int16]:
    """Return triangular integer noise: the same on every machine, as no rounding is in it."""
    noise = random_numbers(seed, index).integers(
        -NOISE_HU, NOISE_HU + 1, size=(2, matrix, matrix), dtype=np.int8
    )
    return np.asarray(noise.sum(axis=0, dtype=np.int16))


def _paint(
    plane: npt.NDArray[np.int16], pixels: _Pixels, placement: Placement, solid: Solid, hounsfield: int
) -> None:
    anatomy_z_mm = placement.anatomy_z_mm(pixels.z_mm)
    reach_mm = solid.section_scale(anatomy_z_mm) * max(solid.radii_mm)
    if reach_mm == 0:
        return
    x_mm, y_mm, _ = placement.point_mm(solid.centre_mm)
    columns = slice(*np.searchsorted(pixels.x_mm, (x_mm - reach_mm, x_mm + reach_mm)))
    rows = slice(*np.searchsorted(pixels.y_mm, (y_mm - reach_mm, y_mm + reach_mm)))
    seen_mm = placement.to_anatomy_mm(pixels.x_mm[None, columns], pixels.y_mm[rows, None])
    plane[rows, columns][solid.section_mask(*seen_mm, anatomy_z_mm)] = hounsfield
