"""Contours against the CT: outlines settled by its slices, gaps said, its spacing noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dosimetry.structure import Structure
from imaging.dicom.contour_planes import PARALLEL_COSINE, ContourPlane, contour_plane
from imaging.dicom.contour_region import TangledError
from imaging.dicom.ct import CtSeries
from imaging.dicom.regions import REDRAW
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, error
from imaging.linking.contour_gaps import check_gaps
from imaging.linking.settled_contours import settle_contours


def check_slices(structures: StructureSet, series: CtSeries | None) -> tuple[StructureSet, list[Finding]]:
    """Settle every structure's contours, and compare its planes with the CT's slices, else with one another.

    Returns the structure set with settled contours and the slices' spacing noted on its structures, which is
    the thickness of a structure of one plane, and what was found.
    """
    findings: list[Finding] = []
    rois = tuple(_checked(roi, structures.file, series, findings) for roi in structures.rois)
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


def _checked(roi: Roi, file: str, series: CtSeries | None, findings: list[Finding]) -> Roi:
    if roi.structure is None:
        return roi
    contours = roi.structure.contours
    planes = [plane for points in contours if isinstance(plane := contour_plane(points), ContourPlane)]
    spacing = _slice_spacing(planes, series)
    try:
        settled = settle_contours(
            contours, planes, spacing_mm=spacing, by_exclusive_or=roi.combines_by_exclusive_or
        )
    except TangledError as problem:
        findings.append(_tangled(roi, file, problem))
        return replace(roi, structure=None, contours_set_aside=roi.contours_set_aside + len(contours))
    found = [*settled.findings, *check_gaps(settled.outlines, spacing)]
    findings += [replace(one, file=file, structure=roi.name) for one in found]
    points = [outline.points for outline in settled.outlines]
    solid = Structure(roi.structure.name, points, slice_thickness_mm=spacing)
    return replace(roi, structure=solid, contours_set_aside=roi.contours_set_aside + settled.repeated)


def _tangled(roi: Roi, file: str, problem: TangledError) -> Finding:
    message = f"{problem.problem}; the structure cannot be evaluated."
    code = FindingCode.CONTOUR_INVALID
    return error(code, message, action=REDRAW, file=file, element="ContourData", structure=roi.name)


def _slice_spacing(planes: list[ContourPlane], series: CtSeries | None) -> float | None:
    """Give the spacing of the CT's slices if the contours are parallel to them."""
    if series is None or series.spacing_mm is None:
        return None
    is_parallel = abs(float(series.slices[0].plane.normal @ planes[0].normal)) >= PARALLEL_COSINE
    return series.spacing_mm if is_parallel else None
