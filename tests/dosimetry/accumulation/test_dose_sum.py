"""The voxelwise sum: against a naive one, closed forms, published figures, any threads, no JIT."""

import csv
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from dosimetry.accumulation.alpha_beta import AlphaBetaMap
from dosimetry.accumulation.deformation import Deformation
from dosimetry.accumulation.dose_sum import Uncovered, sum_doses
from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.accumulation.voxel_frame import VoxelFrame
from dosimetry.errors import DoseError, DosimetryError, FractionsMissingError, GridError
from dosimetry.grid import DoseGrid
from tests.dosimetry.accumulation.naive_sum import naive_sum

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "eqd2.csv"
FRAME = VoxelFrame((4, 7, 6), np.array([[3.0, 0, 0, -8], [0, 2.5, 0, -7], [0, 0, 4, -6], [0, 0, 0, 1]]))


def rigid(degrees: float, shift_mm: tuple[float, float, float] = (1.5, -2.0, 0.7)) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_rotvec(np.deg2rad(degrees) * np.array([0.48, 0.6, 0.64])).as_matrix()
    matrix[:3, 3] = shift_mm
    return matrix


def grid(
    seed: int,
    *,
    uneven: bool = False,
    steps: tuple[float, float, float] = (2.6, 2.2, 3.1),
    start: tuple[float, float, float] = (-7.5, -8.0, -6.5),
) -> DoseGrid:
    rng = np.random.default_rng(seed)
    affine = np.diag([*steps, 1.0])
    affine[:3, 3] = start
    offsets = np.cumsum(rng.uniform(0.6, 1.4, 5)) - 0.6 if uneven else None
    return DoseGrid(rng.uniform(0, 60, (5, 8, 7)), affine, offsets)


def deformation(seed: int) -> Deformation:
    rng = np.random.default_rng(seed)
    affine = np.diag([6.0, 7.0, 8.0, 1.0])
    affine[:3, 3] = -11
    vectors = rng.normal(0, 1.5, (3, 4, 5, 3))
    vectors[0, 0, 0] = np.nan
    return Deformation(vectors.astype(np.float32), affine, rigid(3.0, (0.1, 0.2, 0.3)), rigid(-8.0))


LAYERS = {
    "same axes": DoseLayer(grid(1), 28),
    "mirrored": DoseLayer(grid(2, steps=(-2.6, 2.2, -3.1), start=(8.5, -8, 7)), 28),
    "uneven planes": DoseLayer(grid(3, uneven=True), 5, 0.6),
    "descending": DoseLayer(
        DoseGrid(grid(4).values_gy, grid(4).index_to_patient_mm, np.arange(3.0, -2, -1)), 9
    ),
    "turned": DoseLayer(grid(5), 5, 0.4, rigid(20.0)),
    "turned and uneven": DoseLayer(grid(6, uneven=True), 5, 0.4, rigid(-40.0)),
    "a quarter turn": DoseLayer(grid(7), 5, 1.0, np.diag([1.0, 1, 1, 1])[[1, 0, 2, 3]]),
    "deformed": DoseLayer(grid(8), 11, 1.0, rigid(4.0), deformation(9)),
    "deformed and uneven": DoseLayer(grid(10, uneven=True), 11, 1.0, rigid(0.0), deformation(11)),
}
MAP = AlphaBetaMap(np.random.default_rng(0).integers(0, 3, FRAME.shape).astype(np.uint8), (10.0, 3.0, 2.0))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("alpha_beta", [None, 3.0, MAP], ids=["physical", "one", "map"])
def test_sum__agrees_with_the_naive_one(name: str, alpha_beta: AlphaBetaMap | float | None) -> None:
    layers = [LAYERS[name], LAYERS["same axes"]]
    for uncovered in Uncovered:
        found = sum_doses(FRAME, layers, alpha_beta, uncovered=uncovered)
        zero = uncovered is Uncovered.ZERO
        values, missing = naive_sum(FRAME, layers, alpha_beta, outside_is_zero=zero)
        np.testing.assert_allclose(found.values_gy, values, rtol=1e-11, atol=1e-11)
        np.testing.assert_array_equal(found.missing_plans, missing)


def test_sum__of_all_kinds_of_plans_is_that_of_each() -> None:
    together = sum_doses(FRAME, list(LAYERS.values()), 2.0)
    apart = [sum_doses(FRAME, [layer], 2.0) for layer in LAYERS.values()]
    np.testing.assert_allclose(together.values_gy, sum(each.values_gy for each in apart), rtol=1e-12)
    np.testing.assert_array_equal(
        together.missing_plans, sum(each.missing_plans.astype(int) for each in apart)
    )
    np.testing.assert_allclose(together.uncovered_cc, [each.uncovered_cc[0] for each in apart])


@pytest.mark.parametrize("threads", [2, 3, 7])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sum__has_the_same_bits_for_any_number_of_threads(threads: int, dtype: type) -> None:
    one = sum_doses(FRAME, list(LAYERS.values()), MAP, dtype=dtype, threads=1)
    many = sum_doses(FRAME, list(LAYERS.values()), MAP, dtype=dtype, threads=threads)
    np.testing.assert_array_equal(one.values_gy, many.values_gy)
    np.testing.assert_array_equal(one.missing_plans, many.missing_plans)
    assert one.uncovered_cc == many.uncovered_cc


@pytest.mark.parametrize("alpha_beta", [None, MAP], ids=["physical", "map"])
def test_sum__in_single_precision_is_as_near_as_said(alpha_beta: AlphaBetaMap | None) -> None:
    layers = list(LAYERS.values())
    exact = sum_doses(FRAME, layers, alpha_beta).values_gy
    single = sum_doses(FRAME, layers, alpha_beta, dtype=np.float32).values_gy
    assert single.dtype == np.float32
    highest = sum(float(sum_doses(FRAME, [layer], alpha_beta).values_gy.max()) for layer in layers)
    assert np.abs(single - exact).max() <= 2e-7 * highest


@pytest.fixture(params=["compiled", "plain"])
def sums(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The sum with its kernels compiled, and as the plain Python that they are written in."""
    if request.param == "plain":
        _switch_the_jit_off(monkeypatch)
    return sum_doses


def _switch_the_jit_off(monkeypatch: pytest.MonkeyPatch) -> None:
    kernels = [
        f"kernels.{name}" for name in ("aligned_plane", "turned_plane", "deformed_plane", "deformation")
    ]
    for name in kernels:
        for attribute, value in list(vars(sys.modules[f"dosimetry.{name}"]).items()):
            if hasattr(value, "py_func"):
                for user in (*kernels, "accumulation.layer_planes", "accumulation.deformation"):
                    _replace(monkeypatch, user, attribute, value.py_func)


def _replace(monkeypatch: pytest.MonkeyPatch, user: str, attribute: str, value: object) -> None:
    module = sys.modules[f"dosimetry.{user}"]
    if hasattr(module, attribute):
        monkeypatch.setattr(module, attribute, value)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sum__without_the_jit_has_the_same_bits(monkeypatch: pytest.MonkeyPatch, dtype: type) -> None:
    layers = list(LAYERS.values())
    compiled = [sum_doses(FRAME, layers, each, dtype=dtype, threads=1) for each in (None, MAP)]
    _switch_the_jit_off(monkeypatch)
    for found, each in zip(compiled, (None, MAP), strict=True):
        plain = sum_doses(FRAME, layers, each, dtype=dtype, threads=1)
        np.testing.assert_allclose(
            plain.values_gy, found.values_gy, rtol=1e-12 if dtype is np.float64 else 3e-7
        )
        np.testing.assert_array_equal(plain.missing_plans, found.missing_plans)


@given(st.floats(-180, 180), st.floats(-3, 3), st.floats(-3, 3), st.sampled_from([None, 3.0]))
@settings(max_examples=25, deadline=None)
def test_linear_dose__is_met_exactly_under_any_rigid_map(
    degrees: float, across: float, up: float, alpha_beta: float | None
) -> None:
    slope, matrix = np.array([0.4, -0.3, 0.7]), rigid(degrees, (across, 0.0, up))
    wide = VoxelFrame((31, 33, 35), np.diag([2.0, 2.1, 2.2, 1.0]) + _shift(-34, -34, -33))
    values = np.stack([wide.centres_mm(k) @ slope + 90 for k in range(31)])
    layer = DoseLayer(DoseGrid(values, wide.index_to_patient_mm), 28, 0.7, matrix)
    found = sum_doses(FRAME, [layer], alpha_beta)
    centres = np.stack([FRAME.centres_mm(k) for k in range(FRAME.shape[0])])
    dose = (centres @ matrix[:3, :3].T + matrix[:3, 3]) @ slope + 90
    expected = 0.7 * (dose if alpha_beta is None else dose * (dose / 28 + 3) / 5)
    assert found.uncovered_by_any_cc == 0
    # A turn by less than 1e-9 voxels counts as none: a voxel of this plan makes up to 1.6 Gy of difference.
    np.testing.assert_allclose(found.values_gy, expected, rtol=1e-12, atol=2e-9)


def _shift(x: float, y: float, z: float) -> np.ndarray:
    matrix = np.zeros((4, 4))
    matrix[:3, 3] = x, y, z
    return matrix


def test_eqd2__agrees_with_the_reference_table(sums: Any) -> None:
    if not REFERENCE.exists():
        pytest.skip("../shared/reference/eqd2.csv is not there")
    frame = VoxelFrame((1, 2, 2), np.eye(4), plane_thickness_mm=2.0)
    with REFERENCE.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        total, fractions = float(row["total_dose_gy"]), float(row["fractions"])
        layer = DoseLayer(uniform(total), fractions)
        labels = np.array([[[0, 1], [2, 2]]], dtype=np.uint8)
        found = sums(frame, [layer], AlphaBetaMap(labels, (10.0, 3.0, 2.0))).values_gy.ravel()[:3]
        for value, ratio in zip(found, (10, 3, 2), strict=True):
            assert value == pytest.approx(float(row[f"EQD2_{ratio}_gy"]), abs=1e-6), row
            assert value == pytest.approx(float(sums(frame, [layer], ratio).values_gy[0, 0, 0]), rel=1e-14)


def test_ldrt_and_cfrt__give_the_figures_of_the_domain_notes(sums: Any) -> None:
    layers = [DoseLayer(uniform(15.0), 5), DoseLayer(uniform(50.4), 28, 1.0, rigid(0.0, (0.3, 0.2, 0.1)))]
    frame = VoxelFrame((1, 2, 2), np.eye(4), plane_thickness_mm=2.0)
    for ratio, expected in ((10.0, 65.81), (3.0, 66.384), (2.0, 66.63)):
        np.testing.assert_allclose(sums(frame, layers, ratio).values_gy, expected, atol=1e-9)
    np.testing.assert_allclose(sums(frame, layers).values_gy, 65.4, atol=1e-9)


def test_replans__weigh_by_their_fractions_and_keep_their_dose_per_fraction() -> None:
    """20 of 28 fractions of 1.8 Gy and 8 of a second plan of 2 Gy: EQD2 of each at its own d."""
    layers = [DoseLayer(uniform(50.4), 28, 20 / 28), DoseLayer(uniform(16.0), 8)]
    frame = VoxelFrame((1, 2, 2), np.eye(4), plane_thickness_mm=2.0)
    expected = 36.0 * (1.8 + 3) / 5 + 16.0
    np.testing.assert_allclose(sum_doses(frame, layers, 3.0).values_gy, expected, rtol=1e-14)


def uniform(dose_gy: float) -> DoseGrid:
    affine = np.diag([2.0, 2.0, 2.0, 1.0]) + _shift(-4, -4, -4)
    return DoseGrid(np.full((5, 6, 7), dose_gy), affine)


def test_uncovered__is_told_in_cc_and_never_a_value_alone() -> None:
    """A frame of 10 x 10 x 10 mm voxels, a plan over half of it; the other plan covers all."""
    frame = VoxelFrame((3, 4, 6), np.diag([10.0, 10, 10, 1]))
    whole = DoseGrid(np.full((3, 4, 6), 7.0), np.diag([10.0, 10, 10, 1]))
    half = DoseGrid(np.full((3, 4, 3), 2.0), np.diag([10.0, 10, 10, 1]))
    layers = [DoseLayer(whole, 1), DoseLayer(half, 1)]
    low, high = (sum_doses(frame, layers, uncovered=each) for each in Uncovered)
    assert low.uncovered_cc == high.uncovered_cc == pytest.approx((0.0, 36.0))
    assert (low.uncovered_by_any_cc, low.covered_by_none_cc) == pytest.approx((36.0, 0.0))
    assert (low.values_gy[..., :3] == 9).all()
    assert (low.values_gy[..., 3:] == 7).all()
    assert (high.values_gy == 9).all()
    assert sum_doses(frame, layers[1:]).covered_by_none_cc == pytest.approx(36.0)


def test_uncovered__of_uneven_planes_counts_their_thickness() -> None:
    frame = VoxelFrame((3, 2, 2), np.diag([10.0, 10, 1, 1]), np.array([0.0, 10.0, 40.0]))
    np.testing.assert_allclose(frame.voxel_volumes_cc, [1.0, 2.0, 3.0])
    below = DoseGrid(np.ones((2, 2, 2)), np.diag([10.0, 10, 10, 1]))
    assert sum_doses(frame, [DoseLayer(below, 1)]).uncovered_cc == pytest.approx((12.0,))


def test_result__is_written_where_it_is_wanted() -> None:
    out = np.full(FRAME.shape, np.nan, dtype=np.float32)
    found = sum_doses(FRAME, [LAYERS["turned"]], out=out)
    assert found.values_gy is out
    np.testing.assert_array_equal(out, sum_doses(FRAME, [LAYERS["turned"]], dtype=np.float32).values_gy)


def test_refusals__say_what_is_wrong() -> None:
    layer = LAYERS["same axes"]
    with pytest.raises(DosimetryError, match="at least one plan"):
        sum_doses(FRAME, [])
    with pytest.raises(FractionsMissingError, match="plan 2"):
        sum_doses(FRAME, [layer, replace(layer, fractions=None)], 3.0)
    with pytest.raises(DoseError, match="alpha/beta"):
        sum_doses(FRAME, [layer], 0.0)
    with pytest.raises(GridError, match="alpha/beta map"):
        sum_doses(VoxelFrame((3, 7, 6), FRAME.index_to_patient_mm), [layer], MAP)
    with pytest.raises(GridError, match="out has"):
        sum_doses(FRAME, [layer], out=np.zeros((2, 2, 2)))
    with pytest.raises(GridError, match="label 2 of 2"):
        AlphaBetaMap(MAP.labels, (10.0, 3.0))
    with pytest.raises(DoseError):
        AlphaBetaMap(MAP.labels, (10.0, 3.0, float("nan")))
    with pytest.raises(GridError, match="singular"):
        VoxelFrame((3, 3, 3), np.diag([1.0, 1, 0, 1]))


def test_frame_around__lies_in_the_middle_of_the_grid_at_another_spacing() -> None:
    for source in (grid(1), grid(2, steps=(-2.6, 2.2, -3.1)), grid(3, uneven=True)):
        frame = VoxelFrame.around(source, 2.0)
        found = sum_doses(frame, [DoseLayer(source, 1)])
        assert np.linalg.norm(frame.index_to_patient_mm[:3, :3], axis=0) == pytest.approx([2, 2, 2])
        middle = [(axis[0] + axis[-1]) / 2 for axis in source.axis_coordinates]
        centre = frame.index_to_patient_mm @ [*((np.array(frame.shape[::-1]) - 1) / 2), 1]
        np.testing.assert_allclose(centre, source.index_to_patient_mm @ [*middle, 1])
        assert found.uncovered_by_any_cc == 0
