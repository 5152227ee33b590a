"""A CT series as a volume: Hounsfield units at voxel centres, and where those lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imaging.dicom.ct import CtSeries, CtSlice
from imaging.dicom.elements import quiet_pydicom
from imaging.dicom.part10 import DicomFile, read_part10
from imaging.errors import ImagingError
from imaging.received import received_file

MAX_VOXELS = 512 * 512 * 1024
_LOWEST_HU, _HIGHEST_HU = -2048.0, 32767.0


class CtVolumeError(ImagingError):
    """A CT series that makes no volume; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the CT series makes no volume: {reason}")


@dataclass(frozen=True, eq=False)
class CtVolume:
    """Hounsfield units on evenly spaced planes.

    Attributes
    ----------
    hu
        Shape (nk, nj, ni), int16.
    index_to_patient_mm
        Shape (4, 4): maps (i, j, k, 1) to patient mm.
    """

    hu: npt.NDArray[np.int16]
    index_to_patient_mm: npt.NDArray[np.float64]


def read_ct_volume(series: CtSeries) -> CtVolume:
    """Read the pixels of a series. Where its planes are uneven, they are interpolated to even ones.

    Raises
    ------
    CtVolumeError
        If it has fewer than two slices, or pixels that cannot be read.
    """
    if series.spacing_mm is None:
        raise CtVolumeError("it has one slice")
    first = series.slices[0]
    spacing, start, end = series.spacing_mm, series.positions_mm[0], series.positions_mm[-1]
    count = round((end - start) / spacing) + 1
    if count * first.rows * first.columns > MAX_VOXELS:
        raise CtVolumeError(f"it has more than {MAX_VOXELS:,} voxels")
    planes = np.linspace(start, end, count)
    hu = np.stack([_plane(series, position) for position in planes])
    affine = np.eye(4)
    affine[:3, 0] = np.array(first.plane.row_direction) * first.plane.pixel_spacing_mm[1]
    affine[:3, 1] = np.array(first.plane.column_direction) * first.plane.pixel_spacing_mm[0]
    affine[:3, 2] = first.plane.normal * (end - start) / (count - 1)
    affine[:3, 3] = first.plane.position_mm
    return CtVolume(hu, affine)


def _plane(series: CtSeries, position_mm: float) -> npt.NDArray[np.int16]:
    """The slice at a position, or between two."""
    at = float(np.interp(position_mm, series.positions_mm, range(len(series.slices))))
    below, share = int(at), at - int(at)
    low = _hounsfield(series.slices[below])
    if share < 1e-3:
        return low
    high = _hounsfield(series.slices[below + 1])
    if share > 1 - 1e-3:
        return high
    return np.rint(low + share * (high.astype(np.float64) - low)).astype(np.int16)


def _hounsfield(slice_: CtSlice) -> npt.NDArray[np.int16]:
    if slice_.is_compressed:
        raise CtVolumeError("its pixels are compressed; export it uncompressed")
    with quiet_pydicom():
        file = read_part10(received_file(slice_.path, slice_.file))
        stored = _stored(file, slice_)
        slope, intercept = file.item.number("RescaleSlope"), file.item.number("RescaleIntercept")
    if slope is None or intercept is None or slope == 0:
        raise CtVolumeError(f"{slice_.file} has no usable RescaleSlope and RescaleIntercept")
    hu = np.clip(stored * slope + intercept, _LOWEST_HU, _HIGHEST_HU)
    return np.rint(hu).astype(np.int16)


def _stored(file: DicomFile, slice_: CtSlice) -> npt.NDArray[np.float64]:
    item = file.item
    bits, signed = item.integer("BitsAllocated"), item.integer("PixelRepresentation") or 0
    samples = item.integer("SamplesPerPixel") or 1
    if bits not in (8, 16) or signed not in (0, 1) or samples != 1 or file.pixels is None:
        raise CtVolumeError(f"{slice_.file} has no pixels of one 8 or 16 bit integer each")
    order = "<" if file.is_little_endian else ">"
    count = slice_.rows * slice_.columns
    if len(file.pixels) < count * bits // 8:
        raise CtVolumeError(f"{slice_.file} is cut short")
    dtype = np.dtype(f"{order}{'i' if signed else 'u'}{bits // 8}")
    stored = np.frombuffer(file.pixels, dtype=dtype, count=count)
    return stored.reshape(slice_.rows, slice_.columns).astype(np.float64)
