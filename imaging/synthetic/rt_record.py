"""RT Beams Treatment Records: one delivered fraction becomes one RTRECORD object."""

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import RTBeamsTreatmentRecordStorage, RTPlanStorage

from imaging.synthetic.header import decimal, items, new_object, reference
from imaging.synthetic.identity import Study
from imaging.synthetic.rt_plan import Beam, PlanContent, leaf_pairs, openings


@dataclass(frozen=True)
class Delivery:
    """What was delivered in one session.

    Attributes
    ----------
    fraction
        CurrentFractionNumber, from 1.
    date
        TreatmentDate, DICOM DA.
    delivered_share
        Delivered part of each beam's meterset, 0 to 1.
    """

    fraction: int
    date: str
    time: str = "101500"
    delivered_share: float = 1.0
    delivery_type: str = "TREATMENT"
    termination: str = "NORMAL"


def rt_beams_record(study: Study, uid: str, plan_uid: str, plan: PlanContent, delivery: Delivery) -> Dataset:
    """Return an RT Beams Treatment Record object (PS3.3 A.31)."""
    dataset = new_object(
        study, RTBeamsTreatmentRecordStorage, uid, modality="RTRECORD", series=f"records {plan.label}"
    )
    dataset.InstanceNumber = delivery.fraction
    dataset.TreatmentDate, dataset.TreatmentTime = delivery.date, delivery.time
    dataset.ReferencedRTPlanSequence = items(reference(RTPlanStorage, plan_uid))
    dataset.ReferencedFractionGroupNumber = 1
    dataset.NumberOfFractionsPlanned = plan.fractions
    dataset.PrimaryDosimeterUnit = "MU"
    dataset.TreatmentMachineSequence = items(_machine(plan))
    dataset.TreatmentSessionBeamSequence = items(
        *(_session_beam(beam, plan, delivery) for beam in plan.beams)
    )
    return dataset


def _machine(plan: PlanContent) -> Dataset:
    item = Dataset()
    item.TreatmentMachineName = plan.machine
    item.Manufacturer = "Dosegate"
    item.InstitutionName = ""
    item.ManufacturerModelName = "Synthetic"
    item.DeviceSerialNumber = "0"
    return item


def _session_beam(beam: Beam, plan: PlanContent, delivery: Delivery) -> Dataset:
    item = Dataset()
    item.ReferencedBeamNumber = beam.number
    item.BeamName = beam.name
    item.BeamType = "DYNAMIC" if beam.is_arc else "STATIC"
    item.RadiationType = "PHOTON"
    item.BeamLimitingDeviceLeafPairsSequence = items(*leaf_pairs())
    item.NumberOfWedges = item.NumberOfCompensators = item.NumberOfBoli = item.NumberOfBlocks = 0
    item.CurrentFractionNumber = delivery.fraction
    item.TreatmentDeliveryType = delivery.delivery_type
    item.TreatmentTerminationStatus = delivery.termination
    item.TreatmentVerificationStatus = None
    item.SpecifiedPrimaryMeterset = decimal(beam.meterset_mu)
    item.DeliveredPrimaryMeterset = decimal(beam.meterset_mu * delivery.delivered_share)
    item.NumberOfControlPoints = 2
    item.ControlPointDeliverySequence = items(*(_control_point(i, beam, plan, delivery) for i in range(2)))
    return item


def _control_point(index: int, beam: Beam, plan: PlanContent, delivery: Delivery) -> Dataset:
    item = Dataset()
    item.ReferencedControlPointIndex = index
    item.TreatmentControlPointDate, item.TreatmentControlPointTime = delivery.date, delivery.time
    item.SpecifiedMeterset = decimal(beam.meterset_mu * index)
    item.DeliveredMeterset = decimal(beam.meterset_mu * index * delivery.delivered_share)
    item.DoseRateSet = item.DoseRateDelivered = "600" if index == 0 else "0"
    if index == 0:
        item.NominalBeamEnergy = decimal(plan.energy_mv)
        item.NominalBeamEnergyUnit = "MV"
        item.BeamLimitingDevicePositionSequence = items(*openings(beam))
        item.GantryAngle = decimal(beam.gantry_degrees[0])
        item.GantryRotationDirection = "CW" if beam.is_arc else "NONE"
    return item
