"""Where surfaces of several solids come near one another, against every point of every pair asked."""

from itertools import combinations

import numpy as np
import pytest

from dosimetry.kernels.coinciding import come_near, let_coincide

REACH, TOLERANCE, MOST = 0.75, 0.02, 0.25


def _naive(depths: np.ndarray, reach: float, most: float) -> bool:
    """Some point where one of two surfaces is within reach, and both are about as far."""
    pairs = [(np.abs(one), np.abs(other)) for one, other in combinations(depths, 2)]
    with np.errstate(invalid="ignore"):
        near = [(np.minimum(a, b) <= reach) & (np.abs(a - b) <= most) for a, b in pairs]
    return bool(np.any(near)) if near else False


@pytest.mark.parametrize("spread", [0.5, 3.0, 12.0, 40.0])
@pytest.mark.parametrize("seed", range(6))
def test_come_near__is_what_every_point_of_every_pair_says(seed: int, spread: float) -> None:
    """Few points, so that both answers occur; a solid that a slice lacks is minus infinity there."""
    rng = np.random.default_rng(seed)
    depths = rng.normal(0.0, spread, (3, 2, 2, 2))
    depths[rng.integers(3), rng.integers(2)] = -np.inf
    for kernel in (come_near, getattr(come_near, "py_func", come_near)):
        assert kernel(depths, REACH, MOST) == _naive(depths, REACH, MOST)


def test_come_near__both_answers_occur_and_a_limit_itself_is_near() -> None:
    far = np.array([5.0, -5.0, 9.0]).reshape(3, 1, 1, 1)
    assert not come_near(far[[0, 2]], REACH, MOST)
    at_limits = np.array([REACH, REACH + MOST]).reshape(2, 1, 1, 1)
    assert come_near(at_limits, REACH, MOST)
    assert come_near(-at_limits, REACH, MOST)
    assert not come_near(at_limits, np.nextafter(REACH, 0), MOST)
    assert not come_near(at_limits, REACH, np.nextafter(MOST, 0))
    assert not come_near(far[:1], REACH, MOST)


@pytest.mark.parametrize("seed", range(20))
def test_what_does_not_come_near__is_left_as_it_is(seed: int) -> None:
    """That is why `let_coincide` need not be asked there: it would change no bit."""
    rng = np.random.default_rng(seed)
    depths = rng.normal(0.0, 40.0, (3, 2, 3, 3))
    low, high = rng.normal(0.0, 0.01, (2, 3, 3, 3))
    drawn = depths.copy()
    let_coincide(drawn, low, high, REACH, TOLERANCE, MOST)
    assert come_near(depths, REACH, MOST) or np.array_equal(drawn, depths)
