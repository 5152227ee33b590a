"""The worst sum within an ellipsoid: against every point tried, closed forms, an organ, threads, no JIT."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from dosimetry.accumulation import registration_uncertainty
from dosimetry.accumulation.alpha_beta import AlphaBetaMap
from dosimetry.accumulation.dose_sum import Uncovered, sum_doses
from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.accumulation.registration_uncertainty import Ellipsoid, worst_sum
from dosimetry.accumulation.voxel_frame import VoxelFrame
from dosimetry.errors import DoseError, GridError
from dosimetry.fractionation import eqd2_gy
from dosimetry.grid import DoseGrid
from dosimetry.kernels import ellipsoid_maximum

STEPS_MM = np.array([2.0, 2.5, 3.0])
FRAME = VoxelFrame((5, 6, 7), np.diag([*STEPS_MM, 1.0]))
ELLIPSOIDS = [(3.0, 3.0, 3.0), (2.0, 5.0, 3.0), (0.0, 4.0, 0.0), (7.3, 1.0, 3.5)]


def placed(values: np.ndarray, start_mm: float = -20.0) -> DoseGrid:
    affine = np.diag([*STEPS_MM, 1.0])
    affine[:3, 3] = start_mm
    return DoseGrid(values, affine)


def random_plan(seed: int) -> DoseLayer:
    return DoseLayer(placed(np.random.default_rng(seed).uniform(0, 50, (25, 26, 27))), 25, 0.8)


def tried(
    layer: DoseLayer, ellipsoid: tuple[float, float, float], within: np.ndarray | None = None
) -> np.ndarray:
    """The highest dose over all voxel centres in the ellipsoid and its row and axis ends, point by point."""
    found = np.zeros(FRAME.shape)
    axes = np.maximum(ellipsoid, 1e-6)
    reach = np.ceil(axes / STEPS_MM).astype(int) + 1
    for k, j, i in np.ndindex(*FRAME.shape):
        steps = [(a, b, c) for a in range(-reach[2], reach[2] + 1) for b in range(-reach[1], reach[1] + 1)
                 for c in range(-reach[0], reach[0] + 1)]  # fmt: skip
        offsets = [np.array([c, b, a], dtype=float) for a, b, c in steps]
        inside = [o for o in offsets if ((o * STEPS_MM / axes) ** 2).sum() <= 1 + 1e-9]
        for a in range(-reach[2], reach[2] + 1):
            for b in range(-reach[1], reach[1] + 1):
                rest = 1 - (b * STEPS_MM[1] / axes[1]) ** 2 - (a * STEPS_MM[2] / axes[2]) ** 2
                if rest >= -1e-9:
                    half = np.sqrt(max(rest, 0)) * axes[0] / STEPS_MM[0]
                    inside += [np.array([half, b, a]), np.array([-half, b, a])]
        inside += [s * np.eye(3)[axis] * axes[axis] / STEPS_MM[axis] for axis in (1, 2) for s in (1, -1)]
        found[k, j, i] = max(
            _at(layer, np.array([i, j, k]) + o) for o in inside if _counts(np.array([i, j, k]) + o, within)
        )
    return found


def _counts(at: np.ndarray, within: np.ndarray | None) -> bool:
    if within is None:
        return True
    corners = {tuple(np.floor(at + 1e-9).astype(int)), tuple(np.ceil(at - 1e-9).astype(int))}
    return all(
        all(0 <= n < m for n, m in zip(c[::-1], within.shape, strict=True)) and within[c[::-1]]
        for c in corners
    )


def _at(layer: DoseLayer, index: np.ndarray) -> float:
    point = (FRAME.index_to_patient_mm @ [*index, 1])[:3]
    small = np.eye(4)
    small[:3, 3] = point
    one = VoxelFrame((1, 2, 2), small, plane_thickness_mm=1.0)
    return float(sum_doses(one, [replace(layer, weight=1.0)], threads=1).values_gy[0, 0, 0])


@pytest.mark.parametrize("ellipsoid", ELLIPSOIDS[:3])
def test_worst_sum__agrees_with_every_point_tried(ellipsoid: tuple[float, float, float]) -> None:
    plan, base = random_plan(1), random_plan(2)
    found = worst_sum(FRAME, [base], [plan], Ellipsoid(ellipsoid), 3.0)
    expected = sum_doses(FRAME, [base], 3.0).values_gy + 0.8 * eqd2_gy(tried(plan, ellipsoid), 25, 3.0)
    np.testing.assert_allclose(found.values_gy, expected, rtol=1e-9 if min(ellipsoid) > 0 else 1e-6)


def test_worst_sum__within_an_organ_looks_at_its_voxels_alone() -> None:
    plan, base = random_plan(3), random_plan(4)
    within = np.random.default_rng(5).random(FRAME.shape) < 0.6
    found = worst_sum(FRAME, [base], [plan], Ellipsoid((4.0, 3.0, 3.0)), within=within).values_gy
    plain = sum_doses(FRAME, [base, plan]).values_gy
    np.testing.assert_allclose(found[~within], plain[~within], rtol=1e-12)
    expected = sum_doses(FRAME, [base]).values_gy + 0.8 * tried(plan, (4.0, 3.0, 3.0), within)
    np.testing.assert_allclose(found[within], expected[within], rtol=1e-9)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("ellipsoid", ELLIPSOIDS)
def test_linear_dose__rises_by_the_semi_axis_times_its_slope(
    ellipsoid: tuple[float, float, float], axis: int
) -> None:
    """0.4 Gy/mm along an axis: the worst dose is that of the ellipsoid's tip."""
    coordinate = np.moveaxis(np.indices((25, 26, 27)), 0, -1)[..., 2 - axis] * STEPS_MM[axis] - 20
    plan = DoseLayer(placed(0.4 * coordinate + 30), 5)
    plain = sum_doses(FRAME, [plan]).values_gy
    found = worst_sum(FRAME, [], [plan], Ellipsoid(ellipsoid)).values_gy
    np.testing.assert_allclose(found - plain, 0.4 * ellipsoid[axis], atol=1e-5)


def test_worst_sum__never_falls_below_the_plain_one_and_grows_with_the_ellipsoid() -> None:
    plans = [random_plan(6), random_plan(7)]
    sums = [worst_sum(FRAME, [], plans, Ellipsoid((r, r, r)), 2.0).values_gy for r in (0.0, 1.0, 2.9, 6.1)]
    np.testing.assert_allclose(sums[0], sum_doses(FRAME, plans, 2.0).values_gy, rtol=1e-5)
    for smaller, larger in pairwise(sums):
        assert (larger >= smaller - 1e-9).mean() > 0.98
        assert (larger >= sums[0] - 1e-4).all()


def test_restricted_cord__stays_below_the_sum_of_its_maxima() -> None:
    """As in the paper: a free search pulls dose in from the target beside; a restricted one cannot."""
    x = np.indices((25, 26, 27))[2] * STEPS_MM[0] - 20
    plan = DoseLayer(placed(np.where(x > 9, 60.0, 10.0)), 25)
    cord = np.zeros(FRAME.shape, dtype=np.bool_)
    cord[:, :, 1:4] = True
    free = worst_sum(FRAME, [plan], [plan], Ellipsoid((4.0, 4.0, 4.0)), 2.0).values_gy
    kept = worst_sum(FRAME, [plan], [plan], Ellipsoid((4.0, 4.0, 4.0)), 2.0, within=cord).values_gy
    highest = sum_doses(FRAME, [plan], 2.0).values_gy[cord].max()
    assert kept[cord].max() <= 2 * highest + 1e-9
    assert free[cord].max() > 2 * highest + 10


def test_worst_sum__tells_where_the_ellipsoid_leaves_the_grid() -> None:
    """A grid from x = 0 to 6 mm: of the voxels only those at 2 and 4 mm see nothing past it within 2 mm."""
    plan = DoseLayer(
        DoseGrid(np.full((25, 26, 4), 9.0), np.diag([2.0, 2.5, 3.0, 1.0]) @ _moved(0, -8, -8)), 1
    )
    found = worst_sum(FRAME, [], [plan], Ellipsoid((2.0, 1.0, 1.0)), uncovered=Uncovered.ZERO)
    np.testing.assert_array_equal(found.missing_plans[2, 2] > 0, [True, False, False, True, True, True, True])
    assert found.uncovered_cc[0] == pytest.approx((found.missing_plans > 0).sum() * 0.015)


def _moved(i: float, j: float, k: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = i, j, k
    return matrix


def test_worst_sum__has_the_same_bits_for_any_threads_and_without_the_jit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labels = np.random.default_rng(8).integers(0, 2, FRAME.shape).astype(np.uint8)
    arguments = (FRAME, [random_plan(9)], [random_plan(10)], Ellipsoid((3.0, 4.0, 5.0)))
    both = AlphaBetaMap(labels, (3.0, 10.0))
    one = worst_sum(*arguments, both, threads=1).values_gy
    np.testing.assert_array_equal(one, worst_sum(*arguments, both, threads=3).values_gy)
    single = worst_sum(*arguments, both, dtype=np.float32).values_gy
    np.testing.assert_allclose(single, one, rtol=1e-6)
    for name in ("_raise", "_raise_between", "highest_within", "raise_between_rows"):
        plain = getattr(getattr(ellipsoid_maximum, name), "py_func", getattr(ellipsoid_maximum, name))
        monkeypatch.setattr(ellipsoid_maximum, name, plain)
        monkeypatch.setattr(registration_uncertainty, name, plain, raising=False)
    np.testing.assert_allclose(worst_sum(*arguments, both, threads=1).values_gy, one, rtol=1e-14)


def test_refusals__say_what_is_wrong() -> None:
    plan = random_plan(11)
    with pytest.raises(DoseError, match="uncertainty"):
        Ellipsoid((1.0, -1.0, 0.0))
    with pytest.raises(GridError, match="organ"):
        worst_sum(FRAME, [], [plan], Ellipsoid((1.0, 1.0, 1.0)), within=np.zeros((2, 2, 2), dtype=np.bool_))
    uneven = VoxelFrame((3, 4, 4), np.eye(4), np.array([0.0, 1.0, 3.0]))
    with pytest.raises(GridError, match="evenly"):
        worst_sum(uneven, [], [plan], Ellipsoid((1.0, 1.0, 1.0)))
