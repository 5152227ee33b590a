"""A gap is a missing slice only where planes of its own part or stretch lie closer."""

import numpy as np
import numpy.typing as npt

from imaging.findings import Finding, FindingCode
from imaging.linking.contour_gaps import check_gaps
from imaging.linking.settled_contours import Outline
from tests.imaging.reading import codes
from tests.support.phantoms import rectangle_mm

Floats = npt.NDArray[np.float64]


def gaps(*heights_mm: float, x_mm: float = 0.0) -> list[Outline]:
    squares = [rectangle_mm(z, centre_mm=(x_mm, 0.0)) for z in heights_mm]
    return [Outline(one, one[:, :2], float(one[0, 2])) for one in squares]


def missing(findings: list[Finding]) -> list[str]:
    return [one.message for one in findings if one.code is FindingCode.CONTOUR_SLICE_MISSING]


def test_gap__of_twice_the_distance_is_a_missing_slice() -> None:
    (message,) = missing(check_gaps(gaps(0, 3, 6, 12, 15), None))
    assert message.startswith("1 slice(s)")
    assert "between 6 and 12 mm; slices are 3 mm apart" in message


def test_planes__of_two_parts_that_interleave_miss_nothing() -> None:
    one, other = np.arange(-15.0, 15.1, 3.0), np.arange(-14.0, 15.1, 3.0)
    assert missing(check_gaps([*gaps(*one), *gaps(*other, x_mm=40.0)], None)) == []


def test_missing_slice__of_one_of_two_parts_beside_each_other_is_no_gap_of_the_whole() -> None:
    assert check_gaps([*gaps(0, 3, 6, 9), *gaps(0, 3, 9, x_mm=40.0)], None) == []


def test_spacing__that_changes_is_irregular_but_misses_nothing() -> None:
    found = check_gaps(gaps(-15, -10, -5, 0, 1, 2, 3, 4, 5, 6, 7), None)
    assert codes(found) == [FindingCode.CONTOUR_SPACING_IRREGULAR]
    assert "1 to 5 mm" in found[0].message


def test_two_missing_slices_in_a_row__are_no_stretch() -> None:
    assert missing(check_gaps(gaps(0, 3, 6, 12, 18, 21, 24, 27), None))[0].startswith("2 slice(s)")


def test_ct__tells_the_spacing_where_it_is_known() -> None:
    assert missing(check_gaps(gaps(0, 5, 10, 15), 5.0)) == []
    assert missing(check_gaps(gaps(0, 5, 10, 15), 2.5))[0].startswith("3 slice(s)")


def test_single_plane__has_no_gap() -> None:
    assert check_gaps(gaps(0), None) == []
