"""Conformity, gradient and homogeneity on radial doses with known isodoses."""

import numpy as np
import pytest

from dosimetry.dvh import dose_volume_histogram
from dosimetry.errors import DoseError
from dosimetry.grid import DoseGrid
from dosimetry.indices import IndexUndefined, conformity_indices, homogeneity_index
from dosimetry.region import Region
from dosimetry.structure import Structure
from tests.dosimetry.shapes import constant_dose, grid_of, plan
from tests.support.closed_forms import Direction, Phantom, Shape, linear_dose


def _peaks(*centres: tuple[float, float, float], reach_mm: float = 30.0) -> DoseGrid:
    """60 Gy at each centre, falling by 2 Gy/mm."""
    blank = grid_of(np.zeros((41, 41, 61)), 2.0, (-60.0, -40.0, -40.0))
    points = blank.voxel_centres_mm()
    falls = [np.linalg.norm(points - np.array(centre), axis=-1) for centre in centres]
    return DoseGrid(np.maximum(60 - 2 * np.min(falls, axis=0), 0.0), blank.index_to_patient_mm)


def _sphere(radius: float, x: float = 0.0) -> Region:
    return Region.of(Phantom(Shape.SPHERE, radius, 2).structure((x, 0.0, 0.0)))


def _ball_cc(radius: float) -> float:
    return 4 / 3 * np.pi * radius**3 / 1000


def test_paddick__of_concentric_spheres_is_the_ratio_of_volumes() -> None:
    (found,) = conformity_indices((_sphere(8),), _peaks((0, 0, 0)), 40.0)
    assert found.target_cc == pytest.approx(_ball_cc(8), rel=0.01)
    assert found.isodose_cc == pytest.approx(_ball_cc(10), rel=0.03)
    assert found.paddick.value == pytest.approx((8 / 10) ** 3, rel=0.03)
    assert found.gradient.value == pytest.approx((20 / 10) ** 3, rel=0.03)


def test_plateau_of_eight_beams__is_the_isodose_of_their_sum() -> None:
    """Eight times 6.3 is 50.39999999999999 in binary numbers, and the prescription 50.4."""
    blank = grid_of(np.zeros((31, 31, 31)), 2.0, (-30.0, -30.0, -30.0))
    inside = (np.abs(blank.voxel_centres_mm()) <= 12.0).all(axis=-1)
    grid = DoseGrid(np.where(inside, np.cumsum([6.3] * 8)[-1], 1.0), blank.index_to_patient_mm)
    (found,) = conformity_indices((_sphere(8),), grid, 50.4)
    assert found.covered_cc == pytest.approx(found.target_cc)
    assert found.isodose_cc == pytest.approx(24**3 / 1000)


def test_isodose_elsewhere__does_not_count() -> None:
    (alone,) = conformity_indices((_sphere(8),), _peaks((0, 0, 0)), 44.0)
    (beside,) = conformity_indices((_sphere(8),), _peaks((0, 0, 0), (40, 0, 0)), 44.0)
    assert beside.isodose_cc == pytest.approx(alone.isodose_cc, rel=1e-3)


def test_targets_in_one_isodose__get_it_for_their_union() -> None:
    targets = (_sphere(6, -7), _sphere(6, 7), _sphere(6, 45))
    grid = _peaks((-7, 0, 0), (7, 0, 0), (45, 0, 0))
    first, second, third = conformity_indices(targets, grid, 44.0)
    assert first.shared_with == (1,)
    assert second.shared_with == (0,)
    assert third.shared_with == ()
    assert first.target_cc == pytest.approx(2 * _ball_cc(6), rel=0.01)
    assert first.paddick == second.paddick


def test_cold_target__has_no_index() -> None:
    (found,) = conformity_indices((_sphere(8),), _peaks((0, 0, 0)), 70.0)
    assert found.paddick.value is None
    assert found.paddick.reason is IndexUndefined.NO_PRESCRIPTION_ISODOSE


def test_isodose_that_leaves_the_grid__has_no_index() -> None:
    (found,) = conformity_indices((_sphere(8),), constant_dose(50.0), 40.0)
    assert found.paddick.reason is IndexUndefined.ISODOSE_LEAVES_GRID
    (steep,) = conformity_indices((_sphere(6, -45),), _peaks((-45, 0, 0)), 44.0)
    assert steep.paddick.value is not None
    assert steep.gradient.reason is IndexUndefined.ISODOSE_LEAVES_GRID


def test_target_outside__has_no_index() -> None:
    far, edge = conformity_indices((_sphere(8, 500), _sphere(8, 60)), _peaks((0, 0, 0)), 40.0)
    assert far.paddick.reason is IndexUndefined.TARGET_OUTSIDE_GRID
    assert edge.paddick.reason is IndexUndefined.TARGET_PARTLY_OUTSIDE_GRID


def test_prescription__must_be_above_zero() -> None:
    with pytest.raises(DoseError):
        conformity_indices((_sphere(8),), _peaks((0, 0, 0)), 0.0)


def test_homogeneity__of_a_cylinder_along_the_gradient() -> None:
    cylinder = Region.of(Phantom(Shape.CYLINDER, 12, 2).structure())
    found = homogeneity_index(dose_volume_histogram(cylinder, plan(linear_dose(Direction.SI))))
    assert found.value == pytest.approx(0.96 * 24 / 60, rel=0.01)


def test_homogeneity__without_dose_or_cover_is_undefined() -> None:
    sphere = _sphere(8)
    assert homogeneity_index(dose_volume_histogram(sphere, plan(constant_dose(0.0)))).reason is (
        IndexUndefined.NO_MEDIAN_DOSE
    )
    outside = Region.of(Structure("s", [c + 500 for c in Phantom(Shape.SPHERE, 8, 2).structure().contours]))
    assert homogeneity_index(dose_volume_histogram(outside, plan(constant_dose(1.0)))).reason is (
        IndexUndefined.TARGET_OUTSIDE_GRID
    )
