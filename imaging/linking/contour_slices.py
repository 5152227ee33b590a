"""Contours against the CT: outlines settled by its slices, gaps said, its spacing noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from dosimetry.contours.plane_gaps import DEFAULT_SLICE_THICKNESS_MM, lower_median
from dosimetry.structure import Structure
from imaging.dicom.contour_planes import PARALLEL_COSINE, ContourPlane, contour_planes
from imaging.dicom.contour_region import TangledError
from imaging.dicom.ct import CtSeries
from imaging.dicom.geometry import FloatArray
from imaging.dicom.regions import REDRAW
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, error, info, warning
from imaging.linking.contour_gaps import check_gaps
from imaging.linking.settled_contours import Outline, Settled, settle_contours


def check_slices(structures: StructureSet, series: CtSeries | None) -> tuple[StructureSet, list[Finding]]:
    """Settle every structure's contours, and compare its planes with the CT's slices, else with one another.

    Returns the structure set with settled contours and the distance of slices noted on its structures, which
    is the thickness of a structure of one plane, and what was found. Where the CT does not tell that
    distance, it is the ordinary one of the set's parallel structures.
    """
    findings: list[Finding] = []
    drawn = [_drawn(roi, structures.file, series, findings) for roi in structures.rois]
    known = [each for each in drawn if each.settled is not None]
    rois = tuple(_checked(each, known, structures.file, findings) for each in drawn)
    return replace(structures, rois=rois), findings


def series_of(structures: StructureSet, series: Iterable[CtSeries]) -> CtSeries | None:
    """Find the CT that a structure set was drawn on: by the images it names, else by a lone frame of
    reference."""
    candidates = list(series)
    named = set(structures.ct_uids)
    by_image = [one for one in candidates if any(image.sop_instance_uid in named for image in one.slices)]
    by_series = [one for one in candidates if one.series_uid in structures.ct_series_uids]
    by_frame = [
        one
        for one in candidates
        if one.frame_of_reference_uid and one.frame_of_reference_uid == structures.frame_of_reference_uid
    ]
    found = by_image or by_series or (by_frame if len(by_frame) == 1 else [])
    return max(found, key=lambda one: (len(one.slices), one.series_uid)) if found else None


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A region with its contours settled; `settled` is None where it has none that can be used."""

    roi: Roi
    settled: Settled | None = None
    normal: FloatArray | None = None
    ct_spacing_mm: float | None = None
    ct_is_even: bool = False

    @property
    def heights_mm(self) -> FloatArray:
        """Of the planes, ascending."""
        return _heights_mm(self.settled.outlines if self.settled else [])


def _drawn(roi: Roi, file: str, series: CtSeries | None, findings: list[Finding]) -> _Drawn:
    if roi.structure is None:
        return _Drawn(roi)
    contours = roi.structure.contours
    planes = [plane for plane in contour_planes(contours) if isinstance(plane, ContourPlane)]
    spacing = _slice_spacing(planes, series)
    try:
        settled = settle_contours(
            contours, planes, spacing_mm=spacing, by_exclusive_or=roi.combines_by_exclusive_or
        )
    except TangledError as problem:
        findings.append(_tangled(roi, file, problem))
        set_aside = roi.contours_set_aside + len(contours)
        return _Drawn(replace(roi, structure=None, contours_set_aside=set_aside))
    return _Drawn(roi, settled, planes[0].normal, spacing, series is not None and series.is_regular)


def _checked(drawn: _Drawn, known: list[_Drawn], file: str, findings: list[Finding]) -> Roi:
    roi, settled = drawn.roi, drawn.settled
    if settled is None:
        return roi
    slice_mm = drawn.ct_spacing_mm or _ordinary_mm(drawn, known)
    points = [outline.points for outline in settled.outlines]
    solid = Structure(roi.name, points, slice_thickness_mm=slice_mm)
    gaps = check_gaps(solid, drawn.ct_spacing_mm, is_even=drawn.ct_is_even)
    found = [*settled.findings, *_one_plane(drawn, slice_mm), *gaps]
    findings += [replace(one, file=file, structure=roi.name) for one in found]
    return replace(roi, structure=solid, contours_set_aside=roi.contours_set_aside + settled.repeated)


def _tangled(roi: Roi, file: str, problem: TangledError) -> Finding:
    message = f"{problem.problem}; the structure cannot be evaluated."
    code = FindingCode.CONTOUR_INVALID
    return error(code, message, action=REDRAW, file=file, element="ContourData", structure=roi.name)


def _one_plane(drawn: _Drawn, slice_mm: float | None) -> list[Finding]:
    """Say how thick a structure of one plane is taken where no CT tells."""
    if drawn.ct_spacing_mm or len(drawn.heights_mm) != 1:
        return []
    code = FindingCode.CONTOUR_THICKNESS_ASSUMED
    if slice_mm is not None:
        message = f"The structure has one plane; it is taken as {slice_mm:.4g} mm thick, as others are drawn."
        return [info(code, message)]
    message = (
        "The structure has one plane and nothing tells the distance of slices; "
        f"{DEFAULT_SLICE_THICKNESS_MM:g} mm is assumed, and its volume is in proportion."
    )
    return [warning(code, message, action="Hand over the CT that the structure was drawn on.")]


def _ordinary_mm(drawn: _Drawn, known: list[_Drawn]) -> float | None:
    """The (lower) median, over parallel structures, of how far planes ordinarily lie apart."""
    gaps = [np.diff(other.heights_mm) for other in known if _are_parallel(drawn, other)]
    own = [lower_median(each) for each in gaps if len(each) >= 2]
    return lower_median(np.array(own)) if own else None


def _are_parallel(one: _Drawn, other: _Drawn) -> bool:
    assert one.normal is not None and other.normal is not None  # noqa: S101, PT018 - both have contours
    return abs(float(one.normal @ other.normal)) >= PARALLEL_COSINE


def _heights_mm(outlines: Iterable[Outline]) -> FloatArray:
    heights: FloatArray = np.unique([outline.height_mm for outline in outlines])
    return heights


def _slice_spacing(planes: list[ContourPlane], series: CtSeries | None) -> float | None:
    """Give the spacing of the CT's slices if the contours are parallel to them."""
    if series is None or series.spacing_mm is None:
        return None
    is_parallel = abs(float(series.slices[0].plane.normal @ planes[0].normal)) >= PARALLEL_COSINE
    return series.spacing_mm if is_parallel else None
