"""Pieces of a structure that lie apart and whose planes interleave: each is measured on planes of its own."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.contour_planes import contour_planes
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]


def interleaved_pieces(structure: Structure) -> tuple[Structure, ...]:
    """Take apart a structure in which a piece leaves out planes that another piece is drawn on.

    The left side contoured on slices 0, 3 and 6 mm, the right on 1.5 and 4.5 mm: among all the planes each
    piece would end and begin again at every slice. A piece is what hangs together by bounding boxes from
    one plane to the next that holds any of it, so nothing that overlaps is ever taken apart.

    Parameters
    ----------
    structure
        Closed planar contours.

    Returns
    -------
    The structure itself where no piece leaves out a plane; else its pieces, each under the same name.
    """
    found = contour_planes(structure)
    heights = [w for w, _ in found.planes]
    polygons = [(plane, polygon) for plane, (_, here) in enumerate(found.planes) for polygon in here]
    pieces = _pieces([plane for plane, _ in polygons], _boxes([polygon for _, polygon in polygons]))
    if not any(_leaves_out_a_plane([polygons[index][0] for index in piece]) for piece in pieces):
        return (structure,)
    thickness = structure.slice_thickness_mm or _ordinary_mm(pieces, polygons, heights)
    return tuple(
        Structure(
            structure.name,
            [_placed(polygons[index][1], heights[polygons[index][0]], found.frame) for index in piece],
            slice_thickness_mm=thickness,
        )
        for piece in pieces
    )


def _ordinary_mm(
    pieces: list[list[int]], polygons: list[tuple[int, FloatArray]], heights: list[float]
) -> float | None:
    """The (lower) median distance of planes within all pieces; None where no piece has two planes."""
    gaps = [np.diff(sorted({heights[polygons[index][0]] for index in piece})) for piece in pieces]
    every = np.sort(np.concatenate(gaps))
    return float(every[(len(every) - 1) // 2]) if len(every) else None


def _boxes(polygons: list[FloatArray]) -> FloatArray:
    """Shape (n, 2, 2): lowest and highest u, v of each polygon."""
    return np.array([[polygon.min(axis=0), polygon.max(axis=0)] for polygon in polygons]).reshape(-1, 2, 2)


def _pieces(planes: list[int], boxes: FloatArray) -> list[list[int]]:
    """Indices of the polygons of each piece, in their order; `planes` ascends."""
    piece = np.arange(len(planes))
    plane_of = np.array(planes)
    for index, plane in enumerate(planes):
        for other in _neighbours(plane, boxes[index], plane_of, boxes):
            piece[piece == piece[other]] = piece[index]
    return [np.flatnonzero(piece == number).tolist() for number in dict.fromkeys(piece.tolist())]


def _neighbours(plane: int, box: FloatArray, planes: NDArray[np.intp], boxes: FloatArray) -> list[int]:
    """Polygons whose box meets this one: in its plane, and in the next plane above that holds any."""
    meet = (boxes[:, 0] <= box[1]).all(axis=1) & (boxes[:, 1] >= box[0]).all(axis=1)
    above = planes[meet & (planes > plane)]
    nearest = above.min() if len(above) else plane
    return np.flatnonzero(meet & ((planes == plane) | (planes == nearest))).tolist()


def _leaves_out_a_plane(planes: list[int]) -> bool:
    return len(set(planes)) <= max(planes) - min(planes)


def _placed(polygon: FloatArray, w_mm: float, frame: FloatArray) -> FloatArray:
    """Polygon (n, 2) of a plane as a contour (n, 3) in patient mm."""
    contour: FloatArray = np.column_stack([polygon, np.full(len(polygon), w_mm)]) @ frame
    return contour
