"""RT Structure Set (PS3.3 A.19): regions of interest with their contours."""

from __future__ import annotations

from dataclasses import dataclass

from dosimetry.structure import Structure


@dataclass(frozen=True, eq=False)
class Roi:
    """A region of interest.

    Attributes
    ----------
    number
        ROINumber.
    name
        ROIName, verbatim; the second of one name gets ` #2`, so that names are unique in a structure set.
    verbatim_name
        ROIName as in the file.
    interpreted_type
        RTROIInterpretedType (PTV, ORGAN, EXTERNAL, ...) or None.
    frame_of_reference_uid
        ReferencedFrameOfReferenceUID or None.
    structure
        The closed contours as a solid's outline; None when there are none (then a finding says so).
    contours_set_aside
        Contours that bound no volume (POINT, OPEN_PLANAR, OPEN_NONPLANAR) or could not be used.
    """

    number: int
    name: str
    verbatim_name: str
    interpreted_type: str | None
    frame_of_reference_uid: str | None
    structure: Structure | None
    contours_set_aside: int


@dataclass(frozen=True, eq=False)
class StructureSet:
    """A structure set; `ct_uids` are the SOP Instance UIDs of the images it was drawn on."""

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
