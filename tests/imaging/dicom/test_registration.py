"""A spatial registration gives rigid maps in the standard's direction, and nothing else."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from pydicom.dataset import Dataset

from imaging.dicom.registration import SpatialRegistration, is_rigid
from imaging.findings import Finding, FindingCode
from imaging.synthetic.registration import RegisteredFrame, spatial_registration
from tests.imaging.reading import codes, parse_dataset
from tests.support.dicom_builders import STUDY

Floats = npt.NDArray[np.float64]
FIXED, MOVING = "1.2.3.1", "1.2.3.2"


def rigid(angle_degrees: float = 30.0, shift_mm: tuple[float, float, float] = (10.0, -20.0, 5.0)) -> Floats:
    angle = np.deg2rad(angle_degrees)
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    matrix[:3, 3] = shift_mm
    return matrix


def dataset_of(matrix: Floats) -> Dataset:
    return spatial_registration(
        STUDY,
        STUDY.uids.uid("registration"),
        fixed=RegisteredFrame(FIXED, np.eye(4)),
        moving=RegisteredFrame(MOVING, matrix),
    )


def read(dataset: Dataset, folder: Path) -> tuple[tuple[SpatialRegistration, ...], list[Finding]]:
    found, findings = parse_dataset(dataset, folder)
    assert isinstance(found, tuple)
    return found, findings


def matrix_item(dataset: Dataset) -> Dataset:
    for item in dataset.RegistrationSequence:
        if item.FrameOfReferenceUID == MOVING:
            found: Dataset = item.MatrixRegistrationSequence[0].MatrixSequence[0]
            return found
    raise AssertionError("no moving frame")


def test_registration__maps_the_item_s_frame_into_its_own(tmp_path: Path) -> None:
    (found,), findings = read(dataset_of(rigid()), tmp_path)
    assert (found.from_frame, found.to_frame) == (MOVING, FIXED)
    np.testing.assert_allclose(found.matrix, rigid(), atol=1e-6)
    assert findings == []


def test_registration__moves_a_point_as_the_standard_says(tmp_path: Path) -> None:
    """By hand: a quarter turn about z takes (1, 0, 0) to (0, 1, 0), then the shift is added (PS3.3
    C.20.2.1.1)."""
    (found,), _ = read(dataset_of(rigid(90.0, (1.0, 2.0, 3.0))), tmp_path)
    np.testing.assert_allclose(found.matrix @ (1, 0, 0, 1), (1, 3, 3, 1), atol=1e-6)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda m: m * [[1.1, 1, 1, 1], [1.1, 1, 1, 1], [1.1, 1, 1, 1], [1, 1, 1, 1]],
        lambda m: m @ np.diag([1.0, 1.0, -1.0, 1.0]),
        lambda m: m + np.outer((1, 0, 0, 0), (0, 0.1, 0, 0)),
        lambda m: m + np.outer((0, 0, 0, 1), (0, 0, 0.1, 0)),
        lambda m: np.zeros((4, 4)),
    ],
    ids=["scaled", "mirrored", "sheared", "projective", "zero"],
)
def test_registration__that_is_not_rigid_is_said(tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    found, findings = read(dataset_of(np.asarray(spoil(rigid()), dtype=np.float64)), tmp_path)
    assert found == ()
    assert codes(findings) == [FindingCode.REGISTRATION_NOT_RIGID]


@pytest.mark.parametrize("kind", ["AFFINE", "RIGID_SCALE"])
def test_registration__that_says_it_is_not_rigid_is_not_used(tmp_path: Path, kind: str) -> None:
    dataset = dataset_of(rigid())
    matrix_item(dataset).FrameOfReferenceTransformationMatrixType = kind
    assert codes(read(dataset, tmp_path)[1]) == [FindingCode.REGISTRATION_NOT_RIGID]


def test_registration__without_a_whole_matrix_is_said(tmp_path: Path) -> None:
    dataset = dataset_of(rigid())
    matrix_item(dataset).FrameOfReferenceTransformationMatrix = ["1", "0", "0"]
    found, findings = read(dataset, tmp_path)
    assert found == ()
    assert FindingCode.REGISTRATION_INVALID in codes(findings)


def test_registration__that_moves_a_frame_against_itself_is_said(tmp_path: Path) -> None:
    dataset = dataset_of(rigid())
    for item in dataset.RegistrationSequence:
        item.FrameOfReferenceUID = FIXED
    found, findings = read(dataset, tmp_path)
    assert found == ()
    assert codes(findings) == [FindingCode.REGISTRATION_CONTRADICTORY]


def test_chain__whose_order_matters_is_not_guessed(tmp_path: Path) -> None:
    dataset = dataset_of(rigid(90.0))
    second = Dataset()
    second.FrameOfReferenceTransformationMatrixType = "RIGID"
    second.FrameOfReferenceTransformationMatrix = [str(x) for x in rigid(0.0, (50.0, 0.0, 0.0)).ravel()]
    for item in dataset.RegistrationSequence:
        if item.FrameOfReferenceUID == MOVING:
            item.MatrixRegistrationSequence[0].MatrixSequence.append(second)
    found, findings = read(dataset, tmp_path)
    assert found == ()
    assert codes(findings) == [FindingCode.REGISTRATION_INVALID]


def test_is_rigid__allows_rounding() -> None:
    assert is_rigid(np.round(rigid(33.3), 4))
    assert not is_rigid(np.round(rigid(33.3), 1))
