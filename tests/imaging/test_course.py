"""A course links objects by UID, says what is absent or contradictory, never mixes patients or frames."""

import random
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import MediaStorageDirectoryStorage

from imaging.course import Course, FileKind, LinkedBy, read_course
from imaging.findings import FindingCode, Severity
from imaging.intake import take_in
from imaging.synthetic.header import file_meta
from imaging.synthetic.rt_dose import DoseLabel
from imaging.synthetic.rt_record import Delivery
from tests.imaging.reading import codes, read_datasets, read_folder
from tests.support import hostile
from tests.support.dicom_builders import (
    FRAME,
    PLAN,
    STRUCTURES,
    another_patient,
    ct_datasets,
    ct_series,
    dose_dataset,
    plan_content,
    plan_dataset,
    record_dataset,
    structure_dataset,
    write,
)


def square(z_mm: float) -> list[list[float]]:
    return [[-10, -10, z_mm], [10, -10, z_mm], [10, 10, z_mm], [-10, 10, z_mm]]


def contours() -> dict[str, list[list[list[float]]]]:
    return {"PTV": [square(z) for z in (-3.0, 0.0, 3.0)]}


def whole_course() -> list[Dataset]:
    return [*ct_datasets(), structure_dataset(contours(), on=ct_series()), plan_dataset(), dose_dataset()]


def found(course: Course) -> set[FindingCode]:
    return set(codes(course.findings))


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


def test_plan__whose_structure_set_is_absent_takes_the_one_in_its_frame(tmp_path: Path) -> None:
    label = DoseLabel(plan_uid=PLAN)
    course = read_datasets(
        tmp_path, structure_dataset(contours(), uid="1.2.826.4.4"), plan_dataset(), dose_dataset(label=label)
    )
    (linked,) = course.plans
    assert linked.structure_set_linked_by is LinkedBy.FRAME_OF_REFERENCE
    assert found(course) >= {FindingCode.REFERENCE_ABSENT, FindingCode.LINKED_BY_FRAME}


def test_plan__without_reference_takes_the_structure_set_that_its_dose_names(tmp_path: Path) -> None:
    plan = plan_dataset(plan_content(structure_set_uid=None))
    extra = structure_dataset(contours(), uid="1.2.826.4.4")
    course = read_datasets(tmp_path, structure_dataset(contours()), extra, plan, dose_dataset())
    (linked,) = course.plans
    assert linked.structure_set is not None
    assert linked.structure_set.sop_instance_uid == STRUCTURES
    assert linked.structure_set_linked_by is LinkedBy.STRUCTURE_SET


def test_plan__between_two_structure_sets_takes_neither(tmp_path: Path) -> None:
    sets = [structure_dataset(contours(), uid=f"1.2.826.4.{index}") for index in (1, 2)]
    plan = plan_dataset(plan_content(structure_set_uid=None))
    course = read_datasets(tmp_path, *sets, plan, dose_dataset(label=DoseLabel(plan_uid=PLAN)))
    (linked,) = course.plans
    assert linked.structure_set is None
    assert linked.why_no_structure_set
    assert FindingCode.LINK_AMBIGUOUS in found(course)


def test_plan_and_dose__that_name_different_structure_sets_contradict_each_other(tmp_path: Path) -> None:
    other = structure_dataset(contours(), uid="1.2.826.4.4")
    label = DoseLabel(plan_uid=PLAN, structure_set_uid="1.2.826.4.4")
    course = read_datasets(
        tmp_path, structure_dataset(contours()), other, plan_dataset(), dose_dataset(label=label)
    )
    (linked,) = course.plans
    assert linked.structure_set is not None
    assert linked.structure_set.sop_instance_uid == STRUCTURES
    contradictions = [one for one in course.findings if one.code is FindingCode.REFERENCE_CONTRADICTORY]
    assert [(one.severity, one.file) for one in contradictions] == [(Severity.ERROR, linked.plan.file)]


def test_dose__whose_plan_is_absent_is_linked_by_structure_set(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, structure_dataset(contours()), dose_dataset())
    assert course.plans == ()
    (alone,) = course.doses_without_plan
    assert alone.structure_set is course.structure_sets[0]
    assert alone.structure_set_linked_by is LinkedBy.STRUCTURE_SET
    warnings = [one for one in course.findings if one.code is FindingCode.REFERENCE_ABSENT]
    assert {one.severity for one in warnings} == {Severity.WARNING}


def test_dose__that_names_nothing_is_linked_by_frame(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, structure_dataset(contours()), dose_dataset(label=DoseLabel()))
    (alone,) = course.doses_without_plan
    assert alone.structure_set_linked_by is LinkedBy.FRAME_OF_REFERENCE
    assert found(course) >= {FindingCode.DOSE_WITHOUT_PLAN, FindingCode.LINKED_BY_FRAME}


def test_dose__never_goes_to_a_plan_that_it_does_not_name(tmp_path: Path) -> None:
    label = DoseLabel(plan_uid="1.2.826.3.3", structure_set_uid=STRUCTURES)
    course = read_datasets(tmp_path, structure_dataset(contours()), plan_dataset(), dose_dataset(label=label))
    assert course.plans[0].dose is None
    assert len(course.doses_without_plan) == 1


def test_structure_set__of_another_frame_is_never_used(tmp_path: Path) -> None:
    foreign = structure_dataset(contours(), frame_uid="1.2.826.2.2")
    course = read_datasets(tmp_path, foreign, plan_dataset(), dose_dataset())
    (linked,) = course.plans
    assert linked.structure_set is None
    assert linked.why_no_structure_set
    mismatch = [one for one in course.findings if one.code is FindingCode.FRAME_OF_REFERENCE_MISMATCH]
    assert [one.severity for one in mismatch] == [Severity.ERROR]


def test_structure_set__of_another_frame_is_not_used_for_a_dose_alone(tmp_path: Path) -> None:
    foreign = structure_dataset(contours(), frame_uid="1.2.826.2.2")
    (alone,) = read_datasets(tmp_path, foreign, dose_dataset()).doses_without_plan
    assert alone.structure_set is None


def test_structure_set__with_a_blank_frame_is_linked_by_uid_alone(tmp_path: Path) -> None:
    blank = structure_dataset(contours(), frame_uid="")
    by_uid = read_datasets(tmp_path / "uid", blank, plan_dataset(), dose_dataset())
    assert by_uid.plans[0].structure_set is not None
    assert FindingCode.FRAME_OF_REFERENCE_MISSING in found(by_uid)
    by_frame = read_datasets(tmp_path / "frame", blank, dose_dataset(label=DoseLabel(), frame_uid=""))
    assert by_frame.doses_without_plan[0].structure_set is None


def test_dose__of_another_frame_than_its_plan_is_not_used(tmp_path: Path) -> None:
    course = read_datasets(
        tmp_path, structure_dataset(contours()), plan_dataset(), dose_dataset(frame_uid="1.2.826.2.2")
    )
    assert course.plans[0].dose is None
    assert FindingCode.FRAME_OF_REFERENCE_MISMATCH in found(course)


def test_structure_set__on_a_ct_of_another_frame_is_said(tmp_path: Path) -> None:
    ct = ct_datasets(frame_uid="1.2.826.2.2")
    course = read_datasets(tmp_path, *ct, structure_dataset(contours(), on=ct_series()))
    assert FindingCode.FRAME_OF_REFERENCE_MISMATCH in found(course)


def test_structure_set__whose_ct_is_partly_absent_is_said(tmp_path: Path) -> None:
    ct = ct_datasets()[:3]
    course = read_datasets(tmp_path, *ct, structure_dataset(contours(), on=ct_series()))
    (finding,) = course.findings
    assert finding.code is FindingCode.REFERENCE_ABSENT
    assert finding.message.startswith("2 of 5 ")


def test_structure__with_a_missing_slice_is_said(tmp_path: Path) -> None:
    levels = {"PTV": [square(z) for z in (-6.0, -3.0, 3.0, 6.0)]}
    course = read_datasets(tmp_path, *ct_datasets(), structure_dataset(levels, on=ct_series()))
    (finding,) = course.findings
    assert (finding.code, finding.structure) == (FindingCode.CONTOUR_SLICE_MISSING, "PTV")
    assert finding.message.startswith("1 slice(s)")


def test_structure__on_every_other_slice_is_said(tmp_path: Path) -> None:
    levels = {"PTV": [square(z) for z in (-6.0, 0.0, 6.0)]}
    course = read_datasets(tmp_path, *ct_datasets(), structure_dataset(levels, on=ct_series()))
    assert [one.message.split()[0] for one in course.findings] == ["2"]


def test_structure__with_irregular_planes_is_said(tmp_path: Path) -> None:
    levels = {"PTV": [square(z) for z in (-6.0, -3.0, 1.2, 4.2)]}
    course = read_datasets(tmp_path, *ct_datasets(), structure_dataset(levels, on=ct_series()))
    assert codes(course.findings) == [FindingCode.CONTOUR_SPACING_IRREGULAR]


def test_structure__of_one_slice_takes_the_thickness_of_the_ct(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, *ct_datasets(), structure_dataset({"P": [square(0.0)]}, on=ct_series()))
    structure = course.structure_sets[0].rois[0].structure
    assert structure is not None
    assert structure.slice_thickness_mm == 3.0


def test_plan__in_another_position_than_the_ct_is_said(tmp_path: Path) -> None:
    datasets = whole_course()
    for dataset in datasets:
        if dataset.Modality == "RTPLAN":
            dataset.PatientSetupSequence[0].PatientPosition = "FFS"
    assert FindingCode.PATIENT_POSITION_MISMATCH in found(read_datasets(tmp_path, *datasets))


def test_predecessor__that_is_absent_is_said(tmp_path: Path) -> None:
    plan = plan_dataset()
    related = Dataset()
    related.ReferencedSOPClassUID, related.ReferencedSOPInstanceUID = plan.SOPClassUID, "1.2.3"
    related.RTPlanRelationship = "PREDECESSOR"
    plan.ReferencedRTPlanSequence = Sequence([related])
    course = read_datasets(tmp_path, structure_dataset(contours(), on=ct_series()), plan, dose_dataset())
    assert "ReferencedRTPlanSequence" in {one.element for one in course.findings}


def test_records__become_delivered_fractions_each_once(tmp_path: Path) -> None:
    partial = Delivery(2, "20240302", delivered_share=0.4, termination="MACHINE")
    rest = Delivery(2, "20240303", delivered_share=0.6, delivery_type="CONTINUATION")
    stopped = Delivery(3, "20240304", delivered_share=0.5, termination="OPERATOR")
    setup = Delivery(4, "20240305", delivery_type="SETUP")
    records = [
        record_dataset(1),
        *(record_dataset(0, delivery=one) for one in (partial, rest, stopped, setup)),
    ]
    course = read_datasets(tmp_path, plan_dataset(), dose_dataset(), *records)
    assert [(one.number, one.is_partial) for one in course.plans[0].delivered] == [
        (1, False),
        (2, False),
        (3, True),
    ]


def test_records__of_partial_or_surplus_fractions_are_said(tmp_path: Path) -> None:
    stopped = Delivery(6, "20240306", delivered_share=0.5, termination="OPERATOR")
    records = [record_dataset(1), record_dataset(6, delivery=stopped)]
    course = read_datasets(tmp_path, plan_dataset(plan_content(fractions=5)), dose_dataset(), *records)
    assert found(course) >= {FindingCode.RECORD_PARTIAL, FindingCode.RECORD_CONTRADICTORY}


def test_records__of_one_fraction_handed_over_twice_change_nothing(tmp_path: Path) -> None:
    again = record_dataset(1)
    again.SOPInstanceUID = again.file_meta.MediaStorageSOPInstanceUID = "1.2.826.1.1"
    course = read_datasets(tmp_path, plan_dataset(), record_dataset(1), again)
    assert len(course.records) == 2
    assert [one.number for one in course.plans[0].delivered] == [1]


def test_record__of_an_absent_plan_is_said(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, record_dataset(1))
    assert FindingCode.REFERENCE_ABSENT in found(course)


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
