"""How well a registration brings together what two structure sets draw: surfaces, and all of it aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from imaging.dicom.rt_structure import Roi, StructureSet
from trial_core.domain.protocol import SumRule
from workers.pipelines.registration_sense import drawn_in_both

_STEP_MM = 2.0
"""Between the points of a contour that distances are taken to."""
_LOOKED_FROM = 1000
"""At most about so many points of a structure: their mean is known to a tenth of a millimetre."""
_ALIKE_MM, _ALIKE_SHARE = 6.0, 0.1
"""Along an axis an organ is as long in both sets to two planes or a tenth; else a scan ended within it."""
_DIGITS = 3
"""Further ones would differ between processors."""
_Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """What both sides of a registration draw under one name, and how it lies after the registration.

    Attributes
    ----------
    distances_mm
        By the ROI's name: mean distance of the points of one surface from the other, in the direction that
        gives less, for a scan that ends earlier cuts an organ short.
    displacement_mm
        By how much the middles of all of them lie aside together (median along each axis, of those that are
        as long on both sides); None where none is.
    """

    distances_mm: dict[str, float] = field(default_factory=dict)
    displacement_mm: float | None = None

    @property
    def distance_mm(self) -> float | None:
        """The median: one organ that moved by itself, or was drawn otherwise, does not tell."""
        if not self.distances_mm:
            return None
        return round(float(np.median(list(self.distances_mm.values()))), _DIGITS)

    @property
    def unknown(self) -> str:
        """Why nothing is known of how well it agrees, in words; empty where something is."""
        if self.distances_mm:
            return ""
        return "nothing is drawn on both sides under one name to measure it by"

    @property
    def words(self) -> str:
        """The figures, as the end of a sentence about the registration."""
        if self.distance_mm is None:
            return self.unknown
        name, most = max(self.distances_mm.items(), key=lambda each: (each[1], each[0]))
        count, aside = len(self.distances_mm), self.displacement_mm
        of = f"median of {count} structures; most {most:.1f} mm: '{name}'" if count > 1 else f"'{name}' alone"
        apart = f"{self.distance_mm:.1f} mm apart by mean distance of surfaces ({of})"
        together = "" if aside is None else f" and {aside:.1f} mm aside as a whole"
        return f"after it, what both sides draw is {apart}{together}"

    def exceeds(self, rule: SumRule | None) -> str:
        """Which of the protocol's limits are not kept, in words; empty where they are, or there is none."""
        if rule is None:
            return ""
        beyond = [
            f"{limit:g} mm {words}"
            for found, limit, words in (
                (self.distance_mm, rule.surfaces_within_mm, "between surfaces"),
                (self.displacement_mm, rule.aside_within_mm, "aside"),
            )
            if found is not None and limit is not None and found > limit
        ]
        return f"{self.words}; the protocol allows {' and '.join(beyond)}" if beyond else ""


def agreement(
    matrix: _Matrix, structure_sets: Sequence[StructureSet], frame: str, dose_frame: str
) -> Agreement:
    """Measure a registration by the organs that both frames' structure sets draw under one name.

    Parameters
    ----------
    matrix
        From `frame` to `dose_frame`, 4 x 4, mm.
    structure_sets
        All of the course.

    Notes
    -----
    A registration that is off by s mm leaves about s / 2 between the surfaces of a round organ, and less
    where it is off along an organ: that is what the displacement shows.
    """
    here, there = drawn_in_both(structure_sets, frame, dose_frame)
    pairs = {name: _nearest_pair(matrix, rois, there[name]) for name, rois in here.items()}
    distances = {here[name][0].name: pair.distance_mm() for name, pair in pairs.items()}
    return Agreement(distances, _displacement_mm(list(pairs.values())))


def surfaces_apart_mm(one: Roi, other: Roi) -> float:
    """Mean distance of the surfaces of two structures of one frame, in the direction that gives less, mm."""
    return _Pair(_Surface.of(one), _Surface.of(other)).distance_mm()


def _nearest_pair(matrix: _Matrix, here: Sequence[Roi], there: Sequence[Roi]) -> _Pair:
    """Of all pairs of one name the one whose middles are nearest: several sets may draw in one frame."""
    pairs = [_Pair(_Surface.of(one).mapped(matrix), _Surface.of(other)) for one in here for other in there]
    return min(pairs, key=lambda pair: float(np.linalg.norm(pair.aside_mm)))


def _displacement_mm(pairs: Sequence[_Pair]) -> float | None:
    along = []
    for axis in range(3):
        known = [pair.aside_mm[axis] for pair in pairs if pair.is_alike[axis]]
        along += [float(np.median(known))] if known else []
    return round(float(np.linalg.norm(along)), _DIGITS) if along else None


@dataclass(frozen=True, eq=False)
class _Surface:
    """Points on the contours of a structure (n, 3), half the distance of its planes, their normal."""

    points_mm: _Matrix
    half_spacing_mm: float
    normal: _Matrix

    @classmethod
    def of(cls, roi: Roi) -> _Surface:
        assert roi.structure is not None  # noqa: S101 - who calls has looked
        contours = roi.structure.contours
        normal = _normal(max(contours, key=len))
        levels = np.unique(np.round([float((contour @ normal).mean()) for contour in contours], 2))
        spacing = float(np.median(np.diff(levels))) if len(levels) > 1 else 0.0
        return cls(np.concatenate([_dense(contour) for contour in contours]), spacing / 2, normal)

    def mapped(self, matrix: _Matrix) -> _Surface:
        turned = matrix[:3, :3]
        return _Surface(self.points_mm @ turned.T + matrix[:3, 3], self.half_spacing_mm, turned @ self.normal)

    def mean_distance_mm(self, points: _Matrix) -> float:
        """Of points from this surface; between two planes the surface runs on, and nothing is counted."""
        from scipy.spatial import cKDTree  # noqa: PLC0415 - takes a moment to load

        chosen = points[:: max(1, len(points) // _LOOKED_FROM)]
        _, nearest = cKDTree(self.points_mm).query(chosen)
        offsets = chosen - self.points_mm[nearest]
        along = np.abs(offsets @ self.normal)
        within = np.minimum(along, self.half_spacing_mm)
        squared = (offsets**2).sum(axis=1) - within * (2 * along - within)
        return float(np.sqrt(np.maximum(squared, 0.0)).mean())


@dataclass(frozen=True, eq=False)
class _Pair:
    """One organ on both sides, in one frame."""

    one: _Surface
    other: _Surface

    def distance_mm(self) -> float:
        """The mean distance of the surfaces, from the side from which it is less."""
        there = self.other.mean_distance_mm(self.one.points_mm)
        return round(min(there, self.one.mean_distance_mm(self.other.points_mm)), _DIGITS)

    @property
    def aside_mm(self) -> _Matrix:
        """From middle to middle of the boxes around them."""
        middles = [(each.points_mm.min(axis=0) + each.points_mm.max(axis=0)) / 2 for each in self._sides]
        return np.asarray(middles[1] - middles[0], dtype=np.float64)

    @property
    def is_alike(self) -> npt.NDArray[np.bool_]:
        """Along each axis, whether both are of one length."""
        lengths = np.array([np.ptp(each.points_mm, axis=0) for each in self._sides])
        most = np.maximum(_ALIKE_MM, _ALIKE_SHARE * lengths.max(axis=0))
        return np.asarray(np.ptp(lengths, axis=0) <= most, dtype=np.bool_)

    @property
    def _sides(self) -> tuple[_Surface, _Surface]:
        return self.one, self.other


def _dense(contour: _Matrix) -> _Matrix:
    """The corners of a closed contour, and points between those that lie far apart."""
    edges = np.roll(contour, -1, axis=0) - contour
    counts = np.maximum(np.ceil(np.linalg.norm(edges, axis=1) / _STEP_MM), 1).astype(int)
    part = np.concatenate([np.arange(count) / count for count in counts])[:, None]
    return np.asarray(np.repeat(contour, counts, axis=0) + part * np.repeat(edges, counts, axis=0))


def _normal(points: _Matrix) -> _Matrix:
    """Of the plane of a contour; its sign does not matter."""
    return np.asarray(np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2][-1])
