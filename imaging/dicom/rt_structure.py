"""RT Structure Set (PS3.3 A.19): regions of interest with their contours, and what they were drawn on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from imaging.dicom.elements import Item, unique
from imaging.dicom.encoded_items import encoded_items
from imaging.dicom.part10 import DicomFile
from imaging.dicom.regions import REDRAW, Roi, read_rois
from imaging.findings import FindingCode, error, warning

__all__ = ["Roi", "StructureSet", "read_structure_set"]


@dataclass(frozen=True, eq=False)
class StructureSet:
    """A structure set; `ct_uids` are the SOP Instance UIDs of the images it was drawn on.

    `frame_of_reference_uid` is that of its regions, None when blank.
    """

    file: str
    sop_instance_uid: str
    label: str | None
    frame_of_reference_uid: str | None
    ct_series_uids: tuple[str, ...]
    ct_uids: tuple[str, ...]
    rois: tuple[Roi, ...]
    approval: str | None

    def roi_by_name(self, name: str) -> Roi | None:
        """Give the region of that (unique) name, or None."""
        return next((roi for roi in self.rois if roi.name == name), None)

    def roi_by_number(self, number: int) -> Roi | None:
        """Give the region of that ROINumber, or None."""
        return next((roi for roi in self.rois if roi.number == number), None)


def read_structure_set(file: DicomFile) -> StructureSet:
    """Read a structure set; whatever is wrong with a region is noted in the file's findings.

    Raises
    ------
    RefusedError
        If it lists no regions at all.
    """
    item = file.item
    if not item.items("StructureSetROISequence"):
        raise item.missing("StructureSetROISequence", "The structure set")
    series = list(_series(item))
    rois = tuple(read_rois(item))
    frame = _frame_of_reference(item, rois)
    return StructureSet(
        file=item.file,
        sop_instance_uid=file.sop_instance_uid,
        label=item.text("StructureSetLabel"),
        frame_of_reference_uid=frame,
        ct_series_uids=unique([one.uid("SeriesInstanceUID") for one in series]),
        ct_uids=unique(
            [
                image.uid("ReferencedSOPInstanceUID")
                for one in series
                for image in encoded_items(one, "ContourImageSequence")
            ]
        ),
        rois=tuple(_in_frame(roi, frame, item) for roi in rois),
        approval=item.code("ApprovalStatus"),
    )


def _series(item: Item) -> Iterator[Item]:
    for frame in item.items("ReferencedFrameOfReferenceSequence"):
        for study in frame.items("RTReferencedStudySequence"):
            yield from study.items("RTReferencedSeriesSequence")


def _frame_of_reference(item: Item, rois: tuple[Roi, ...]) -> str | None:
    """Give the frame of reference of most regions, else of the set (PS3.3 C.8.8.5)."""
    of_rois = Counter(roi.frame_of_reference_uid for roi in rois if roi.structure is not None)
    of_rois.pop(None, None)
    if of_rois:
        return min(of_rois, key=lambda frame: (-of_rois[frame], frame or ""))
    of_set = [frame.uid("FrameOfReferenceUID") for frame in item.items("ReferencedFrameOfReferenceSequence")]
    frames = unique(of_set) or unique([item.uid("FrameOfReferenceUID")])
    if len(frames) == 1:
        return frames[0]
    what = "lies in several frames of reference" if frames else "names no frame of reference"
    item.note(
        warning(
            FindingCode.FRAME_OF_REFERENCE_MISSING,
            f"The structure set {what}; it can be joined with a dose through UIDs alone.",
            action="Export the structure set again with the frame of reference of its CT.",
            file=item.file,
            element="ReferencedFrameOfReferenceSequence",
        )
    )
    return None


def _in_frame(roi: Roi, frame: str | None, item: Item) -> Roi:
    """Give the region up if it lies in another frame of reference than the set."""
    own = roi.frame_of_reference_uid
    if roi.structure is None or own is None or own == frame:
        return roi
    item.note(
        error(
            FindingCode.FRAME_OF_REFERENCE_MISMATCH,
            "The structure lies in another frame of reference than the others; it cannot be evaluated.",
            action=REDRAW,
            file=item.file,
            element="ReferencedFrameOfReferenceUID",
            structure=roi.name,
        )
    )
    return replace(roi, structure=None)
