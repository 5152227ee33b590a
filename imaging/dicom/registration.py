"""Spatial Registration (PS3.3 C.20.2): rigid matrices from one frame of reference to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imaging.dicom.elements import Item
from imaging.dicom.geometry import FloatArray
from imaging.dicom.part10 import DicomFile
from imaging.findings import FindingCode, error

RIGID_TOLERANCE = 1e-3
"""Rotations may be this far from orthonormal: 0.5 mm at 500 mm from the origin. Exports round to 4 to 6
digits."""
_REGISTER = "Export a rigid registration; deformations and scalings are not applied to doses here."


@dataclass(frozen=True, eq=False)
class SpatialRegistration:
    """A rigid map between two frames of reference.

    Attributes
    ----------
    from_frame, to_frame
        Frame of Reference UIDs.
    matrix
        4x4, mm; `matrix @ (x, y, z, 1)` in `from_frame` gives the same point in `to_frame` (PS3.3
        C.20.2.1.1).
    sop_instance_uid, file
        Where it was read.
    """

    from_frame: str
    to_frame: str
    matrix: FloatArray
    sop_instance_uid: str
    file: str


def read_registrations(file: DicomFile) -> tuple[SpatialRegistration, ...]:
    """Read the maps of a Spatial Registration into its own frame of reference.

    An item that maps the frame onto itself by the identity is left out; one that is not rigid is a finding.

    Raises
    ------
    RefusedError
        If the object names no frame of reference.
    """
    item = file.item
    to_frame = item.uid("FrameOfReferenceUID")
    if to_frame is None:
        raise item.missing("FrameOfReferenceUID", "The registration")
    found = [_registration(part, to_frame, file) for part in item.items("RegistrationSequence")]
    return tuple(registration for registration in found if registration is not None)


def _registration(item: Item, to_frame: str, file: DicomFile) -> SpatialRegistration | None:
    from_frame = item.uid("FrameOfReferenceUID")
    matrices = [
        matrix
        for registration in item.items("MatrixRegistrationSequence")
        for matrix in registration.items("MatrixSequence")
    ]
    matrix = _combined([_matrix(one) for one in matrices], item)
    if matrix is None or from_frame == to_frame:
        if matrix is not None and not np.allclose(matrix, np.eye(4), atol=RIGID_TOLERANCE):
            _note(item, FindingCode.REGISTRATION_CONTRADICTORY, "moves a frame of reference against itself")
        return None
    if from_frame is None:
        _note(item, FindingCode.REGISTRATION_INVALID, "does not say which frame of reference it maps")
        return None
    return SpatialRegistration(from_frame, to_frame, matrix, file.sop_instance_uid, item.file)


def _matrix(item: Item) -> FloatArray | None:
    values = item.numbers("FrameOfReferenceTransformationMatrix", count=16)
    kind = item.text("FrameOfReferenceTransformationMatrixType")
    if values is None:
        _note(item, FindingCode.REGISTRATION_INVALID, "has no matrix of 16 finite numbers")
        return None
    matrix = np.array(values).reshape(4, 4)
    if kind not in (None, "RIGID") or not is_rigid(matrix):
        _note(item, FindingCode.REGISTRATION_NOT_RIGID, "scales, shears or mirrors, or says so")
        return None
    return matrix


def is_rigid(matrix: FloatArray) -> bool:
    """Whether a 4x4 matrix only rotates and moves, within `RIGID_TOLERANCE`."""
    rotation = matrix[:3, :3]
    return bool(
        np.array_equal(matrix[3], (0, 0, 0, 1))
        and np.abs(rotation.T @ rotation - np.eye(3)).max() <= RIGID_TOLERANCE
        and np.linalg.det(rotation) > 0
    )


def _combined(matrices: Sequence[FloatArray | None], item: Item) -> FloatArray | None:
    """Multiply the matrices of one registration; where their order would matter, nobody is asked to guess
    it."""
    known = [matrix for matrix in matrices if matrix is not None]
    if not known or len(known) < len(matrices):
        if not matrices:
            _note(item, FindingCode.REGISTRATION_INVALID, "has no matrix")
        return None
    forward, backward = np.eye(4), np.eye(4)
    for matrix in known:
        forward, backward = matrix @ forward, backward @ matrix
    if not np.allclose(forward, backward, atol=RIGID_TOLERANCE):
        _note(item, FindingCode.REGISTRATION_INVALID, "is a chain of matrices, which is not read")
        return None
    return forward


def _note(item: Item, code: FindingCode, problem: str) -> None:
    message = f"The registration {problem}; it was not used."
    item.note(error(code, message, action=_REGISTER, file=item.file, element="RegistrationSequence"))
