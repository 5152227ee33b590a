"""The worst sum within an ellipsoid: against every point tried, closed forms, an organ, threads, no JIT."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from dosimetry.accumulation import ellipsoid_points, registration_uncertainty
from dosimetry.accumulation.alpha_beta import AlphaBetaMap
from dosimetry.accumulation.dose_sum import Uncovered, sum_doses
from dosimetry.accumulation.point_sum import Dose, DoseLayer, PointDoses
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
    """The highest dose of all points that are looked at, one by one: voxel centres of the frame within the

    ellipsoid, ends of its rows, 98 points of its surface, and peaks of the plan's voxels.
    """
    found = np.zeros(FRAME.shape)
    axes, peaks_mm = np.maximum(ellipsoid, 1e-6), _peaks_mm(layer.grid)
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
        at = np.array([i, j, k], dtype=float)
        points = [at + o for o in inside if _counts(at + o, within)]
        points += [at + o for o in _surface(axes) / STEPS_MM if _holds(at + o, within)]
        near = (((peaks_mm / STEPS_MM - at) * STEPS_MM / axes) ** 2).sum(axis=1) <= 1
        points += [node for node in peaks_mm[near] / STEPS_MM if _holds(node, within)]
        found[k, j, i] = _highest(layer, np.array(points) * STEPS_MM)
    return found


def _surface(axes: np.ndarray) -> np.ndarray:
    """Along every way of at most two steps along each axis, no two of them the same."""
    ways = {
        tuple(np.array(way) / np.gcd.reduce(way))
        for way in np.ndindex(5, 5, 5)
        for way in [tuple(n - 2 for n in way)]
        if any(way)
    }
    assert len(ways) == 98
    return np.array([axes * way / np.linalg.norm(way) for way in sorted(ways)])


def _peaks_mm(grid: DoseGrid) -> np.ndarray:
    """Centres of voxels that none of the six beside exceeds."""
    values = np.pad(grid.values_gy, 1, constant_values=-1.0)
    inner = values[1:-1, 1:-1, 1:-1]
    higher = [np.roll(values, s, axis)[1:-1, 1:-1, 1:-1] > inner for axis in range(3) for s in (1, -1)]
    return np.asarray(grid.voxel_centres_mm()[~np.any(higher, axis=0)])


def _holds(at: np.ndarray, within: np.ndarray | None) -> bool:
    """Whether the voxel that holds a point counts."""
    k, j, i = np.floor(at[::-1] + 0.5).astype(int)
    if within is None:
        return True
    return all(0 <= n < m for n, m in zip((k, j, i), within.shape, strict=True)) and bool(within[k, j, i])


def _counts(at: np.ndarray, within: np.ndarray | None) -> bool:
    if within is None:
        return True
    corners = {tuple(np.floor(at + 1e-9).astype(int)), tuple(np.ceil(at - 1e-9).astype(int))}
    return all(
        all(0 <= n < m for n, m in zip(c[::-1], within.shape, strict=True)) and within[c[::-1]]
        for c in corners
    )


def _highest(layer: DoseLayer, points_mm: np.ndarray) -> float:
    return float(PointDoses(points_mm, np.eye(3)).of(Dose((replace(layer, weight=1.0),))).low_gy.max())


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


@pytest.mark.parametrize("semi_axis_mm", [0.4, 1.0, 5.0])
def test_linear_dose__rises_in_any_direction_nearly_by_its_slope(semi_axis_mm: float) -> None:
    """Also where the ellipsoid is smaller than a voxel: of the increase at most 5 % are missed."""
    grid = placed(np.zeros((25, 26, 27)))
    for way in np.random.default_rng(12).normal(size=(20, 3)):
        slope = 0.4 * way / np.linalg.norm(way)
        plan = DoseLayer(DoseGrid(40 + grid.voxel_centres_mm() @ slope, grid.index_to_patient_mm), 5)
        small = VoxelFrame((2, 2, 2), FRAME.index_to_patient_mm)
        found = worst_sum(small, [], [plan], Ellipsoid((semi_axis_mm, semi_axis_mm, 2 * semi_axis_mm)))
        rise = found.values_gy - sum_doses(small, [plan]).values_gy
        true = np.linalg.norm(slope * [semi_axis_mm, semi_axis_mm, 2 * semi_axis_mm])
        assert (rise <= true + 1e-9).all()
        assert (rise >= 0.95 * true).all()


def test_peak_between_voxels_of_the_frame__is_found() -> None:
    """One voxel of 60 Gy among 10 Gy, 0.6 mm from the nearest voxel centre of the frame; 1 mm in doubt."""
    values = np.full((25, 26, 27), 10.0)
    values[10, 10, 10] = 60.0
    affine = np.diag([*STEPS_MM, 1.0])
    affine[:3, 3] = np.array([4.6, 5.0, 6.0]) - 10 * STEPS_MM
    plan = DoseLayer(DoseGrid(values, affine), 5)
    found = worst_sum(FRAME, [], [plan], Ellipsoid((1.0, 1.0, 1.0))).values_gy
    assert found[2, 2, 2] == 60.0
    assert (found <= 60.0).all()
    assert sum_doses(FRAME, [plan]).values_gy[2, 2, 2] < 50.0


@pytest.mark.parametrize("ellipsoid", [(1.0, 1.2, 0.8), (3.0, 5.0, 4.0)])
def test_worst_sum__comes_near_the_highest_of_many_places(ellipsoid: tuple[float, float, float]) -> None:
    """A smooth dose: 3,000 places in the ellipsoid of each voxel never rise much higher."""
    grid = placed(np.zeros((25, 26, 27)))
    at = grid.voxel_centres_mm()
    values = 30 + 20 * np.sin(at[..., 0] / 7) * np.cos(at[..., 1] / 6) * np.sin(at[..., 2] / 8 + 1)
    plan = DoseLayer(DoseGrid(values, grid.index_to_patient_mm), 5)
    found = worst_sum(FRAME, [], [plan], Ellipsoid(ellipsoid)).values_gy
    ways = np.random.default_rng(13).normal(size=(3000, 3))
    ways *= np.random.default_rng(14).uniform(0, 1, (3000, 1)) ** 0.2 / np.linalg.norm(ways, axis=1)[:, None]
    for k, j, i in ((0, 0, 0), (2, 3, 4), (4, 5, 6), (1, 4, 2)):
        centre = np.array([i, j, k]) * STEPS_MM
        points = (
            PointDoses(np.vstack([centre, centre + ways * ellipsoid]), np.eye(3)).of(Dose((plan,))).low_gy
        )
        assert found[k, j, i] >= points.max() - 0.05 * (points.max() - points[0])


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
    for name in ("_raise", "_raise_between", "highest_within", "raise_near_peaks"):
        plain = getattr(getattr(ellipsoid_maximum, name), "py_func", getattr(ellipsoid_maximum, name))
        monkeypatch.setattr(ellipsoid_maximum, name, plain)
        for user in (registration_uncertainty, ellipsoid_points):
            monkeypatch.setattr(user, name, plain, raising=False)
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
