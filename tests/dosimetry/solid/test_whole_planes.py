"""Gaps drawn many at a time are those drawn one by one, bit for bit."""

import numpy as np
import pytest

from dosimetry.contours.sections import stack_sections
from dosimetry.dvh import dose_volume_histogram
from dosimetry.kernels.between_sections import lesser_curvature, solid_between, solid_through
from dosimetry.region import Region
from dosimetry.solid.profiles import PlaneProfiles, Raster
from dosimetry.solid.readings import Between, Reading
from dosimetry.solid.solid import Solid
from dosimetry.solid.whole_planes import WholePlanes
from dosimetry.structure import Structure
from tests.dosimetry.shapes import constant_dose, plan, square

RASTER = Raster(-14.0, -13.0, 0.7, 39, 41)


def _blob(z: float, rng: np.random.Generator, middle: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = rng.uniform(5, 6) + rng.uniform(-1, 1) * np.cos(2 * angle + rng.uniform(0, 6))
    return np.column_stack(
        [middle[0] + radius * np.cos(angle), middle[1] + radius * np.sin(angle), 0 * angle + z]
    )


def _ball(rng: np.random.Generator) -> Structure:
    """An uneven thing of one part."""
    return Structure("ball", [_blob(z, rng) for z in np.arange(0, 40, 2.5)])


def _branching(rng: np.random.Generator) -> Structure:
    """One part that splits into two, one of which ends early."""
    trunk = [square(11, z) for z in (0.0, 3.0, 6.0)]
    arms = [square(4, z, (-6, 0)) for z in (9.0, 12.0, 15.0, 18.0)] + [
        square(4, z, (6, 0)) for z in (9.0, 12.0)
    ]
    return Structure("branching", [*trunk, *arms, _blob(-3.0, rng)])


def _hollow(rng: np.random.Generator) -> Structure:
    """Holes on some planes."""
    walls = [square(10, z) for z in np.arange(0, 31, 3.0)]
    return Structure("hollow", [*walls, *(square(3, z) for z in (9.0, 12.0, 15.0)), _blob(33.0, rng)])


def _heights(structure: Structure) -> np.ndarray:
    planes = stack_sections(structure).heights_mm
    return np.sort(np.concatenate([planes + 0.4, planes - 1.1, planes[:-1] + 1.3]))


@pytest.fixture(params=[_ball, _branching, _hollow])
def structure(request: pytest.FixtureRequest) -> Structure:
    made = request.param(np.random.default_rng(11))
    assert isinstance(made, Structure)
    return made


@pytest.mark.parametrize("between", list(Between))
def test_solid__through_many_gaps_at_once_is_that_of_each_gap(
    structure: Structure, between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, w, reading = stack_sections(structure), _heights(structure), Reading(between=between)
    at_once = Solid(PlaneProfiles(stack, RASTER), reading)
    simple = [at_once.profiles.is_simple(lower) for lower in range(len(stack.sections) - 1)]
    assert any(simple)
    together = at_once.distance_mm(w)
    monkeypatch.setattr("dosimetry.solid.profiles.MOST_POINTS", 0)
    single = Solid(PlaneProfiles(stack, RASTER), reading)
    assert not any(single.profiles.is_simple(lower) for lower in range(len(simple)))
    expected = np.concatenate([single.distance_mm(w[n : n + 1]) for n in range(len(w))])
    np.testing.assert_array_equal(together, expected)


def test_whole_planes__are_made_with_their_neighbours_and_no_others() -> None:
    structure = Structure("long", [square(5, z) for z in np.arange(0, 200, 2.0)])
    planes = WholePlanes(stack_sections(structure), *RASTER.geometry)
    planes.make(64, 68)
    assert planes.is_made[64:68].all()
    assert planes.is_made.sum() <= 32
    planes.make(97, 103)
    assert planes.is_made[-1]
    assert planes.is_made.sum() <= 48


def test_dvh__has_the_same_samples_whether_slabs_are_joined_or_not(
    structure: Structure, monkeypatch: pytest.MonkeyPatch
) -> None:
    dose = plan(constant_dose(1.0))
    joined = dose_volume_histogram(Region.of(structure), dose, with_uncertainty=False)
    monkeypatch.setattr("dosimetry.sampling.lattice._MOST_POINTS_JOINED", 0)
    monkeypatch.setattr("dosimetry.solid.profiles.MOST_POINTS", 0)
    apart = dose_volume_histogram(Region.of(structure), dose, with_uncertainty=False)
    one, other = joined.samples.if_uncovered_zero, apart.samples.if_uncovered_zero
    np.testing.assert_array_equal(one.volume_cc, other.volume_cc)
    np.testing.assert_array_equal(one.dose_gy, other.dose_gy)


@pytest.mark.parametrize("is_compiled", [True, False], ids=["compiled", "plain"])
@pytest.mark.parametrize("is_bent", [True, False], ids=["bent", "straight"])
def test_solid_through__is_solid_between_of_each_gap(is_bent: bool, is_compiled: bool) -> None:
    rng = np.random.default_rng(5)
    values, squares = rng.uniform(-9, 9, (4, 5, 6)), rng.uniform(0, 20, (4, 5, 6))
    parts, planes = rng.integers(0, 2, (4, 5, 6)), np.array([0.0, 2.0, 5.0, 6.0])
    goes_on = np.ones((4, 2, 2), dtype=np.bool_)
    goes_on[0, 0] = goes_on[3, 1] = goes_on[1, 0, 1] = False
    heights, gaps = np.array([0.5, 1.5, 3.0, 5.5]), np.array([0, 0, 1, 2])
    found = np.empty((4, 5, 6))
    kernel = solid_through if is_compiled else getattr(solid_through, "py_func", solid_through)
    kernel(values, squares, parts, goes_on, planes, is_bent, heights, gaps, found)
    for n, lower in enumerate(gaps):
        around = np.clip([lower - 1, lower, lower + 1, lower + 2], 0, 3)
        from_below = goes_on[lower, 0][parts[lower]]
        from_above = goes_on[lower + 1, 1][parts[lower + 1]]
        before, low, high, after = values[around]
        bend = lesser_curvature(before, low, high, after, from_below, from_above, planes[around])
        expected = solid_between(
            (values[lower], values[lower + 1]),
            bend if is_bent else np.zeros_like(bend),
            (squares[lower], squares[lower + 1]),
            *(planes[lower], planes[lower + 1], heights[n : n + 1]),
        )
        np.testing.assert_array_equal(found[n], expected[0])
