"""A gap is a missing slice only where planes of its own part or stretch lie closer."""

import numpy as np
import numpy.typing as npt
import pytest

from dosimetry.structure import Structure
from imaging.findings import Finding, FindingCode
from imaging.linking.contour_gaps import check_gaps
from tests.support.phantoms import rectangle_mm

Floats = npt.NDArray[np.float64]


def at(*heights_mm: float, x_mm: float = 0.0) -> list[Floats]:
    return [rectangle_mm(z, centre_mm=(x_mm, 0.0)) for z in heights_mm]


def gaps(*contours: list[Floats], spacing_mm: float | None = None) -> list[Finding]:
    every = [contour for each in contours for contour in each]
    return check_gaps(Structure("GTV", every, slice_thickness_mm=spacing_mm), spacing_mm)


def missing(findings: list[Finding]) -> list[str]:
    return [one.message for one in findings if one.code is FindingCode.CONTOUR_SLICE_MISSING]


def test_gap__of_twice_the_distance_is_a_missing_slice() -> None:
    (message,) = missing(gaps(at(0, 3, 6, 12, 15)))
    assert message.startswith("1 slice(s)")
    assert "drawn through" in message
    assert "between 6 and 12 mm; slices are 3 mm apart" in message


def test_planes__of_two_parts_that_interleave_miss_nothing() -> None:
    one, other = np.arange(-15.0, 15.1, 3.0), np.arange(-14.0, 15.1, 3.0)
    assert missing(gaps(at(*one), at(*other, x_mm=40.0))) == []


@pytest.mark.parametrize("spacing_mm", [None, 3.0])
def test_slice__that_one_of_two_parts_leaves_out_is_said(spacing_mm: float | None) -> None:
    (message,) = missing(gaps(at(0, 3, 6, 9, 12), at(0, 3, 9, 12, x_mm=40.0), spacing_mm=spacing_mm))
    assert message.startswith("1 slice(s) between parts")
    assert "taken to end" in message
    assert "between 3 and 9 mm" in message


def test_part__on_every_other_slice_of_another_is_drawn_through_and_said() -> None:
    (message,) = missing(gaps(at(0, 3, 6, 9, 12), at(0, 6, 12, x_mm=40.0)))
    assert message.startswith("2 slice(s) inside")
    assert "drawn through" in message


def test_parts__far_apart_beside_another_miss_nothing() -> None:
    assert missing(gaps(at(*range(0, 61, 3)), at(0, 3, 6, 54, 57, 60, x_mm=40.0))) == []


def test_gap__that_is_too_wide_is_not_drawn_through_and_said() -> None:
    (message,) = missing(gaps(at(0, 3, 6, 9, 12, 15, 35, 55, 75)))
    assert message.startswith("18 slice(s) between parts")


@pytest.mark.parametrize("heights", [(-15, -10, -5, 0, 1, 2, 3, 4, 5, 6, 7), (0, 3, 6, 9, 15.01, 21, 27)])
def test_spacings__that_both_repeat_miss_no_slice_unless_an_even_ct_shows_it(
    heights: tuple[float, ...],
) -> None:
    (found,) = gaps(at(*heights))
    assert found.code is FindingCode.CONTOUR_SPACINGS_SEVERAL
    assert "both are taken as spacings" in found.message
    structure = Structure("GTV", at(*heights), slice_thickness_mm=heights[-1] - heights[-2])
    (shown,) = check_gaps(structure, 1.0, is_even=True)[:1]
    assert shown.code is FindingCode.CONTOUR_SLICE_MISSING
    assert missing(check_gaps(structure, 1.0 if heights[0] else 3.0, is_even=False)) == []


def test_gap__beside_two_spacings_is_still_a_missing_slice() -> None:
    (message,) = missing(gaps(at(-15, -10, -5, 0, 1, 2, 3, 5, 6, 7, 8, 9, 10)))
    assert message.startswith("1 slice(s) inside")


def test_spacing__that_is_no_multiple_is_irregular() -> None:
    (found,) = gaps(at(0, 3, 6, 10.2, 13.2))
    assert found.code is FindingCode.CONTOUR_SPACING_IRREGULAR
    assert "3 to 4.2 mm" in found.message


def test_two_missing_slices_in_a_row__are_no_stretch() -> None:
    assert missing(gaps(at(0, 3, 6, 12, 18, 21, 24, 27)))[0].startswith("2 slice(s)")


def test_ct__tells_the_spacing_where_it_is_known() -> None:
    assert missing(gaps(at(0, 5, 10, 15), spacing_mm=5.0)) == []
    assert missing(gaps(at(0, 5, 10, 15), spacing_mm=2.5))[0].startswith("3 slice(s)")


def test_two_planes_far_apart__are_said_where_nothing_tells_the_slices() -> None:
    assert "drawn through" in missing(gaps(at(0, 40)))[0]


def test_single_plane__has_no_gap() -> None:
    assert gaps(at(0)) == []
