"""Plan, dose and structure set are linked by UID, then by frame; what is absent or contradictory is said."""

from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging.course import LinkedBy
from imaging.findings import FindingCode, Severity
from imaging.synthetic.rt_dose import DoseLabel
from tests.imaging.reading import read_datasets
from tests.imaging.small_course import contours, found, whole_course
from tests.support.dicom_builders import (
    PLAN,
    STRUCTURES,
    ct_datasets,
    ct_series,
    dose_dataset,
    plan_content,
    plan_dataset,
    structure_dataset,
)


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
