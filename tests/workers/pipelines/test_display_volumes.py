"""Pictures of a checked course: the voxels, doses and outlines of its files, at their places."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from dosimetry.accumulation.point_sum import Dose, PointDoses
from imaging.course import read_course
from imaging.intake import take_in
from imaging.synthetic.faults import Fault
from tests.support.feet_first import write_feet_first
from tests.support.small_course import write_small_course
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.pictures import DosePicture, NoCt, PictureSet, Scene
from trial_core.domain.protocol import Protocol
from trial_core.protocols.reader import read_protocol
from web.pictures.dose_cut import dose_on
from web.pictures.planes import View, slices_of
from workers.pipelines.checked_course import CheckedCourse
from workers.pipelines.display_volumes import pictures_of
from workers.pipelines.plan_check import check_with_doses

Arrays = dict[str, NDArray[Any]]
_ORGANS = ("Heart", "SpinalCord")
Made = tuple[CheckedCourse, PictureSet, Arrays]


def _made(folder: Path) -> Made:
    scratch = folder.parent / f"{folder.name}-scratch"
    scratch.mkdir()
    checked = check_with_doses(read_course(take_in([folder], scratch)), _protocol())
    return checked, *_pictured(checked)


def _pictured(checked: CheckedCourse) -> tuple[PictureSet, Arrays]:
    arrays: Arrays = {}

    def keep(array: NDArray[Any]) -> str:
        sha256 = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
        arrays[sha256] = array
        return sha256

    return pictures_of(checked, keep), arrays


def _protocol() -> Protocol:
    """The trial's, with criteria on two organs: pictures are made from doses, not from criteria."""
    whole = read_protocol()
    return replace(whole, criteria=tuple(each for each in whole.criteria if each.structure in _ORGANS))


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    def course(*faults: Fault, feet_first: bool = False) -> Path:
        folder = tmp_path_factory.mktemp("course")
        write_small_course(folder, faults=faults)
        if feet_first:
            write_feet_first(folder)
        return folder

    return course


@pytest.fixture(scope="module")
def head_first(write: Callable[..., Path]) -> Made:
    return _made(write())


@pytest.fixture(scope="module")
def feet_first(write: Callable[..., Path]) -> Made:
    return _made(write(feet_first=True))


def _dose(scene: Scene, kind: ScopeKind, beta: float | None = None) -> DosePicture:
    return next(each for each in scene.doses if each.kind is kind and each.alpha_beta_gy == beta)


def test_pictures__hold_the_hounsfield_units_of_the_file(
    write: Callable[..., Path], head_first: Made
) -> None:
    _, pictures, arrays = head_first
    (scene,) = pictures.scenes
    assert scene.ct is not None
    image = pydicom.dcmread(next(write().rglob("CT.040.dcm")))
    hu = image.pixel_array * float(image.RescaleSlope) + float(image.RescaleIntercept)
    np.testing.assert_array_equal(arrays[scene.ct.sha256][40], np.rint(hu))
    affine = np.array(scene.lattice.index_to_scene_mm).reshape(4, 4)
    first = np.array([float(value) for value in image.ImagePositionPatient])
    np.testing.assert_allclose(affine @ [0, 0, 40, 1], [*first, 1])


def test_pictures__are_the_same_bytes_each_time(head_first: Made) -> None:
    pictures, arrays = _pictured(head_first[0])
    assert pictures == head_first[1]
    assert arrays.keys() == head_first[2].keys() == pictures.arrays


@pytest.mark.parametrize("view", list(View))
def test_a_patient_scanned_feet_first__looks_the_same(head_first: Made, feet_first: Made, view: View) -> None:
    (one,), (other,) = head_first[1].scenes, feet_first[1].scenes
    assert (one.patient_position, other.patient_position) == ("HFS", "FFS")
    assert one.lattice != other.lattice
    assert one.ct is not None
    assert other.ct is not None
    mine, theirs = slices_of(one.lattice, view), slices_of(other.lattice, view)
    np.testing.assert_allclose(mine.origin_mm, theirs.origin_mm, atol=1e-6)
    for number in range(0, mine.count, 7):
        np.testing.assert_array_equal(
            mine.cut(head_first[2][one.ct.sha256], number), theirs.cut(feet_first[2][other.ct.sha256], number)
        )
        for dose, its_twin in zip(one.doses, other.doses, strict=True):
            np.testing.assert_allclose(
                dose_on(head_first[2][dose.volume.sha256], dose.volume.lattice, mine, number),
                dose_on(feet_first[2][its_twin.volume.sha256], its_twin.volume.lattice, theirs, number),
                atol=2e-4,
            )


def test_doses__show_at_a_slice_what_the_engine_reads_there(feet_first: Made) -> None:
    checked, pictures, arrays = feet_first
    (scene,) = pictures.scenes
    slices = slices_of(scene.lattice, View.CORONAL)
    number = 70
    rows, columns = np.meshgrid(np.arange(slices.rows), np.arange(slices.columns), indexing="ij")
    points = (
        slices.corner_mm(number) + rows[..., None] * slices.down_mm + columns[..., None] * slices.right_mm
    )
    reader = PointDoses(points.reshape(-1, 3), np.eye(3))
    for plan in checked.plans:
        picture = next(each for each in scene.doses if each.plan_key == plan.key)
        assert plan.dose is not None
        engine = reader.of(plan.dose)
        shown = dose_on(arrays[picture.volume.sha256], picture.volume.lattice, slices, number).ravel()
        np.testing.assert_array_equal(np.isnan(shown), engine.uncovered)
        np.testing.assert_allclose(shown[~engine.uncovered], engine.low_gy[~engine.uncovered], atol=2e-4)


@pytest.mark.parametrize("beta", [None, 2.0, 3.0])
def test_sums__hold_at_their_voxels_what_the_engine_reads_there(head_first: Made, beta: float | None) -> None:
    checked, pictures, arrays = head_first
    picture = _dose(pictures.scenes[0], ScopeKind.SUM_EQD2 if beta else ScopeKind.SUM_PHYSICAL, beta)
    assert checked.total is not None
    values = arrays[picture.volume.sha256]
    affine = np.array(picture.volume.lattice.index_to_scene_mm).reshape(4, 4)
    index = np.argwhere(values > 20)[::97]
    points = index[:, ::-1] @ affine[:3, :3].T + affine[:3, 3]
    engine = PointDoses(points, np.eye(3)).of(Dose(checked.total.layers, beta))
    assert len(index) > 20
    np.testing.assert_allclose(values[tuple(index.T)], engine.low_gy, rtol=1e-5)
    assert picture.highest_gy == values.max()


def test_spots__lie_in_their_structure_and_have_its_dose(head_first: Made) -> None:
    checked, pictures, _ = head_first
    (scene,) = pictures.scenes
    heart = next(each for each in scene.structures if each.name == "Heart")
    spot = next(each for each in heart.spots if each.dose_key == _dose(scene, ScopeKind.SUM_PHYSICAL).key)
    assert checked.total is not None
    points = np.array([spot.hottest_mm, spot.coldest_mm])
    dose = PointDoses(points, np.eye(3)).of(Dose(checked.total.layers)).low_gy
    np.testing.assert_allclose(dose, [spot.hottest_gy, spot.coldest_gy], atol=0.1)
    row = next(r for r in checked.report.results if r.structure == "Heart" and r.metric == "Mean[Gy]")
    assert spot.coldest_gy <= (row.value or 0) <= spot.hottest_gy


def test_the_lungs_hot_spot__is_not_in_the_tumour_that_is_taken_away(head_first: Made) -> None:
    (scene,) = head_first[1].scenes
    lungs = next(each for each in scene.places if each.structure == "Lungs")
    assert lungs.sites == ("Lung_L", "Lung_R")
    key = next(each.key for each in scene.doses if each.label.startswith("LDRT"))
    hottest = next(each for each in lungs.spots if each.dose_key == key)
    right = next(each for each in scene.structures if each.name == "Lung_R")
    with_tumour = next(each for each in right.spots if each.dose_key == key)
    assert hottest.hottest_gy < with_tumour.hottest_gy


def test_doses_of_two_frames__come_into_one_scene_by_the_registration(write: Callable[..., Path]) -> None:
    checked, pictures, arrays = _made(write(Fault.REGISTERED_FRAME))
    first, second = pictures.scenes
    assert [each.label for each in (first, second)] == ["PLANNING", "REPOSITIONED"]
    moved = next(each for each in first.doses if each.label.startswith("LDRT"))
    own = next(each for each in second.doses if each.label.startswith("LDRT"))
    assert moved.needs_review
    assert "registration" in moved.placed_by
    assert not own.needs_review
    assert moved.volume.sha256 == own.volume.sha256
    target = {each.name: each for each in first.structures}["PTV_Met1"].centre_mm
    assert checked.total is not None
    layer = next(
        one
        for one, plan in zip(checked.total.layers, checked.plans, strict=True)
        if plan.label.startswith("LDRT")
    )
    known = PointDoses(np.array([target]), np.eye(3)).of(Dose((layer,))).low_gy[0]
    slices = slices_of(first.lattice, View.AXIAL)
    number = round(
        float((np.array(target) - slices.origin_mm) @ slices.next_mm / (slices.next_mm @ slices.next_mm))
    )
    shown = dose_on(arrays[moved.volume.sha256], moved.volume.lattice, slices, number)
    away = np.array(target) - slices.corner_mm(number)
    row, column = (round(float(away @ step / (step @ step))) for step in (slices.down_mm, slices.right_mm))
    assert shown[row, column] == pytest.approx(known, rel=0.05)
    assert known > 9


def test_a_course_without_images__is_cut_along_its_dose(head_first: Made) -> None:
    checked = head_first[0]
    (scene,) = _pictured(replace(checked, course=replace(checked.course, ct_series=())))[0].scenes
    own = scene.doses[0].volume.lattice
    assert scene.ct is None
    assert scene.no_ct is NoCt.ABSENT
    assert scene.lattice.shape == own.shape
    np.testing.assert_allclose(scene.lattice.index_to_scene_mm, own.index_to_scene_mm, atol=1e-9)


def test_a_ct_with_a_gap__is_said_to_be_interpolated(head_first: Made) -> None:
    checked = head_first[0]
    (series,) = checked.course.ct_series
    kept = [number for number in range(len(series.slices)) if number not in (40, 41)]
    gap = replace(
        series,
        slices=tuple(series.slices[number] for number in kept),
        positions_mm=tuple(series.positions_mm[number] for number in kept),
        is_regular=False,
    )
    (scene,) = _pictured(replace(checked, course=replace(checked.course, ct_series=(gap,))))[0].scenes
    assert scene.ct_is_interpolated
    assert scene.lattice == head_first[1].scenes[0].lattice
    assert not head_first[1].scenes[0].ct_is_interpolated
