"""RT Beams Treatment Record (PS3.3 A.31): what was delivered, beam by beam."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from imaging.dicom.elements import Item
from imaging.dicom.part10 import DicomFile
from imaging.findings import FindingCode, error, info, warning

_CHECK = "Compare with the record-and-verify system."


class Delivery(StrEnum):
    """Treatment Delivery Type (300A,00CE); only the first two deliver planned dose."""

    TREATMENT = "TREATMENT"
    CONTINUATION = "CONTINUATION"
    SETUP = "SETUP"
    OPEN_PORTFILM = "OPEN_PORTFILM"
    TRMT_PORTFILM = "TRMT_PORTFILM"


_COUNTED = (Delivery.TREATMENT, Delivery.CONTINUATION)


@dataclass(frozen=True)
class DeliveredBeam:
    """One treatment session beam; metersets in the beam's own unit (MU). `counts`: it delivered planned
    dose."""

    number: int | None
    fraction: int | None
    delivery_type: str | None
    termination: str | None
    specified_meterset: float | None
    delivered_meterset: float | None
    counts: bool


@dataclass(frozen=True)
class TreatmentRecord:
    """One record: the plan it belongs to, day and time of day, and its beams."""

    file: str
    sop_instance_uid: str
    plan_uid: str | None
    treatment_date: date | None
    treatment_time: time | None
    fraction_group: int | None
    beams: tuple[DeliveredBeam, ...]


def read_treatment_record(file: DicomFile) -> TreatmentRecord:
    """Read a treatment record; doubts are noted in the file's findings."""
    item = file.item
    plan = item.first("ReferencedRTPlanSequence")
    record = TreatmentRecord(
        file=item.file,
        sop_instance_uid=file.sop_instance_uid,
        plan_uid=plan.uid("ReferencedSOPInstanceUID") if plan else None,
        treatment_date=_date(item),
        treatment_time=_time(item),
        fraction_group=item.integer("ReferencedFractionGroupNumber"),
        beams=tuple(_beam(beam) for beam in item.items("TreatmentSessionBeamSequence")),
    )
    _note_doubts(item, record)
    return record


def _beam(item: Item) -> DeliveredBeam:
    delivery_type = item.code("TreatmentDeliveryType")
    fraction = item.integer("CurrentFractionNumber")
    last = next(iter(reversed(item.items("ControlPointDeliverySequence"))), None)
    return DeliveredBeam(
        number=item.integer("ReferencedBeamNumber"),
        fraction=fraction if fraction is not None and fraction > 0 else None,
        delivery_type=delivery_type,
        termination=item.code("TreatmentTerminationStatus"),
        specified_meterset=_meterset(item, last, "SpecifiedPrimaryMeterset", "SpecifiedMeterset"),
        delivered_meterset=_meterset(item, last, "DeliveredPrimaryMeterset", "DeliveredMeterset"),
        counts=delivery_type in _COUNTED,
    )


def _meterset(item: Item, last_control_point: Item | None, of_beam: str, of_point: str) -> float | None:
    """Give the beam's meterset, else what its last control point had reached."""
    value = item.number(of_beam)
    return value if value is not None or last_control_point is None else last_control_point.number(of_point)


def _date(item: Item) -> date | None:
    text = item.text("TreatmentDate")
    if text is None:
        return None
    try:
        return date.fromisoformat(text.replace(".", ""))
    except ValueError:
        message = "TreatmentDate is no date; it was ignored."
        item.note(
            warning(
                FindingCode.ELEMENT_INVALID, message, action=_CHECK, file=item.file, element="TreatmentDate"
            )
        )
        return None


def _time(item: Item) -> time | None:
    """Give TreatmentTime (PS3.5 6.2, TM: parts left out are 0); it only tells records apart."""
    text = item.text("TreatmentTime") or ""
    try:
        return time.fromisoformat(text.replace(":", ""))
    except ValueError:
        return None


def _note_no_beams(item: Item) -> None:
    message = "The record tells of no beam (TreatmentSessionBeamSequence): it counts for no fraction."
    action = "Export it again from the record-and-verify system, or take it out if nothing was treated."
    where = {"file": item.file, "element": "TreatmentSessionBeamSequence"}
    item.note(warning(FindingCode.RECORD_CONTRADICTORY, message, action=action, **where))


def _note_doubts(item: Item, record: TreatmentRecord) -> None:
    if not record.beams:
        _note_no_beams(item)
    for kind in sorted({beam.delivery_type or "" for beam in record.beams if not beam.counts}):
        if kind in Delivery.__members__:
            message = f"Beams of delivery type {kind} are images, not treatment; they count for nothing."
            item.note(
                info(
                    FindingCode.RECORD_NOT_TREATMENT, message, file=item.file, element="TreatmentDeliveryType"
                )
            )
        else:
            _note_unknown_type(item, kind)
    counted = [beam for beam in record.beams if beam.counts]
    if counted and all(beam.delivered_meterset == 0 for beam in counted):
        message = "No beam delivered any meterset; a fraction that has no other record was not delivered."
        item.note(
            warning(
                FindingCode.RECORD_PARTIAL,
                message,
                action=_CHECK,
                file=item.file,
                element="DeliveredPrimaryMeterset",
            )
        )
    if any(beam.fraction is None for beam in counted):
        message = "A delivered beam has no CurrentFractionNumber of 1 or more; it counts for no fraction."
        item.note(
            error(
                FindingCode.RECORD_FRACTION_MISSING,
                message,
                action=_CHECK,
                file=item.file,
                element="CurrentFractionNumber",
            )
        )


def _note_unknown_type(item: Item, kind: str) -> None:
    message = f"TreatmentDeliveryType is {kind or 'missing'}; such beams count for nothing."
    item.note(
        warning(
            FindingCode.RECORD_DELIVERY_TYPE_UNKNOWN,
            message,
            action=_CHECK,
            file=item.file,
            element="TreatmentDeliveryType",
        )
    )
