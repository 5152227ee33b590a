"""Plans that treat nobody are set aside with their doses, and said; their doses are in no sum."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging.findings import FindingCode, Severity
from imaging.synthetic.rt_dose import DoseLabel
from tests.imaging.reading import read_datasets
from tests.imaging.small_course import found, whole_course
from tests.support.dicom_builders import dose_dataset, plan_content, plan_dataset

QA = "1.2.826.7.7"


def _qa(**changes: str) -> list[Dataset]:
    """A second plan, and its dose."""
    plan = plan_dataset(plan_content(label="QA"), uid=QA)
    for keyword, value in changes.items():
        setattr(plan, keyword, value)
    return [plan, dose_dataset(3.0, uid="1.2.826.7.8", label=DoseLabel(plan_uid=QA))]


@pytest.mark.parametrize(
    "changes",
    [{"PlanIntent": "VERIFICATION"}, {"PlanIntent": "MACHINE_QA"}, {"RTPlanGeometry": "TREATMENT_DEVICE"}],
)
def test_plan__that_treats_nobody_is_set_aside_with_its_dose(tmp_path: Path, changes: dict[str, str]) -> None:
    course = read_datasets(tmp_path, *whole_course(), *_qa(**changes))
    assert [each.plan.label for each in course.plans] == ["PLAN"]
    assert course.doses_without_plan == ()
    assert [each.dose.grid.maximum_gy for each in course.doses_of_no_treatment] == [pytest.approx(3.0)]
    (said,) = [each for each in course.findings if each.code is FindingCode.PLAN_NOT_FOR_TREATMENT]
    assert (said.severity, said.element) == (Severity.WARNING, next(iter(changes)))
    assert "set aside with its dose" in said.message
    assert sum(not file.used for file in course.files) == 2


def test_plan__that_treats_nobody_leaves_no_dose_without_a_plan(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, *whole_course(), *_qa(PlanIntent="VERIFICATION"))
    assert found(course) == {FindingCode.PLAN_NOT_FOR_TREATMENT}


def test_plan__of_the_patient_without_a_structure_set_is_kept_where_it_stands_alone(tmp_path: Path) -> None:
    datasets = whole_course()
    for dataset in datasets:
        if dataset.Modality == "RTPLAN":
            dataset.RTPlanGeometry = "TREATMENT_DEVICE"
    course = read_datasets(tmp_path, *datasets)
    assert len(course.plans) == 1
    assert FindingCode.PLAN_NOT_FOR_TREATMENT not in found(course)


def test_plan__for_research_is_judged_and_said(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, *whole_course(), *_qa(PlanIntent="RESEARCH"))
    assert len(course.plans) == 2
    assert FindingCode.PLAN_NOT_FOR_TREATMENT in found(course)


def test_dose__of_a_brachytherapy_plan_belongs_to_a_plan_that_was_set_aside(tmp_path: Path) -> None:
    plan, dose = _qa()
    del plan.BeamSequence
    group = plan.FractionGroupSequence[0]
    del group.ReferencedBeamSequence
    group.NumberOfBeams, group.NumberOfBrachyApplicationSetups = 0, 1
    plan.ApplicationSetupSequence = Sequence([Dataset()])
    course = read_datasets(tmp_path, *whole_course(), plan, dose)
    assert len(course.doses_without_plan) == 1
    (said,) = [each for each in course.findings if each.code is FindingCode.REFERENCE_ABSENT]
    assert "was set aside" in said.message
    assert FindingCode.BRACHYTHERAPY_SET_ASIDE in found(course)
