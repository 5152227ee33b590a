"""Contours of an anatomy on the slices of a CT."""

from collections.abc import Collection

from imaging.synthetic.anatomy import Anatomy, Part
from imaging.synthetic.ct import CtSeries
from imaging.synthetic.faults import Fault
from imaging.synthetic.placement import Placement
from imaging.synthetic.rt_structure import Roi
from imaging.synthetic.solids import FloatArray

UNCONTOURED = "Heart"
EMPTY = "Stomach"
INTERRUPTED = "Heart"
SMALLEST_SECTION = 0.05
"""A section narrower than this part of the widest is too small to draw."""


def contoured_rois(
    anatomy: Anatomy, placement: Placement, series: CtSeries, *, step_mm: float, faults: Collection[Fault]
) -> tuple[Roi, ...]:
    """Return the ROIs of an anatomy, contoured on every slice of a CT.

    Parameters
    ----------
    anatomy, placement, series
        What lies where, and the slices that are drawn on.
    step_mm
        Length of a contour's edges, about.
    faults
        Those of them that concern contours are planted.
    """
    rois = []
    for number, part in enumerate(anatomy.parts, start=1):
        if part.name == UNCONTOURED and Fault.MISSING_ORGAN in faults:
            continue
        contours_mm = _contours_mm(part, placement, series, step_mm)
        if part.name == EMPTY and Fault.EMPTY_STRUCTURE in faults:
            contours_mm = []
        if part.name == INTERRUPTED and Fault.MISSING_SLICES in faults:
            middle = len(contours_mm) // 2
            del contours_mm[middle - 1 : middle + 2]
        rois.append(Roi(number, part.name, tuple(contours_mm), part.interpreted_type, colour=part.colour))
    return tuple(rois)


def _contours_mm(part: Part, placement: Placement, series: CtSeries, step_mm: float) -> list[FloatArray]:
    contours_mm = []
    for _, _, z_mm in series.positions_mm:
        anatomy_z_mm = placement.anatomy_z_mm(z_mm)
        if part.solid.section_scale(anatomy_z_mm) > SMALLEST_SECTION:
            outline_mm = part.solid.outline_mm(anatomy_z_mm, step_mm)
            contours_mm.append(placement.outline_mm(outline_mm, z_mm))
    return contours_mm
