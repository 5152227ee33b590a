"""Pieces of a structure that lie apart and whose planes interleave: each is measured on planes of its own."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.contour_planes import ContourPlanes, contour_planes
from dosimetry.contours.plane_gaps import ORDINARY_GAP_RATIO, judge_gaps, lower_median
from dosimetry.kernels.touching_boxes import touching_boxes
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PieceGap:
    """A gap between neighbouring planes of one piece, and whether the solid is drawn through.

    `others_drawn` says that another piece of the structure has a contour in between.
    """

    low_mm: float
    high_mm: float
    is_drawn_through: bool
    others_drawn: bool


def interleaved_pieces(structure: Structure) -> tuple[Structure, ...]:
    """Take apart a structure in which the planes of a piece alternate with those of another.

    The left side contoured on slices 0, 3 and 6 mm, the right on 1.5 and 4.5 mm: among all the planes each
    piece would end and begin again at every slice. A piece is what hangs together by bounding boxes from
    one plane to the next that holds any of it, so nothing that overlaps is ever taken apart. It alternates
    where a plane of another lies between two of its own that are an ordinary distance apart. A wider gap in
    which another piece was drawn is no alternation: the piece was left out there, and ends on both sides.

    Parameters
    ----------
    structure
        Closed planar contours.

    Returns
    -------
    The structure itself where no piece alternates; else its pieces, each under the same name.
    """
    found = _pieces_of(structure)
    if not found.alternate:
        return (structure,)
    thickness = structure.slice_thickness_mm or found.ordinary_mm
    return tuple(
        Structure(structure.name, found.contours(stretch), slice_thickness_mm=thickness)
        for piece in found.pieces
        for stretch in found.stretches(piece)
    )


def piece_gaps(structure: Structure) -> tuple[PieceGap, ...]:
    """All gaps between neighbouring planes of each piece of a structure, as its solid is drawn."""
    found = _pieces_of(structure)
    if not found.alternate:
        drawn = judge_gaps(found.heights_mm, structure.slice_thickness_mm).drawn_through
        return tuple(
            _gap(found, low, high, drawn=high == low + 1 and drawn[low])
            for piece in found.pieces
            for low, high in pairwise(found.planes(piece))
        )
    thickness = structure.slice_thickness_mm or found.ordinary_mm
    return tuple(gap for piece in found.pieces for gap in _gaps_taken_apart(found, piece, thickness))


def _gaps_taken_apart(found: "_Pieces", piece: list[int], thickness_mm: float | None) -> list[PieceGap]:
    gaps = []
    stretches = [found.planes(stretch) for stretch in found.stretches(piece)]
    for planes in stretches:
        drawn = judge_gaps(found.heights_mm[planes], thickness_mm).drawn_through
        gaps += [_gap(found, *pair, drawn=one) for pair, one in zip(pairwise(planes), drawn, strict=True)]
    gaps += [_gap(found, low[-1], high[0], drawn=False) for low, high in pairwise(stretches)]
    return gaps


def _gap(found: "_Pieces", low: int, high: int, *, drawn: bool) -> PieceGap:
    return PieceGap(float(found.heights_mm[low]), float(found.heights_mm[high]), drawn, high > low + 1)


def _pieces_of(structure: Structure) -> "_Pieces":
    """Made once for a structure, as long as it lives."""
    if structure not in _KNOWN:
        _KNOWN[structure] = _Pieces(structure)
    return _KNOWN[structure]


class _Pieces:
    """The polygons of a structure by ascending height, and which make up a piece."""

    def __init__(self, structure: Structure) -> None:
        placed = contour_planes(structure)
        self._placed = placed
        self._slice_mm = structure.slice_thickness_mm
        self.heights_mm: FloatArray = np.array([w for w, _ in placed.planes])
        self._polygons = [
            (plane, polygon) for plane, (_, here) in enumerate(placed.planes) for polygon in here
        ]
        boxes = _boxes([polygon for _, polygon in self._polygons])
        self.pieces = _connected([plane for plane, _ in self._polygons], boxes)

    @cached_property
    def alternate(self) -> bool:
        """Whether the planes of some piece alternate with those of another."""
        return any(self._alternates(piece) for piece in self.pieces)

    @property
    def ordinary_mm(self) -> float | None:
        """The (lower) median distance of planes within all pieces; None where no piece has two planes."""
        every = np.concatenate([np.diff(self.heights_mm[self.planes(piece)]) for piece in self.pieces])
        return lower_median(every) if len(every) else None

    def planes(self, piece: list[int]) -> list[int]:
        """The planes that a piece is drawn on, ascending."""
        return sorted({self._polygons[index][0] for index in piece})

    def contours(self, piece: list[int]) -> list[FloatArray]:
        """The contours of a piece, (n, 3) each, in patient mm."""
        return [_placed(self._placed, *self._polygons[index]) for index in piece]

    def stretches(self, piece: list[int]) -> list[list[int]]:
        """A piece cut where its planes leave off although another piece was drawn on planes there."""
        planes = self.planes(piece)
        rhythm = self._rhythm_mm(planes) or self.ordinary_mm or 0.0
        skipping = [(low, high) for low, high in pairwise(planes) if high > low + 1]
        cut = [high for low, high in skipping if not self._is_ordinary(low, high, rhythm)]
        bounds = [planes[0], *cut, planes[-1] + 1]
        return [
            [index for index in piece if start <= self._polygons[index][0] < stop]
            for start, stop in pairwise(bounds)
        ]

    def _alternates(self, piece: list[int]) -> bool:
        planes = self.planes(piece)
        rhythm = self._rhythm_mm(planes) or self._slice_mm or 0.0
        return any(high > low + 1 and self._is_ordinary(low, high, rhythm) for low, high in pairwise(planes))

    def _is_ordinary(self, low: int, high: int, rhythm_mm: float) -> bool:
        return float(self.heights_mm[high] - self.heights_mm[low]) <= ORDINARY_GAP_RATIO * rhythm_mm

    def _rhythm_mm(self, planes: list[int]) -> float | None:
        """How far apart a piece's planes ordinarily lie; one gap alone is no rhythm."""
        gaps = np.diff(self.heights_mm[planes])
        return lower_median(gaps) if len(gaps) >= 2 else None


_KNOWN: WeakKeyDictionary[Structure, _Pieces] = WeakKeyDictionary()


def _boxes(polygons: list[FloatArray]) -> FloatArray:
    """Shape (n, 2, 2): lowest and highest u, v of each polygon."""
    if not polygons:
        return np.empty((0, 2, 2))
    points = np.concatenate(polygons)
    starts = np.cumsum([0, *(len(polygon) for polygon in polygons[:-1])])
    ends = [np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)]
    return np.stack(ends, axis=1)


def _connected(planes: list[int], boxes: FloatArray) -> list[list[int]]:
    """Indices of the polygons of each piece, in their order; `planes` ascends."""
    piece = touching_boxes(np.array(planes, dtype=np.int64), boxes)
    return [np.flatnonzero(piece == number).tolist() for number in np.unique(piece)]


def _placed(placed: ContourPlanes, plane: int, polygon: FloatArray) -> FloatArray:
    """Polygon (n, 2) of a plane as a contour (n, 3) in patient mm."""
    heights = np.full(len(polygon), placed.planes[plane][0])
    contour: FloatArray = np.column_stack([polygon, heights]) @ placed.frame
    return contour
