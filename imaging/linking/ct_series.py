"""CT slices to series: sorted along their normal, with spacing from positions, gaps and duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from imaging.dicom.ct import CtSeries, CtSlice
from imaging.dicom.geometry import FloatArray, PatientPosition
from imaging.findings import Finding, FindingCode, info, warning

SAME_SLICE_MM = 0.01
"""Slices nearer than this lie in one plane."""
IRREGULAR_SHARE = 0.1
"""Distances that leave the median by more than this share of it are irregular; by more than half of it, a
gap."""
GAP_SHARE = 0.5
_AGAIN = "Export the whole CT series once, without other series."


@dataclass(frozen=True)
class CtSeriesFound:
    """A series with what was found in it, and slices left out as duplicates or strangers."""

    series: CtSeries
    findings: tuple[Finding, ...]
    left_out: tuple[CtSlice, ...]


def build_series(slices: Iterable[CtSlice]) -> list[CtSeriesFound]:
    """Group slices by series and check each."""
    ordered = sorted(slices, key=lambda one: (one.series_uid, one.sop_instance_uid))
    return [_build(list(group)) for _, group in groupby(ordered, key=lambda one: one.series_uid)]


def _build(slices: list[CtSlice]) -> CtSeriesFound:
    findings: list[Finding] = []
    like_most = _like_most(slices, findings)
    positions = _positions(like_most)
    order = np.argsort(positions, kind="stable")
    kept, left_out = _each_position_once([like_most[i] for i in order], positions[order], findings)
    distances = np.diff(_positions(kept)) if len(kept) > 1 else np.zeros(0)
    spacing = float(np.median(distances)) if len(distances) else None
    known = {one.sop_instance_uid for one in like_most}
    left_out += [one for one in slices if one.sop_instance_uid not in known]
    is_regular = _check_distances(kept, distances, spacing, findings)
    _check_labels(kept, spacing, findings)
    series = CtSeries(
        series_uid=kept[0].series_uid,
        frame_of_reference_uid=kept[0].frame_of_reference_uid,
        patient_position=kept[0].patient_position,
        slices=tuple(kept),
        positions_mm=tuple(float(position) for position in _positions(kept)),
        spacing_mm=spacing,
        is_regular=is_regular,
        left_out=tuple(one.file for one in left_out),
    )
    return CtSeriesFound(series, tuple(findings), tuple(left_out))


def _like_most(slices: list[CtSlice], findings: list[Finding]) -> list[CtSlice]:
    """Keep the slices that share the geometry of most; a series has one."""
    geometry = {one.sop_instance_uid: _geometry(one) for one in slices}
    ranked = sorted(Counter(geometry.values()).items(), key=lambda item: (-item[1], str(item[0])))
    kept = [one for one in slices if geometry[one.sop_instance_uid] == ranked[0][0]]
    if others := [one for one in slices if geometry[one.sop_instance_uid] != ranked[0][0]]:
        message = (
            f"{len(others)} of {len(slices)} CT images differ from the others in orientation, pixel spacing, "
            "matrix, patient position or frame of reference; they were left out."
        )
        findings.append(_warning(FindingCode.CT_GEOMETRY_MIXED, message, others[0]))
    return kept


def _geometry(one: CtSlice) -> tuple[object, ...]:
    plane = one.plane
    numbers = np.round((*plane.row_direction, *plane.column_direction, *plane.pixel_spacing_mm), 3) + 0.0
    return (
        *numbers.tolist(),
        one.rows,
        one.columns,
        one.frame_of_reference_uid or "",
        one.patient_position or "",
    )


def _positions(slices: list[CtSlice]) -> FloatArray:
    normal = slices[0].plane.normal
    return np.array([one.plane.position_mm for one in slices]) @ normal


def _each_position_once(
    slices: list[CtSlice], positions: FloatArray, findings: list[Finding]
) -> tuple[list[CtSlice], list[CtSlice]]:
    is_new = np.concatenate(([True], np.diff(positions) > SAME_SLICE_MM))
    kept = [one for one, new in zip(slices, is_new, strict=True) if new]
    doubled = [one for one, new in zip(slices, is_new, strict=True) if not new]
    if doubled:
        message = f"{len(doubled)} CT image(s) lie where another already lies; one of each was kept."
        findings.append(_warning(FindingCode.CT_SLICE_DUPLICATED, message, doubled[0]))
    return kept, doubled


def _check_distances(
    slices: list[CtSlice], distances: FloatArray, spacing: float | None, findings: list[Finding]
) -> bool:
    if spacing is None:
        return True
    gaps = np.flatnonzero(distances > spacing * (1 + GAP_SHARE))
    irregular = np.flatnonzero(np.abs(distances - spacing) > spacing * IRREGULAR_SHARE)
    if len(gaps):
        missing = int(np.round(distances[gaps] / spacing - 1).sum())
        after = slices[gaps[0]]
        message = (
            f"About {missing} CT slice(s) are missing: {len(gaps)} gap(s) above {spacing:.4g} mm spacing."
        )
        findings.append(_warning(FindingCode.CT_SLICE_GAP, message, after))
    elif len(irregular):
        message = f"CT slices are between {distances.min():.4g} and {distances.max():.4g} mm apart."
        findings.append(_warning(FindingCode.CT_SPACING_IRREGULAR, message, slices[irregular[0]]))
    return not len(gaps) and not len(irregular)


def _check_labels(slices: list[CtSlice], spacing: float | None, findings: list[Finding]) -> None:
    first = slices[0]
    if first.patient_position not in PatientPosition.__members__:
        message = f"PatientPosition of the CT is {first.patient_position or 'missing'}."
        findings.append(_warning(FindingCode.PATIENT_POSITION_UNKNOWN, message, first, "PatientPosition"))
    if first.frame_of_reference_uid is None:
        message = "The CT names no frame of reference."
        findings.append(
            _warning(FindingCode.FRAME_OF_REFERENCE_MISSING, message, first, "FrameOfReferenceUID")
        )
    thickness = first.thickness_mm
    if spacing and thickness and abs(thickness - spacing) > IRREGULAR_SHARE * spacing:
        message = f"SliceThickness is {thickness:.4g} mm, but the slices are {spacing:.4g} mm apart."
        findings.append(
            info(FindingCode.CT_THICKNESS_DIFFERS, message, file=first.file, element="SliceThickness")
        )
    if any(one.is_compressed for one in slices):
        message = "The pixels of the CT are compressed; its geometry was read, its images cannot be shown."
        findings.append(
            info(
                FindingCode.TRANSFER_SYNTAX_UNSUPPORTED, message, file=first.file, element="TransferSyntaxUID"
            )
        )


def _warning(code: FindingCode, message: str, one: CtSlice, element: str = "ImagePositionPatient") -> Finding:
    return warning(code, message, action=_AGAIN, file=one.file, element=element)
