"""Algebra of structures whose surfaces coincide, against closed forms: no film stays and no crack opens."""

import numpy as np
import pytest

from dosimetry.dvh import Dvh, dose_volume_histogram
from dosimetry.errors import EmptyStructureError
from dosimetry.expressions import parse_metric
from dosimetry.metrics import evaluate
from dosimetry.region import Region
from dosimetry.structure import Structure
from tests.dosimetry.shapes import grid_of, plan

HEIGHTS = np.arange(-15.0, 15.1, 3.0)
HALF = 16.5
"""Five planes up and down and half a plane distance."""
GRADIENT = np.array([0.3, -0.17, 0.21])


def _dose(points: np.ndarray) -> np.ndarray:
    return np.asarray(60 + points @ GRADIENT)


def _grid() -> np.ndarray:
    axis = -60.0 + 2 * np.arange(61)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    return _dose(np.stack([x, y, z], axis=-1))


DOSE = plan(grid_of(_grid(), 2.0, (-60, -60, -60)))


def _box(x0: float, x1: float, heights: np.ndarray = HEIGHTS, name: str = "box") -> Region:
    contours = [[(x0, -15, z), (x1, -15, z), (x1, 15, z), (x0, 15, z)] for z in heights]
    return Region.of(Structure(name, [np.array(contour) for contour in contours]))


def _round(radius: float, points: int = 360) -> Region:
    t = 2 * np.pi * np.arange(points) / points
    rim = np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1)
    return Region.of(Structure("round", [np.column_stack([rim, np.full(points, z)]) for z in HEIGHTS]))


def _ball_contours(first_angle: float, last_angle: float) -> list[np.ndarray]:
    """Sections of a sphere of 18 mm, or of the part of it between two angles."""
    t = np.linspace(first_angle, last_angle, 241)[: 240 if last_angle - first_angle > 6 else 241]
    heights = np.arange(-16.5, 17, 3)
    radii = np.sqrt(18**2 - heights**2)
    return [
        np.column_stack([r * np.cos(t), r * np.sin(t), np.full(len(t), z)])
        for r, z in zip(radii.tolist(), heights.tolist(), strict=True)
    ]


def _dvh(region: Region) -> Dvh:
    return dose_volume_histogram(region, DOSE, with_uncertainty=False)


@pytest.mark.parametrize("rounding_mm", [0.0, 1e-6, -1e-4, 0.001, 0.01])
def test_ends_a_rounding_apart__are_no_face_of_what_is_left(rounding_mm: float) -> None:
    """Of the end that both boxes share nothing is left: the highest dose lies on the cut, not beyond it."""
    left = _dvh(_box(-20, 0) - _box(-10, 5, HEIGHTS + rounding_mm))
    assert _value(left, "Volume[cc]") == pytest.approx(10 * 30 * 2 * HALF / 1000, rel=0.002)
    assert _value(left, "Max[Gy]") == pytest.approx(_dose(np.array([-10, -15, HALF])), abs=0.02)


def _value(dvh: Dvh, expression: str) -> float:
    value = evaluate(parse_metric(expression), dvh).value
    assert value is not None
    return value


@pytest.mark.parametrize(
    "region",
    [
        _box(-20, 0) - _box(-20, 0),
        _round(20) - _round(20),
        _round(20, 360) - _round(20, 240),
        _box(-20, 0) & _box(0, 20),
        _box(-20, 0) - _box(-20.01, 0.01),
        (_box(-20, 0) | _box(0, 20)) - _box(-20, 20),
        Region.of(Structure("ball", _ball_contours(0, 2 * np.pi)[:5]))
        - Region.of(Structure("ball", _ball_contours(0, 2 * np.pi))),
    ],
    ids=["box", "round", "round, drawn again", "abutting", "a hair larger", "halves", "planes of one ball"],
)
def test_what_coincides__leaves_nothing(region: Region) -> None:
    with pytest.raises(EmptyStructureError):
        _dvh(region)


@pytest.mark.parametrize(
    ("region", "wanted_cc"),
    [
        (_box(-20, 0) | _box(0, 10), 30 * 30 * 33 / 1000),
        (_box(-20, 0) - _box(-20, -10), 10 * 30 * 33 / 1000),
        (_box(-20, 0) - _box(-20, 0, HEIGHTS[3:]), 20 * 30 * 9 / 1000),
        (_box(-20, 0) & _box(-20, 0), 20 * 30 * 33 / 1000),
        ((_box(-20, 0) | _box(0, 20)) - _box(-10, 20), 10 * 30 * 33 / 1000),
    ],
    ids=["abutting", "half with its sides", "planes above", "itself", "two less one across"],
)
def test_shared_sides__neither_add_nor_take_volume(region: Region, wanted_cc: float) -> None:
    assert _dvh(region).volume_cc == pytest.approx(wanted_cc, rel=1e-3)


def test_one_structure_named_twice__counts_on_both_sides() -> None:
    one, other = _box(-20, 0), _box(-10, 10)
    with pytest.raises(EmptyStructureError):
        _dvh(one - one)
    assert _dvh((one - other) | other).volume_cc == pytest.approx(30 * 30 * 33 / 1000, rel=1e-3)
    assert _dvh(one & one).volume_cc == pytest.approx(20 * 30 * 33 / 1000, rel=1e-3)


@pytest.mark.parametrize("film_mm", [0.05, 0.1, 0.3, 1.0])
def test_film_between_two_surfaces__is_as_thick_as_it_is(film_mm: float) -> None:
    low, high = np.array([-film_mm, 15, -HALF]), np.array([0, -15, HALF])
    for region in (_box(-20, 0) - _box(-20, -film_mm), _box(-20, 0) & _box(-film_mm, 20)):
        dvh = _dvh(region)
        assert dvh.volume_cc == pytest.approx(film_mm * 30 * 33 / 1000, rel=0.02)
        assert _value(dvh, "Mean[Gy]") == pytest.approx(float(_dose((low + high) / 2)), abs=0.01)
        assert _value(dvh, "Min[Gy]") == pytest.approx(float(_dose(low)), abs=0.2)
        assert _value(dvh, "Max[Gy]") == pytest.approx(float(_dose(high)), abs=0.2)


@pytest.mark.parametrize("film_mm", [0.05, 0.3, 1.0])
def test_rind__is_as_thick_as_it_is(film_mm: float) -> None:
    wanted = np.pi * (20**2 - (20 - film_mm) ** 2) * 33 / 1000
    assert _dvh(_round(20) - _round(20 - film_mm)).volume_cc == pytest.approx(wanted, rel=0.02)


def test_hot_spot__is_not_read_from_a_film_on_the_far_side() -> None:
    """Half a ball taken from it: the highest dose lies at the cut, not on the side that went."""
    whole = Region.of(Structure("ball", _ball_contours(0, 2 * np.pi)))
    right = Region.of(Structure("right", _ball_contours(-np.pi / 2, np.pi / 2)))
    dvh = _dvh(whole - right)
    assert dvh.volume_cc == pytest.approx(2 / 3 * np.pi * 18**3 / 1000, rel=2e-3)
    highest = 60 + 18 * float(np.hypot(*GRADIENT[1:]))
    assert _value(dvh, "Max[Gy]") == pytest.approx(highest, abs=0.15)
    assert _value(dvh, "D0.03cc[Gy]") < highest
