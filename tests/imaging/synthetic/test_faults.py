"""Each planted fault is there, and is the only one."""

from functools import cache

import numpy as np
import pytest
from pydicom.dataset import Dataset

from imaging.synthetic.course import CourseSize, SyntheticCourse
from imaging.synthetic.faults import Fault
from tests.imaging.synthetic.reading import contours_mm, dose_grid

CONTOUR_FAULTS = {Fault.MISSING_ORGAN, Fault.EMPTY_STRUCTURE, Fault.MISSING_SLICES}
STRUCTURES = "RS.planning.dcm"


@cache
def _course(*faults: Fault) -> dict[str, Dataset]:
    return dict(SyntheticCourse(1, CourseSize.SMALL, frozenset(faults)).objects())


def _changed(fault: Fault) -> set[str]:
    """Return the files that differ from the sound course, and those that are only in one of both."""
    sound, faulty = _course(), _course(fault)
    differing = {name for name in sound.keys() & faulty.keys() if sound[name] != faulty[name]}
    return differing | (sound.keys() ^ faulty.keys())


@pytest.mark.parametrize("fault", sorted(CONTOUR_FAULTS))
def test_fault_of_contours__changes_the_structure_set_alone(fault: Fault) -> None:
    assert _changed(fault) == {STRUCTURES}


def test_violated_limit__heats_the_cord_past_45_gy_and_nothing_else() -> None:
    assert _changed(Fault.VIOLATED_LIMIT) == {"RD.CFRT.dcm"}
    cord = SyntheticCourse().anatomy.part("SpinalCord").solid
    height_mm = SyntheticCourse().anatomy.part("PTVp").solid.centre_mm[2]
    point_mm = np.array([[*cord.centre_mm[:2], height_mm]])
    dose = dose_grid(_course(Fault.VIOLATED_LIMIT)["RD.CFRT.dcm"])
    assert dose.at(point_mm)[0] == pytest.approx(47.5, abs=0.1)
    assert dose_grid(_course()["RD.CFRT.dcm"]).at(point_mm)[0] < 40
    assert dose.values.max() == pytest.approx(dose_grid(_course()["RD.CFRT.dcm"]).values.max())


def test_missing_organ__leaves_the_heart_out() -> None:
    names = (
        contours_mm(_course()[STRUCTURES]).keys()
        - contours_mm(_course(Fault.MISSING_ORGAN)[STRUCTURES]).keys()
    )
    assert names == {"Heart"}


def test_missing_organ__keeps_the_roi_numbers_that_plans_refer_to() -> None:
    course = _course(Fault.MISSING_ORGAN)
    names = {item.ROINumber: item.ROIName for item in course[STRUCTURES].StructureSetROISequence}
    for label in ("LDRT", "CFRT"):
        for reference in course[f"RP.{label}.dcm"].DoseReferenceSequence:
            assert names[reference.ReferencedROINumber] == reference.DoseReferenceDescription


def test_empty_structure__has_a_name_and_no_contours() -> None:
    assert contours_mm(_course(Fault.EMPTY_STRUCTURE)[STRUCTURES])["Stomach"] == []


def test_missing_slices__leaves_a_gap_of_three_in_the_heart() -> None:
    contours = contours_mm(_course(Fault.MISSING_SLICES)[STRUCTURES])["Heart"]
    heights_mm = [float(contour[0, 2]) for contour in contours]
    assert sorted(np.diff(heights_mm))[-2:] == [5.0, 20.0]


def test_missing_ct_slices__takes_three_neighbours_out() -> None:
    gone = _course().keys() - _course(Fault.MISSING_CT_SLICES).keys()
    assert sorted(gone) == [f"CT.planning/CT.{index:03d}.dcm" for index in (45, 46, 47)]


def test_wrong_fraction_count__is_25_with_the_same_prescription() -> None:
    plan = _course(Fault.WRONG_FRACTION_COUNT)["RP.CFRT.dcm"]
    assert plan.FractionGroupSequence[0].NumberOfFractionsPlanned == 25
    assert float(plan.DoseReferenceSequence[0].TargetPrescriptionDose) == 50.4
    assert {name for name in _changed(Fault.WRONG_FRACTION_COUNT) if not name.startswith("records/")} == {
        "RP.CFRT.dcm"
    }


def test_another_prescription__says_45_gy_and_keeps_the_dose() -> None:
    assert _changed(Fault.ANOTHER_PRESCRIPTION) == {"RP.CFRT.dcm"}
    plan = _course(Fault.ANOTHER_PRESCRIPTION)["RP.CFRT.dcm"]
    assert float(plan.DoseReferenceSequence[0].TargetPrescriptionDose) == 45


@pytest.mark.parametrize(
    ("fault", "factor", "units"),
    [(Fault.DOSE_PER_FRACTION, 1 / 28, "GY"), (Fault.RELATIVE_DOSE, 100 / 50.4, "RELATIVE")],
)
def test_scaled_dose__keeps_the_shape_of_the_dose(fault: Fault, factor: float, units: str) -> None:
    assert _changed(fault) == {"RD.CFRT.dcm"}
    sound, faulty = _course()["RD.CFRT.dcm"], _course(fault)["RD.CFRT.dcm"]
    assert faulty.DoseUnits == units
    np.testing.assert_allclose(dose_grid(faulty).values, dose_grid(sound).values * factor, atol=1e-5)


def test_structure_leaves_grid__cuts_the_ldrt_grid_below_the_targets() -> None:
    assert _changed(Fault.STRUCTURE_LEAVES_GRID) == {"RD.LDRT.dcm"}
    anatomy = SyntheticCourse().anatomy
    lowest_mm = dose_grid(_course(Fault.STRUCTURE_LEAVES_GRID)["RD.LDRT.dcm"]).origin_mm[2]
    assert (
        anatomy.part("Kidney_L").solid.z_range_mm[0]
        < lowest_mm
        < anatomy.part("PTV_Met2").solid.z_range_mm[0]
    )


def test_not_approved__is_said_in_the_plan() -> None:
    assert _changed(Fault.NOT_APPROVED) == {"RP.CFRT.dcm"}
    assert _course(Fault.NOT_APPROVED)["RP.CFRT.dcm"].ApprovalStatus == "UNAPPROVED"


def test_two_patients__gives_the_ldrt_objects_to_a_stranger() -> None:
    ids = {name: dataset.PatientID for name, dataset in _course(Fault.TWO_PATIENTS).items()}
    strangers = {name for name, patient_id in ids.items() if patient_id != ids[STRUCTURES]}
    assert strangers == {name for name in ids if "LDRT" in name}


def test_foreign_frame__puts_the_ldrt_plan_on_a_ct_of_its_own() -> None:
    course = _course(Fault.FOREIGN_FRAME)
    frames = {name: dataset.get("FrameOfReferenceUID") for name, dataset in course.items()}
    assert frames["RD.LDRT.dcm"] == frames["RS.repositioned.dcm"] == frames["CT.repositioned/CT.000.dcm"]
    assert frames["RD.LDRT.dcm"] != frames["RD.CFRT.dcm"] == frames[STRUCTURES]
    assert "REG.dcm" not in course


def test_registered_frame__maps_the_repositioned_patient_onto_the_planning_ct() -> None:
    course = _course(Fault.REGISTERED_FRAME)
    registration = course["REG.dcm"]
    moving = next(
        item
        for item in registration.RegistrationSequence
        if item.FrameOfReferenceUID != registration.FrameOfReferenceUID
    )
    matrix = np.array(
        [
            float(v)
            for v in moving.MatrixRegistrationSequence[0]
            .MatrixSequence[0]
            .FrameOfReferenceTransformationMatrix
        ]
    ).reshape(4, 4)
    repositioned, planning = (contours_mm(course[f"RS.{role}.dcm"]) for role in ("repositioned", "planning"))
    for name in ("Liver", "PTV_Met2", "Kidney_L"):
        there = np.vstack(repositioned[name]) @ matrix[:3, :3].T + matrix[:3, 3]
        np.testing.assert_allclose(there.mean(axis=0), np.vstack(planning[name]).mean(axis=0), atol=1.5)


def test_registered_frame__carries_the_dose_along() -> None:
    course, sound = _course(Fault.REGISTERED_FRAME), _course()
    centre_mm = np.array([SyntheticCourse().anatomy.part("PTV_Met1").solid.centre_mm])
    turn = np.array([[399, -40, 0], [40, 399, 0], [0, 0, 401]]) / 401
    moved_mm = centre_mm @ turn.T + np.array([14.0, -9.0, 27.0])
    expected = dose_grid(sound["RD.LDRT.dcm"]).at(centre_mm)
    np.testing.assert_allclose(dose_grid(course["RD.LDRT.dcm"]).at(moved_mm), expected, rtol=0.02)
