"""The shells of gamma: those within one cell, taken several samples at a time, against sample by sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosimetry.kernels import gamma_shell

EVEN, UNEVEN = np.arange(4.0), np.array([0.0, 1.3, 1.9, 4.0])
VALUES = np.random.default_rng(3).uniform(0, 50, (4, 5, 6))
SHIFTS = np.random.default_rng(4).uniform(-0.05, 0.05, (3, 23))


def _first_planes(planes: np.ndarray) -> np.ndarray:
    """For stretches as long as the least distance of planes, as `gamma_index` makes them."""
    length = planes[-1] - planes[0]
    ends = planes[0] + np.linspace(0, length, round(length / np.diff(planes).min()) + 1)
    return np.asarray(np.clip(np.searchsorted(planes, ends, side="right") - 1, 0, len(planes) - 2))


def _both(planes: np.ndarray, at: tuple[float, float, float], dose: float) -> tuple[float, float]:
    corners, is_even = np.empty(8), planes is EVEN
    where = (VALUES, planes, _first_planes(planes), is_even, *at)
    x, y, z, height, found = gamma_shell.cell_at(*where, corners)
    assert found
    quick = gamma_shell.least_in_cell(dose, corners, x, y, z, height, SHIFTS, 2, 21, np.empty(30))
    return quick, gamma_shell.least_on_shell(dose, *where, SHIFTS, 2, 21, False, np.zeros(3))


@pytest.mark.parametrize("planes", [EVEN, UNEVEN], ids=["even", "uneven"])
@given(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 2)),
    st.tuples(*[st.floats(0.05, 0.95)] * 3),
    st.floats(0, 60),
)
@settings(max_examples=60, deadline=None)
def test_shell_in_one_cell__has_the_least_of_its_samples(
    planes: np.ndarray, cell: tuple[int, int, int], share: tuple[float, float, float], dose: float
) -> None:
    i, j, k = cell
    height = planes[k + 1] - planes[k]
    z = planes[k] + min(max(share[2] * height, 0.051), height - 0.051)
    quick, slow = _both(planes, (i + min(max(share[0], 0.051), 0.949), j + share[1], z), dose)
    assert quick == pytest.approx(slow, abs=1e-12)


def test_shell_in_one_cell__is_the_same_without_the_jit(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = _both(UNEVEN, (2.4, 1.7, 1.6), 20.0)
    for name in ("cell_at", "least_in_cell", "least_on_shell"):
        function = getattr(gamma_shell, name)
        monkeypatch.setattr(gamma_shell, name, getattr(function, "py_func", function))
    assert _both(UNEVEN, (2.4, 1.7, 1.6), 20.0) == pytest.approx(compiled, rel=1e-12)


def test_cell__of_a_point_outside_the_voxel_centres_is_none() -> None:
    for at in ((-0.01, 1.0, 1.0), (5.01, 1.0, 1.0), (1.0, 4.01, 1.0), (1.0, 1.0, -0.01), (1.0, 1.0, 4.1)):
        assert not gamma_shell.cell_at(VALUES, UNEVEN, _first_planes(UNEVEN), False, *at, np.empty(8))[-1]
    assert gamma_shell.cell_at(VALUES, EVEN, _first_planes(EVEN), True, 5.0, 4.0, 3.0, np.empty(8))[:3] == (
        1.0,
        1.0,
        1.0,
    )
