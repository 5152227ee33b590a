"""Gamma against a naive reference, closed forms and its own symmetries, compiled and with the JIT off."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dosimetry.errors import GammaCriterionError
from dosimetry.gamma.gamma_index import GammaCriteria, gamma_index
from dosimetry.gamma.gamma_shells import gamma_shells
from dosimetry.grid import DoseGrid
from tests.dosimetry.gamma.gamma_reference import naive_gamma, sphere

ROOT = Path(__file__).parents[3]
THREE_TWO = GammaCriteria(3.0, 2.0)
HIGHEST = GammaCriteria(3.0, 2.0, cutoff_percent=97)
HEAD_FIRST = np.eye(3)
TURNS = {
    "feet first": np.diag([-1.0, 1, -1]),
    "prone": np.diag([-1.0, -1, 1]),
    "decubitus": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]),
    "feet first decubitus": np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, -1]]),
    "planes along x": np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]),
}


def _affine(
    origin: tuple[float, ...], spacing: tuple[float, ...], axes: np.ndarray = HEAD_FIRST
) -> np.ndarray:
    affine = np.eye(4)
    affine[:3, :3] = axes * spacing
    affine[:3, 3] = origin
    return affine


def _noise(seed: int, shape: tuple[int, int, int] = (5, 6, 7)) -> np.ndarray:
    return np.random.default_rng(seed).uniform(8, 10, shape)


def _grid_of(
    dose_at: Callable[[np.ndarray], np.ndarray], shape: tuple[int, int, int], affine: np.ndarray
) -> DoseGrid:
    places = DoseGrid(np.zeros(shape), affine).voxel_centres_mm()
    return DoseGrid(dose_at(places), affine)


def _two(seed: int) -> tuple[DoseGrid, DoseGrid]:
    reference = DoseGrid(_noise(seed), _affine((0, 0, 0), (2.5, 2.0, 3.0)))
    evaluation = DoseGrid(_noise(seed + 1, (6, 8, 6)), _affine((1.1, -0.7, 0.4), (2.2, 1.9, 2.6)))
    return reference, evaluation


@pytest.mark.parametrize("is_local", [False, True], ids=["global", "local"])
@pytest.mark.parametrize(("dose_percent", "distance_mm"), [(3.0, 2.0), (1.0, 1.0), (2.0, 3.0)])
def test_gamma__agrees_with_every_sample_tried(
    dose_percent: float, distance_mm: float, is_local: bool
) -> None:
    criteria = GammaCriteria(dose_percent, distance_mm, is_local, cutoff_percent=90)
    reference, evaluation = _two(3)
    found = gamma_index(reference, evaluation, criteria)
    np.testing.assert_allclose(found.gamma, naive_gamma(reference, evaluation, criteria), atol=1e-9)
    assert found.points > 100


def test_gamma__agrees_with_every_sample_tried_between_oblique_grids() -> None:
    axes, _ = np.linalg.qr(np.random.default_rng(8).normal(size=(3, 3)))
    reference = DoseGrid(_noise(1), _affine((0, 0, 0), (2.5, 2.0, 3.0)))
    evaluation = DoseGrid(_noise(2, (8, 8, 8)), _affine((5, 5, 5), (2.0, 2.0, 2.0), axes))
    criteria = GammaCriteria(3, 2, cutoff_percent=85)
    expected = naive_gamma(reference, evaluation, criteria)
    np.testing.assert_allclose(gamma_index(reference, evaluation, criteria).gamma, expected, atol=1e-9)


def test_gamma__agrees_with_every_sample_tried_between_uneven_planes() -> None:
    reference = DoseGrid(_noise(1), _affine((0, 0, 0), (2.5, 2.0, 3.0)))
    offsets = np.array([0.0, 1.1, 2.5, 3.2, 6, 6.6, 9.1, 12])
    evaluation = DoseGrid(_noise(4, (8, 6, 7)), _affine((0.3, 0.2, -0.4), (2.5, 2.0, 1.0)), offsets)
    criteria = GammaCriteria(3, 2, cutoff_percent=90)
    expected = naive_gamma(reference, evaluation, criteria)
    np.testing.assert_allclose(gamma_index(reference, evaluation, criteria).gamma, expected, atol=1e-9)


def test_shells__are_those_of_the_naive_reference() -> None:
    shells = gamma_shells(2.0, 1.5)
    np.testing.assert_allclose(shells.radii, np.arange(16) / 10)
    for step in range(16):
        points = shells.points_mm[shells.starts[step] : shells.starts[step + 1]]
        np.testing.assert_allclose(points, 0.2 * step * np.array(sphere(step)), atol=1e-12)


@given(st.floats(0.2, 1.0), st.floats(0.0, 8.0), st.sampled_from([0, 1, 2]))
@example(0.25, 8.0, 2)
@settings(max_examples=25, deadline=None)
def test_gamma__of_a_shifted_gradient_is_its_closed_form(slope: float, shift: float, axis: int) -> None:
    affine = _affine((0, 0, 0), (2.0, 2.0, 2.0))
    reference = _grid_of(lambda at: 100 + slope * at[..., axis], (9, 9, 9), affine)
    evaluation = _grid_of(lambda at: 100 + slope * (at[..., axis] - shift), (9, 9, 9), affine)
    criterion = 0.01 * reference.maximum_gy
    expected = min(slope * shift / np.hypot(criterion, slope * 2.0), 2.0)
    found = gamma_index(reference, evaluation, GammaCriteria(1, 2)).gamma.reshape(9, 9, 9)[4, 4, 4]
    nearest_sample_mm = 0.18  # a tenth of a millimetre along the radius and along both circles
    bend = (slope / criterion) ** 2 + 1 / 2.0**2
    assert expected - 1e-9 <= found <= np.sqrt(expected**2 + bend * nearest_sample_mm**2)


@pytest.mark.parametrize(("is_local", "expected"), [(False, 2 / 3), (True, 4 / 3)])
def test_gamma__of_a_uniform_difference_is_its_share_of_the_criterion(
    is_local: bool, expected: float
) -> None:
    values = np.full((4, 4, 4), 50.0)
    values[0, 0, 0] = 100.0
    affine = _affine((0, 0, 0), (20.0, 20.0, 20.0))
    found = gamma_index(
        DoseGrid(values, affine), DoseGrid(values + 2.0, affine), GammaCriteria(3, 1, is_local)
    )
    assert found.gamma[-1] == pytest.approx(expected)


def test_gamma__of_exactly_one_passes() -> None:
    affine = _affine((0, 0, 0), (2.5, 2.5, 3.0))
    for dose in (0.1, 2.0, 47.88, 50.4):
        reference, evaluation = np.full((4, 4, 4), dose), np.full((4, 4, 4), dose * 1.03)
        found = gamma_index(DoseGrid(reference, affine), DoseGrid(evaluation, affine), THREE_TWO)
        assert found.pass_rate_percent == 100
        beyond = gamma_index(DoseGrid(reference, affine), DoseGrid(evaluation * 1.0001, affine), THREE_TWO)
        assert beyond.pass_rate_percent == 0


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS.keys())
def test_gamma__does_not_depend_on_how_a_grid_is_stored(turn: np.ndarray) -> None:
    """The same voxels in the same places, in another order: as another patient position stores them."""
    reference, evaluation = _two(5)
    plain = gamma_index(reference, evaluation, THREE_TWO)
    stored = [_stored(grid, turn) for grid in (reference, evaluation)]
    for one, other in ((stored[0], evaluation), (reference, stored[1]), (stored[0], stored[1])):
        found = gamma_index(one, other, THREE_TWO)
        np.testing.assert_allclose(np.sort(found.gamma), np.sort(plain.gamma), rtol=1e-9)


def _stored(grid: DoseGrid, turn: np.ndarray) -> DoseGrid:
    """The grid with its axes exchanged and reversed: axis a of the new one runs along `turn[:, a]`."""
    values = np.transpose(grid.values_gy, (2, 1, 0))
    order = np.abs(turn).argmax(axis=0)
    start = np.zeros(3)
    affine = grid.index_to_patient_mm.copy()
    for new, old in enumerate(order):
        if turn[old, new] < 0:
            start[old] = values.shape[old] - 1
        affine[:3, new] = turn[old, new] * grid.index_to_patient_mm[:3, old]
    affine[:3, 3] = grid.index_to_patient_mm[:3, :3] @ start + grid.index_to_patient_mm[:3, 3]
    flipped = values[tuple(slice(None, None, -1 if at else 1) for at in start)]
    return DoseGrid(np.transpose(np.transpose(flipped, order), (2, 1, 0)), affine)


def test_gamma__takes_uneven_and_descending_planes() -> None:
    even = _grid_of(_linear, (13, 6, 6), _affine((0, 0, 0), (2, 2, 1)))
    offsets = np.array([0.0, 1.1, 2.5, 3.2, 6, 6.6, 9.1, 12])
    unit = _affine((0, 0, 0), (2, 2, 1))
    values = _linear(_places(offsets, unit))
    reference = _grid_of(lambda at: _linear(at) + 0.2, (5, 6, 6), _affine((0, 0, 0), (2, 2, 2.5)))
    expected = gamma_index(reference, even, THREE_TWO).gamma
    for grid in (DoseGrid(values, unit, offsets), DoseGrid(values[::-1], unit, offsets[::-1])):
        np.testing.assert_allclose(gamma_index(reference, grid, THREE_TWO).gamma, expected, rtol=1e-9)
    uneven_reference = DoseGrid(values[::-1] + 0.2, unit, offsets[::-1])
    placed = gamma_index(uneven_reference, even, THREE_TWO)
    np.testing.assert_allclose(
        placed.gamma, gamma_index(DoseGrid(values + 0.2, unit, offsets), even, THREE_TWO).gamma[_upwards()]
    )


def _linear(at: np.ndarray) -> np.ndarray:
    """A dose that a grid of any planes interpolates exactly."""
    return np.asarray(20 + 0.3 * at[..., 0] + 0.1 * at[..., 1] + 0.4 * at[..., 2])


def _places(offsets: np.ndarray, unit: np.ndarray) -> np.ndarray:
    return DoseGrid(np.zeros((len(offsets), 6, 6)), unit, offsets).voxel_centres_mm()


def _upwards() -> np.ndarray:
    return np.arange(8 * 36).reshape(8, 6, 6)[::-1].ravel()


def test_gamma__outside_the_evaluation_grid_is_the_cap() -> None:
    reference = DoseGrid(np.full((4, 4, 4), 10.0), _affine((0, 0, 0), (2.0, 2.0, 2.0)))
    far = DoseGrid(np.full((4, 4, 4), 10.0), _affine((100, 0, 0), (2.0, 2.0, 2.0)))
    found = gamma_index(reference, far, GammaCriteria(3, 2, max_gamma=3))
    assert (found.pass_rate_percent, found.points, found.mean_gamma, found.outside) == (0, 64, 3, 64)


def test_gamma__just_outside_the_grid_is_the_way_to_its_edge() -> None:
    values, spacing = np.full((4, 4, 4), 10.0), (2.0, 2.0, 2.0)
    reference, evaluation = (
        DoseGrid(values, _affine((0, 0, 0), spacing)),
        DoseGrid(values, _affine((1, 0, 0), spacing)),
    )
    found = gamma_index(reference, evaluation, THREE_TWO)
    gamma = found.gamma.reshape(4, 4, 4)
    np.testing.assert_allclose(gamma[1:3, 1:3, 0], 0.5)
    np.testing.assert_array_equal(gamma[:, :, 1:], 0)
    assert found.outside == 16


def test_gamma__an_only_plane_counts_for_its_thickness() -> None:
    rows = np.linspace(8, 10, 36).reshape(1, 6, 6)
    plane = DoseGrid(rows, _affine((0, 0, 3), (2.0, 2.0, 1.0)), plane_thickness_mm=3.0)
    reference = DoseGrid(np.repeat(rows, 3, axis=0), _affine((0, 0, 0), (2.0, 2.0, 3.0)))
    gamma = gamma_index(reference, plane, GammaCriteria(3, 1)).gamma.reshape(3, 6, 6)
    np.testing.assert_array_equal(gamma[1], 0)
    np.testing.assert_allclose(gamma[[0, 2]], 1.5)
    assert gamma_index(plane, plane, THREE_TWO).mean_gamma == 0


def test_gamma__without_reference_dose_has_no_rate() -> None:
    affine = _affine((0, 0, 0), (2.0, 2.0, 2.0))
    nothing, some = DoseGrid(np.zeros((3, 3, 3)), affine), DoseGrid(np.ones((3, 3, 3)), affine)
    for evaluation in (nothing, some):
        found = gamma_index(nothing, evaluation, THREE_TWO)
        assert (found.points, found.pass_rate_percent, found.mean_gamma) == (0, None, None)


def test_gamma__local_criterion_of_no_dose_is_met_by_no_dose_alone() -> None:
    affine = _affine((0, 0, 0), (9.0, 9.0, 9.0))
    reference = np.array([0.0, 0.0, 0.0, 10.0]).repeat(16).reshape(4, 4, 4)
    evaluation = np.array([0.0, 0.1, 0.1, 10.0]).repeat(16).reshape(4, 4, 4)
    criteria = GammaCriteria(3, 2, is_local=True, cutoff_percent=0)
    gamma = gamma_index(DoseGrid(reference, affine), DoseGrid(evaluation, affine), criteria).gamma
    np.testing.assert_array_equal(gamma.reshape(4, -1)[:, 0], [0, 2, 2, 0])


def test_gamma__cutoff_counts_a_voxel_at_it() -> None:
    values = np.array([10.0, 1.0, np.nextafter(1.0, 0), 0.5]).repeat(4).reshape(4, 2, 2)
    grid = DoseGrid(values, _affine((0, 0, 0), (2.0, 2.0, 2.0)))
    assert gamma_index(grid, grid, THREE_TWO).points == 8


@pytest.mark.parametrize("max_gamma", [0.5, 1.0, 1.5])
def test_gamma__cap_changes_no_pass(max_gamma: float) -> None:
    plain = gamma_index(*_two(3), THREE_TWO)
    capped = gamma_index(*_two(3), GammaCriteria(3, 2, max_gamma=max_gamma))
    assert capped.pass_rate_percent == plain.pass_rate_percent
    np.testing.assert_array_equal(capped.gamma, np.minimum(plain.gamma, max_gamma))


def test_gamma__has_the_same_bits_on_any_number_of_threads() -> None:
    affine = _affine((0, 0, 0), (2.0, 2.0, 2.0))
    reference, evaluation = (
        DoseGrid(_noise(1, (20, 20, 20)), affine),
        DoseGrid(_noise(2, (20, 20, 20)), affine),
    )
    alone = gamma_index(reference, evaluation, THREE_TWO, threads=1)
    for threads in (2, 3, 7, None):
        found = gamma_index(reference, evaluation, THREE_TWO, threads=threads)
        assert found.gamma.tobytes() == alone.gamma.tobytes()
        assert found.mean_gamma == alone.mean_gamma


_PRINT_GAMMA = """
import json
from dosimetry.gamma.gamma_index import gamma_index
from tests.dosimetry.gamma.test_gamma_index import HIGHEST, _two
print(json.dumps([gamma_index(*_two(3), HIGHEST).gamma.tolist()]))
"""


def test_gamma__with_the_jit_off_agrees_with_the_compiled_kernel() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PRINT_GAMMA],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    plain = np.array(json.loads(done.stdout)[0])
    np.testing.assert_allclose(plain, gamma_index(*_two(3), HIGHEST).gamma, rtol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"dose_percent": 0}, "dose_percent"),
        ({"dose_percent": float("nan")}, "dose_percent"),
        ({"distance_mm": -1}, "distance_mm"),
        ({"cutoff_percent": 101}, "cutoff_percent"),
        ({"max_gamma": 0}, "max_gamma"),
    ],
)
def test_criteria__out_of_range_are_refused_by_name(wrong: dict[str, float], named: str) -> None:
    with pytest.raises(GammaCriterionError, match=named) as refusal:
        GammaCriteria(**{"dose_percent": 3.0, "distance_mm": 2.0, **wrong})  # type: ignore[arg-type]
    assert refusal.value.criterion == named
