"""Contours against slices: which slices a structure skips, and how far apart its planes are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from dosimetry.structure import Structure
from imaging.dicom.contour_planes import PARALLEL_COSINE, ContourPlane, contour_plane, plane_positions
from imaging.dicom.ct import CtSeries
from imaging.dicom.geometry import FloatArray
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, info, warning

ON_SLICE_SHARE = 0.25
"""Planes within this share of the spacing lie on the slice, or at the distance, that they are compared
with."""


def check_slices(structures: StructureSet, series: CtSeries | None) -> tuple[StructureSet, list[Finding]]:
    """Compare every structure's planes with the CT's slices, else with their own spacing.

    Returns the structure set with the slices' spacing noted on its structures, which is the thickness of a
    structure of one plane, and what was found.
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
    planes = [
        plane for points in roi.structure.contours if isinstance(plane := contour_plane(points), ContourPlane)
    ]
    spacing = _slice_spacing(planes, series)
    positions = plane_positions(planes)
    if len(positions) > 1:
        _check_positions(roi, file, positions, spacing or float(np.median(np.diff(positions))), findings)
    if spacing is None:
        return roi
    solid = Structure(roi.structure.name, roi.structure.contours, slice_thickness_mm=spacing)
    return replace(roi, structure=solid)


def _slice_spacing(planes: list[ContourPlane], series: CtSeries | None) -> float | None:
    """Give the spacing of the CT's slices if the contours are parallel to them."""
    if series is None or series.spacing_mm is None:
        return None
    is_parallel = abs(float(series.slices[0].plane.normal @ planes[0].normal)) >= PARALLEL_COSINE
    return series.spacing_mm if is_parallel else None


def _check_positions(
    roi: Roi, file: str, positions: FloatArray, spacing: float, findings: list[Finding]
) -> None:
    steps = np.diff(positions) / spacing
    skipped = np.maximum(np.round(steps) - 1, 0)
    if missing := int(skipped.sum()):
        first = int(np.argmax(skipped > 0))
        message = (
            f"{missing} slice(s) inside the structure have no contour, the first between "
            f"{positions[first]:.4g} and {positions[first + 1]:.4g} mm; slices are {spacing:.4g} mm apart."
        )
        action = "Check whether the structure has several parts or a slice was forgotten."
        findings.append(
            warning(FindingCode.CONTOUR_SLICE_MISSING, message, action=action, file=file, structure=roi.name)
        )
    if np.abs(steps - np.maximum(np.round(steps), 1)).max() > ON_SLICE_SHARE:
        message = f"Contour planes are {steps.min() * spacing:.4g} to {steps.max() * spacing:.4g} mm apart."
        findings.append(info(FindingCode.CONTOUR_SPACING_IRREGULAR, message, file=file, structure=roi.name))
