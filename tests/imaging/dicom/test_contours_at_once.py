"""Contours read and placed together say what each alone says, refusals included."""

import numpy as np
import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from imaging.dicom.contour_planes import ContourFlaw, ContourPlane, contour_planes
from imaging.dicom.contours import ContourError, read_all_points, read_points
from imaging.dicom.elements import Item

SQUARE = b"0\\0\\5\\10\\0\\5\\10\\10\\5\\0\\10\\5"


def _contour(written: bytes, announced: bytes = b"") -> Item:
    dataset = Dataset()
    for tag, vr, value in ((0x30060046, "IS", announced), (0x30060050, "DS", written)):
        if value:
            raw = RawDataElement(Tag(tag), vr, len(value), value, 0, False, True)
            dataset._dict[Tag(tag)] = raw
    return Item(dataset, "rs.dcm", [])


def test_read_all_points__are_those_of_each_alone() -> None:
    contours = [_contour(SQUARE, b"4 "), _contour(SQUARE + b"\\0\\0\\5 ", b"5"), _contour(b"1\\2\\3 ")]
    for one, alone in zip(read_all_points(contours), map(read_points, contours), strict=True):
        assert np.array_equal(one, alone)
    assert read_all_points([]) == []


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"1\\2",
        b"1\\2\\3\\",
        b"\\1\\2\\3",
        b"1\\2\\x",
        b"1\\2 3\\4",
        b"1e999\\0\\0",
        b"9e9\\0\\0",
        b"1\\\\3",
    ],
)
def test_read_all_points__refuses_what_one_alone_refuses(written: bytes) -> None:
    with pytest.raises(ContourError) as alone:
        read_points(_contour(written))
    with pytest.raises(ContourError) as together:
        read_all_points([_contour(SQUARE), _contour(written), _contour(b"4\\5\\6")])
    assert together.value.problem == alone.value.problem


def test_read_all_points__two_halves_make_no_whole() -> None:
    with pytest.raises(ContourError, match="three coordinates"):
        read_all_points([_contour(b"1\\2"), _contour(b"3")])
    with pytest.raises(ContourError, match="announces"):
        read_all_points([_contour(SQUARE, b"5"), _contour(SQUARE, b"3")])


def test_contour_planes__together_are_those_of_each_alone() -> None:
    rng = np.random.default_rng(5)
    square = np.array([[0.0, 0, 5], [10, 0, 5], [10, 10, 5], [0, 10, 5]])
    eight = square[[0, 2, 1, 3]]
    contours = [square, square[:2], square[:0], eight, square * [1, 0, 1], square + rng.normal(0, 2, (4, 3))]
    together = contour_planes(contours)
    for points, plane in zip(contours, together, strict=True):
        (alone,) = contour_planes([points])
        if isinstance(plane, ContourPlane):
            assert isinstance(alone, ContourPlane)
            assert (plane.area_mm2, plane.distance_mm) == (alone.area_mm2, alone.distance_mm)
        else:
            assert plane is alone
    flaws = [each for each in together if isinstance(each, ContourFlaw)]
    assert flaws == [ContourFlaw.NO_AREA] * 3 + [ContourFlaw.NOT_PLANAR]
    assert isinstance(together[0], ContourPlane)
    assert (together[0].area_mm2, together[0].distance_mm) == (100.0, 5.0)
