"""A contour that crosses itself is parted into outlines that do not, and said."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.dvh import dose_volume_histogram
from dosimetry.grid import DoseGrid
from dosimetry.region import Region
from dosimetry.structure import Structure
from imaging.dicom.contour_planes import ContourPlane, contour_planes
from imaging.findings import FindingCode
from imaging.linking.settled_contours import Settled, settle_contours
from tests.imaging.reading import codes

Floats = npt.NDArray[np.float64]
UNIT_Z = np.eye(3)[2]


def settled_as_drawn(contours: Sequence[Floats]) -> Settled:
    planes = [plane for plane in contour_planes(contours) if isinstance(plane, ContourPlane)]
    return settle_contours(contours, planes, spacing_mm=None, by_exclusive_or=False)


def areas_mm2(settled: Settled) -> list[float]:
    return [float(shapely.polygons(each.in_plane).area) for each in settled.outlines]


def test_contour__that_crosses_itself_is_said() -> None:
    eight = np.array([[0, 0, 0], [10, 10, 0], [10, 0, 0], [0, 10, 0.0]])
    settled = settled_as_drawn([eight])
    assert codes(settled.findings) == [FindingCode.CONTOUR_SELF_CROSSING]
    assert areas_mm2(settled) == pytest.approx([25.0, 25.0])


def test_contour__that_crosses_itself_is_parted_into_outlines_that_enclose_something() -> None:
    """The signed areas of the two halves cancel: nothing could be told from the contour as it was drawn."""
    eight = np.array([[0, 0, 0], [10, 10, 0], [10, 0, 0], [0, 10, 0.0]])
    settled = settled_as_drawn([eight + z * UNIT_Z for z in (-6.0, -3.0, 0.0, 3.0, 6.0)])
    assert areas_mm2(settled) == pytest.approx([25.0] * 10)
    structure = Structure("bow tie", [each.points for each in settled.outlines])
    dose = Dose((DoseLayer(DoseGrid(np.full((9, 9, 9), 2.0), np.diag([4.0, 4.0, 4.0, 1.0])), None),))
    assert dose_volume_histogram(Region.of(structure), dose).volume_cc == pytest.approx(0.75, rel=0.02)
