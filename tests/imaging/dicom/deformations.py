"""Deformable Spatial Registrations written with plain pydicom, to be read back."""

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import DeformableSpatialRegistrationStorage

from imaging.synthetic.header import decimals, items, new_object
from tests.support.dicom_builders import STUDY

REGISTERED, SOURCE = "1.2.3.10", "1.2.3.20"
STEPS_MM = (4.0, 5.0, 6.0)
ORIGIN_MM = (-10.0, -12.0, -14.0)


def vectors_of(shape: tuple[int, int, int] = (5, 6, 7)) -> np.ndarray:
    """An asymmetric field (nk, nj, ni, 3): every vector is different and none is its own mirror."""
    k, j, i = np.indices(shape)
    return np.stack([1 + 0.3 * i + 0.01 * j, -2 + 0.2 * j - 0.02 * k, 0.5 + 0.1 * k + 0.03 * i], axis=-1)


def deformable_dataset(
    vectors: np.ndarray | None = None,
    *,
    before: np.ndarray | None = None,
    after: np.ndarray | None = None,
    orientation: tuple[float, ...] = (1, 0, 0, 0, 1, 0),
    registered: str = REGISTERED,
    source: str = SOURCE,
) -> Dataset:
    """Return a registration whose field has the given vectors, (nk, nj, ni, 3) in mm."""
    field = vectors_of() if vectors is None else vectors
    uid = STUDY.uids.uid("deformation")
    dataset = new_object(
        STUDY, DeformableSpatialRegistrationStorage, uid, modality="REG", series="deformation"
    )
    dataset.ContentDate, dataset.ContentTime = STUDY.date, STUDY.time
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = registered, ""
    grid = Dataset()
    grid.ImagePositionPatient, grid.ImageOrientationPatient = decimals(ORIGIN_MM), decimals(orientation)
    grid.GridDimensions, grid.GridResolution = list(field.shape[2::-1]), list(STEPS_MM)
    grid.VectorGridData = field.astype("<f4").tobytes()
    item = Dataset()
    item.SourceFrameOfReferenceUID = source
    item.DeformableRegistrationGridSequence = items(grid)
    item.PreDeformationMatrixRegistrationSequence = items(_matrix(np.eye(4) if before is None else before))
    item.PostDeformationMatrixRegistrationSequence = items(_matrix(np.eye(4) if after is None else after))
    dataset.DeformableRegistrationSequence = items(item)
    return dataset


def _matrix(matrix: np.ndarray) -> Dataset:
    item = Dataset()
    item.FrameOfReferenceTransformationMatrixType = "RIGID"
    item.FrameOfReferenceTransformationMatrix = decimals(matrix.ravel())
    return item
