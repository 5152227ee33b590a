"""From contours to sections: parallel planes, the parts in each, and which parts of neighbours link."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dosimetry.kernels.enclosed_area import enclosed_area
from dosimetry.kernels.even_odd import inside_points
from dosimetry.kernels.false_boundary import bounds_something
from dosimetry.kernels.polygon_distance import inscribed_radius
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

DEFAULT_SLICE_THICKNESS_MM = 3.0
"""Thickness of a structure with one plane where the image's slice distance is not known."""
BRIDGED_GAP_RATIO = 3.5
"""A gap of up to this many ordinary distances (two missing slices, and rounding) is drawn through."""
ORDINARY_GAP_RATIO = 1.5
"""Above this many ordinary slice distances a gap is no measure of how far an end reaches."""
_PLANE_TOLERANCE_MM = 0.01
"""Contours nearer than this lie in one plane: the rounding of coordinates in files."""
_PLANAR_TOLERANCE_MM = 0.1
"""A contour that leaves its plane by more than this on either side is not planar."""
_SMALLEST_AREA_MM2 = 1e-4
"""Below this a contour is a point or a line: the square of 0.01 mm, the rounding of coordinates."""
_CHANNEL_WIDTH_MM = 0.05
"""Keyhole channels up to twice as wide do not count as an outline."""


class IgnoredReason(StrEnum):
    """Why a contour adds no volume."""

    TOO_FEW_POINTS = "too_few_points"
    NO_AREA = "no_area"
    NOT_PLANAR = "not_planar"
    OTHER_ORIENTATION = "other_orientation"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class IgnoredContour:
    """A contour that was left out, by its position among the structure's contours."""

    index: int
    reason: IgnoredReason


@dataclass(frozen=True, eq=False)
class Part:
    """One connected outline of a section, holes included.

    Parameters
    ----------
    outline
        Shape (m, 4): closed polygons as segments u, v, u, v in mm, for the even-odd rule.
    boundary
        Shape (b, 4): those segments of the outline that separate inside from outside.
    radius_mm
        Of an inscribed circle.
    area_mm2
        Enclosed.
    """

    outline: FloatArray
    boundary: FloatArray
    radius_mm: float
    area_mm2: float


@dataclass(frozen=True, eq=False)
class Section:
    """Everything that a structure encloses in one plane, at height `w_mm`."""

    w_mm: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class SectionStack:
    """A structure as a pile of sections.

    Parameters
    ----------
    frame
        Shape (3, 3): rows are the unit vectors u, v (in the planes) and w (across) in patient axes.
    sections
        By ascending height.
    links
        For each pair of neighbouring sections a matrix (lower parts, upper parts) that says which
        overlap, or None where the gap is not drawn through.
    spacing_mm
        The ordinary distance of planes.
    ignored
        Contours that add no volume.
    """

    frame: FloatArray
    sections: tuple[Section, ...]
    links: tuple[BoolArray | None, ...]
    spacing_mm: float
    ignored: tuple[IgnoredContour, ...]

    @property
    def heights_mm(self) -> FloatArray:
        """Heights of the sections, shape (n,)."""
        return np.array([section.w_mm for section in self.sections])

    def linked(self, plane: int, side: int) -> bool:
        """Whether the gap above (side +1) or below (-1) a plane is drawn through."""
        gap = plane if side > 0 else plane - 1
        return 0 <= gap < len(self.links) and self.links[gap] is not None

    def goes_on(self, plane: int, side: int) -> BoolArray:
        """Which parts of a plane overlap a part of the next one on a side, shape (parts,)."""
        link = self.links[plane if side > 0 else plane - 1] if self.linked(plane, side) else None
        if link is None:
            return np.zeros(len(self.sections[plane].parts), dtype=np.bool_)
        return np.asarray(link.any(axis=1 if side > 0 else 0))

    def ending_parts(self, plane: int, side: int) -> list[int]:
        """The parts of a plane that do not go on to a side."""
        ending: list[int] = np.flatnonzero(~self.goes_on(plane, side)).tolist()
        return ending

    def lineage(self, plane: int, part: int, side: int) -> list[tuple[int, tuple[int, ...]]]:
        """A part, and what it overlaps in up to two further planes on a side: plane and parts of each."""
        found: list[tuple[int, tuple[int, ...]]] = [(plane, (part,))]
        while len(found) < 3:
            here, parts = found[-1]
            if not self.linked(here, side):
                break
            link = self.links[here if side > 0 else here - 1]
            assert link is not None  # noqa: S101 - it is linked
            rows = link if side > 0 else link.T
            further = np.flatnonzero(rows[list(parts)].any(axis=0)).tolist()
            if not further:
                break
            found.append((here + side, tuple(further)))
        return found

    def gap_mm(self, plane: int, side: int) -> float:
        """What an end on a side is measured by: the gap behind it, or if unusual the ordinary distance."""
        if self.linked(plane, -side):
            gap = abs(self.sections[plane].w_mm - self.sections[plane - side].w_mm)
            if gap <= ORDINARY_GAP_RATIO * self.spacing_mm:
                return gap
        return self.spacing_mm


def stack_sections(structure: Structure) -> SectionStack:
    """Sort a structure's contours into planes and link the parts of neighbouring planes.

    A gap wider than `BRIDGED_GAP_RATIO` ordinary distances is not drawn through: what lies on its
    two sides ends there. The ordinary distance is the (lower) median distance of the planes, with two
    planes or one the structure's `slice_thickness_mm` if given; in a stretch of wider planes, the
    smaller of the two gaps beside counts. Contours that enclose nothing, leave their plane, lie across
    the others or repeat one of the same plane are ignored, with the reason.
    """
    kept, ignored = _usable_contours(structure)
    frame = _common_frame(structure, kept)
    planes, misplaced = _planes(structure, kept, frame)
    sections = tuple(Section(w, _parts(polygons)) for w, polygons in planes)
    sections = tuple(section for section in sections if section.parts)
    spacing, bridged = _gaps(np.array([s.w_mm for s in sections]), structure.slice_thickness_mm)
    links = tuple(
        _overlaps(low, high) if bridge else None
        for low, high, bridge in zip(sections[:-1], sections[1:], bridged, strict=True)
    )
    everything = tuple(sorted(ignored + misplaced, key=lambda item: item.index))
    return SectionStack(frame, sections, links, spacing, everything)


def _usable_contours(structure: Structure) -> tuple[list[int], list[IgnoredContour]]:
    kept, ignored = [], []
    for index, contour in enumerate(structure.contours):
        reason = _why_unusable(contour)
        if reason is None:
            kept.append(index)
        else:
            ignored.append(IgnoredContour(index, reason))
    return kept, ignored


def _why_unusable(contour: FloatArray) -> IgnoredReason | None:
    if len(np.unique(contour, axis=0)) < 3:
        return IgnoredReason.TOO_FEW_POINTS
    return None if _extent_area_mm2(contour) > _SMALLEST_AREA_MM2 else IgnoredReason.NO_AREA


def _extent_area_mm2(contour: FloatArray) -> float:
    """Twice the spread in the two main directions: zero for a line; robust for figures of eight."""
    spread = np.linalg.svd(contour - contour.mean(axis=0), compute_uv=False) / np.sqrt(len(contour))
    return float(4 * spread[0] * spread[1])


def _area_vector(contour: FloatArray) -> FloatArray:
    """Newell's normal times the enclosed area."""
    relative = contour - contour[0]
    vector: FloatArray = 0.5 * np.cross(relative, np.roll(relative, -1, axis=0)).sum(axis=0)
    return vector


def _common_frame(structure: Structure, kept: list[int]) -> FloatArray:
    """Unit vectors of the orientation that holds the largest area; patient axes where they fit."""
    best, best_area = np.array([0.0, 0.0, 1.0]), 0.0
    groups: list[tuple[FloatArray, float]] = []
    for index in kept:
        vector = _area_vector(structure.contours[index])
        area = float(np.linalg.norm(vector))
        if area == 0:
            continue
        normal = vector / area
        for number, (direction, total) in enumerate(groups):
            if abs(direction @ normal) > 0.999:
                groups[number] = (direction, total + area)
                break
        else:
            groups.append((normal, area))
    for direction, total in groups:
        if total > best_area:
            best, best_area = direction, total
    return _frame_of(best)


def _frame_of(normal: FloatArray) -> FloatArray:
    largest = int(np.argmax(np.abs(normal)))
    w = normal * np.sign(normal[largest])
    if np.abs(np.delete(w, largest)).max() < 1e-4:
        w = np.eye(3)[largest]
    seed = np.eye(3)[1 if largest == 0 else 0]
    u = seed - (seed @ w) * w
    u /= np.linalg.norm(u)
    return np.stack([u, np.cross(w, u), w])


def _planes(
    structure: Structure, kept: list[int], frame: FloatArray
) -> tuple[list[tuple[float, list[FloatArray]]], list[IgnoredContour]]:
    """Polygons (n, 2) by ascending height, and what does not fit."""
    placed: list[tuple[float, int, FloatArray]] = []
    ignored: list[IgnoredContour] = []
    for index in kept:
        uvw = structure.contours[index] @ frame.T
        heights = uvw[:, 2]
        if heights.max() - heights.min() > 2 * _PLANAR_TOLERANCE_MM:
            ignored.append(IgnoredContour(index, _why_misplaced(uvw)))
        else:
            placed.append((float(np.median(heights)), index, uvw[:, :2]))
    planes: list[tuple[float, list[FloatArray]]] = []
    for w, index, polygon in sorted(placed, key=lambda item: (item[0], item[1])):
        if not planes or w - planes[-1][0] > _PLANE_TOLERANCE_MM:
            planes.append((w, []))
        if any(_same_polygon(polygon, other) for other in planes[-1][1]):
            ignored.append(IgnoredContour(index, IgnoredReason.DUPLICATE))
        else:
            planes[-1][1].append(polygon)
    return planes, ignored


def _why_misplaced(uvw: FloatArray) -> IgnoredReason:
    thickness = np.linalg.svd(uvw - uvw.mean(axis=0), compute_uv=False)[2] / np.sqrt(len(uvw))
    return IgnoredReason.OTHER_ORIENTATION if thickness < _PLANAR_TOLERANCE_MM else IgnoredReason.NOT_PLANAR


def _same_polygon(one: FloatArray, other: FloatArray) -> bool:
    """Same points, whatever the first one and the direction."""
    if one.shape != other.shape:
        return False
    return np.array_equal(one[np.lexsort(one.T)], other[np.lexsort(other.T)])


def _parts(polygons: list[FloatArray]) -> tuple[Part, ...]:
    """Group the polygons of one plane that overlap or lie in one another."""
    outlines = [_segments(polygon) for polygon in polygons]
    group = list(range(len(outlines)))
    for a in range(len(outlines)):
        for b in range(a):
            if group[a] != group[b] and _polygons_meet(outlines[a], outlines[b]):
                old, new = group[a], group[b]
                group = [new if g == old else g for g in group]
    members = [
        np.concatenate([o for o, g in zip(outlines, group, strict=True) if g == n])
        for n in sorted(set(group))
    ]
    parts = [_part(outline) for outline in members]
    return tuple(part for part in parts if part is not None)


def _segments(polygon: FloatArray) -> FloatArray:
    """Closed polygon (n, 2) to segments (m, 4); repeated points make none."""
    segments = np.concatenate([polygon, np.roll(polygon, -1, axis=0)], axis=1)
    return np.ascontiguousarray(segments[(segments[:, :2] != segments[:, 2:]).any(axis=1)])


def _boxes_meet(one: FloatArray, other: FloatArray) -> bool:
    a, b = one[:, :2], other[:, :2]
    return bool((a.min(axis=0) <= b.max(axis=0)).all() and (b.min(axis=0) <= a.max(axis=0)).all())


def _polygons_meet(one: FloatArray, other: FloatArray) -> bool:
    if not _boxes_meet(one, other):
        return False
    return bool(
        inside_points(other, _points_along(one)).any() or inside_points(one, _points_along(other)).any()
    )


def _points_along(segments: FloatArray) -> FloatArray:
    """Start and points in between of every segment, so that crossing edges are seen too."""
    steps = np.linspace(0, 1, 8, endpoint=False)[:, None, None]
    return (segments[:, :2] + steps * (segments[:, 2:] - segments[:, :2])).reshape(-1, 2)


def _part(outline: FloatArray) -> Part | None:
    boundary = outline[bounds_something(outline, _CHANNEL_WIDTH_MM)]
    if not len(boundary):
        return None
    area, u, v, reach = enclosed_area(outline, _SCAN_LINES)
    if area <= _SMALLEST_AREA_MM2:
        return None
    return Part(outline, boundary, inscribed_radius(boundary, np.array([u, v]), reach), area)


_SCAN_LINES = 64


def _gaps(heights: FloatArray, thickness_mm: float | None) -> tuple[float, list[bool]]:
    """The ordinary distance of planes, and which gaps are drawn through."""
    gaps = np.diff(heights)
    spacing = _ordinary_distance_mm(gaps, thickness_mm)
    bridged = []
    for n, gap in enumerate(gaps):
        beside = [*gaps[max(n - 1, 0) : n], *gaps[n + 1 : n + 2]]
        ordinary = max(spacing, min(beside, default=0.0))
        bridged.append(bool(gap <= BRIDGED_GAP_RATIO * ordinary))
    return spacing, bridged


def _ordinary_distance_mm(gaps: FloatArray, thickness_mm: float | None) -> float:
    if len(gaps) >= 2:
        return float(np.sort(gaps)[(len(gaps) - 1) // 2])
    if thickness_mm is not None:
        return thickness_mm
    return float(gaps[0]) if len(gaps) else DEFAULT_SLICE_THICKNESS_MM


def _overlaps(low: Section, high: Section) -> BoolArray:
    return np.array([[_polygons_meet(a.outline, b.outline) for b in high.parts] for a in low.parts])
