"""Spatial registrations: a rigid transform becomes one REG object."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, SpatialRegistrationStorage

from imaging.synthetic.ct import CtSeries
from imaging.synthetic.header import decimals, items, new_object, reference
from imaging.synthetic.identity import Study


@dataclass(frozen=True)
class RegisteredFrame:
    """One frame of a registration.

    Attributes
    ----------
    to_registered_mm
        (4, 4) rigid map of homogeneous coordinates in mm from this frame to the registered one.
    series
        A CT in this frame, whose first slice is referred to; None names none.
    """

    frame_uid: str
    to_registered_mm: npt.NDArray[np.float64]
    series: CtSeries | None = None


def spatial_registration(
    study: Study, uid: str, *, fixed: RegisteredFrame, moving: RegisteredFrame
) -> Dataset:
    """Return a Spatial Registration object of the moving frame to the fixed one (PS3.3 A.39.1, C.20.2).

    Parameters
    ----------
    study
        Patient and study.
    uid
        SOP Instance UID.
    fixed, moving
        The registered frame, whose own map is the identity, and the one that is mapped onto it.
    """
    dataset = new_object(study, SpatialRegistrationStorage, uid, modality="REG", series="registration")
    dataset.BodyPartExamined = "CHEST"
    dataset.ContentDate, dataset.ContentTime = study.date, study.time
    dataset.InstanceNumber = 1
    dataset.ContentLabel, dataset.ContentDescription = "REGISTRATION", "LDRT CT to CFRT CT"
    dataset.ContentCreatorName = None
    dataset.FrameOfReferenceUID = fixed.frame_uid
    dataset.PositionReferenceIndicator = ""
    dataset.RegistrationSequence = items(*(_frame(study, frame) for frame in (fixed, moving)))
    known = [frame.series for frame in (fixed, moving) if frame.series is not None]
    if known:
        dataset.ReferencedSeriesSequence = items(*(_series(study, series) for series in known))
    return dataset


def _frame(study: Study, frame: RegisteredFrame) -> Dataset:
    item = Dataset()
    item.FrameOfReferenceUID = frame.frame_uid
    if frame.series is not None:
        item.ReferencedImageSequence = items(_first_image(study, frame.series))
    transform = Dataset()
    transform.FrameOfReferenceTransformationMatrixType = "RIGID"
    transform.FrameOfReferenceTransformationMatrix = decimals(frame.to_registered_mm.ravel())
    registration = Dataset()
    registration.RegistrationTypeCodeSequence = items()
    registration.MatrixSequence = items(transform)
    item.MatrixRegistrationSequence = items(registration)
    return item


def _first_image(study: Study, series: CtSeries) -> Dataset:
    return reference(CTImageStorage, series.image_uid(study, 0))


def _series(study: Study, series: CtSeries) -> Dataset:
    item = Dataset()
    item.SeriesInstanceUID = study.uids.uid("series", series.role)
    item.ReferencedInstanceSequence = items(_first_image(study, series))
    return item
