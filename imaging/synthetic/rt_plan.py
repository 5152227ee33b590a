"""RT Plans: beams, fractions and prescriptions become one RTPLAN object."""

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import RTPlanStorage, RTStructureSetStorage

from imaging.synthetic.header import decimal, decimals, items, new_object, reference
from imaging.synthetic.identity import Study

LEAF_PAIRS = 60
LEAF_WIDTH_MM = 5.0
PARKED_LEAF_MM = 0.5
"""Half gap of the leaf pairs outside the field."""


@dataclass(frozen=True)
class TargetPrescription:
    """A dose reference of type TARGET for one ROI: dose of the whole plan in Gy (PS3.3 C.8.8.10)."""

    roi_number: int
    dose_gy: float
    description: str


@dataclass(frozen=True)
class Beam:
    """A photon beam, static (one gantry angle) or an arc (two).

    Attributes
    ----------
    gantry_degrees
        One angle, or first and last angle of a clockwise arc.
    isocentre_mm
        Patient mm.
    field_radius_mm
        Radius of the circular opening at the isocentre.
    field_half_length_mm
        Half extent along the leaves' stacking direction.
    dose_gy, meterset_mu
        Per fraction: BeamDose at the isocentre and BeamMeterset.
    """

    number: int
    name: str
    gantry_degrees: tuple[float, ...]
    isocentre_mm: tuple[float, float, float]
    field_radius_mm: float
    field_half_length_mm: float
    dose_gy: float
    meterset_mu: float

    @property
    def is_arc(self) -> bool:
        """Whether the gantry moves while the beam is on."""
        return len(self.gantry_degrees) > 1


@dataclass(frozen=True)
class PlanContent:
    """What one plan says.

    Attributes
    ----------
    structure_set_uid
        The structure set the targets are numbered in; None names none.
    """

    label: str
    fractions: int
    targets: tuple[TargetPrescription, ...]
    beams: tuple[Beam, ...]
    structure_set_uid: str | None
    approval: str = "APPROVED"
    intent: str = "CURATIVE"
    machine: str = "LINAC1"
    energy_mv: float = 6.0


def rt_plan(study: Study, uid: str, frame_uid: str, plan: PlanContent) -> Dataset:
    """Return an RT Plan object (PS3.3 A.20)."""
    dataset = new_object(study, RTPlanStorage, uid, modality="RTPLAN", series=f"plan {plan.label}")
    dataset.FrameOfReferenceUID = frame_uid
    dataset.PositionReferenceIndicator = ""
    dataset.RTPlanLabel = plan.label
    dataset.RTPlanDate, dataset.RTPlanTime = study.date, study.time
    dataset.PlanIntent = plan.intent
    dataset.RTPlanGeometry = "PATIENT" if plan.structure_set_uid else "TREATMENT_DEVICE"
    if plan.structure_set_uid:
        dataset.ReferencedStructureSetSequence = items(
            reference(RTStructureSetStorage, plan.structure_set_uid)
        )
    dataset.DoseReferenceSequence = items(*_dose_references(study, plan))
    dataset.PatientSetupSequence = items(_patient_setup(study))
    dataset.FractionGroupSequence = items(_fraction_group(plan))
    dataset.BeamSequence = items(*(_beam(beam, plan) for beam in plan.beams))
    _approve(dataset, study, plan)
    return dataset


def leaf_pairs() -> list[Dataset]:
    """Return the collimator of the synthetic machine: two pairs of jaws and the leaves, in this order."""
    devices = []
    for kind, pairs in (("ASYMX", 1), ("ASYMY", 1), ("MLCX", LEAF_PAIRS)):
        item = Dataset()
        item.RTBeamLimitingDeviceType = kind
        item.NumberOfLeafJawPairs = pairs
        devices.append(item)
    return devices


def openings(beam: Beam) -> list[Dataset]:
    """Return the jaw and leaf positions of a beam, one item for each device (PS3.3 C.8.8.14)."""
    jaws_mm = {
        "ASYMX": (-beam.field_radius_mm, beam.field_radius_mm),
        "ASYMY": (-beam.field_half_length_mm, beam.field_half_length_mm),
        "MLCX": _leaf_positions_mm(beam),
    }
    openings = []
    for kind, positions_mm in jaws_mm.items():
        item = Dataset()
        item.RTBeamLimitingDeviceType = kind
        item.LeafJawPositions = decimals(positions_mm)
        openings.append(item)
    return openings


def _dose_references(study: Study, plan: PlanContent) -> list[Dataset]:
    references = []
    for number, target in enumerate(plan.targets, start=1):
        item = Dataset()
        item.DoseReferenceNumber = number
        item.DoseReferenceUID = study.uids.uid(plan.label, "dose reference", number)
        item.DoseReferenceStructureType = "VOLUME"
        item.DoseReferenceDescription = target.description
        item.ReferencedROINumber = target.roi_number
        item.DoseReferenceType = "TARGET"
        item.TargetPrescriptionDose = decimal(target.dose_gy)
        references.append(item)
    return references


def _patient_setup(study: Study) -> Dataset:
    item = Dataset()
    item.PatientSetupNumber = 1
    item.PatientPosition = study.patient_position
    item.SetupTechnique = "ISOCENTRIC"
    return item


def _fraction_group(plan: PlanContent) -> Dataset:
    group = Dataset()
    group.FractionGroupNumber = 1
    group.NumberOfFractionsPlanned = plan.fractions
    group.NumberOfBeams = len(plan.beams)
    group.NumberOfBrachyApplicationSetups = 0
    group.ReferencedBeamSequence = items(*(_referenced_beam(beam) for beam in plan.beams))
    return group


def _referenced_beam(beam: Beam) -> Dataset:
    item = Dataset()
    item.BeamDose = decimal(beam.dose_gy)
    item.BeamMeterset = decimal(beam.meterset_mu)
    item.ReferencedBeamNumber = beam.number
    return item


def _beam(beam: Beam, plan: PlanContent) -> Dataset:
    item = Dataset()
    item.BeamNumber = beam.number
    item.BeamName = beam.name
    item.BeamType = "DYNAMIC" if beam.is_arc else "STATIC"
    item.RadiationType = "PHOTON"
    item.TreatmentMachineName = plan.machine
    item.PrimaryDosimeterUnit = "MU"
    item.SourceAxisDistance = "1000"
    item.BeamLimitingDeviceSequence = items(*_limiting_devices())
    item.ReferencedPatientSetupNumber = 1
    item.TreatmentDeliveryType = "TREATMENT"
    item.NumberOfWedges = item.NumberOfCompensators = item.NumberOfBoli = item.NumberOfBlocks = 0
    item.FinalCumulativeMetersetWeight = "1"
    control_points = _control_points(beam, plan)
    item.NumberOfControlPoints = len(control_points)
    item.ControlPointSequence = items(*control_points)
    return item


def _limiting_devices() -> list[Dataset]:
    devices = leaf_pairs()
    devices[-1].LeafPositionBoundaries = decimals(_leaf_boundaries_mm())
    return devices


def _leaf_boundaries_mm() -> list[float]:
    half_mm = LEAF_PAIRS * LEAF_WIDTH_MM / 2
    return [index * LEAF_WIDTH_MM - half_mm for index in range(LEAF_PAIRS + 1)]


def _control_points(beam: Beam, plan: PlanContent) -> list[Dataset]:
    first = _first_control_point(beam, plan)
    last = Dataset()
    last.ControlPointIndex = 1
    last.CumulativeMetersetWeight = "1"
    if beam.is_arc:
        last.GantryAngle = decimal(beam.gantry_degrees[-1])
        last.GantryRotationDirection = "NONE"
    return [first, last]


def _first_control_point(beam: Beam, plan: PlanContent) -> Dataset:
    item = Dataset()
    item.ControlPointIndex = 0
    item.CumulativeMetersetWeight = "0"
    item.NominalBeamEnergy = decimal(plan.energy_mv)
    item.DoseRateSet = "600"
    item.BeamLimitingDevicePositionSequence = items(*openings(beam))
    item.GantryAngle = decimal(beam.gantry_degrees[0])
    item.GantryRotationDirection = "CW" if beam.is_arc else "NONE"
    for device in ("BeamLimitingDevice", "PatientSupport"):
        setattr(item, f"{device}Angle", "0")
        setattr(item, f"{device}RotationDirection", "NONE")
    item.TableTopEccentricAngle = "0"
    item.TableTopEccentricRotationDirection = "NONE"
    for axis in ("Vertical", "Longitudinal", "Lateral"):
        setattr(item, f"TableTop{axis}Position", None)
    item.IsocenterPosition = decimals(beam.isocentre_mm)
    return item


def _leaf_positions_mm(beam: Beam) -> tuple[float, ...]:
    centres_mm = [boundary + LEAF_WIDTH_MM / 2 for boundary in _leaf_boundaries_mm()[:-1]]
    halves_mm = [_half_opening_mm(beam, centre_mm) for centre_mm in centres_mm]
    return (*(-half for half in halves_mm), *halves_mm)


def _half_opening_mm(beam: Beam, along_mm: float) -> float:
    """Return the half opening of a field with straight sides and round ends."""
    beyond_mm = max(0.0, abs(along_mm) - (beam.field_half_length_mm - beam.field_radius_mm))
    chord_squared = beam.field_radius_mm**2 - beyond_mm**2
    return round(float(max(chord_squared, PARKED_LEAF_MM**2) ** 0.5), 1)


def _approve(dataset: Dataset, study: Study, plan: PlanContent) -> None:
    dataset.ApprovalStatus = plan.approval
    if plan.approval != "UNAPPROVED":
        dataset.ReviewDate, dataset.ReviewTime = study.date, study.time
        dataset.ReviewerName = "Synthetic^Reviewer"
