"""`dosegate accumulate` across frames of reference: by file, by deformation, computed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest

from imaging.dicom.ct_volume import CtVolume
from imaging.synthetic.ct import CtSeries, ct_slices
from imaging.synthetic.registration import RegisteredFrame, spatial_registration
from tests.cli.command import only_json
from tests.imaging.dicom.deformations import deformable_dataset
from tests.imaging.test_transforms import body, grid, moved
from tests.integration.summed_courses import (
    CFRT,
    LDRT,
    OTHER_FRAME,
    Dosegate,
    command_here,
    plan_and_dose,
    uniform,
    values_of,
)
from tests.support.dicom_builders import (
    FRAME,
    STUDY,
    dose_array,
    structure_dataset,
    write,
)
from tests.support.phantoms import box_mm


@pytest.fixture
def dosegate(capfd: pytest.CaptureFixture[str]) -> Dosegate:
    """The command in this process: what a process of its own costs is not what is tested here."""
    return command_here(capfd)


def registration(shift_mm: tuple[float, float, float]) -> pydicom.Dataset:
    matrix = np.eye(4)
    matrix[:3, 3] = shift_mm
    fixed, moving = RegisteredFrame(FRAME, np.eye(4)), RegisteredFrame(OTHER_FRAME, matrix)
    return spatial_registration(STUDY, STUDY.uids.uid("registration"), fixed=fixed, moving=moving)


def test_accumulate__across_frames_asks_for_review(dosegate: Dosegate, tmp_path: Path) -> None:
    """The other frame's points move by -7 mm in x: at x the other plan is looked up at x + 7."""
    slope = dose_array(lambda x, y, z: 20 + 0.2 * x + 0 * y * z, shape=(9, 30, 40), origin_mm=(-70, -70, -12))
    folder = tmp_path / "in"
    write(
        folder,
        *plan_and_dose(CFRT, "CFRT", 28, uniform(50.0)),
        *plan_and_dose(LDRT, "LDRT", 5, slope, OTHER_FRAME),
        registration((-7.0, 0.0, 0.0)),
    )
    output = tmp_path / "sum.dcm"
    done = dosegate("accumulate", folder, "--physical", "--output", output, "--json", "-")
    assert done.returncode == 0, done.stderr
    x = -30.0 + 5.0 * np.arange(14)
    np.testing.assert_allclose(values_of(output), np.broadcast_to(70 + 0.2 * (x + 7), (5, 12, 14)), atol=1e-5)
    told = only_json(done)
    assert told["needs_review"]
    assert any("needs review" in finding["message"] for finding in told["findings"])
    written = pydicom.dcmread(output)
    assert (written.SpatialTransformOfDose, len(written.ReferencedSpatialRegistrationSequence)) == (
        "RIGID",
        1,
    )
    assert written.DoseComment.startswith("REVIEW REGISTRATION")
    assert "NOT BORNE OUT: registration of LDRT: nothing is drawn on both sides" in written.ImageComments
    (doubt,) = [each for each in told["findings"] if each["code"] == "registration-unmeasured"]
    assert doubt["severity"] == "warning"
    assert "a person accepted it" in doubt["action"]
    assert [each["registration_doubt"] is None for each in told["plans"]] == [True, False]


@pytest.mark.parametrize(("off_mm", "is_doubted"), [(5.0, False), (10.0, True)])
def test_accumulate__says_of_a_registration_what_a_check_would_not_judge_by(
    dosegate: Dosegate, tmp_path: Path, off_mm: float, is_doubted: bool
) -> None:
    """SCR-ESCC-01 lets organs lie 4 mm apart or 8 mm aside: beyond that a check waits for a person's word."""
    heart = {"Heart": box_mm(np.arange(-12.0, 15.0, 3.0).tolist(), half_mm=(20.0, 20.0))}
    second = plan_and_dose(LDRT, "LDRT", 5, uniform(10.0), OTHER_FRAME)
    second[0].ReferencedStructureSetSequence[0].ReferencedSOPInstanceUID = "1.2.826.4.4"
    folder = tmp_path / "in"
    write(
        folder,
        *plan_and_dose(CFRT, "CFRT", 28, uniform(50.0)),
        *second,
        structure_dataset(heart),
        structure_dataset(heart, uid="1.2.826.4.4", frame_uid=OTHER_FRAME),
        registration((off_mm, 0.0, 0.0)),
    )
    output = tmp_path / "sum.dcm"
    done = dosegate("accumulate", folder, "--physical", "--output", output, "--json", tmp_path / "told.json")
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))
    codes = [each["code"] for each in told["findings"]]
    assert ("registration-beyond-limits" in codes) == is_doubted
    assert "registration-unmeasured" not in codes
    assert told["plans"][1]["registration"]["displacement_mm"] == pytest.approx(off_mm, abs=0.01)
    assert bool(told["plans"][1]["registration_doubt"]) == is_doubted
    assert ("NOT BORNE OUT" in pydicom.dcmread(output).ImageComments) == is_doubted
    assert ("NOT BORNE OUT: the registration of LDRT" in done.stdout) == is_doubted


@pytest.mark.parametrize(
    ("shift_mm", "said"), [(5000.0, "covers no voxel"), (-60.0, "outside the sum's grid"), (0.0, None)]
)
def test_accumulate__says_what_lies_outside_the_sum(
    dosegate: Dosegate, tmp_path: Path, shift_mm: float, said: str | None
) -> None:
    """A hot spot in the middle, moved so that none of the dose, or not the spot, is in the sum."""
    spot = dose_array(
        lambda x, y, z: np.maximum(20 - abs(x) - abs(y) - 4 * abs(z), 0),
        shape=(9, 30, 40),
        origin_mm=(-70, -70, -12),
    )
    folder = tmp_path / "in"
    write(
        folder,
        *plan_and_dose(CFRT, "CFRT", 28, uniform(50.0)),
        *plan_and_dose(LDRT, "LDRT", 5, spot, OTHER_FRAME),
        registration((shift_mm, 0.0, 0.0)),
    )
    done = dosegate("accumulate", folder, "--physical", "--output", tmp_path / "sum.dcm", "--json", "-")
    told = [each for each in only_json(done)["findings"] if each["code"] == "sum-incomplete"]
    assert [said in each["message"] for each in told] == [True] if said else not told


def test_accumulate__through_a_deformation_is_never_inverted(dosegate: Dosegate, tmp_path: Path) -> None:
    vectors = np.zeros((12, 20, 24, 3))
    vectors[..., 0] = 7.0
    field = deformable_dataset(vectors, registered=FRAME, source=OTHER_FRAME)
    grid = field.DeformableRegistrationSequence[0].DeformableRegistrationGridSequence[0]
    grid.ImagePositionPatient = [-40, -40, -30]
    slope = dose_array(lambda x, y, z: 20 + 0.2 * x + 0 * y * z, shape=(9, 30, 40), origin_mm=(-70, -70, -12))
    folder = tmp_path / "in"
    doses = [
        *plan_and_dose(CFRT, "CFRT", 28, uniform(50.0)),
        *plan_and_dose(LDRT, "LDRT", 5, slope, OTHER_FRAME),
    ]
    write(folder, *doses, field)
    output = tmp_path / "sum.dcm"
    done = dosegate("accumulate", folder, "--physical", "--output", output)
    assert done.returncode == 0, done.stderr
    x = -30.0 + 5.0 * np.arange(14)
    np.testing.assert_allclose(values_of(output), np.broadcast_to(70 + 0.2 * (x + 7), (5, 12, 14)), atol=1e-5)
    grid.ImagePositionPatient = [0, -40, -30]
    part = tmp_path / "part"
    write(part, *doses, field)
    done = dosegate("accumulate", part, "--physical", "--output", tmp_path / "part.dcm", "--json", "-")
    assert any("deformation or its dose grid ends" in each["message"] for each in only_json(done)["findings"])
    back = tmp_path / "back"
    write(back, *doses, deformable_dataset(vectors, registered=OTHER_FRAME, source=FRAME))
    refused = dosegate("accumulate", back, "--physical", "--output", tmp_path / "no.dcm")
    assert refused.returncode == 2
    assert "not inverted" in refused.stderr


def ct_of(volume: CtVolume, role: str, frame: str) -> list[pydicom.Dataset]:
    affine = volume.index_to_patient_mm
    starts = tuple(tuple((affine[:3, 2] * k + affine[:3, 3]).tolist()) for k in range(len(volume.hu)))
    series = CtSeries(role, frame, starts, (affine[1, 1], affine[0, 0]), affine[2, 2])
    return list(ct_slices(STUDY, series, volume.hu))


def test_accumulate__computes_a_registration_only_when_told_and_asks_for_review(
    dosegate: Dosegate, tmp_path: Path
) -> None:
    """The other patient lies 30 mm to the side and 12 mm higher: so the other plan is looked up there."""
    shift = moved((0, 0, 0), (30.0, 0.0, 12.0))
    steps, shape = grid((5, 5, 5), (-110, -80, -100)), (40, 32, 44)
    cts = ct_of(body(steps, shape, np.eye(4), 1), "one", FRAME)
    cts += ct_of(body(steps, shape, shift, 2), "other", OTHER_FRAME)
    slope = dose_array(
        lambda x, y, z: 20 + 0.2 * x + 0 * y * z, shape=(20, 30, 40), origin_mm=(-70, -70, -20)
    )
    doses = plan_and_dose(CFRT, "CFRT", 28, uniform(50.0))
    folder, output = tmp_path / "in", tmp_path / "sum.dcm"
    write(folder, *cts, *doses, *plan_and_dose(LDRT, "LDRT", 5, slope, OTHER_FRAME))
    assert dosegate("accumulate", folder, "--physical", "--output", output).returncode == 2
    done = dosegate(
        "accumulate", folder, "--physical", "--registration", "computed", "--output", output, "--json", "-"
    )
    assert done.returncode == 0, done.stderr
    told = only_json(done)
    assert told["needs_review"]
    other = next(plan for plan in told["plans"] if plan["label"] == "LDRT")
    assert np.linalg.norm(np.array(other["base_to_plan_mm"])[:3, 3] - (30, 0, 12)) < 1.0
    assert other["registration"]["consistency_mm"] < 1.0
    assert sum(each["kind"] == "ct" for each in told["inputs"]) == 80
    x = -30.0 + 5.0 * np.arange(14)
    np.testing.assert_allclose(values_of(output), np.broadcast_to(76 + 0.2 * x, (5, 12, 14)), atol=0.2)
    assert pydicom.dcmread(output).DoseComment.startswith("REVIEW REGISTRATION")


def test_accumulate__cannot_compute_a_registration_without_both_cts(
    dosegate: Dosegate, tmp_path: Path
) -> None:
    steps, shape = grid((5, 5, 5), (-110, -80, -100)), (40, 32, 44)
    ct = ct_of(body(steps, shape, np.eye(4), 1), "one", FRAME)
    doses = [
        *plan_and_dose(CFRT, "CFRT", 28, uniform(50.0)),
        *plan_and_dose(LDRT, "LDRT", 5, uniform(10.0), OTHER_FRAME),
    ]
    for name, given, lacking in (("none", [], "CFRT"), ("one", ct, "LDRT")):
        write(tmp_path / name, *doses, *given)
        refused = dosegate(
            "accumulate",
            tmp_path / name,
            "--physical",
            "--registration",
            "computed",
            "--output",
            tmp_path / "no",
        )
        assert refused.returncode == 2
        assert f"plan '{lacking}' has no CT" in refused.stderr
