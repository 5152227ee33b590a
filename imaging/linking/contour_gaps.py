"""Gaps between the planes of a structure: slices without a contour, and uneven spacing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from dosimetry.contours.interleaving import PieceGap, piece_gaps
from dosimetry.contours.plane_gaps import BRIDGED_GAP_RATIO, WIDEST_SLICES_MM, lower_median
from dosimetry.structure import Structure
from imaging.dicom.geometry import FloatArray
from imaging.findings import Finding, FindingCode, info, warning

ON_SLICE_SHARE = 0.25
"""Planes within this share of the spacing lie on the slice, or at the distance, that they are compared
with."""
STRETCH_GAPS = 3
"""So many equal gaps in a row are a spacing of the images or of the drawing; fewer may be slices left out."""
SAME_SPACING_SHARE = 0.05
"""Positions are written with two or three decimals."""
_LOOK = "Look at the structure on these slices; draw what was forgotten and export it again."


def check_gaps(structure: Structure, spacing_mm: float | None, *, is_even: bool = True) -> list[Finding]:
    """Say which slices have no contour, what is taken to lie there, and whether planes are unevenly spaced.

    Each piece that hangs together is judged by itself: a slice that one piece leaves out is missing, whatever
    another one has there.

    Parameters
    ----------
    structure
        As the volume is computed from; its `slice_thickness_mm` says how far apart planes ordinarily lie
        where no CT does.
    spacing_mm
        Of the CT slices where it is known; else planes are judged by the structure's own ordinary distance.
    is_even
        All slices of the CT lie so far apart. Where they do not, or there is no CT, a wider distance that
        repeats is another spacing, and no slice is missing there.
    """
    gaps = piece_gaps(structure)
    if not gaps:
        return []
    ordinary = spacing_mm or _ordinary_mm(gaps, structure.slice_thickness_mm)
    drawn = [gap for gap in gaps if gap.is_drawn_through and _is_missing(gap, ordinary)]
    stretches = [] if spacing_mm and is_even else _stretches(gaps)
    other = [gap for gap in drawn if gap in stretches and _width_mm(gap) <= WIDEST_SLICES_MM]
    drawn = [gap for gap in drawn if gap not in other]
    left_out = [gap for gap in gaps if _is_left_out(gap, ordinary)]
    findings = []
    if drawn:
        what = "inside the structure have no contour; it was drawn through from both sides"
        findings.append(_missing(drawn, ordinary, what))
    if left_out:
        what = "between parts of the structure have no contour; the parts were taken to end on both sides"
        findings.append(_missing(left_out, ordinary, what))
    if other:
        findings.append(_other_spacing(other, ordinary))
    return findings + _uneven(gaps, ordinary)


def _stretches(gaps: Sequence[PieceGap]) -> list[PieceGap]:
    """The gaps that have enough of their own width beside them."""
    return [gap for run in _runs(gaps) if len(run) >= STRETCH_GAPS for gap in run]


def _runs(gaps: Sequence[PieceGap]) -> Iterator[list[PieceGap]]:
    """Neighbouring gaps of one piece that are equally wide."""
    run = list(gaps[:1])
    for one, following in pairwise(gaps):
        same = abs(_width_mm(one) - _width_mm(following)) <= SAME_SPACING_SHARE * _width_mm(one)
        if same and one.high_mm == following.low_mm:
            run.append(following)
        else:
            yield run
            run = [following]
    yield run


def _other_spacing(gaps: Sequence[PieceGap], ordinary_mm: float) -> Finding:
    widths = sorted({f"{_width_mm(gap):.4g}" for gap in gaps}, key=float)
    message = (
        f"Contour planes are {ordinary_mm:.4g} mm apart and, several in a row, {' and '.join(widths)} mm; "
        "both are taken as spacings of the images."
    )
    return info(FindingCode.CONTOUR_SPACINGS_SEVERAL, message)


def _is_missing(gap: PieceGap, ordinary_mm: float) -> bool:
    return _skipped(gap, ordinary_mm) > 0 or _width_mm(gap) > WIDEST_SLICES_MM


def _is_left_out(gap: PieceGap, ordinary_mm: float) -> bool:
    """Whether a gap that ends the solid may be an oversight: nothing was drawn there, or it is narrow."""
    may_be_forgotten = not gap.others_drawn or _width_mm(gap) <= BRIDGED_GAP_RATIO * ordinary_mm
    return not gap.is_drawn_through and may_be_forgotten and _skipped(gap, ordinary_mm) > 0


def _uneven(gaps: Sequence[PieceGap], ordinary_mm: float) -> list[Finding]:
    widths = np.array([_width_mm(gap) for gap in gaps])
    steps = widths / ordinary_mm
    if np.abs(steps - np.maximum(np.round(steps), 1)).max() <= ON_SLICE_SHARE:
        return []
    message = f"Contour planes are {widths.min():.4g} to {widths.max():.4g} mm apart."
    return [info(FindingCode.CONTOUR_SPACING_IRREGULAR, message)]


def _missing(gaps: Sequence[PieceGap], ordinary_mm: float, what: str) -> Finding:
    first = min(gaps, key=lambda gap: gap.low_mm)
    slices = {level for gap in gaps for level in _slices_mm(gap, ordinary_mm)}
    message = (
        f"{len(slices)} slice(s) {what}, the first between {first.low_mm:.4g} and {first.high_mm:.4g} mm; "
        f"slices are {ordinary_mm:.4g} mm apart."
    )
    return warning(FindingCode.CONTOUR_SLICE_MISSING, message, action=_LOOK)


def _slices_mm(gap: PieceGap, ordinary_mm: float) -> list[float]:
    """Where slices lie in a gap, rounded so that those of several pieces are counted once."""
    inside: FloatArray = np.linspace(gap.low_mm, gap.high_mm, max(_skipped(gap, ordinary_mm), 1) + 2)[1:-1]
    return [round(height, 1) for height in inside.tolist()]


def _skipped(gap: PieceGap, ordinary_mm: float) -> int:
    return max(round(_width_mm(gap) / ordinary_mm) - 1, 0)


def _width_mm(gap: PieceGap) -> float:
    return gap.high_mm - gap.low_mm


def _ordinary_mm(gaps: Sequence[PieceGap], known_mm: float | None) -> float:
    own = lower_median(np.array([_width_mm(gap) for gap in gaps]))
    return own if known_mm is None else min(own, known_mm)
