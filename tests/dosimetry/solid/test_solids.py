"""Volumes of solids between contours: holes, parts, gaps, ends and orientations."""

import numpy as np
import pytest

from dosimetry.contours.contour_planes import IgnoredReason
from dosimetry.contours.sections import stack_sections
from dosimetry.dvh import Dvh, dose_volume_histogram
from dosimetry.errors import EmptyStructureError, StructureError
from dosimetry.region import Region, union
from dosimetry.structure import Structure
from tests.dosimetry.shapes import box, constant_dose, plan, square
from tests.support.closed_forms import Phantom, Shape, contour

HEIGHTS = np.arange(-6.0, 6.1, 3.0)
BOX_CC = 20 * 20 * 15 / 1000
"""Five squares of 20 mm, 3 mm apart: each stands for one plane distance."""


def _dvh(region: Region | Structure) -> Dvh:
    region = Region.of(region) if isinstance(region, Structure) else region
    return dose_volume_histogram(region, plan(constant_dose(1.0)), with_uncertainty=False)


def _with_holes(z: float) -> list[np.ndarray]:
    return [square(10, z), square(4, z)]


def _keyhole(z: float) -> list[np.ndarray]:
    outer, inner = square(10, z), square(4, z)[::-1]
    return [np.concatenate([outer, outer[:1], inner[[1, 2, 3, 0, 1]], outer[:1]])]


def test_box__reaches_half_a_plane_distance_past_its_last_planes() -> None:
    assert _dvh(box(10, HEIGHTS)).volume_cc == pytest.approx(BOX_CC, rel=2e-3)


@pytest.mark.parametrize("make", [_with_holes, _keyhole], ids=["xor", "keyhole"])
def test_hole__is_left_out(make) -> None:  # type: ignore[no-untyped-def]
    structure = Structure("ring", [c for z in HEIGHTS for c in make(z)])
    assert _dvh(structure).volume_cc == pytest.approx(BOX_CC * (1 - 0.16), rel=3e-3)


def test_keyhole_channel__is_no_outline() -> None:
    ring = stack_sections(Structure("ring", _keyhole(0)))
    nested = stack_sections(Structure("ring", _with_holes(0)))
    assert ring.sections[0].parts[0].radius_mm == pytest.approx(
        nested.sections[0].parts[0].radius_mm, abs=0.02
    )


def test_island_in_a_hole__counts() -> None:
    contours = [c for z in HEIGHTS for c in (square(10, z), square(6, z), square(2, z))]
    assert _dvh(Structure("target", contours)).volume_cc == pytest.approx(
        BOX_CC * (1 - 0.36 + 0.04), rel=3e-3
    )


def test_two_parts_in_each_plane__both_count() -> None:
    contours = [c for z in HEIGHTS for c in (square(10, z, (-20, 0)), square(10, z, (20, 0)))]
    assert _dvh(Structure("pair", contours)).volume_cc == pytest.approx(2 * BOX_CC, rel=3e-3)


def test_part_that_ends_beside_a_longer_one__keeps_its_half_plane_distance() -> None:
    long = [square(10, z, (-20, 0)) for z in HEIGHTS]
    short = [square(10, z, (20, 0)) for z in HEIGHTS[1:3]]
    expected = BOX_CC + 20 * 20 * 6 / 1000
    assert _dvh(Structure("pair", long + short)).volume_cc == pytest.approx(expected, rel=3e-3)


def test_missing_slice__is_drawn_through() -> None:
    heights = [h for h in np.arange(-9.0, 9.1, 3.0) if h != 0]
    assert _dvh(box(10, heights)).volume_cc == pytest.approx(20 * 20 * 21 / 1000, rel=2e-3)


def test_wide_gap__separates_components() -> None:
    heights = [-30.0, -27.0, -24.0, 24.0, 27.0, 30.0]
    assert _dvh(box(10, heights)).volume_cc == pytest.approx(2 * 20 * 20 * 9 / 1000, rel=2e-3)


def test_irregular_spacing__is_respected() -> None:
    heights = [0.0, 1.0, 2.0, 4.0, 7.0, 10.0]
    expected = 20 * 20 * (10 + 0.5 + 1.5) / 1000
    assert _dvh(box(10, heights)).volume_cc == pytest.approx(expected, rel=2e-3)


def test_one_slice__is_as_thick_as_said() -> None:
    single = Structure("slice", [square(10, 0)], slice_thickness_mm=2.5)
    assert _dvh(single).volume_cc == pytest.approx(20 * 20 * 2.5 / 1000, rel=2e-3)


def test_planes_far_apart__are_two_slices_if_the_image_was_finer() -> None:
    pair = Structure("pair", [square(10, 0), square(10, 40)], slice_thickness_mm=2.5)
    assert _dvh(pair).volume_cc == pytest.approx(2 * 20 * 20 * 2.5 / 1000, rel=3e-3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_volume__does_not_depend_on_the_orientation_of_the_planes(seed: int) -> None:
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    upright = Phantom(Shape.CONE, 8, 2).structure()
    turned = Structure("cone", [c @ turn.T for c in upright.contours])
    assert _dvh(turned).volume_cc == pytest.approx(_dvh(upright).volume_cc, rel=2e-3)


def test_sagittal_and_coronal_planes__are_as_good_as_axial_ones() -> None:
    axial = [square(10, z) for z in HEIGHTS]
    for axes in ([2, 0, 1], [0, 2, 1]):
        assert _dvh(Structure("s", [c[:, axes] for c in axial])).volume_cc == pytest.approx(BOX_CC, rel=2e-3)


@pytest.mark.parametrize("radius", [0.5, 1.5, 5.0])
def test_small_sphere__has_its_volume(radius: float) -> None:
    sphere = Phantom(Shape.SPHERE, radius, 0.5 * radius).structure()
    assert _dvh(sphere).volume_cc == pytest.approx(4 / 3 * np.pi * radius**3 / 1000, rel=0.01)


def test_contours_that_enclose_nothing__are_ignored_with_the_fact() -> None:
    line = np.array([[0, 0, 0], [5, 5, 0], [10, 10, 0.0]])
    tilted = np.array([[0, 0, 0], [10, 0, 0], [10, 10, 8], [0, 10, 8.0]])
    contours = [square(10, 0), line, line[:2], square(10, 0)[::-1], tilted, square(10, 3)]
    stack = stack_sections(Structure("s", contours))
    assert [(i.index, i.reason) for i in stack.ignored] == [
        (1, IgnoredReason.NO_AREA),
        (2, IgnoredReason.TOO_FEW_POINTS),
        (3, IgnoredReason.DUPLICATE),
        (4, IgnoredReason.OTHER_ORIENTATION),
    ]
    assert [len(section.parts) for section in stack.sections] == [1, 1]


def test_repeated_last_point__changes_nothing() -> None:
    closed = Structure("s", [np.vstack([c, c[:1]]) for c in box(10, HEIGHTS).contours])
    assert _dvh(closed).volume_cc == _dvh(box(10, HEIGHTS)).volume_cc


@pytest.mark.parametrize("contours", [[], [np.zeros((1, 3))], [np.zeros((5, 3))]])
def test_structure_without_area__is_refused_by_name(contours: list[np.ndarray]) -> None:
    with pytest.raises(EmptyStructureError) as caught:
        _dvh(Structure("Areola", contours))
    assert caught.value.structure == "Areola"


@pytest.mark.parametrize("points", [np.zeros((4, 2)), np.zeros(3), np.array([[0, 0, np.nan]] * 4)])
def test_contours_that_are_no_points_in_space__are_refused(points: np.ndarray) -> None:
    with pytest.raises(StructureError):
        Structure("s", [points])


def test_union_and_difference__add_up() -> None:
    a, b = Region.of(box(10, HEIGHTS)), Region.of(box(10, HEIGHTS, (8, 3)))
    whole, both = _dvh(a | b).volume_cc, _dvh(a & b).volume_cc
    assert both == pytest.approx(12 * 17 * 15 / 1000, rel=3e-3)
    assert whole + both == pytest.approx(2 * BOX_CC, rel=3e-3)
    assert _dvh(a - b).volume_cc == pytest.approx(BOX_CC - both, rel=3e-3)


def test_union_of_many__is_that_of_all() -> None:
    boxes = [Region.of(box(5, HEIGHTS, (x, 0))) for x in (-20, 0, 20)]
    assert _dvh(union(boxes)).volume_cc == pytest.approx(3 * 10 * 10 * 15 / 1000, rel=3e-3)


def test_difference_that_leaves_nothing__is_empty() -> None:
    small, large = Region.of(box(5, HEIGHTS[1:-1])), Region.of(box(10, HEIGHTS))
    with pytest.raises(EmptyStructureError):
        _dvh(small - large)
    with pytest.raises(EmptyStructureError):
        _dvh(small & Region.of(box(5, HEIGHTS + 100)))


def test_structures_drawn_in_other_planes__combine() -> None:
    axial = Region.of(box(10, HEIGHTS))
    coronal = Region.of(Structure("c", [c[:, [0, 2, 1]] for c in box(10, HEIGHTS).contours]))
    assert _dvh(axial & coronal).volume_cc == pytest.approx(20 * 15 * 15 / 1000, rel=0.01)


def test_flat_end__stays_flat_and_a_rounded_one_tapers() -> None:
    cylinder, sphere = Phantom(Shape.CYLINDER, 12, 3), Phantom(Shape.SPHERE, 12, 3)
    assert _dvh(cylinder.structure()).volume_cc == pytest.approx(np.pi * 144 * 24 / 1000, rel=2e-3)
    assert _dvh(sphere.structure()).volume_cc == pytest.approx(4 / 3 * np.pi * 12**3 / 1000, rel=2e-3)


def test_jitter_of_the_last_contour__is_not_blown_up() -> None:
    radii = [10.0, 10.1, 9.9, 10.05, 9.8]
    contours = [contour(Shape.CYLINDER, r, 3.0 * n) for n, r in enumerate(radii)]
    expected = np.pi * np.mean(np.square(radii)) * 15 / 1000
    assert _dvh(Structure("s", contours)).volume_cc == pytest.approx(expected, rel=0.02)


def test_structure__of_a_structures_contours_shares_them_and_others_are_copied() -> None:
    drawn = square(5, 0.0)
    first = Structure("first", [drawn])
    drawn[0] = 99.0
    assert first.contours[0][0, 0] != 99.0
    assert Structure("second", first.contours).contours[0] is first.contours[0]
    view = drawn[:3]
    view.flags.writeable = False
    assert Structure("third", [view]).contours[0] is not view


def test_structure__refuses_any_contour_that_is_not_finite() -> None:
    bad = square(5, 3.0)
    bad[1, 2] = np.inf
    with pytest.raises(StructureError, match="not finite"):
        Structure("bad", [square(5, 0.0), bad])
