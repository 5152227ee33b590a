"""Outlines of a structure set as two arrays: the contours that its solids are made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.contour_planes import ContourPlanes, contour_planes
from dosimetry.contours.plane_gaps import judge_gaps
from dosimetry.errors import DosimetryError
from dosimetry.structure import Structure
from trial_core.domain.pictures import Outlines, StructurePicture
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import StructureStatus
from trial_core.picture_store import Keep
from workers.pipelines.structure_lookup import StructureLookup

FloatArray = NDArray[np.float64]
ShownStructure = tuple[StructurePicture, Structure]


def outlines_of(
    lookup: StructureLookup, protocol: Protocol, keep: Keep
) -> tuple[Outlines, tuple[ShownStructure, ...]]:
    """Keep the outlines of every region that encloses anything; the protocol's come first.

    Returns
    -------
    Where the arrays are, and each structure's part in them, with its contours.
    """
    names = _protocol_names(lookup, protocol)
    rois = lookup.structure_set.rois if lookup.structure_set else ()
    drawn = [(roi.name, roi.structure, _planes(roi.structure)) for roi in rois if roi.structure is not None]
    drawn.sort(key=lambda one: not names.get(one[0]))
    points: list[FloatArray] = []
    shown: list[ShownStructure] = []
    for name, structure, planes in drawn:
        if planes is None:
            continue
        contours = _contours(planes)
        spacing_mm = _spacing_mm(planes, structure)
        picture = _picture(name, names.get(name, ()), planes, contours, spacing_mm)
        shown.append((replace(picture, first_contour=len(points)), structure))
        points += contours
    return _kept(points, keep), tuple(shown)


def _planes(structure: Structure) -> ContourPlanes | None:
    try:
        planes = contour_planes(structure)
    except DosimetryError:  # it encloses nothing, as the check has said
        return None
    return planes if planes.planes else None


def _protocol_names(lookup: StructureLookup, protocol: Protocol) -> dict[str, tuple[str, ...]]:
    """By name of region: the protocol's structures that are made from it."""
    names: dict[str, tuple[str, ...]] = {}
    for rule in protocol.structures:
        found = lookup.find(rule.name)
        if found.status is StructureStatus.FOUND:
            for site_name in found.site_names:
                names[site_name] = (*names.get(site_name, ()), rule.name)
    return names


def _contours(planes: ContourPlanes) -> list[FloatArray]:
    """Each polygon in patient mm, shape (n, 3)."""
    return [
        np.column_stack([polygon, np.full(len(polygon), height)]) @ planes.frame
        for height, polygons in planes.planes
        for polygon in polygons
    ]


def _picture(
    name: str,
    protocol_names: tuple[str, ...],
    planes: ContourPlanes,
    contours: list[FloatArray],
    spacing_mm: float,
) -> StructurePicture:
    everything = np.concatenate(contours)
    x, y, z = ((everything.min(axis=0) + everything.max(axis=0)) / 2).tolist()
    u, v, w = planes.frame[2].tolist()
    return StructurePicture(
        name=name,
        protocol_names=protocol_names,
        first_contour=0,
        contours=len(contours),
        normal=(u, v, w),
        spacing_mm=spacing_mm,
        centre_mm=(x, y, z),
        spots=(),
    )


def _spacing_mm(planes: ContourPlanes, structure: Structure) -> float:
    heights = np.array([height for height, _ in planes.planes])
    return judge_gaps(heights, structure.slice_thickness_mm).ordinary_mm


def _kept(contours: list[FloatArray], keep: Keep) -> Outlines:
    counts = np.array([0, *(len(each) for each in contours)], dtype=np.int64)
    points = np.concatenate(contours) if contours else np.zeros((0, 3))
    return Outlines(
        points_sha256=keep(points.astype(np.float32)),
        starts_sha256=keep(np.cumsum(counts)),
        points=len(points),
        contours=len(contours),
    )
