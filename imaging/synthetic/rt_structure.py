"""RT Structure Sets: named planar contours become one RTSTRUCT object."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, RTStructureSetStorage

from imaging.synthetic.ct import CtSeries
from imaging.synthetic.header import items, new_object, reference, set_raw_decimals
from imaging.synthetic.identity import Study

CONTOUR_DATA = 0x30060050
STUDY_COMPONENT_CLASS_UID = "1.2.840.10008.3.1.2.3.1"
"""Detached Study Management, the class that RT Referenced Study items name (PS3.3 C.8.8.5)."""


@dataclass(frozen=True)
class Roi:
    """One region of interest with its contours.

    Attributes
    ----------
    contours_mm
        (n, 3) arrays in patient mm, one for each contour.
    interpreted_type
        RT ROI Interpreted Type, such as ORGAN, PTV or EXTERNAL; empty where unknown.
    geometric_type
        Contour Geometric Type of every contour.
    """

    number: int
    name: str
    contours_mm: tuple[npt.NDArray[np.float64], ...]
    interpreted_type: str = "ORGAN"
    geometric_type: str = "CLOSED_PLANAR"
    colour: tuple[int, int, int] = (255, 128, 0)


@dataclass(frozen=True)
class ContouredImages:
    """The CT that a structure set was drawn on: its series and the slices that were kept."""

    series: CtSeries
    indices: tuple[int, ...]


def structure_set(
    study: Study,
    uid: str,
    frame_uid: str,
    rois: Sequence[Roi],
    *,
    images: ContouredImages | None = None,
    label: str = "PLAN",
) -> Dataset:
    """Return an RT Structure Set object (PS3.3 A.19).

    Parameters
    ----------
    study
        Patient and study.
    uid
        SOP Instance UID; plans and doses name it.
    frame_uid
        Frame of reference of every ROI.
    rois
        Regions; one without contours is written without contours.
    images
        The CT; without it the set names no image.
    """
    dataset = new_object(study, RTStructureSetStorage, uid, modality="RTSTRUCT", series=f"structures {label}")
    dataset.StructureSetLabel = label
    dataset.StructureSetDate, dataset.StructureSetTime = study.date, study.time
    dataset.FrameOfReferenceUID = frame_uid
    dataset.PositionReferenceIndicator = ""
    dataset.ReferencedFrameOfReferenceSequence = items(_referenced_frame(study, frame_uid, images))
    dataset.StructureSetROISequence = items(*(_definition(roi, frame_uid) for roi in rois))
    image_at_z = _image_at_z(study, images)
    dataset.ROIContourSequence = items(*(_contours(roi, image_at_z) for roi in rois))
    dataset.RTROIObservationsSequence = items(*(_observation(roi) for roi in rois))
    dataset.ApprovalStatus = "APPROVED"
    dataset.ReviewDate, dataset.ReviewTime = study.date, study.time
    dataset.ReviewerName = "Synthetic^Reviewer"
    return dataset


def _referenced_frame(study: Study, frame_uid: str, images: ContouredImages | None) -> Dataset:
    frame = Dataset()
    frame.FrameOfReferenceUID = frame_uid
    if images is not None:
        series = Dataset()
        series.SeriesInstanceUID = study.uids.uid("series", images.series.role)
        series.ContourImageSequence = items(
            *(reference(CTImageStorage, images.series.image_uid(study, index)) for index in images.indices)
        )
        referenced_study = reference(STUDY_COMPONENT_CLASS_UID, study.study_uid)
        referenced_study.RTReferencedSeriesSequence = items(series)
        frame.RTReferencedStudySequence = items(referenced_study)
    return frame


def _image_at_z(study: Study, images: ContouredImages | None) -> dict[float, str]:
    if images is None:
        return {}
    positions_mm = images.series.positions_mm
    return {positions_mm[index][2]: images.series.image_uid(study, index) for index in images.indices}


def _definition(roi: Roi, frame_uid: str) -> Dataset:
    item = Dataset()
    item.ROINumber = roi.number
    item.ReferencedFrameOfReferenceUID = frame_uid
    item.ROIName = roi.name
    item.ROIGenerationAlgorithm = "AUTOMATIC"
    return item


def _contours(roi: Roi, image_at_z: dict[float, str]) -> Dataset:
    item = Dataset()
    item.ROIDisplayColor = list(roi.colour)
    item.ReferencedROINumber = roi.number
    if roi.contours_mm:
        item.ContourSequence = items(*(_contour(roi, points_mm, image_at_z) for points_mm in roi.contours_mm))
    return item


def _contour(roi: Roi, points_mm: npt.NDArray[np.float64], image_at_z: dict[float, str]) -> Dataset:
    item = Dataset()
    image_uid = image_at_z.get(float(points_mm[0, 2]))
    if image_uid is not None:
        item.ContourImageSequence = items(reference(CTImageStorage, image_uid))
    item.ContourGeometricType = roi.geometric_type
    item.NumberOfContourPoints = len(points_mm)
    text = "\\".join([f"{value:.2f}" for value in points_mm.ravel().tolist()])
    set_raw_decimals(item, CONTOUR_DATA, text)
    return item


def _observation(roi: Roi) -> Dataset:
    item = Dataset()
    item.ObservationNumber = roi.number
    item.ReferencedROINumber = roi.number
    item.RTROIInterpretedType = roi.interpreted_type
    item.ROIInterpreter = None
    return item
