"""Deformable Spatial Registration (PS3.3 C.20.3): where points of one frame of reference lie in another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dosimetry.accumulation.deformation import Deformation, Folding
from dosimetry.errors import GridError
from imaging.dicom.elements import Item
from imaging.dicom.geometry import FloatArray, read_plane
from imaging.dicom.part10 import DicomFile
from imaging.findings import FindingCode, error, info, warning

_EXPORT = "Export the registration again, with its grid."
_VECTOR_BYTES = 12


@dataclass(frozen=True, eq=False)
class DeformableRegistration:
    """A deformation between two frames of reference.

    Attributes
    ----------
    registered_frame, source_frame
        Frame of Reference UIDs: a point of the first is mapped to where it lies in the second. A dose of the
        source frame can so be looked up at points of the registered one, and not the other way round.
    deformation
        The map; nothing in it is inverted.
    folding
        Where it turns the anatomy inside out.
    sop_instance_uid, file
        Where it was read.
    """

    registered_frame: str
    source_frame: str
    deformation: Deformation
    folding: Folding
    sop_instance_uid: str
    file: str


@dataclass(frozen=True, eq=False)
class DeformableRegistrations:
    """What one object holds."""

    maps: tuple[DeformableRegistration, ...]


def read_deformable_registrations(file: DicomFile) -> DeformableRegistrations:
    """Read the deformations of a Deformable Spatial Registration; one that makes no map is a finding.

    Raises
    ------
    RefusedError
        If the object names no frame of reference.
    """
    item = file.item
    registered = item.uid("FrameOfReferenceUID")
    if registered is None:
        raise item.missing("FrameOfReferenceUID", "The registration")
    found = [_registration(part, registered, file) for part in item.items("DeformableRegistrationSequence")]
    if not found:
        _note(item, "holds no registration")
    return DeformableRegistrations(tuple(one for one in found if one is not None))


def _registration(item: Item, registered: str, file: DicomFile) -> DeformableRegistration | None:
    source = item.uid("SourceFrameOfReferenceUID")
    if source is None or source == registered:
        _note(item, "does not say which other frame of reference it maps to")
        return None
    before = _matrix(item, "PreDeformationMatrixRegistrationSequence")
    after = _matrix(item, "PostDeformationMatrixRegistrationSequence")
    grid = item.first("DeformableRegistrationGridSequence")
    if before is None or after is None:
        return None
    if grid is None:
        _note(item, "has no deformation grid")
        return None
    deformation = _deformation(grid, before, after, is_little_endian=file.is_little_endian)
    if deformation is None:
        return None
    folding = deformation.folding()
    _note_folding(item, folding)
    uid = file.sop_instance_uid
    return DeformableRegistration(registered, source, deformation, folding, uid, item.file)


def _matrix(item: Item, keyword: str) -> FloatArray | None:
    """The matrix of a step; the identity where there is no such step, None where it cannot be used."""
    steps = item.items(keyword)
    if not steps:
        return np.eye(4)
    values = steps[0].numbers("FrameOfReferenceTransformationMatrix", count=16)
    matrix = np.zeros((4, 4)) if values is None else np.array(values).reshape(4, 4)
    usable = np.array_equal(matrix[3], (0, 0, 0, 1)) and abs(np.linalg.det(matrix)) > np.finfo(float).tiny
    if len(steps) > 1 or not usable:
        _note(item, f"has no single invertible matrix in {keyword}")
        return None
    return matrix


def _deformation(
    grid: Item, before: FloatArray, after: FloatArray, *, is_little_endian: bool
) -> Deformation | None:
    index_to_mm = _geometry(grid)
    vectors = _vectors(grid, is_little_endian=is_little_endian)
    if index_to_mm is None or vectors is None:
        return None
    try:
        return Deformation(vectors, index_to_mm, before, after)
    except GridError as problem:
        _note(grid, f"makes no map ({problem.reason})")
        return None


def _geometry(grid: Item) -> FloatArray | None:
    """Place the grid (PS3.3 C.20.3.1.1): columns along the row, rows along the column, planes along row x
    column."""
    steps = grid.numbers("GridResolution", count=3)
    plane = read_plane(grid, spacing_mm=(1.0, 1.0))
    if isinstance(plane, str) or steps is None or min(steps) <= 0:
        _note(grid, "has a grid that cannot be placed (position, orientation or GridResolution)")
        return None
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([plane.row_direction, plane.column_direction, plane.normal]) * steps
    affine[:3, 3] = plane.position_mm
    return affine


def _vectors(
    grid: Item, *, is_little_endian: bool
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None:
    """The vectors as they are stored: x fastest, then y, then z; NaN where the map is not defined."""
    dimensions, data = grid.numbers("GridDimensions", count=3), grid.raw("VectorGridData")
    sizes = tuple(int(size) for size in dimensions or () if size >= 1 and size == int(size))
    if len(sizes) != 3 or data is None:
        _note(grid, "has no GridDimensions of three whole numbers, or no VectorGridData")
        return None
    expected = sizes[0] * sizes[1] * sizes[2] * _VECTOR_BYTES
    if len(data) != expected:
        _note(grid, f"has {len(data):,} bytes of vectors where its dimensions tell {expected:,}")
        return None
    vectors = np.frombuffer(data, dtype="<f4" if is_little_endian else ">f4")
    return vectors.reshape(sizes[2], sizes[1], sizes[0], 3).astype(np.float32)


def _note_folding(item: Item, folding: Folding) -> None:
    if folding.folded_cells:
        message = (
            f"The deformation folds in {folding.folded_cells:,} of {folding.cells:,} cells (Jacobian down to "
            f"{folding.lowest:.3g}): no anatomy does that, and doses there are not to be believed."
        )
        action = "Look at the registration there, or use another one."
        item.note(warning(FindingCode.REGISTRATION_FOLDS, message, action=action, file=item.file))
    if folding.undefined_cells:
        message = f"The deformation is not defined in {folding.undefined_cells:,} of {folding.cells:,} cells."
        item.note(info(FindingCode.REGISTRATION_UNDEFINED, message, file=item.file))


def _note(item: Item, problem: str) -> None:
    message = f"The deformable registration {problem}; it was not used."
    element = "DeformableRegistrationSequence"
    code = FindingCode.REGISTRATION_INVALID
    item.note(error(code, message, action=_EXPORT, file=item.file, element=element))
