"""Voxels of a region: those whose centres its solid encloses, however the voxels lie."""

import numpy as np
import pytest

from dosimetry.accumulation.dose_sum import sum_doses
from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.accumulation.voxel_frame import VoxelFrame
from dosimetry.dvh import dose_volume_histogram
from dosimetry.errors import EmptyStructureError
from dosimetry.fractionation import eqd2_gy
from dosimetry.grid import DoseGrid
from dosimetry.region import Region
from dosimetry.sampling.voxel_mask import alpha_beta_of, voxels_within
from dosimetry.structure import Structure
from tests.dosimetry.accumulation.test_dose_sum import rigid
from tests.support.phantoms import box_mm, sphere_mm

BALL = Region.of(Structure("ball", sphere_mm((1.0, -2.0, 3.0), 12.0, slice_mm=2.0)))
BOX = Region.of(Structure("box", box_mm(np.arange(-9.0, 10.0, 3.0).tolist(), half_mm=(8.0, 8.0))))


def frame(degrees: float = 0.0) -> VoxelFrame:
    affine = rigid(degrees, (0.0, 0.0, 0.0)) @ np.diag([1.3, 1.5, 1.7, 1.0])
    affine[:3, 3] = affine[:3, :3] @ (-14.2, -12.1, -10.3)
    return VoxelFrame((22, 26, 30), affine)


@pytest.mark.parametrize("degrees", [0.0, 90.0, 33.0])
def test_voxels__of_a_ball_are_those_nearer_than_its_radius(degrees: float) -> None:
    voxels = frame(degrees)
    inside = voxels_within(BALL, voxels)
    centres = np.stack([voxels.centres_mm(k) for k in range(voxels.shape[0])])
    r = np.linalg.norm(centres - (1.0, -2.0, 3.0), axis=-1)
    assert inside[r < 11.6].all()
    assert not inside[r > 12.4].any()


def test_voxels__of_a_difference_leave_the_other_out() -> None:
    rest, box, ball = (voxels_within(each, frame()) for each in (BALL - BOX, BOX, BALL))
    assert (rest != (ball & ~box)).sum() <= 0.002 * ball.sum()  # the rasters differ, and so do surfaces


def test_voxels__of_nothing_are_refused() -> None:
    with pytest.raises(EmptyStructureError):
        voxels_within(Region.of(Structure("empty", [])), frame())


def test_alpha_beta__of_each_structure_holds_in_its_voxels_and_the_first_wins() -> None:
    dose = DoseGrid(np.full((8, 8, 8), 15.0), np.diag([10.0, 10, 10, 1]) + _shift(-35))
    found = sum_doses(frame(), [DoseLayer(dose, 5)], alpha_beta_of(frame(), [(BOX, 2.0), (BALL, 10.0)], 3.0))
    box, ball = voxels_within(BOX, frame()), voxels_within(BALL, frame())
    for chosen, ratio in ((box, 2.0), (ball & ~box, 10.0), (~ball & ~box, 3.0)):
        np.testing.assert_allclose(found.values_gy[chosen], eqd2_gy(15.0, 5, ratio))


def test_voxelwise_sum__has_the_mean_of_the_sum_at_points() -> None:
    """The sum on voxels and the one that the DVH takes at points are one dose."""
    rng = np.random.default_rng(0)
    smooth = np.cumsum(rng.uniform(0, 3, (9, 9, 9)), axis=0)
    layers = (
        DoseLayer(DoseGrid(smooth, np.diag([5.0, 5, 5, 1]) + _shift(-20)), 28),
        DoseLayer(DoseGrid(smooth[::-1], np.diag([5.0, 5, 5, 1]) + _shift(-20)), 5, 0.8, rigid(7.0)),
    )
    fine = VoxelFrame((50, 50, 50), np.diag([0.6, 0.6, 0.6, 1.0]) + _shift(-14.0))
    values = sum_doses(fine, layers, 3.0).values_gy[voxels_within(BALL, fine)]
    points = dose_volume_histogram(BALL, Dose(layers, 3.0))
    assert values.mean() == pytest.approx(points.mean_gy, rel=5e-3)


def _shift(by: float) -> np.ndarray:
    matrix = np.zeros((4, 4))
    matrix[:3, 3] = by
    return matrix
