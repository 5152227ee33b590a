"""An RT Plan gives its facts plainly, and doubts as findings."""

from pathlib import Path

import pytest
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging.dicom.rt_plan import RtPlan
from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode, Severity
from tests.imaging.reading import codes, parse_dataset
from tests.support.dicom_builders import FRAME, STRUCTURES, plan_content, plan_dataset


def read(dataset: Dataset, folder: Path) -> tuple[RtPlan, list[Finding]]:
    plan, findings = parse_dataset(dataset, folder)
    assert isinstance(plan, RtPlan)
    return plan, findings


def test_plan__gives_its_facts(tmp_path: Path) -> None:
    content = plan_content(label="CFRT", fractions=28, prescriptions_gy={4: 50.4, 5: 45.0}, beams=2)
    plan, findings = read(plan_dataset(content), tmp_path)
    assert (plan.label, plan.approval, plan.planned_fractions) == ("CFRT", "APPROVED", 28)
    assert (plan.structure_set_uid, plan.frame_of_reference_uid) == (STRUCTURES, FRAME)
    assert [
        (one.reference_type, one.roi_number, one.target_prescription_gy) for one in plan.dose_references
    ] == [
        ("TARGET", 4, 50.4),
        ("TARGET", 5, 45.0),
    ]
    assert plan.patient_positions == ("HFS",)
    assert findings == []


@pytest.mark.parametrize("is_empty", [True, False])
def test_plan__that_names_no_radiation_is_taken_as_photons_and_says_so(
    tmp_path: Path, is_empty: bool
) -> None:
    dataset = plan_dataset(plan_content(beams=2))
    if is_empty:
        dataset.BeamSequence[1].RadiationType = ""
    else:
        del dataset.BeamSequence[1].RadiationType
    plan, findings = read(dataset, tmp_path)
    assert codes(findings) == [FindingCode.PLAN_RADIATION_UNKNOWN]
    assert (findings[0].severity, findings[0].element) == (Severity.WARNING, "RadiationType")
    assert "beam 2 treats with" in findings[0].message
    assert [beam.number for beam in plan.unnamed_radiation] == [2]
    assert plan.unlikely_photons == ()


def test_beams__tell_machine_energy_and_technique(tmp_path: Path) -> None:
    plan, _ = read(plan_dataset(plan_content(beams=2)), tmp_path)
    first = plan.beams[0]
    assert (first.number, first.machine, first.radiation_type) == (1, "LINAC1", "PHOTON")
    assert first.energies_mv == (6.0,)
    assert first.is_arc
    assert first.technique == "arc"
    assert [(beam.number, beam.meterset) for beam in plan.fraction_groups[0].beams] == [
        (1, 250.0),
        (2, 250.0),
    ]


def test_beam__without_rotation_is_static_or_dynamic(tmp_path: Path) -> None:
    dataset = plan_dataset()
    for point in dataset.BeamSequence[0].ControlPointSequence:
        if "GantryRotationDirection" in point:
            point.GantryRotationDirection = "NONE"
    dataset.BeamSequence[0].BeamType = "STATIC"
    plan, _ = read(dataset, tmp_path)
    assert (plan.beams[0].technique, plan.beams[0].is_arc) == ("static", False)


@pytest.mark.parametrize(
    ("kind", "is_imaging"), [("SETUP", True), ("TRMT_PORTFILM", True), ("TREATMENT", False)]
)
def test_beam__that_takes_an_image_is_no_treatment_beam(tmp_path: Path, kind: str, is_imaging: bool) -> None:
    dataset = plan_dataset()
    dataset.BeamSequence[0].TreatmentDeliveryType = kind
    plan, _ = read(dataset, tmp_path)
    assert plan.beams[0].is_imaging is is_imaging
    assert len(plan.treatment_beams) == 1 - is_imaging


def test_related_plans__keep_their_relationship(tmp_path: Path) -> None:
    dataset = plan_dataset()
    related = Dataset()
    related.ReferencedSOPClassUID, related.ReferencedSOPInstanceUID = dataset.SOPClassUID, "1.2.3"
    related.RTPlanRelationship = "PREDECESSOR"
    dataset.ReferencedRTPlanSequence = Sequence([related])
    plan, _ = read(dataset, tmp_path)
    assert [(one.sop_instance_uid, one.relationship) for one in plan.related_plans] == [
        ("1.2.3", "PREDECESSOR")
    ]


@pytest.mark.parametrize("value", [None, "0", "-3"])
def test_fractions__that_are_no_positive_number_are_said(tmp_path: Path, value: str | None) -> None:
    dataset = plan_dataset()
    dataset.FractionGroupSequence[0].NumberOfFractionsPlanned = value
    plan, findings = read(dataset, tmp_path)
    assert plan.planned_fractions is None
    assert codes(findings) == [FindingCode.PLAN_FRACTIONS_MISSING]


def test_fraction_groups__that_are_several_give_no_one_number(tmp_path: Path) -> None:
    dataset = plan_dataset()
    second = Dataset()
    second.update(dataset.FractionGroupSequence[0])
    second.FractionGroupNumber = 2
    dataset.FractionGroupSequence.append(second)
    plan, findings = read(dataset, tmp_path)
    assert plan.planned_fractions is None
    assert codes(findings) == [FindingCode.PLAN_FRACTION_GROUPS_SEVERAL]


def test_fraction_group__that_names_an_unknown_beam_is_said(tmp_path: Path) -> None:
    dataset = plan_dataset()
    dataset.FractionGroupSequence[0].ReferencedBeamSequence[0].ReferencedBeamNumber = 7
    _, findings = read(dataset, tmp_path)
    assert codes(findings) == [FindingCode.PLAN_BEAM_UNKNOWN]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([1, 2, 2], "A fraction group names beam 2 2 times."),
        ([1], "No fraction group delivers treatment beam 2."),
    ],
)
def test_fraction_group__that_names_a_beam_twice_or_not_is_said(
    tmp_path: Path, numbers: list[int], said: str
) -> None:
    """Beside a PLAN dose nothing else tells that it may hold a beam twice, or one that nobody delivers."""
    dataset = plan_dataset(plan_content(beams=2))
    (group,) = dataset.FractionGroupSequence
    group.ReferencedBeamSequence = Sequence(group.ReferencedBeamSequence[number - 1] for number in numbers)
    _, findings = read(dataset, tmp_path)
    assert [(one.code, one.message) for one in findings] == [(FindingCode.PLAN_BEAMS_CONTRADICTORY, said)]


@pytest.mark.parametrize("stated", [0, 3])
def test_fraction_group__that_counts_other_beams_than_it_names_is_said(tmp_path: Path, stated: int) -> None:
    dataset = plan_dataset(plan_content(beams=2))
    dataset.FractionGroupSequence[0].NumberOfBeams = stated
    _, findings = read(dataset, tmp_path)
    said = f"NumberOfBeams of a fraction group is {stated}; it names 2."
    assert [(one.code, one.message) for one in findings] == [(FindingCode.PLAN_BEAMS_CONTRADICTORY, said)]


def test_plan__with_two_beams_of_one_number_is_said(tmp_path: Path) -> None:
    dataset = plan_dataset()
    again = Dataset()
    again.update(dataset.BeamSequence[0])
    dataset.BeamSequence.append(again)
    _, findings = read(dataset, tmp_path)
    assert codes(findings) == [FindingCode.PLAN_BEAMS_CONTRADICTORY]


@pytest.mark.parametrize("energy", ["0", "-6"])
def test_energy__that_is_none_is_not_stated(tmp_path: Path, energy: str) -> None:
    dataset = plan_dataset()
    for point in dataset.BeamSequence[0].ControlPointSequence:
        point.NominalBeamEnergy = energy
    plan, _ = read(dataset, tmp_path)
    assert plan.beams[0].energies_mv == ()


def test_plan__whose_beams_all_take_images_is_said(tmp_path: Path) -> None:
    dataset = plan_dataset()
    for beam in dataset.BeamSequence:
        beam.TreatmentDeliveryType = "SETUP"
    _, findings = read(dataset, tmp_path)
    assert codes(findings) == [FindingCode.PLAN_BEAMS_CONTRADICTORY]


@pytest.mark.parametrize(
    ("kind", "is_said"), [("PHOTON", False), ("ELECTRON", False), ("PROTON", True), ("CARBON", True)]
)
def test_plan__with_particles_of_another_effect_is_said(tmp_path: Path, kind: str, is_said: bool) -> None:
    dataset = plan_dataset()
    dataset.BeamSequence[0].RadiationType = kind
    _, findings = read(dataset, tmp_path)
    assert codes(findings) == [FindingCode.PLAN_RADIATION_WEIGHTED] * is_said


def test_prescription__that_is_no_number_is_said_and_ignored(tmp_path: Path) -> None:
    dataset = plan_dataset()
    path = tmp_path / "a.dcm"
    dataset.DoseReferenceSequence[0].TargetPrescriptionDose = "10"
    dataset.save_as(path, enforce_file_format=True)
    plan, findings = read(dataset, tmp_path)
    assert plan.dose_references[0].target_prescription_gy == 10.0
    assert findings == []


def test_brachytherapy_plan__is_set_aside(tmp_path: Path) -> None:
    dataset = plan_dataset()
    del dataset.BeamSequence
    group = dataset.FractionGroupSequence[0]
    del group.ReferencedBeamSequence
    group.NumberOfBeams, group.NumberOfBrachyApplicationSetups = 0, 1
    dataset.ApplicationSetupSequence = Sequence([Dataset()])
    with pytest.raises(RefusedError) as refused:
        parse_dataset(dataset, tmp_path)
    assert refused.value.finding.code is FindingCode.BRACHYTHERAPY_SET_ASIDE
    assert refused.value.finding.severity is Severity.WARNING
    assert "its dose is in no sum" in refused.value.finding.message


def test_brachytherapy__beside_beams_is_said(tmp_path: Path) -> None:
    dataset = plan_dataset()
    dataset.FractionGroupSequence[0].NumberOfBrachyApplicationSetups = 1
    _, findings = read(dataset, tmp_path)
    assert [(one.code, one.severity) for one in findings] == [
        (FindingCode.BRACHYTHERAPY_SET_ASIDE, Severity.WARNING)
    ]
    assert "beside its beams" in findings[0].message


@pytest.mark.parametrize("intent", ["VERIFICATION", "MACHINE_QA", "RESEARCH", "SERVICE", "NONSENSE"])
def test_plan__that_is_not_for_treatment_is_said(tmp_path: Path, intent: str) -> None:
    dataset = plan_dataset()
    dataset.PlanIntent = intent
    _, findings = read(dataset, tmp_path)
    assert [(one.code, one.severity, one.element) for one in findings] == [
        (FindingCode.PLAN_NOT_FOR_TREATMENT, Severity.WARNING, "PlanIntent")
    ]


@pytest.mark.parametrize("intent", ["CURATIVE", "PALLIATIVE", "PROPHYLACTIC", ""])
def test_plan__for_treatment_or_of_no_said_intent_raises_nothing(tmp_path: Path, intent: str) -> None:
    dataset = plan_dataset()
    dataset.PlanIntent = intent
    _, findings = read(dataset, tmp_path)
    assert findings == []


def test_code_strings__are_taken_in_upper_case(tmp_path: Path) -> None:
    dataset = plan_dataset()
    dataset.add(DataElement("PlanIntent", "CS", "Verification", validation_mode=IGNORE))
    dataset.add(DataElement("ApprovalStatus", "CS", "Rejected", validation_mode=IGNORE))
    plan, findings = read(dataset, tmp_path)
    assert plan.is_for_a_machine
    assert plan.approval == "REJECTED"
    assert "set aside with its dose" in findings[0].message
