"""Gaps between the planes of a structure: slices without a contour, and uneven spacing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from imaging.dicom.geometry import FloatArray
from imaging.findings import Finding, FindingCode, info, warning
from imaging.linking.settled_contours import Outline

ON_SLICE_SHARE = 0.25
"""Planes within this share of the spacing lie on the slice, or at the distance, that they are compared
with."""
STRETCH_GAPS = 3
"""So many equal gaps in a row are a stretch of slices of that spacing, not slices that were forgotten."""
_PLANES_LOOKED_AHEAD = 8


def check_gaps(outlines: Sequence[Outline], spacing_mm: float | None) -> list[Finding]:
    """Say which slices have no contour and whether planes are unevenly spaced.

    Parameters
    ----------
    outlines
        Those of one plane have the very same height.
    spacing_mm
        Of the CT slices where it is known; else that of the structure's own connected parts, and of stretches
        of evenly spaced planes, is what gaps are judged by.
    """
    heights = np.unique([outline.height_mm for outline in outlines])
    if len(heights) < 2:
        return []
    gaps = np.diff(heights)
    ordinary = np.full(len(gaps), spacing_mm) if spacing_mm else _ordinary_gaps(outlines, heights)
    steps = gaps / ordinary
    skipped = np.maximum(np.round(steps) - 1, 0)
    findings = [_missing(heights, ordinary, skipped)] if skipped.any() else []
    is_off_slice = np.abs(steps - np.maximum(np.round(steps), 1)).max() > ON_SLICE_SHARE
    if is_off_slice or ordinary.max() > (1 + ON_SLICE_SHARE) * ordinary.min():
        message = f"Contour planes are {gaps.min():.4g} to {gaps.max():.4g} mm apart."
        findings.append(info(FindingCode.CONTOUR_SPACING_IRREGULAR, message))
    return findings


def _missing(heights: FloatArray, ordinary: FloatArray, skipped: FloatArray) -> Finding:
    first = int(np.argmax(skipped > 0))
    message = (
        f"{int(skipped.sum())} slice(s) inside the structure have no contour, the first between "
        f"{heights[first]:.4g} and {heights[first + 1]:.4g} mm; slices are {ordinary[first]:.4g} mm apart."
    )
    action = "Check whether the structure has several parts or a slice was forgotten."
    return warning(FindingCode.CONTOUR_SLICE_MISSING, message, action=action)


def _ordinary_gaps(outlines: Sequence[Outline], heights: FloatArray) -> FloatArray:
    """Give for each gap the distance that planes have there: of the stretch, else of the parts."""
    gaps = np.diff(heights)
    steps = _steps_of_parts(outlines, heights)
    ordinary = np.full(len(gaps), float(np.median(steps or gaps)))
    for start, end in _stretches(gaps):
        ordinary[start:end] = np.median(gaps[start:end])
    return ordinary


def _stretches(gaps: FloatArray) -> Iterator[tuple[int, int]]:
    """Give where gaps are even, at least `STRETCH_GAPS` in a row."""
    changes = np.abs(gaps[1:] - gaps[:-1]) > ON_SLICE_SHARE * np.minimum(gaps[1:], gaps[:-1])
    bounds = [0, *(np.flatnonzero(changes) + 1).tolist(), len(gaps)]
    for start, end in pairwise(bounds):
        if end - start >= STRETCH_GAPS:
            yield start, end


def _steps_of_parts(outlines: Sequence[Outline], heights: FloatArray) -> list[float]:
    """Give for each outline how far above it the next one that overlaps it lies, mm."""
    boxes: list[list[FloatArray]] = [[] for _ in heights]
    for outline in outlines:
        corners = [outline.in_plane.min(axis=0), outline.in_plane.max(axis=0)]
        boxes[int(np.searchsorted(heights, outline.height_mm))].append(np.concatenate(corners))
    planes = [np.array(each) for each in boxes]
    steps = []
    for index, plane in enumerate(planes):
        for box in plane:
            above = planes[index + 1 : index + 1 + _PLANES_LOOKED_AHEAD]
            meets = (number for number, other in enumerate(above, index + 1) if _meets(box, other))
            if (upper := next(meets, None)) is not None:
                steps.append(float(heights[upper] - heights[index]))
    return steps


def _meets(box: FloatArray, others: FloatArray) -> bool:
    return bool(((box[:2] <= others[:, 2:]) & (others[:, :2] <= box[2:])).all(axis=1).any())
