"""Histograms and metrics: exact order statistics, the parts outside the grid, reasons for no value."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.dvh import Dvh, dose_volume_histogram
from dosimetry.errors import DoseError, DosimetryError, FractionsMissingError, GridError
from dosimetry.expressions import parse_metric
from dosimetry.fractionation import eqd2_gy
from dosimetry.grid import DoseGrid
from dosimetry.metrics import MetricValue, NotEvaluable, evaluate
from dosimetry.region import Region
from dosimetry.structure import Structure
from tests.dosimetry.shapes import box, constant_dose, grid_of, plan
from tests.support.closed_forms import OFFSET_GY, Direction, Phantom, Shape, linear_dose

HEIGHTS = np.arange(-6.0, 6.1, 3.0)
ALL = ["D95%[Gy]", "D2%[Gy]", "D0.03cc[Gy]", "Mean[Gy]", "Min[Gy]", "Max[Gy]"]


def _dvh(structure: Structure, dose: Dose, **options: bool) -> Dvh:
    return dose_volume_histogram(Region.of(structure), dose, **options)


def _value(text: str, dvh: Dvh, prescription_gy: float | None = None) -> MetricValue:
    return evaluate(parse_metric(text), dvh, prescription_gy=prescription_gy)


@pytest.mark.parametrize("dose_gy", [20.0, 0.1, 66.63])
def test_constant_dose__comes_out_exactly(dose_gy: float) -> None:
    dvh = _dvh(Phantom(Shape.SPHERE, 8, 2).structure(), plan(constant_dose(dose_gy)))
    assert [_value(text, dvh).value for text in ALL] == [dose_gy] * len(ALL)
    assert _value(f"V{dose_gy}Gy[%]", dvh).value == 100.0
    assert _value(f"CV{dose_gy}Gy[cc]", dvh).value == 0.0
    assert _value("V100%[%]", dvh, dose_gy).value == 100.0
    assert _value("Mean[%]", dvh, dose_gy).value == 100.0


def test_volume_at_dose__and_its_complement_are_the_whole() -> None:
    dvh = _dvh(Phantom(Shape.SPHERE, 8, 2).structure(), plan(linear_dose(Direction.SI)))
    for dose in (53.0, 60.0, 66.5):
        above, below = _value(f"V{dose}Gy[cc]", dvh).value, _value(f"CV{dose}Gy[cc]", dvh).value
        assert above is not None
        assert below is not None
        assert above + below == pytest.approx(dvh.volume_cc, rel=1e-12)


def test_dose_at_volume__is_the_highest_that_the_volume_receives() -> None:
    samples = _dvh(box(10, HEIGHTS), plan(linear_dose(Direction.AP))).samples.if_uncovered_zero
    for share in (0.01, 0.3, 0.95, 1.0):
        dose = samples.dose_to_gy(share * samples.total_cc)
        assert samples.volume_from_cc(dose) >= share * samples.total_cc * (1 - 1e-9)
        assert samples.volume_from_cc(dose * (1 + 1e-11)) < share * samples.total_cc * (1 + 1e-9)


def test_hot_voxel_inside__is_the_maximum_whatever_the_sampling() -> None:
    values = np.full((40, 40, 40), 10.0)
    values[20, 20, 20], values[20, 22, 20] = 30.0, 1.0
    dvh = _dvh(box(15, np.arange(-12.0, 12.1, 3.0)), plan(grid_of(values, 2.0, (-40, -40, -40))))
    assert (_value("Max[Gy]", dvh).value, _value("Min[Gy]", dvh).value) == (30.0, 1.0)


def test_hot_voxel_outside__is_not() -> None:
    values = np.full((40, 40, 40), 10.0)
    values[20, 20, 34] = 30.0
    dvh = _dvh(box(15, np.arange(-12.0, 12.1, 3.0)), plan(grid_of(values, 2.0, (-40, -40, -40))))
    assert _value("Max[Gy]", dvh).value == 10.0


def test_dose_to_more_than_the_structure__has_no_value() -> None:
    dvh = _dvh(Phantom(Shape.SPHERE, 1.5, 1).structure(), plan(constant_dose(5.0)))
    assert dvh.volume_cc < 0.03
    assert _value("D0.03cc[Gy]", dvh).reason is NotEvaluable.VOLUME_TOO_SMALL
    assert _value("D0.03cc[Gy]", dvh).value is None


def test_percent_dose_without_prescription__has_no_value() -> None:
    dvh = _dvh(box(10, HEIGHTS), plan(constant_dose(5.0)))
    for text in ("D95%[%]", "V95%[cc]", "Mean[%]"):
        assert _value(text, dvh) == MetricValue(
            None, parse_metric(text).unit, None, None, None, NotEvaluable.NO_PRESCRIPTION
        )
    with pytest.raises(DoseError):
        _value("D95%[%]", dvh, 0.0)


def _half_grid(edge_mm: float) -> Dose:
    """A dose of 10 Gy, 4 Gy on its last face, whose last voxel centres lie at x = edge."""
    values = np.full((40, 40, 40), 10.0)
    values[:, :, -1] = 4.0
    return plan(grid_of(values, 2.0, (edge_mm - 78.0, -40.0, -40.0)))


def test_up_to_half_a_voxel_outside__the_edge_value_counts() -> None:
    dvh = _dvh(box(10, HEIGHTS), _half_grid(9.0))
    assert dvh.uncovered_cc == 0
    assert dvh.beyond_centres_cc == pytest.approx(1 * 20 * 15 / 1000, rel=0.05)
    # Points of the surface lie off it by up to half a percent of the raster's step, which is 0.4 mm here.
    assert dvh.beyond_centres_mm == pytest.approx(1.0, abs=2e-3)
    assert _value("Min[Gy]", dvh).value == 4.0


def test_further_outside__is_uncovered_with_both_readings() -> None:
    dvh = _dvh(box(10, HEIGHTS), _half_grid(4.0))
    assert dvh.uncovered_cc == pytest.approx(5 * 20 * 15 / 1000, rel=0.01)
    mean = _value("Mean[Gy]", dvh)
    assert mean.reason is NotEvaluable.UNCOVERED_PART_MATTERS
    assert mean.value is None
    assert mean.if_uncovered_max is not None
    assert mean.if_uncovered_zero is not None
    assert mean.if_uncovered_max - mean.if_uncovered_zero == pytest.approx(4.0 * 0.25, rel=0.02)
    assert _value("Min[Gy]", dvh).if_uncovered_zero == 0.0
    maximum = _value("Max[Gy]", dvh)
    assert maximum.value == 10.0


def test_percentages__refer_to_the_whole_structure() -> None:
    value = _value("V9Gy[%]", _dvh(box(10, HEIGHTS), _half_grid(4.0)))
    assert value.if_uncovered_zero is not None
    assert value.if_uncovered_zero < 75


def test_wholly_outside__has_a_volume_and_no_dose() -> None:
    dvh = _dvh(box(10, HEIGHTS), _half_grid(-12.0))
    assert dvh.wholly_outside
    assert {_value(text, dvh).reason for text in ALL} == {NotEvaluable.WHOLLY_OUTSIDE_GRID}
    assert _value("Volume[cc]", dvh).value == pytest.approx(6.0, rel=2e-3)


def test_without_uncertainty__there_is_none() -> None:
    value = _value("Mean[Gy]", _dvh(box(10, HEIGHTS), plan(constant_dose(5.0)), with_uncertainty=False))
    assert value.value == 5.0
    assert value.uncertainty is None


def test_uncertainty__of_an_exact_maximum_is_the_rounding_of_coordinates() -> None:
    dvh = _dvh(Phantom(Shape.CYLINDER, 8, 2).structure(), plan(linear_dose(Direction.LR)))
    found = _value("Max[Gy]", dvh).uncertainty
    assert found == pytest.approx(2e-4 * 16, rel=0.05)


def test_uncertainty__is_of_the_size_of_a_plane_distance() -> None:
    dvh = _dvh(Phantom(Shape.CYLINDER, 12, 3).structure(), plan(linear_dose(Direction.SI)))
    assert _value("Mean[Gy]", dvh).uncertainty == pytest.approx(1.25 * 1.5, abs=0.1)
    assert _value("Min[Gy]", dvh).uncertainty == pytest.approx(1.25 * 1.5, abs=0.1)


def test_sum_of_plans__converts_each_before_adding() -> None:
    first, second = constant_dose(15.0), constant_dose(50.4)
    physical = Dose((DoseLayer(first, 5), DoseLayer(second, 28)))
    effective = Dose(physical.layers, alpha_beta_gy=2)
    assert _dvh(box(10, HEIGHTS), physical).mean_gy == pytest.approx(65.4, rel=1e-12)
    assert _dvh(box(10, HEIGHTS), effective).mean_gy == pytest.approx(66.63, rel=1e-12)


def test_weight__scales_the_dose_and_not_the_dose_per_fraction() -> None:
    half = Dose((DoseLayer(constant_dose(50.0), 25, weight=0.4),), alpha_beta_gy=3)
    assert _dvh(box(10, HEIGHTS), half).mean_gy == pytest.approx(0.4 * eqd2_gy(50.0, 25, 3), rel=1e-12)


def test_eqd2_without_fractions__is_refused() -> None:
    layers = (DoseLayer(constant_dose(50.0), 25), DoseLayer(constant_dose(10.0), None))
    assert Dose(layers).alpha_beta_gy is None
    with pytest.raises(FractionsMissingError) as caught:
        Dose(layers, alpha_beta_gy=3)
    assert caught.value.layer == 1
    with pytest.raises(DosimetryError):
        Dose(())


def test_layer__refuses_weights_and_transforms_that_make_no_sense() -> None:
    grid = constant_dose(1.0)
    for weight in (0.0, -1.0, float("nan")):
        with pytest.raises(DoseError):
            DoseLayer(grid, 5, weight=weight)
    with pytest.raises(GridError):
        DoseLayer(grid, 5, region_to_dose_mm=np.zeros((4, 4)))


def test_transform__moves_the_dose() -> None:
    shift = np.eye(4)
    shift[:3, 3] = [0.0, 0.0, 4.0]
    dose = Dose((DoseLayer(linear_dose(Direction.SI), 1, region_to_dose_mm=shift),))
    assert _dvh(box(10, HEIGHTS), dose).mean_gy == pytest.approx(OFFSET_GY + 4.0, abs=1e-3)


def _feet_first(grid: DoseGrid) -> DoseGrid:
    """The same scene with columns and planes the other way round."""
    flipped = grid.values_gy[::-1, :, ::-1]
    affine = grid.index_to_patient_mm.copy()
    nk, _, ni = grid.shape
    affine[:3, 3] += (ni - 1) * affine[:3, 0] + (nk - 1) * affine[:3, 2]
    affine[:3, 0] *= -1
    affine[:3, 2] *= -1
    return DoseGrid(flipped, affine)


def _scene() -> tuple[Structure, DoseGrid]:
    values = np.random.default_rng(5).uniform(5, 60, (24, 22, 26))
    return Phantom(Shape.LYING_CONE, 8, 2).structure(), grid_of(values, 2.0, (-25.3, -21.1, -23.7))


def test_feet_first_grid__gives_the_same_histogram() -> None:
    structure, grid = _scene()
    one, other = _dvh(structure, plan(grid)), _dvh(structure, plan(_feet_first(grid)))
    np.testing.assert_allclose(
        one.samples.if_uncovered_zero.dose_gy, other.samples.if_uncovered_zero.dose_gy, rtol=1e-9
    )


@pytest.mark.parametrize("direction", [1, -1])
def test_plane_offsets__give_the_same_as_the_affine(direction: int) -> None:
    structure, grid = _scene()
    offsets = direction * 2.0 * np.arange(grid.shape[0])
    values = grid.values_gy[::direction]
    affine = grid.index_to_patient_mm.copy()
    affine[2, 3] += 0 if direction == 1 else 2.0 * (grid.shape[0] - 1)
    affine[:3, 2] /= 2.0
    same = DoseGrid(values, affine, offsets.astype(np.float64))
    assert same.spacing_mm == grid.spacing_mm
    np.testing.assert_allclose(
        _dvh(structure, plan(grid)).samples.if_uncovered_zero.dose_gy,
        _dvh(structure, plan(same)).samples.if_uncovered_zero.dose_gy,
        rtol=1e-9,
    )


def test_uneven_planes__are_interpolated_where_they_lie() -> None:
    offsets = np.array([-20.0, -14.0, -5.0, -1.0, 6.0, 20.0])
    values = np.broadcast_to((OFFSET_GY + offsets)[:, None, None], (6, 30, 30))
    affine = np.diag([2.0, 2.0, 1.0, 1.0])
    affine[:3, 3] = [-30, -30, 0]
    dvh = _dvh(Phantom(Shape.CYLINDER, 8, 2).structure(), plan(DoseGrid(values, affine, offsets)))
    assert dvh.minimum_gy == pytest.approx(OFFSET_GY - 8, abs=1e-6)
    assert dvh.maximum_gy == pytest.approx(OFFSET_GY + 8, abs=1e-6)


def test_oblique_grid__is_read_where_it_lies() -> None:
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    affine = np.eye(4)
    affine[:3, :3] = turn * 2.0
    affine[:3, 3] = -turn @ np.full(3, 40.0)
    blank = DoseGrid(np.zeros((41, 41, 41)), affine)
    z = blank.voxel_centres_mm()[..., 2]
    dose = plan(DoseGrid(100 + z, affine))
    dvh = _dvh(Phantom(Shape.CYLINDER, 8, 2).structure(), dose)
    assert dvh.mean_gy == pytest.approx(100.0, abs=1e-3)
    assert dvh.maximum_gy == pytest.approx(108.0, abs=1e-6)


@pytest.mark.parametrize(
    ("values", "affine", "offsets", "reason"),
    [
        (np.full((2, 2, 2), -1.0), np.eye(4), None, "negative"),
        (np.full((2, 2, 2), np.nan), np.eye(4), None, "not finite"),
        (np.zeros((2, 2)), np.eye(4), None, "three axes"),
        (np.zeros((1, 2, 2)), np.eye(4), None, "one plane"),
        (np.zeros((2, 1, 2)), np.eye(4), None, "two rows"),
        (np.zeros((2, 2, 2)), np.diag([1.0, 1.0, 0.0, 1.0]), None, "singular"),
        (np.zeros((2, 2, 2)), np.full((4, 4), np.inf), None, "finite 4 x 4"),
        (np.zeros((3, 2, 2)), np.eye(4), np.array([0.0, 1.0, 1.0]), "strictly"),
        (np.zeros((3, 2, 2)), np.eye(4), np.array([0.0, 1.0]), "2 plane offsets for 3"),
        (np.zeros((3, 2, 2)), np.eye(4), np.array([0.0, np.nan, 1.0]), "not finite"),
    ],
)
def test_grid__refuses_what_carries_no_dose(values, affine, offsets, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GridError, match=reason):
        DoseGrid(values, affine, offsets)


def test_one_plane_with_a_thickness__is_a_slab() -> None:
    affine = np.diag([2.0, 2.0, 1.0, 1.0])
    affine[:3, 3] = [-20, -20, 0]
    grid = DoseGrid(np.full((1, 21, 21), 3.0), affine, plane_thickness_mm=4.0)
    inside = _dvh(Structure("s", box(5, [0.0]).contours, slice_thickness_mm=3.0), plan(grid))
    assert inside.uncovered_cc == 0
    assert inside.mean_gy == 3.0
    assert _dvh(box(5, [0.0, 3.0, 6.0]), plan(grid)).uncovered_cc > 0


@settings(max_examples=8, deadline=None)
@given(factor=st.floats(0.1, 10), shift=st.tuples(*[st.floats(-200, 200)] * 3))
def test_dose_metrics__scale_with_the_dose_and_move_with_the_patient(
    factor: float, shift: tuple[float, float, float]
) -> None:
    structure, grid = _scene()
    moved = Structure("s", [c + np.array(shift) for c in structure.contours])
    affine = grid.index_to_patient_mm.copy()
    affine[:3, 3] += shift
    one = _dvh(structure, plan(grid), with_uncertainty=False)
    other = _dvh(moved, plan(DoseGrid(grid.values_gy * factor, affine)), with_uncertainty=False)
    assert other.volume_cc == pytest.approx(one.volume_cc, rel=1e-6)
    for text in ALL:
        before, after = _value(text, one).value, _value(text, other).value
        assert before is not None
        assert after == pytest.approx(factor * before, rel=1e-4)


@settings(max_examples=20, deadline=None)
@given(doses=st.lists(st.floats(0, 70), min_size=2, max_size=5))
def test_volume_at_dose__never_rises(doses: list[float]) -> None:
    values = [SCENE_DVH.samples.if_uncovered_zero.volume_from_cc(dose) for dose in sorted(doses)]
    assert values == sorted(values, reverse=True)


def test_histogram__is_the_same_to_the_bit_in_any_thread() -> None:
    structure, grid = _scene()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: _dvh(structure, plan(grid), with_uncertainty=False), range(4)))
    for dvh in found:
        np.testing.assert_array_equal(
            dvh.samples.if_uncovered_zero.dose_gy, SCENE_DVH.samples.if_uncovered_zero.dose_gy
        )


SCENE_DVH = _dvh(_scene()[0], plan(_scene()[1]), with_uncertainty=False)
