"""A course is read whole from any order, nesting or archive; what is bad in it leaves the rest alone."""

import random
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import MediaStorageDirectoryStorage

from imaging.course import FileKind, LinkedBy, read_course
from imaging.findings import FindingCode, Severity
from imaging.intake import take_in
from imaging.synthetic.header import file_meta
from tests.imaging.reading import codes, read_datasets, read_folder
from tests.imaging.small_course import contours, found, whole_course
from tests.support import hostile
from tests.support.dicom_builders import (
    FRAME,
    PLAN,
    ct_datasets,
    dose_dataset,
    plan_content,
    plan_dataset,
    record_dataset,
    structure_dataset,
    write,
)


def test_course__that_is_whole_is_linked_without_a_finding(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, *whole_course(), record_dataset(1))
    (linked,) = course.plans
    assert linked.plan.sop_instance_uid == PLAN
    assert linked.structure_set is course.structure_sets[0]
    assert linked.structure_set_linked_by is LinkedBy.PLAN
    assert linked.dose is not None
    assert linked.dose.frame_of_reference_uid == FRAME
    assert [one.spacing_mm for one in course.ct_series] == [3.0]
    assert course.findings == ()
    assert all(file.used and file.reason is None for file in course.files)


def test_course__does_not_depend_on_the_order_or_nesting_of_files(tmp_path: Path) -> None:
    """The same objects under shuffled names in nested folders give the same links and the same findings."""
    facts = []
    for seed in range(3):
        datasets = whole_course()
        random.Random(seed).shuffle(datasets)  # noqa: S311 - no secret
        folder = tmp_path / str(seed) / "course"
        for index, dataset in enumerate(datasets):
            write(folder / ("deep/" * (index % 3)) / str(index), dataset)
        course = read_folder(folder)
        linked = course.plans[0]
        assert linked.structure_set is not None
        assert linked.dose is not None
        facts.append((linked.dose.sop_instance_uids, len(course.ct_series[0].slices), codes(course.findings)))
    assert facts[0] == facts[1] == facts[2]


def test_course__from_a_zip_equals_that_from_a_folder(tmp_path: Path) -> None:
    paths = write(tmp_path / "course", *whole_course())
    archive = hostile.zip_of_files(tmp_path / "course.zip", paths)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    zipped = read_course(take_in([archive], scratch))
    folder = read_course(take_in([tmp_path / "course"], scratch))
    assert [file.sha256 for file in zipped.files] == [file.sha256 for file in folder.files]
    assert codes(zipped.findings) == codes(folder.findings)
    assert zipped.plans[0].dose is not None


def test_file__handed_over_twice_is_used_once(tmp_path: Path) -> None:
    course = read_datasets(
        tmp_path, structure_dataset(contours()), plan_dataset(), dose_dataset(), plan_dataset()
    )
    assert len(course.plans) == 1
    assert FindingCode.FILE_DUPLICATED in found(course)
    assert [file.used for file in course.files if file.kind is FileKind.PLAN] == [True, False]


def test_sop_instance__with_two_contents_is_used_by_neither(tmp_path: Path) -> None:
    other = plan_dataset(plan_content(fractions=6))
    course = read_datasets(tmp_path, plan_dataset(), other, plan_dataset(), dose_dataset())
    assert course.plans == ()
    assert FindingCode.SOP_INSTANCE_CONTRADICTORY in found(course)
    assert [file.used for file in course.files if file.kind is FileKind.PLAN] == [False] * 3


def test_bad_files__leave_the_others_alone(tmp_path: Path) -> None:
    folder = tmp_path / "course"
    write(folder, *whole_course())
    hostile.text_named_dcm(folder / "notes.dcm")
    hostile.truncated(folder / "short.dcm")
    hostile.nested_sequences(folder / "deep.dcm")
    (folder / "empty.dcm").touch()
    course = read_folder(folder)
    assert course.plans[0].dose is not None
    assert found(course) == {
        FindingCode.NOT_DICOM,
        FindingCode.DICOM_TRUNCATED,
        FindingCode.DICOM_TOO_DEEP,
        FindingCode.FILE_EMPTY,
    }
    unread = [file for file in course.files if file.kind is FileKind.UNREADABLE]
    assert len(unread) == 4
    assert all(file.reason and not file.used for file in unread)


def test_dose__set_aside_leaves_the_plan_without_one(tmp_path: Path) -> None:
    folder = tmp_path / "course"
    write(folder, structure_dataset(contours()), plan_dataset())
    hostile.dose_without_scaling(folder / "RD.dcm")
    course = read_folder(folder)
    assert course.plans[0].dose is None
    assert found(course) >= {FindingCode.DOSE_SCALING_MISSING, FindingCode.PLAN_WITHOUT_DOSE}


def test_objects__that_are_not_needed_are_set_aside_with_a_reason(tmp_path: Path) -> None:
    image = ct_datasets(z_mm=(0.0,))[0]
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    course = read_datasets(tmp_path, image)
    (finding,) = course.findings
    assert (finding.code, finding.severity) == (FindingCode.OBJECT_SET_ASIDE, Severity.INFO)
    assert "MR Image" in finding.message
    assert course.files[0].kind is FileKind.OTHER_DICOM


def test_dicomdir__is_set_aside_and_says_nothing_of_the_patient(tmp_path: Path) -> None:
    folder = tmp_path / "course"
    write(folder, *whole_course())
    directory = Dataset()
    directory.file_meta = file_meta(MediaStorageDirectoryStorage, "1.2.826.1.7")
    directory.FileSetID = "EXPORT"
    directory.save_as(folder / "DICOMDIR", enforce_file_format=True)
    course = read_folder(folder)
    assert codes(course.findings) == [FindingCode.OBJECT_SET_ASIDE]
    assert course.plans[0].dose is not None


def test_objects__together_beyond_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imaging.linking.objects.MAX_HELD_BYTES", 10_000)
    second = dose_dataset(5.0, uid="1.2.826.8.8")
    course = read_datasets(tmp_path, dose_dataset(), second)
    assert FindingCode.DICOM_TOO_LARGE in found(course)
    assert len(course.doses_without_plan) == 1


def test_nothing__makes_an_empty_course(tmp_path: Path) -> None:
    course = read_course(take_in([], tmp_path))
    assert (course.plans, course.files, course.patient) == ((), (), None)
    assert codes(course.findings) == [FindingCode.NOTHING_HANDED_OVER]
