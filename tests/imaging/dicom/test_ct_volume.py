"""A CT series as a volume: each value where its image says, however the slices lie."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from imaging.dicom.ct_volume import CtVolumeError, read_ct_volume
from imaging.synthetic.ct import CtSeries, ct_slices
from tests.imaging.reading import read_datasets
from tests.support.dicom_builders import FRAME, ORIENTATIONS, STUDY

STEPS_MM = (2.0, 3.0)


def hu_at(points: np.ndarray) -> np.ndarray:
    """A different value everywhere: -300 at the origin, 5, 7 and 11 HU for each mm."""
    return -300 + points @ (5.0, 7.0, 11.0)


def slices(heights_mm: Sequence[float], position: str = "HFS") -> list[Dataset]:
    """Slices of 6 x 5 pixels at heights along their normal, in any order."""
    orientation = ORIENTATIONS[position]
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    starts = [height * np.cross(row, column) + (-6.0, 4.0, 2.0) for height in heights_mm]
    series = CtSeries(
        "ct", FRAME, tuple(tuple(start.tolist()) for start in starts), STEPS_MM, 3.0, tuple(orientation)
    )
    j, i = np.mgrid[:6, :5][..., None]
    planes = [hu_at(start + i * STEPS_MM[1] * row + j * STEPS_MM[0] * column) for start in starts]
    return list(ct_slices(STUDY, series, [np.rint(plane).astype(np.int16) for plane in planes]))


@pytest.mark.parametrize("position", ORIENTATIONS)
def test_volume__has_each_value_where_its_slice_says(tmp_path: Path, position: str) -> None:
    course = read_datasets(tmp_path, *slices((8.0, 0.0, 12.0, 4.0), position))
    volume = read_ct_volume(course.ct_series[0])
    assert volume.hu.shape == (4, 6, 5)
    k, j, i = np.indices(volume.hu.shape)
    affine = volume.index_to_patient_mm
    points = np.stack([i, j, k], axis=-1) @ affine[:3, :3].T + affine[:3, 3]
    np.testing.assert_allclose(volume.hu, hu_at(points), atol=0.51)


def test_volume__of_uneven_slices_is_interpolated_to_even_ones(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, *slices((0.0, 4.0, 8.0, 16.0, 20.0)))
    volume = read_ct_volume(course.ct_series[0])
    assert volume.hu.shape[0] == 6
    points = volume.index_to_patient_mm[:3, 2] * np.arange(6)[:, None] + volume.index_to_patient_mm[:3, 3]
    np.testing.assert_allclose(volume.hu[:, 0, 0], hu_at(points), atol=1.01)


def test_volume__applies_slope_and_intercept_and_refuses_without(tmp_path: Path) -> None:
    images = slices((0.0, 4.0))
    for image in images:
        image.RescaleSlope, image.RescaleIntercept = "2", "-1000"
    scaled = read_ct_volume(read_datasets(tmp_path / "a", *images).ct_series[0])
    plain = read_ct_volume(read_datasets(tmp_path / "b", *slices((0.0, 4.0))).ct_series[0])
    np.testing.assert_array_equal(scaled.hu, 2 * plain.hu - 1000)
    for image in images:
        del image.RescaleSlope
    with pytest.raises(CtVolumeError, match="RescaleSlope"):
        read_ct_volume(read_datasets(tmp_path / "c", *images).ct_series[0])


def test_volume__of_one_slice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CtVolumeError, match="one slice"):
        read_ct_volume(read_datasets(tmp_path, *slices((0.0,))).ct_series[0])
