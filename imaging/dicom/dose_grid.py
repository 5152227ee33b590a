"""The grid of an RT Dose: where its planes lie (PS3.3 C.8.8.3.2) and what its stored integers mean in Gy."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np

from dosimetry.errors import GridError
from dosimetry.grid import DoseGrid
from imaging.dicom.elements import Item
from imaging.dicom.geometry import DIRECTION_TOLERANCE, FloatArray, Plane, read_plane
from imaging.dicom.part10 import DicomFile
from imaging.errors import RefusedError
from imaging.findings import FindingCode, info, warning

MAX_VOXELS = 64 * 1024**2
"""A 512 x 512 matrix on 256 planes; as float64 it takes half a GiB."""
SAME_POSITION_MM = 1e-3
"""Positions nearer than this are the same: decimal strings carry at least this."""
EVEN_SPACING_MM = 1e-2
"""Planes no further than this from even spacing count as even: offsets are often rounded to 0.01 mm."""
COARSE_SPACING_MM = 5.0
"""Above this a dose grid is too coarse for small structures and steep gradients."""
NEGLIGIBLE_NEGATIVE = 0.01
"""Negative values down to this share of the maximum are noise of a Monte Carlo dose and are set to zero,
said."""

_EXACT_INTEGER, _EXACT_POWER = 2**53, 22
"""Integers up to the first, and powers of ten up to the second, are exact as float64."""
IntegerArray = np.ndarray[tuple[int, int, int], np.dtype[np.integer]]

AGAIN = "Export the physical dose of the plan again, in Gy."


class OffsetReading(StrEnum):
    """How GridFrameOffsetVector was read (PS3.3 C.8.8.3.2)."""

    RELATIVE = "relative"  # starts at 0: distances from ImagePositionPatient along the normal
    ABSOLUTE = "absolute"  # starts at the z of ImagePositionPatient: patient z of each plane
    SINGLE_PLANE = "single-plane"  # one frame: no vector needed


@dataclass(frozen=True)
class _Frames:
    """How the planes of a grid follow one another along the normal, in mm."""

    offsets_mm: FloatArray
    reading: OffsetReading
    thickness_mm: float | None


def read_dose_grid(file: DicomFile) -> tuple[DoseGrid, OffsetReading]:
    """Read the grid of an RT Dose, in Gy, placed in the patient.

    Raises
    ------
    RefusedError
        If it cannot be placed, decoded or scaled.
    """
    item = file.item
    plane = read_plane(item)
    if isinstance(plane, str):
        raise _misplaced(item, plane, f"{plane} is missing or no geometry")
    shape = _shape(item)
    frames = _frames(item, plane, shape[0])
    values = _values(file, shape)
    values.flags.writeable = False
    try:
        grid = _placed(values, plane, frames)
    except GridError as problem:
        raise _misplaced(item, None, str(problem)) from None
    if max(grid.spacing_mm) > COARSE_SPACING_MM:
        _note_coarse(item, grid)
    return grid, frames.reading


def _placed(values: FloatArray, plane: Plane, frames: _Frames) -> DoseGrid:
    """Place voxel (i, j, k): position + i columns along the row + j rows along the column + offset along the
    normal."""
    between_rows, between_columns = plane.pixel_spacing_mm
    affine = np.eye(4)
    affine[:3, 0] = np.array(plane.row_direction) * between_columns
    affine[:3, 1] = np.array(plane.column_direction) * between_rows
    affine[:3, 2] = plane.normal
    affine[:3, 3] = plane.position_mm
    offsets = frames.offsets_mm
    if len(offsets) == 1:
        return DoseGrid(values, affine, plane_thickness_mm=frames.thickness_mm)
    even = np.linspace(offsets[0], offsets[-1], len(offsets))
    if np.abs(offsets - even).max() > EVEN_SPACING_MM:
        return DoseGrid(values, affine, offsets)
    affine[:3, 2] *= (offsets[-1] - offsets[0]) / (len(offsets) - 1)
    return DoseGrid(values, affine)


def _shape(item: Item) -> tuple[int, int, int]:
    frames = item.integer("NumberOfFrames") if item.has("NumberOfFrames") else 1
    shape = (frames or 0, item.integer("Rows") or 0, item.integer("Columns") or 0)
    if min(shape) < 1:
        raise _misplaced(item, "Rows", "the number of planes, rows or columns is missing")
    if shape[0] * shape[1] * shape[2] > MAX_VOXELS:
        message = (
            f"The dose grid has {shape[0]} x {shape[1]} x {shape[2]} voxels; at most {MAX_VOXELS:,} are read."
        )
        action = "Export the dose on a coarser grid or a smaller volume."
        raise item.refuse(FindingCode.DOSE_PIXELS_UNUSABLE, message, action=action, element="Rows")
    return shape


def _frames(item: Item, plane: Plane, count: int) -> _Frames:
    """Read GridFrameOffsetVector in the reading that its first value tells (PS3.3 C.8.8.3.2)."""
    offsets = item.numbers("GridFrameOffsetVector")
    if count == 1:
        thickness = item.number("SliceThickness")
        return _Frames(np.zeros(1), OffsetReading.SINGLE_PLANE, thickness)
    if offsets is None or len(offsets) != count:
        problem = f"GridFrameOffsetVector has {len(offsets or ())} values for {count} planes"
        raise _misplaced(item, "GridFrameOffsetVector", problem)
    vector = np.array(offsets)
    if abs(vector[0]) <= SAME_POSITION_MM:
        if _is_absolute_as_well(plane):
            _note_ambiguous(item)
        return _Frames(vector - vector[0], OffsetReading.RELATIVE, None)
    return _absolute(item, plane, vector)


def _is_absolute_as_well(plane: Plane) -> bool:
    """Whether offsets from 0 are what z positions would start with, too, mirror images of one another.

    By PS3.3 C.8.8.3.2 a first element of 0 says distances; z positions, which start with the z of the first
    plane, are allowed with Image Orientation (1, 0, 0, 0, 1, 0) alone. So with the normal to the feet nothing
    but distances is right; a writer that breaks that rule shows in no value where its first z is 0.
    """
    is_at_zero = abs(float(plane.position_mm[2])) <= SAME_POSITION_MM
    return is_at_zero and 1 + float(plane.normal[2]) <= DIRECTION_TOLERANCE


def _note_ambiguous(item: Item) -> None:
    message = (
        "GridFrameOffsetVector starts at 0, and so does z, with the normal to the feet. PS3.3 C.8.8.3.2 then "
        "allows distances along the normal alone, and so they were read. A system that wrote z positions "
        "against the rule would leave no other trace."
    )
    action = "Compare the dose with the planning system's: of z positions it would be mirrored head to feet."
    where = {"file": item.file, "element": "GridFrameOffsetVector"}
    item.note(warning(FindingCode.DOSE_OFFSETS_AMBIGUOUS, message, action=action, **where))


def _absolute(item: Item, plane: Plane, z_mm: FloatArray) -> _Frames:
    """Read the offsets as patient z; possible only where planes are transverse and the first z is the
    grid's.

    PS3.3 C.8.8.3.2 allows it with Image Orientation (1, 0, 0, 0, 1, 0) alone; in other transverse planes the
    first value tells all the same what was meant.
    """
    normal_z = float(plane.normal[2])
    if abs(z_mm[0] - plane.position_mm[2]) > SAME_POSITION_MM:
        problem = "GridFrameOffsetVector starts neither at 0 nor at the z of ImagePositionPatient"
        raise _misplaced(item, "GridFrameOffsetVector", problem)
    if 1 - abs(normal_z) > DIRECTION_TOLERANCE:
        problem = "GridFrameOffsetVector gives z positions although the planes are not transverse"
        raise _misplaced(item, "GridFrameOffsetVector", problem)
    item.note(
        info(
            FindingCode.DOSE_OFFSETS_ABSOLUTE,
            "GridFrameOffsetVector starts at the z of ImagePositionPatient and was read as absolute z.",
            file=item.file,
            element="GridFrameOffsetVector",
        )
    )
    return _Frames((z_mm - z_mm[0]) * np.sign(normal_z), OffsetReading.ABSOLUTE, None)


def _values(file: DicomFile, shape: tuple[int, int, int]) -> FloatArray:
    """Decode stored integers and scale them to Gy (PS3.3 C.8.8.3: dose = stored value x DoseGridScaling)."""
    scaling = _scaling(file.item)
    values = scaled_gy(_stored(file, shape), scaling)
    if not np.isfinite(values).all():
        raise _bad_scaling(file.item, f"{float(scaling):g}, which makes doses infinite")
    lowest = float(values.min())
    if lowest >= 0:
        return values
    _note_negative(file.item, lowest, float(values.max()))
    return np.maximum(values, 0.0)


def scaled_gy(stored: IntegerArray, scaling: Decimal) -> FloatArray:
    """Multiply stored integers by a decimal number, rounding once where that is possible.

    The product with the number's digits is an integer, exact below 2^53, and so is a power of ten up to
    10^22; their quotient is the double nearest to the dose. The product with the number's own double is not:
    47,880,000 x 1e-6 would fall below 47.88 Gy.
    """
    values: FloatArray = stored.astype(np.float64)
    _, digits, exponent = scaling.normalize().as_tuple()
    mantissa = int("".join(map(str, digits)))
    largest = max(abs(int(stored.max())), abs(int(stored.min())))
    with np.errstate(over="ignore"):
        if -_EXACT_POWER <= int(exponent) <= 0 and largest * mantissa <= _EXACT_INTEGER:
            values *= mantissa
            values /= 10.0 ** -int(exponent)
        else:
            values *= float(scaling)
    return values


def _scaling(item: Item) -> Decimal:
    scaling = item.decimal("DoseGridScaling")
    if scaling is None and not item.has("DoseGridScaling"):
        message = "The dose has no DoseGridScaling, so its numbers have no unit; it was set aside."
        raise item.refuse(FindingCode.DOSE_SCALING_MISSING, message, action=AGAIN, element="DoseGridScaling")
    if scaling is None or float(scaling) <= 0:
        raise _bad_scaling(item, "no finite number" if scaling is None else f"{float(scaling):g}")
    return scaling


def _bad_scaling(item: Item, what: str) -> RefusedError:
    message = f"DoseGridScaling is {what}; it must be finite and above 0. The dose was set aside."
    return item.refuse(FindingCode.DOSE_SCALING_INVALID, message, action=AGAIN, element="DoseGridScaling")


def _stored(file: DicomFile, shape: tuple[int, int, int]) -> IntegerArray:
    item = file.item
    if file.pixels is None:
        if file.is_compressed:
            raise _unusable(item, "The pixels of the dose are compressed; only native pixels are read.")
        message = "The dose has no pixel data; it was set aside."
        raise item.refuse(FindingCode.DOSE_PIXELS_MISSING, message, action=AGAIN, element="PixelData")
    bits, signed = item.integer("BitsAllocated"), item.integer("PixelRepresentation") or 0
    if bits not in (16, 32) or signed not in (0, 1) or (item.integer("SamplesPerPixel") or 1) != 1:
        raise _unusable(item, "The pixels of the dose are not single 16 or 32 bit integers.")
    count, size = shape[0] * shape[1] * shape[2], bits // 8
    if not count * size <= len(file.pixels) <= count * size + 1:
        problem = (
            f"The dose has {len(file.pixels):,} bytes of pixels where its header tells {count * size:,}."
        )
        raise _unusable(item, problem)
    dtype = np.dtype(f"{'<' if file.is_little_endian else '>'}{'i' if signed else 'u'}{size}")
    stored = np.frombuffer(file.pixels, dtype=dtype, count=count).reshape(shape)
    _check_bits_stored(item, bits, int(stored.max()))
    return stored


def _check_bits_stored(item: Item, bits_allocated: int, highest: int) -> None:
    bits_stored = item.integer("BitsStored") or bits_allocated
    if highest >= 2**bits_stored:
        raise _unusable(item, f"Values of the dose exceed their {bits_stored} bits stored.")


def _note_negative(item: Item, lowest_gy: float, highest_gy: float) -> None:
    message = f"The dose goes down to {lowest_gy:.4g} Gy, below zero"
    if lowest_gy < -NEGLIGIBLE_NEGATIVE * highest_gy:
        action = "Ask the physicist which dose this is and export the physical dose."
        raise item.refuse(FindingCode.DOSE_NEGATIVE, f"{message}; it was set aside.", action=action)
    finding = warning(
        FindingCode.DOSE_NEGATIVE,
        f"{message}; such values were taken as 0 Gy.",
        action="Check that this is a physical dose.",
        file=item.file,
        element="PixelData",
    )
    item.note(finding)


def _note_coarse(item: Item, grid: DoseGrid) -> None:
    spacing = " x ".join(f"{step:.3g}" for step in grid.spacing_mm)
    finding = warning(
        FindingCode.DOSE_GRID_COARSE,
        f"The dose grid has voxels of {spacing} mm, too coarse to judge small structures.",
        action="Calculate and export the dose on a finer grid.",
        file=item.file,
    )
    item.note(finding)


def _misplaced(item: Item, element: str | None, problem: str) -> RefusedError:
    message = f"The dose grid cannot be placed: {problem}. It was set aside."
    return item.refuse(FindingCode.DOSE_GEOMETRY_INVALID, message, action=AGAIN, element=element)


def _unusable(item: Item, message: str) -> RefusedError:
    return item.refuse(FindingCode.DOSE_PIXELS_UNUSABLE, message, action=AGAIN, element="PixelData")
