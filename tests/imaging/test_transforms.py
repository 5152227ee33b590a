"""Rigid registration of CTs: a known motion is found, the same each time; nonsense is refused in words."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from imaging.dicom.ct_volume import CtVolume
from imaging.transforms import ComputedRegistration, RegistrationError, register_rigid

IDENTITY = np.eye(4)


def moved(degrees: tuple[float, float, float], shift_mm: tuple[float, float, float]) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix()
    matrix[:3, 3] = shift_mm
    return matrix


def grid(steps_mm: tuple[float, float, float], start_mm: tuple[float, float, float]) -> np.ndarray:
    affine = np.diag([*steps_mm, 1.0])
    affine[:3, 3] = start_mm
    return affine


def body(affine: np.ndarray, shape: tuple[int, int, int], motion: np.ndarray, seed: int) -> CtVolume:
    """A chest without symmetry, moved: two lungs, spine, heart, liver, a rib; 15 HU of noise."""
    k, j, i = np.indices(shape)
    points = np.stack([i, j, k], axis=-1) @ affine[:3, :3].T + affine[:3, 3]
    back = np.linalg.inv(motion)
    x, y, z = np.moveaxis(points @ back[:3, :3].T + back[:3, 3], -1, 0)
    hu = np.full(shape, -1000.0)
    for (cx, cy, cz), (rx, ry, rz), value in SOLIDS:
        hu[((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 + ((z - cz) / rz) ** 2 < 1] = value
    hu += np.random.default_rng(seed).normal(0, 15, shape)
    return CtVolume(np.rint(hu).astype(np.int16), affine)


SOLIDS = (
    ((0, 0, 0), (90, 60, 120), 20),
    ((-40, -5, 10), (28, 38, 60), -800),
    ((42, -5, -10), (24, 35, 55), -780),
    ((3, 40, 0), (9, 9, 300), 300),
    ((20, -10, -40), (25, 20, 25), 60),
    ((-45, 5, -75), (20, 20, 25), 90),
    ((-25, 45, 40), (8, 8, 8), 800),
)
MOTION = moved((3, -4, 6), (8, -12, 15))
FIXED = body(grid((4, 4, 4), (-110, -80, -100)), (50, 40, 55), IDENTITY, 1)
FEET_FIRST = body(grid((-3.5, 3.5, -5), (105, -85, 112)), (44, 48, 60), MOTION, 2)


def worst_error_mm(found: ComputedRegistration, expected: np.ndarray) -> float:
    box = np.stack(np.meshgrid([-90, 90], [-60, 60], [-100, 100]), axis=-1).reshape(-1, 3)
    wrong = found.matrix - expected
    return float(np.linalg.norm(box @ wrong[:3, :3].T + wrong[:3, 3], axis=1).max())


def test_known_motion__of_a_feet_first_ct_of_other_spacing_is_found_the_same_each_time() -> None:
    found = register_rigid(FIXED, FEET_FIRST)
    assert worst_error_mm(found, MOTION) < 1.0
    assert found.needs_review
    assert found.rotation_degrees == pytest.approx(7.9, abs=0.5)
    quality = found.quality
    assert quality.body_dice > 0.95
    assert quality.overlap > 0.95
    assert quality.consistency_mm < 2.0
    assert quality.mutual_information_before is not None
    assert quality.mutual_information > 2 * quality.mutual_information_before
    again = register_rigid(FIXED, FEET_FIRST)
    np.testing.assert_array_equal(again.matrix, found.matrix)
    assert again.quality == quality


def test_same_image__stays_where_it_is() -> None:
    found = register_rigid(FIXED, FIXED)
    assert worst_error_mm(found, IDENTITY) < 0.3
    assert found.quality.body_dice > 0.99


def test_frames_far_apart__are_brought_together() -> None:
    far = moved((0, 0, 0), (900.0, -700.0, 1500.0))
    elsewhere = replace(FIXED, index_to_patient_mm=far @ FIXED.index_to_patient_mm)
    found = register_rigid(FIXED, elsewhere)
    assert worst_error_mm(found, far) < 0.3
    assert found.quality.mutual_information_before is None


def test_air__shows_no_body() -> None:
    air = replace(FIXED, hu=np.full(FIXED.hu.shape, -1000, dtype=np.int16))
    with pytest.raises(RegistrationError, match="moving image shows no body"):
        register_rigid(FIXED, air)


def test_noise__is_no_likeness() -> None:
    noise = np.random.default_rng(3).normal(40, 15, (20, 22, 24)).astype(np.int16)
    with pytest.raises(RegistrationError, match="information"):
        register_rigid(replace(FIXED, hu=noise), replace(FIXED, hu=noise[::-1, ::-1].copy()))


def test_sliver__is_too_small() -> None:
    sliver = CtVolume(FIXED.hu[:2], FIXED.index_to_patient_mm)
    with pytest.raises(RegistrationError, match="smaller than"):
        register_rigid(FIXED, sliver)
