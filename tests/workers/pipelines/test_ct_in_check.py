"""The CT in the check: images left out of the series make it fail, whichever file the finding names."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from pydicom.dataset import Dataset

from tests.imaging.reading import read_datasets
from tests.imaging.small_course import contours
from tests.support.dicom_builders import (
    ct_datasets,
    ct_series,
    dose_dataset,
    plan_content,
    plan_dataset,
    structure_dataset,
)
from tests.workers.pipelines.checked import SCR
from trial_core.domain.report import CheckStatus
from workers.pipelines.file_checks import check_ct_complete
from workers.pipelines.prepared_plans import prepare_plans


def status_with(folder: Path, images: list[Dataset]) -> CheckStatus:
    structures = structure_dataset(contours(), on=ct_series())
    course = read_datasets(folder, *images, structures, plan_dataset(plan_content()), dose_dataset())
    plans, _ = prepare_plans(course, SCR)
    return check_ct_complete(plans[0], course, SCR.plan_checks[0]).status


def another(image: Dataset) -> Dataset:
    copy = deepcopy(image)
    copy.SOPInstanceUID += ".9"
    copy.file_meta.MediaStorageSOPInstanceUID = copy.SOPInstanceUID
    return copy


def test_ct__that_is_whole_passes(tmp_path: Path) -> None:
    assert status_with(tmp_path, ct_datasets()) is CheckStatus.PASSED


def test_ct__with_two_images_in_one_place_does_not_pass(tmp_path: Path) -> None:
    images = ct_datasets()
    assert status_with(tmp_path, [*images, another(images[2])]) is CheckStatus.FAILED


def test_ct__with_images_of_another_geometry_does_not_pass(tmp_path: Path) -> None:
    images = ct_datasets()
    images[-1].PixelSpacing = [5, 5]
    assert status_with(tmp_path, images) is CheckStatus.FAILED
