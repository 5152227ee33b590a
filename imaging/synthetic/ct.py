"""CT slices: an array of Hounsfield units becomes one CT Image object a plane."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from imaging.synthetic.header import decimal, decimals, new_object
from imaging.synthetic.identity import Study

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True)
class CtSeries:
    """Where the slices of one CT lie.

    Attributes
    ----------
    role
        Names the series in its study; UIDs follow from it.
    frame_uid
        Frame of reference.
    positions_mm
        ImagePositionPatient of each slice, patient mm.
    pixel_spacing_mm
        (row spacing, column spacing), as PixelSpacing has it.
    slice_thickness_mm
        The nominal one; readers go by positions.
    """

    role: str
    frame_uid: str
    positions_mm: tuple[tuple[float, float, float], ...]
    pixel_spacing_mm: tuple[float, float]
    slice_thickness_mm: float
    orientation: tuple[float, ...] = AXIAL

    def image_uid(self, study: Study, index: int) -> str:
        """Return the SOP Instance UID of one slice."""
        return study.uids.uid(self.role, "image", index)


def ct_slices(
    study: Study, series: CtSeries, planes_hu: Iterable[npt.NDArray[np.int16]]
) -> Iterator[Dataset]:
    """Yield one CT Image object for each plane of Hounsfield units (PS3.3 A.3).

    Parameters
    ----------
    study
        Patient and study.
    series
        Geometry; one position for each plane.
    planes_hu
        (rows, columns) arrays in Hounsfield units.
    """
    for index, plane_hu in enumerate(planes_hu):
        yield _ct_slice(study, series, index, plane_hu)


def _ct_slice(study: Study, series: CtSeries, index: int, plane_hu: npt.NDArray[np.int16]) -> Dataset:
    uid = series.image_uid(study, index)
    dataset = new_object(study, CTImageStorage, uid, modality="CT", series=series.role)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.InstanceNumber = index + 1
    dataset.AcquisitionNumber = 1
    dataset.ContentDate, dataset.ContentTime = study.date, study.time
    dataset.BodyPartExamined = "CHEST"
    dataset.PatientPosition = study.patient_position
    dataset.FrameOfReferenceUID = series.frame_uid
    dataset.PositionReferenceIndicator = ""
    dataset.KVP = "120"
    dataset.SliceThickness = decimal(series.slice_thickness_mm)
    dataset.PixelSpacing = decimals(series.pixel_spacing_mm)
    dataset.ImageOrientationPatient = decimals(series.orientation)
    dataset.ImagePositionPatient = decimals(series.positions_mm[index])
    _set_pixels(dataset, plane_hu)
    return dataset


def _set_pixels(dataset: Dataset, plane_hu: npt.NDArray[np.int16]) -> None:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = plane_hu.shape
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "HU"
    dataset.PixelData = plane_hu.astype("<i2").tobytes()
