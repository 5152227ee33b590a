"""Whose files: one patient however spelled, never two, and never shown."""

from pathlib import Path

import pytest

from imaging.findings import FindingCode, Severity
from tests.imaging.reading import read_datasets
from tests.imaging.small_course import contours, found, whole_course
from tests.support.dicom_builders import (
    another_patient,
    dose_dataset,
    plan_dataset,
    structure_dataset,
)


def test_patient__is_known_and_never_shown(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, *whole_course())
    assert course.patient is not None
    assert (course.patient.patient_id, course.patient.birth_date) == ("TEST-1", "19600101")
    for secret in ("TEST-1", "19600101", "Patient^", "Test^"):
        assert secret not in repr(course)
        assert secret not in str([finding.as_json() for finding in course.findings])


def test_two_patients__make_no_course(tmp_path: Path) -> None:
    stranger = plan_dataset(uid="1.2.826.5.5", study=another_patient())
    course = read_datasets(tmp_path, *whole_course(), stranger)
    assert (course.patient, course.plans, course.structure_sets, course.doses_without_plan) == (
        None,
        (),
        (),
        (),
    )
    mismatches = [one for one in course.findings if one.code is FindingCode.PATIENT_MISMATCH]
    assert {one.element for one in mismatches} == {"PatientID", "PatientName", "PatientBirthDate"}
    assert all(one.severity is Severity.ERROR for one in mismatches)
    shown = str([one.as_json() for one in course.findings])
    for secret in ("TEST-1", "TEST-2", "Other", "Person", "19600101", "19710203"):
        assert secret not in shown
    assert not any(file.used for file in course.files)


def test_patient__whose_name_is_spelled_in_another_way_is_the_same(tmp_path: Path) -> None:
    plan = plan_dataset()
    plan.PatientName = "TEST^patient^^"
    course = read_datasets(tmp_path, structure_dataset(contours()), plan, dose_dataset())
    assert FindingCode.PATIENT_MISMATCH not in found(course)


@pytest.mark.parametrize("keyword", ["PatientID", "PatientName", "PatientBirthDate"])
def test_patient__differing_in_one_element_alone_is_another(tmp_path: Path, keyword: str) -> None:
    plan = plan_dataset()
    setattr(plan, keyword, "19611212")
    assert found(read_datasets(tmp_path, dose_dataset(), plan)) >= {FindingCode.PATIENT_MISMATCH}


def test_patient__missing_in_some_files_is_said(tmp_path: Path) -> None:
    plan = plan_dataset()
    plan.PatientBirthDate = ""
    course = read_datasets(tmp_path, structure_dataset(contours()), plan, dose_dataset())
    assert FindingCode.PATIENT_UNIDENTIFIED in found(course)
    assert len(course.plans) == 1


@pytest.mark.parametrize("blank", ["^", "^^", "^^^^", " ^ ^", "=", "^^=^="])
def test_patient__whose_name_is_blank_in_some_files_is_no_other_one(tmp_path: Path, blank: str) -> None:
    plan = plan_dataset()
    plan.PatientName = blank
    course = read_datasets(tmp_path, structure_dataset(contours()), plan, dose_dataset())
    assert FindingCode.PATIENT_MISMATCH not in found(course)
    assert FindingCode.PATIENT_UNIDENTIFIED in found(course)
    assert [each.name is None for each in course.identities].count(True) == 1
