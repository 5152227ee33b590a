"""The synthetic course's solids: volumes, sections and distances against counting and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.synthetic.solids import Solid

SOLIDS = {
    "ellipsoid": Solid.ellipsoid((3, -4, 5), (20, 15, 25)),
    "capsule": Solid.capsule((1, 2, 3), 12, 20),
    "sphere": Solid.capsule((0, 0, 0), 15),
    "tube": Solid.tube((-2, 0, 4), (9, 14), 30),
}


def _count_voxels_cc(solid: Solid, step_mm: float) -> float:
    axis_mm = np.arange(-45, 45, step_mm)
    heights_mm = np.arange(-45, 45, step_mm) + 0.1
    sections = (solid.section_mask(axis_mm[None, :], axis_mm[:, None], float(z)) for z in heights_mm)
    return float(sum(int(section.sum()) for section in sections)) * step_mm**3 / 1000


@pytest.mark.parametrize("name", SOLIDS)
def test_volume__is_what_counting_voxels_gives(name: str) -> None:
    assert SOLIDS[name].volume_cc == pytest.approx(_count_voxels_cc(SOLIDS[name], 0.75), rel=0.01)


def test_volume__of_a_sphere_is_the_school_formula() -> None:
    assert SOLIDS["sphere"].volume_cc == pytest.approx(4 / 3 * math.pi * 15**3 / 1000)


@pytest.mark.parametrize("step_mm", [1.0, 6.0])
def test_outline__has_the_area_of_the_ellipse(step_mm: float) -> None:
    x, y = SOLIDS["tube"].outline_mm(0.0, step_mm).T
    area_mm2 = 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))
    assert area_mm2 == pytest.approx(math.pi * 9 * 14, rel=1e-9)


def test_section__is_empty_above_the_solid() -> None:
    assert SOLIDS["sphere"].section_scale(15.01) == 0
    assert not SOLIDS["sphere"].section_mask(np.zeros((1, 1)), np.zeros((1, 1)), 15.01).any()


@given(st.tuples(*[st.floats(-60, 60)] * 3))
def test_capsule_distance__is_the_distance_to_the_nearest_point_of_the_core(
    point: tuple[float, float, float],
) -> None:
    x, y, z = point
    core_mm = min(max(z, 3 - 20), 3 + 20)
    expected = math.dist(point, (1, 2, core_mm)) - 12
    found = SOLIDS["capsule"].capsule_distance_mm(np.array([x]), np.array([y]), np.array([z]))
    assert found[0] == pytest.approx(expected, abs=1e-9)


@given(st.floats(0.5, 1.5))
def test_scaled__grows_the_volume_by_the_cube(factor: float) -> None:
    for solid in SOLIDS.values():
        assert solid.scaled(factor).volume_cc == pytest.approx(solid.volume_cc * factor**3)
