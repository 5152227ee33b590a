"""A deformable registration maps points of its own frame to the source's, as PS3.3 C.20.3.1.1 says."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from imaging.dicom.deformable_registration import DeformableRegistrations
from imaging.findings import Finding, FindingCode
from tests.imaging.dicom.deformations import (
    ORIGIN_MM,
    REGISTERED,
    SOURCE,
    STEPS_MM,
    deformable_dataset,
    vectors_of,
)
from tests.imaging.dicom.test_registration import rigid
from tests.imaging.reading import codes, parse_dataset, read_datasets
from tests.support.dicom_builders import plan_dataset


def read(dataset: Dataset, folder: Path) -> tuple[DeformableRegistrations, list[Finding]]:
    found, findings = parse_dataset(dataset, folder)
    assert isinstance(found, DeformableRegistrations)
    return found, findings


def test_deformation__maps_registered_points_to_the_source_as_the_standard_s_equation(tmp_path: Path) -> None:
    """At grid point (i, j, k): after (before x + v_kji), with x = origin + i, j, k steps along the axes."""
    before, after = rigid(20.0, (1.0, 2.0, 3.0)), rigid(-35.0, (-4.0, 5.0, 6.0))
    found, findings = read(deformable_dataset(before=before, after=after), tmp_path)
    assert findings == []
    (one,) = found.maps
    assert (one.registered_frame, one.source_frame) == (REGISTERED, SOURCE)
    for i, j, k in ((0, 0, 0), (6, 0, 0), (0, 5, 0), (0, 0, 4), (2, 3, 1)):
        x = np.array(ORIGIN_MM) + np.array((i, j, k)) * STEPS_MM
        moved = before @ [*x, 1] + [*vectors_of()[k, j, i], 0]
        mapped, known = one.deformation.mapped(x[None, :])
        assert known.all()
        np.testing.assert_allclose(mapped[0], (after @ moved)[:3], atol=2e-5)


def test_deformation__of_a_turned_grid_has_its_vectors_along_patient_axes(tmp_path: Path) -> None:
    """Rows run along -y here: the grid turns, the vectors stay in patient axes (PS3.3 C.20.3.1.3)."""
    found, _ = read(deformable_dataset(orientation=(0, -1, 0, 1, 0, 0)), tmp_path)
    x = np.array(ORIGIN_MM) + 2 * STEPS_MM[0] * np.array((0, -1, 0)) + 3 * STEPS_MM[1] * np.array((1, 0, 0))
    x += 1 * STEPS_MM[2] * np.array((0, 0, 1))
    mapped, _ = found.maps[0].deformation.mapped(x[None, :])
    np.testing.assert_allclose(mapped[0] - x, vectors_of()[1, 3, 2], atol=1e-5)


def test_deformation__is_undefined_outside_its_grid_and_where_it_says_so(tmp_path: Path) -> None:
    vectors = vectors_of()
    vectors[2, 2, 2] = np.nan
    found, findings = read(deformable_dataset(vectors), tmp_path)
    assert codes(findings) == [FindingCode.REGISTRATION_UNDEFINED]
    points = (
        np.array(ORIGIN_MM)
        + np.array([[2, 2, 2], [2.5, 2, 2], [3, 2, 2], [-0.6, 0, 0], [-0.4, 0, 0]]) * STEPS_MM
    )
    _, known = found.maps[0].deformation.mapped(points)
    assert known.tolist() == [False, False, True, False, True]


def test_deformation__that_folds_is_said(tmp_path: Path) -> None:
    """v_x = -1.5 x turns the x axis around: the Jacobian is -0.5 everywhere."""
    vectors = np.zeros((3, 3, 5, 3))
    vectors[..., 0] = -1.5 * STEPS_MM[0] * np.arange(5)
    found, findings = read(deformable_dataset(vectors), tmp_path)
    assert codes(findings) == [FindingCode.REGISTRATION_FOLDS]
    folding = found.maps[0].folding
    assert (folding.cells, folding.folded_cells) == (16, 16)
    assert folding.lowest == pytest.approx(-0.5)
    smooth, _ = read(deformable_dataset(), tmp_path)
    assert smooth.maps[0].folding.folded_cells == 0


def _item(dataset: Dataset) -> Dataset:
    found: Dataset = dataset.DeformableRegistrationSequence[0]
    return found


def _grid(dataset: Dataset) -> Dataset:
    found: Dataset = _item(dataset).DeformableRegistrationGridSequence[0]
    return found


def _set(element: str, value: object, of: Callable[[Dataset], Dataset] = _grid) -> Callable[[Dataset], None]:
    return lambda dataset: setattr(of(dataset), element, value)


def _first_matrix(dataset: Dataset) -> Dataset:
    found: Dataset = _item(dataset).PreDeformationMatrixRegistrationSequence[0]
    return found


HOSTILE = {
    "no source": _set("SourceFrameOfReferenceUID", None, _item),
    "maps itself": _set("SourceFrameOfReferenceUID", REGISTERED, _item),
    "huge dimensions": _set("GridDimensions", [4294967295, 4294967295, 4294967295]),
    "zero dimension": _set("GridDimensions", [0, 6, 7]),
    "two dimensions": _set("GridDimensions", [6, 7]),
    "cut short": _set("VectorGridData", b"\0" * 64),
    "no data": _set("VectorGridData", None),
    "all undefined": _set("VectorGridData", np.full(5 * 6 * 7 * 3, np.nan, "<f4").tobytes()),
    "infinite": _set("VectorGridData", np.full(5 * 6 * 7 * 3, np.inf, "<f4").tobytes()),
    "no resolution": _set("GridResolution", None),
    "negative resolution": _set("GridResolution", [4.0, -5.0, 6.0]),
    "resolution is no number": _set("GridResolution", [4.0, float("nan"), 6.0]),
    "skew": _set("ImageOrientationPatient", ["1", "0", "0", "0.5", "0.5", "0"]),
    "nowhere": _set("ImagePositionPatient", None),
    "singular matrix": _set("FrameOfReferenceTransformationMatrix", ["0"] * 15 + ["1"], _first_matrix),
    "projective matrix": _set("FrameOfReferenceTransformationMatrix", ["1"] * 16, _first_matrix),
    "no grid": _set("DeformableRegistrationGridSequence", [], _item),
    "no items": _set("DeformableRegistrationSequence", [], lambda dataset: dataset),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_deformation__that_makes_no_map_is_not_used_and_said(tmp_path: Path, name: str) -> None:
    dataset = deformable_dataset()
    HOSTILE[name](dataset)
    found, findings = read(dataset, tmp_path)
    assert found.maps == ()
    assert FindingCode.REGISTRATION_INVALID in codes(findings)


def test_deformation__is_part_of_the_course(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, deformable_dataset(), plan_dataset())
    assert [one.source_frame for one in course.deformable_registrations] == [SOURCE]
    assert course.registrations == ()
    assert all(file.used for file in course.files)
