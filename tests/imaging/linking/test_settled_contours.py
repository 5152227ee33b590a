"""Contours that repeat, cross or nearly share a plane enclose what was meant, and are said."""

import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosimetry.kernels.enclosed_area import enclosed_area
from imaging.dicom.contour_planes import ContourPlane, contour_planes
from imaging.findings import Finding, FindingCode, Severity
from imaging.linking.settled_contours import Settled, settle_contours
from tests.imaging.reading import codes, read_datasets
from tests.support.dicom_builders import ct_datasets, ct_series, structure_dataset
from tests.support.phantoms import box_mm, keyhole_mm, rectangle_mm, tube_with_hole_mm

Floats = npt.NDArray[np.float64]
UNIT_X, _, UNIT_Z = np.eye(3)
LEVELS = (-6.0, -3.0, 0.0, 3.0, 6.0)


def circle(radius_mm: float, z_mm: float = 0.0, x_mm: float = 0.0, *, points: int = 180) -> Floats:
    angle = np.arange(points) * 2 * np.pi / points
    x, y = x_mm + radius_mm * np.cos(angle), radius_mm * np.sin(angle)
    return np.column_stack([x, y, np.full(points, z_mm)])


def settle(
    contours: Sequence[Floats], *, by_exclusive_or: bool = False, spacing_mm: float | None = None
) -> Settled:
    planes = [plane for plane in contour_planes(contours) if isinstance(plane, ContourPlane)]
    assert len(planes) == len(contours)
    return settle_contours(contours, planes, spacing_mm=spacing_mm, by_exclusive_or=by_exclusive_or)


def area_mm2(settled: Settled) -> float:
    """The even-odd area of all planes together, by scan lines; planes as the dose engine tells them apart."""
    areas = []
    for height in np.unique([outline.height_mm for outline in settled.outlines]):
        rings = [one.in_plane for one in settled.outlines if one.height_mm == height]
        segments = [np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in rings]
        areas.append(enclosed_area(np.concatenate(segments), 4001)[0])
    return float(np.sum(areas))


def disc_mm2(radius_mm: float, points: int = 180) -> float:
    return points / 2 * radius_mm**2 * float(np.sin(2 * np.pi / points))


COPIES: dict[str, Callable[[Floats], Floats]] = {
    "shifted by 2 µm": lambda one: one + 0.002 * UNIT_X,
    "rounded to 0.01 mm": lambda one: one.round(2),
    "of 170 points": lambda one: circle(20.0, one[0, 2], points=170),
    "of 24 points": lambda one: circle(20.0, one[0, 2], points=24),
    "0.02 mm higher": lambda one: one + 0.02 * UNIT_Z,
    "the other way round": lambda one: one[::-1] + 0.001 * UNIT_X,
    "beginning elsewhere": lambda one: np.roll(one, 7, axis=0).round(3),
}


@pytest.mark.parametrize("copy", COPIES)
def test_contour__drawn_twice_counts_once(copy: str) -> None:
    """Even-odd, a contour and its near copy enclose nothing: the first counts, the copy is said."""
    drawn = [circle(20.0, z) for z in LEVELS]
    settled = settle([one for each in drawn for one in (each, COPIES[copy](each))])
    (finding,) = [one for one in settled.findings if one.severity is Severity.WARNING]
    assert finding.code is FindingCode.CONTOUR_DUPLICATED
    assert finding.message.startswith("5 contour(s)")
    assert settled.repeated == 5
    assert area_mm2(settled) == pytest.approx(5 * disc_mm2(20.0), rel=1e-4)


def test_contour__drawn_three_times_counts_once() -> None:
    settled = settle([circle(8.0), circle(8.0) + 0.001, circle(8.0) - 0.001])
    assert (len(settled.outlines), settled.repeated) == (1, 2)


@settings(max_examples=40)
@given(
    radius_mm=st.floats(2.0, 150.0),
    points=st.integers(60, 400),
    shift=st.tuples(st.floats(-0.03, 0.03), st.floats(-0.03, 0.03)),
    turn=st.floats(0, 6.0),
)
def test_any_copy__within_a_tenth_of_a_millimetre_counts_once(
    radius_mm: float, points: int, shift: tuple[float, float], turn: float
) -> None:
    angle = turn + np.arange(points) * 2 * np.pi / points
    wobble = radius_mm * (1 + 0.2 * np.cos(3 * angle))
    one = np.column_stack([wobble * np.cos(angle), wobble * np.sin(angle), np.zeros(points)])
    settled = settle([one, np.roll((one + np.array((*shift, 0))).round(2), points // 3, axis=0)])
    assert len(settled.outlines) == 1
    assert area_mm2(settled) > 0.9 * np.pi * radius_mm**2


def test_contour__that_runs_twice_around_itself_counts_once() -> None:
    settled = settle([np.vstack([circle(10.0), circle(10.0) + 0.002 * UNIT_X])])
    assert codes(settled.findings) == [FindingCode.CONTOUR_SELF_CROSSING]
    assert area_mm2(settled) == pytest.approx(disc_mm2(10.0), rel=1e-3)


@pytest.mark.parametrize(
    ("contours", "expected_mm2"),
    [
        (tube_with_hole_mm(0.0), 400 - 64),
        ([*tube_with_hole_mm(0.0), rectangle_mm(0.0, half_mm=(1, 1))], 400 - 64 + 4),
        ([keyhole_mm(0.0)], 400 - 64),
        ([rectangle_mm(0.0), rectangle_mm(0.0, centre_mm=(20.0, 0.0))], 800),
        ([rectangle_mm(0.0), rectangle_mm(0.0, centre_mm=(19.99, 0.0))], 800),
        ([rectangle_mm(0.0), rectangle_mm(0.0, centre_mm=(20.0, 20.0))], 800),
        ([rectangle_mm(0.0), rectangle_mm(0.0, half_mm=(5, 5), centre_mm=(5.0, 0.0))], 300),
        ([circle(100.0), circle(98.5)], disc_mm2(100.0) - disc_mm2(98.5)),
    ],
    ids=["hole", "island", "keyhole", "edge", "edge, rounded", "corner", "hole at the edge", "skin"],
)
def test_contours__that_contradict_nothing_are_left_as_they_are(
    contours: list[Floats], expected_mm2: float
) -> None:
    settled = settle(contours)
    assert settled.findings == []
    for outline, drawn in zip(settled.outlines, contours, strict=True):
        np.testing.assert_array_equal(outline.points, drawn)
    assert area_mm2(settled) == pytest.approx(expected_mm2, rel=2e-3)


def test_crossing_contours__are_united_and_said() -> None:
    """Two squares of 20 mm that share 4 x 20 mm: 720 mm², not the 640 of the even-odd rule."""
    crossing = [rectangle_mm(-3.0), rectangle_mm(-3.0, centre_mm=(16.0, 0.0))]
    settled = settle([rectangle_mm(0.0), *crossing])
    (finding,) = settled.findings
    assert (finding.code, finding.severity) == (FindingCode.CONTOUR_CROSSING, Severity.WARNING)
    assert "at z = -3 mm" in finding.message
    assert area_mm2(settled) == pytest.approx(400 + 720)


def test_crossing_contours__keep_the_holes_of_each_part_and_of_the_whole() -> None:
    parts = [rectangle_mm(0.0), rectangle_mm(0.0, centre_mm=(16.0, 0.0))]
    hole_of_one = rectangle_mm(0.0, half_mm=(2, 2), centre_mm=(-5.0, 0.0))
    hole_of_both = rectangle_mm(0.0, half_mm=(1, 1), centre_mm=(8.0, 0.0))
    assert area_mm2(settle([*parts, hole_of_one, hole_of_both])) == pytest.approx(720 - 16 - 4, rel=1e-3)


def test_crossing_contours__may_surround_a_hole() -> None:
    """Four bars make a frame: 20 x 20 outside, 12 x 12 inside."""
    bars = [rectangle_mm(0.0, half_mm=(10, 2), centre_mm=(0, y)) for y in (-8.0, 8.0)]
    bars += [rectangle_mm(0.0, half_mm=(2, 10), centre_mm=(x, 0)) for x in (-8.0, 8.0)]
    assert area_mm2(settle(bars)) == pytest.approx(400 - 144, rel=1e-3)


def test_crossing_contours__of_exclusive_or_type_stay_even_odd() -> None:
    crossing = [rectangle_mm(0.0), rectangle_mm(0.0, centre_mm=(16.0, 0.0))]
    settled = settle(crossing, by_exclusive_or=True)
    assert settled.findings == []
    assert area_mm2(settled) == pytest.approx(800 - 2 * 80)


def test_wall__thinner_than_a_pixel_is_said() -> None:
    settled = settle([circle(30.0), circle(29.3)])
    assert codes(settled.findings) == [FindingCode.CONTOUR_WALL_THIN]
    assert len(settled.outlines) == 2


def test_contours__of_a_tilted_structure_are_settled_alike() -> None:
    angle = np.deg2rad(20.0)
    tilt = np.array([[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]])
    drawn = [rectangle_mm(0.0), rectangle_mm(0.0, centre_mm=(16.0, 0.0)), rectangle_mm(0.02)]
    settled = settle([one @ tilt.T for one in drawn])
    assert set(codes(settled.findings)) == {
        FindingCode.CONTOUR_PLANES_JOINED,
        FindingCode.CONTOUR_DUPLICATED,
        FindingCode.CONTOUR_CROSSING,
    }
    assert area_mm2(settled) == pytest.approx(720)


@pytest.mark.parametrize("noise_mm", [0.005, 0.02, 0.05, 0.1])
def test_noise_across_planes__makes_no_planes(noise_mm: float) -> None:
    random = np.random.default_rng(5)
    levels = np.arange(-15.0, 15.1, 3.0)
    ring = [circle(r, z + random.uniform(-noise_mm, noise_mm)) for z in levels for r in (15.0, 8.0)]
    settled = settle(ring)
    assert len({outline.height_mm for outline in settled.outlines}) == len(levels)
    assert area_mm2(settled) == pytest.approx(11 * (disc_mm2(15.0) - disc_mm2(8.0)), rel=1e-3)
    said = [FindingCode.CONTOUR_PLANES_JOINED] if noise_mm > 0.005 else []
    assert codes(settled.findings) == said


def test_noise_within_contours__makes_no_planes() -> None:
    random = np.random.default_rng(6)
    ring = [circle(r, z) for z in LEVELS for r in (15.0, 8.0)]
    noisy = [one + np.outer(random.uniform(-0.02, 0.02, len(one)), [0, 0, 1]) for one in ring]
    assert area_mm2(settle(noisy)) == pytest.approx(5 * (disc_mm2(15.0) - disc_mm2(8.0)), rel=1e-3)


@pytest.mark.parametrize("step_mm", [0.5, 1.0, 1.5, 3.0])
def test_planes__that_are_planes_are_not_joined(step_mm: float) -> None:
    settled = settle([circle(10.0, z) for z in np.arange(0, 10, step_mm)])
    assert settled.findings == []
    assert all(b.height_mm - a.height_mm == step_mm for a, b in pairwise(settled.outlines))


def test_one_noisy_plane__is_one_plane() -> None:
    settled = settle([circle(10.0, 0.0), circle(5.0, 0.05)])
    assert len({outline.height_mm for outline in settled.outlines}) == 1


def test_ct__tells_which_distance_is_noise() -> None:
    """0.2 mm is noise between slices 3 mm apart, not between slices 1 mm apart."""
    drawn = [circle(10.0, 0.0), circle(5.0, 0.2), circle(10.0, 3.0)]
    joined = {mm: len({one.height_mm for one in settle(drawn, spacing_mm=mm).outlines}) for mm in (1.0, 3.0)}
    assert joined == {1.0: 3, 3.0: 2}


@settings(max_examples=150)
@given(
    drawn=st.lists(
        st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=9),
        min_size=1,
        max_size=5,
    )
)
def test_any_contours__make_outlines_of_three_points_or_more(
    drawn: list[list[tuple[int, int]]],
) -> None:
    """Corners on a grid: points that coincide, lines that run along each other, spikes, scribbles."""
    contours = [np.array([(x, y, 0.0) for x, y in points]) for points in drawn]
    planes = contour_planes(contours)
    usable = [one for one, plane in zip(contours, planes, strict=True) if isinstance(plane, ContourPlane)]
    settled = settle(usable) if usable else Settled([])
    for outline in settled.outlines:
        assert len(outline.points) >= 3
        assert np.isfinite(outline.points).all()


def test_planes__are_not_joined_again_once_joined() -> None:
    """Four heights make two planes; their medians lie nearer than the tolerance and stay two."""
    drawn = [circle(10.0, z) for z in (0.0, 0.29, 0.31, 0.32, 3.0, 6.0)]
    settled = settle(drawn, spacing_mm=3.0)
    assert len(settled.outlines) == 4
    assert settled.repeated == 2


def found_in(folder: Path, contours: list[Floats], kind: str = "CLOSED_PLANAR") -> list[Finding]:
    dataset = structure_dataset({"Heart": contours}, on=ct_series(), geometric_type=kind)
    findings = read_datasets(folder, *ct_datasets(), dataset).findings
    return [each for each in findings if each.structure]  # not those about the file as a whole


def test_course__says_which_structure_was_drawn_twice(tmp_path: Path) -> None:
    boxes = box_mm((-3.0, 0.0, 3.0))
    closed = [np.vstack([one, one[:1]]) for one in boxes]
    (finding,) = found_in(tmp_path, boxes + closed)
    assert (finding.code, finding.structure) == (FindingCode.CONTOUR_DUPLICATED, "Heart")
    assert finding.file is not None


def test_course__settles_exclusive_or_contours_by_their_type(tmp_path: Path) -> None:
    crossing = [rectangle_mm(0.0), rectangle_mm(0.0, centre_mm=(16.0, 0.0))]
    assert found_in(tmp_path / "xor", crossing, "CLOSEDPLANAR_XOR") == []
    assert codes(found_in(tmp_path / "planar", crossing)) == [FindingCode.CONTOUR_CROSSING]


def test_scribble__costs_the_structure_and_little_time(tmp_path: Path) -> None:
    scribble = np.random.default_rng(7).uniform(-20, 20, (1500, 3)) * [1, 1, 0]
    started = time.process_time()
    findings = found_in(tmp_path, [scribble.round(2)])
    assert [(one.code, one.structure) for one in findings] == [(FindingCode.CONTOUR_INVALID, "Heart")]
    assert time.process_time() - started < 5.0  # 0.2 s on a quiet machine


def test_settling_88_000_points__takes_little_time() -> None:
    drawn = [circle(r, z, points=250) for z in np.arange(-264, 264, 3.0) for r in (80.0, 40.0)]
    started = time.process_time()
    settle(drawn)
    assert time.process_time() - started < 2.0  # 0.3 s on a quiet machine
