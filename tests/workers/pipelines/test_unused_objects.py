"""What is read and plays no part in a check is said, and the report does not call it used."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from imaging.course import Course
from imaging.findings import FindingCode, Severity
from tests.imaging.dicom.deformations import deformable_dataset
from tests.imaging.reading import read_datasets
from tests.imaging.small_course import contours, whole_course
from tests.support.dicom_builders import ct_datasets, ct_series, dose_dataset, plan_dataset, structure_dataset
from workers.pipelines.approvals import approval_findings
from workers.pipelines.report_assembly import input_files
from workers.pipelines.unused_objects import unused_findings


def _unused(course: Course) -> list[str]:
    return [file.name for file in input_files(course) if not file.used]


def test_deformable_registration__is_not_used_and_that_is_said(tmp_path: Path) -> None:
    field = deformable_dataset(np.zeros((2, 2, 2, 3)))
    course = read_datasets(tmp_path, field)
    (finding,) = unused_findings(course)
    assert (finding.code, finding.severity) == (FindingCode.REGISTRATION_NOT_USED, Severity.WARNING)
    assert _unused(course) == [finding.file]


def test_structure_set__beside_that_of_the_plan_is_not_used_and_its_approval_plays_no_part(
    tmp_path: Path,
) -> None:
    other = structure_dataset(contours(), uid="1.2.3")
    other.ApprovalStatus = "REJECTED"
    course = read_datasets(tmp_path, *whole_course(), other)
    (finding,) = unused_findings(course)
    assert (finding.code, finding.severity) == (FindingCode.OBJECT_SET_ASIDE, Severity.INFO)
    assert _unused(course) == [finding.file]
    assert approval_findings(course) == []


def test_structure_set__of_another_frame_is_looked_at_by_a_person_and_its_faults_spoil_nothing(
    tmp_path: Path,
) -> None:
    foreign = structure_dataset(contours(), uid="1.2.3", frame_uid="1.2.4", on=ct_series())
    course = read_datasets(tmp_path, *whole_course(), foreign)
    (finding,) = unused_findings(course)
    assert (finding.code, finding.severity) == (FindingCode.OBJECT_SET_ASIDE, Severity.WARNING)
    mismatch = next(each for each in course.findings if each.code is FindingCode.FRAME_OF_REFERENCE_MISMATCH)
    assert (mismatch.file, mismatch.severity) == (finding.file, Severity.WARNING)


def test_structure_set__of_another_frame_that_the_plan_may_mean_stays_an_error(tmp_path: Path) -> None:
    foreign = structure_dataset(contours(), uid="1.2.3", frame_uid="1.2.4", on=ct_series())
    course = read_datasets(tmp_path, *ct_datasets(), plan_dataset(), dose_dataset(), foreign)
    assert unused_findings(course) == []
    codes = {each.code: each.severity for each in course.findings}
    assert codes[FindingCode.FRAME_OF_REFERENCE_MISMATCH] is Severity.ERROR


def test_structure_sets__of_which_a_plan_may_mean_either_are_not_called_unused(tmp_path: Path) -> None:
    sets = [structure_dataset(contours(), uid=f"1.2.3.{number}") for number in (1, 2)]
    course = read_datasets(tmp_path, plan_dataset(), dose_dataset(), *sets)
    assert unused_findings(course) == []
    assert _unused(course) == []
