"""A contour that encloses nothing is a lost outline where nothing else is drawn on its slice."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from imaging.dicom.rt_structure import StructureSet
from imaging.findings import FindingCode, Severity
from tests.imaging.reading import parse_dataset
from tests.support.dicom_builders import structure_dataset

Floats = npt.NDArray[np.float64]


def square(z_mm: float, *, turn: int = 1) -> Floats:
    corners = [[-10.0, -10.0, z_mm], [10.0, -10.0, z_mm], [10.0, 10.0, z_mm], [-10.0, 10.0, z_mm]]
    return np.array(corners[::turn])


def point(z_mm: float, points: int = 4) -> Floats:
    return np.tile([3.0, 4.0, z_mm], (points, 1))


def said_of(folder: Path, contours: Sequence[Floats]) -> list[tuple[Severity, str]]:
    structures, findings = parse_dataset(structure_dataset({"PTV": contours}), folder)
    assert isinstance(structures, StructureSet)
    code = FindingCode.CONTOUR_TYPE_SET_ASIDE
    return [(each.severity, each.message) for each in findings if each.code is code]


@pytest.mark.parametrize("turn", [1, -1])
def test_collapsed_contour__alone_on_its_slice_is_a_warning(tmp_path: Path, turn: int) -> None:
    contours = [square(0.0), square(3.0, turn=turn), square(6.0), point(9.0)]
    assert said_of(tmp_path, contours) == [
        (
            Severity.WARNING,
            "1 contour(s) of three points or more enclose no area and stand alone on a slice.",
        )
    ]


@pytest.mark.parametrize("beside", [point(3.0), point(9.0, points=1)], ids=["beside another", "one point"])
def test_contour_without_area__beside_an_outline_or_of_one_point_is_said_for_completeness(
    tmp_path: Path, beside: Floats
) -> None:
    contours = [square(0.0), square(3.0, turn=-1), square(6.0), beside]
    assert said_of(tmp_path, contours) == [
        (Severity.INFO, "1 contour(s) enclose no area (a point or a line) and add no volume.")
    ]
