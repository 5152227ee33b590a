"""Spatial registrations: a rigid transform becomes one REG object."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, SpatialRegistrationStorage

from imaging.synthetic.header import decimals, items, new_object, reference
from imaging.synthetic.identity import Study


def spatial_registration(
    study: Study,
    uid: str,
    *,
    fixed_frame_uid: str,
    moving_frame_uid: str,
    moving_to_fixed_mm: npt.NDArray[np.float64],
    moving_image_uids: Sequence[str] = (),
    fixed_image_uids: Sequence[str] = (),
) -> Dataset:
    """Return a Spatial Registration object (PS3.3 A.39, C.20.2).

    Parameters
    ----------
    study
        Patient and study.
    uid
        SOP Instance UID.
    fixed_frame_uid, moving_frame_uid
        The registered and the referenced frame of reference.
    moving_to_fixed_mm
        (4, 4) rigid transform of homogeneous coordinates in mm, from the moving to the fixed frame.
    moving_image_uids, fixed_image_uids
        CT slices of either frame.
    """
    dataset = new_object(study, SpatialRegistrationStorage, uid, modality="REG", series="registration")
    dataset.ContentDate, dataset.ContentTime = study.date, study.time
    dataset.InstanceNumber = 1
    dataset.ContentLabel, dataset.ContentDescription = "REGISTRATION", "LDRT CT to CFRT CT"
    dataset.ContentCreatorName = None
    dataset.FrameOfReferenceUID = fixed_frame_uid
    dataset.PositionReferenceIndicator = ""
    dataset.RegistrationSequence = items(
        _frame(fixed_frame_uid, np.eye(4), fixed_image_uids),
        _frame(moving_frame_uid, moving_to_fixed_mm, moving_image_uids),
    )
    return dataset


def _frame(frame_uid: str, matrix: npt.NDArray[np.float64], image_uids: Sequence[str]) -> Dataset:
    item = Dataset()
    item.FrameOfReferenceUID = frame_uid
    if image_uids:
        item.ReferencedImageSequence = items(*(reference(CTImageStorage, uid) for uid in image_uids))
    transform = Dataset()
    transform.FrameOfReferenceTransformationMatrixType = "RIGID"
    transform.FrameOfReferenceTransformationMatrix = decimals(matrix.ravel())
    registration = Dataset()
    registration.RegistrationTypeCodeSequence = items()
    registration.MatrixSequence = items(transform)
    item.MatrixRegistrationSequence = items(registration)
    return item
