"""Every file to its object: read once, duplicates told apart, what is not needed set aside with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pydicom.uid import MediaStorageDirectoryStorage, RTIonPlanStorage

from imaging.dicom.ct import CtSlice, read_ct_slice
from imaging.dicom.deformable_registration import (
    DeformableRegistration,
    DeformableRegistrations,
    read_deformable_registrations,
)
from imaging.dicom.elements import quiet_pydicom
from imaging.dicom.part10 import DicomFile, claimed_sop_class, read_part10
from imaging.dicom.registration import SpatialRegistration, read_registrations
from imaging.dicom.rt_dose import RtDose, read_rt_dose
from imaging.dicom.rt_plan import RtPlan, read_rt_plan
from imaging.dicom.rt_record import TreatmentRecord, read_treatment_record
from imaging.dicom.rt_structure import StructureSet, read_structure_set
from imaging.dicom.sop_classes import MODALITIES, SopClass, sop_class, sop_class_name
from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode, error, info, warning
from imaging.linked import CourseFile, FileKind
from imaging.linking.identity import NamedIdentity, read_identity
from imaging.received import GIB, ReceivedFile

Parsed = (
    CtSlice
    | StructureSet
    | RtPlan
    | RtDose
    | TreatmentRecord
    | DeformableRegistrations
    | tuple[SpatialRegistration, ...]
)
T = TypeVar("T")

MAX_HELD_BYTES = 3 * GIB
"""Most memory for dose grids and contours together; a course of two plans with every beam's dose takes a
tenth."""

_KINDS = {
    SopClass.CT: FileKind.CT,
    SopClass.RT_DOSE: FileKind.DOSE,
    SopClass.RT_STRUCTURE_SET: FileKind.STRUCTURE_SET,
    SopClass.RT_PLAN: FileKind.PLAN,
    SopClass.RT_BEAMS_TREATMENT_RECORD: FileKind.TREATMENT_RECORD,
    SopClass.SPATIAL_REGISTRATION: FileKind.REGISTRATION,
    SopClass.DEFORMABLE_REGISTRATION: FileKind.REGISTRATION,
}


@dataclass
class Objects:
    """What the files held: objects by SOP Instance UID in the order of the files, and each file's fate."""

    parsed: dict[str, Parsed] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    identities: list[NamedIdentity] = field(default_factory=list)
    held_bytes: int = 0
    _by_name: dict[str, CourseFile] = field(default_factory=dict)
    _first_of_uid: dict[str, CourseFile] = field(default_factory=dict)

    @property
    def files(self) -> tuple[CourseFile, ...]:
        """Every file, with what became of it."""
        return tuple(self._by_name.values())

    @property
    def registrations(self) -> tuple[SpatialRegistration, ...]:
        """All registrations; one object may hold several."""
        return tuple(one for group in self.of_type(tuple) for one in group)

    @property
    def deformable_registrations(self) -> tuple[DeformableRegistration, ...]:
        """All deformations; one object may hold several."""
        return tuple(one for group in self.of_type(DeformableRegistrations) for one in group.maps)

    def of_type(self, kind: type[T]) -> tuple[T, ...]:
        """Give the objects of one kind."""
        return tuple(one for one in self.parsed.values() if isinstance(one, kind))

    def first_with(self, uid: str) -> CourseFile | None:
        """Give the first file of a SOP Instance UID."""
        return self._first_of_uid.get(uid)

    def record(self, file: CourseFile) -> None:
        """Note what became of a file; names are unique."""
        self._by_name[file.name] = file
        if file.sop_instance_uid is not None:
            self._first_of_uid.setdefault(file.sop_instance_uid, file)

    def set_aside(self, names: Iterable[str], reason: str) -> None:
        """Mark files that a later step found to be of no use."""
        for name in names:
            if self._by_name[name].used:
                self._by_name[name] = replace(self._by_name[name], used=False, reason=reason)


def read_objects(files: Iterable[ReceivedFile]) -> Objects:
    """Read each file once. Never raises for what a file holds."""
    objects = Objects()
    with quiet_pydicom():
        for file in files:
            _Reader(objects).read(file)
    return objects


@dataclass(frozen=True)
class _Reader:
    """Reads one file into the objects."""

    objects: Objects

    def read(self, received: ReceivedFile) -> None:
        try:
            file = read_part10(received)
        except RefusedError as refusal:
            self.objects.findings.append(refusal.finding)
            self._record_unreadable(received, refusal.finding.message)
            return
        if file.sop_class_uid != MediaStorageDirectoryStorage:  # a DICOMDIR belongs to no patient
            self.objects.identities.append(read_identity(file.item))
        kind = _kind_of(file.sop_class_uid)
        reason = self._duplicate(file) or self._keep(file)
        self.objects.findings += file.findings
        self._record(received, kind, file.sop_instance_uid, reason)

    def _keep(self, file: DicomFile) -> str | None:
        """Parse the object; give the reason where it is set aside."""
        try:
            self._hold(file, parse(file))
        except RefusedError as refusal:
            file.item.note(refusal.finding)
            return refusal.finding.message
        except Exception as problem:  # noqa: BLE001 - one hostile file must not take the others down
            message = f"The file cannot be interpreted ({type(problem).__name__}); it was set aside."
            file.item.note(
                error(FindingCode.DICOM_CORRUPT, message, action="Export it again.", file=file.item.file)
            )
            return message
        return None

    def _hold(self, file: DicomFile, parsed: Parsed) -> None:
        size = held_bytes(parsed)
        if self.objects.held_bytes + size > MAX_HELD_BYTES:
            message = "Doses and contours together take too much memory; this file was set aside."
            action = "Hand over the objects of one course only."
            raise file.item.refuse(FindingCode.DICOM_TOO_LARGE, message, action=action)
        self.objects.held_bytes += size
        self.objects.parsed[file.sop_instance_uid] = parsed

    def _duplicate(self, file: DicomFile) -> str | None:
        """Give the reason where another file claims the same SOP Instance UID."""
        earlier = self.objects.first_with(file.sop_instance_uid)
        if earlier is None:
            return None
        if earlier.sha256 == file.received.sha256:
            reason = f"The file is an exact copy of {earlier.name}; one of them is used."
            file.item.note(info(FindingCode.FILE_DUPLICATED, reason, file=file.item.file))
            return reason
        reason = f"Its SOP Instance UID is also that of {earlier.name}, with other contents; neither is used."
        action = "Find out which of them is the right one and hand over that one alone."
        file.item.note(
            error(
                FindingCode.SOP_INSTANCE_CONTRADICTORY,
                reason,
                action=action,
                file=file.item.file,
                element="SOPInstanceUID",
            )
        )
        self.objects.parsed.pop(file.sop_instance_uid, None)
        self.objects.set_aside(
            [earlier.name],
            f"Its SOP Instance UID is also that of {file.item.file}, with other contents.",
        )
        return reason

    def _record_unreadable(self, received: ReceivedFile, reason: str) -> None:
        kind, uid = FileKind.UNREADABLE, claimed_sop_class(received)
        claims = _kind_of(uid) if uid else None
        self.objects.record(
            CourseFile(received.name, received.sha256, received.size_bytes, kind, None, False, reason, claims)
        )

    def _record(self, received: ReceivedFile, kind: FileKind, uid: str | None, reason: str | None) -> None:
        self.objects.record(
            CourseFile(received.name, received.sha256, received.size_bytes, kind, uid, reason is None, reason)
        )


def _kind_of(sop_class_uid: str) -> FileKind:
    known = sop_class(sop_class_uid)
    return _KINDS[known] if known else FileKind.OTHER_DICOM


def held_bytes(parsed: Parsed) -> int:
    """Count the memory of an object's arrays."""
    if isinstance(parsed, RtDose):
        return parsed.grid.values_gy.nbytes
    if isinstance(parsed, DeformableRegistrations):
        return sum(one.deformation.vectors_mm.nbytes for one in parsed.maps)
    if isinstance(parsed, StructureSet):
        return sum(points.nbytes for roi in parsed.rois if roi.structure for points in roi.structure.contours)
    return 0


def parse(file: DicomFile) -> Parsed:
    """Read the object that a file's SOP class says it is.

    Raises
    ------
    RefusedError
        If it is of no use here, or unusable.
    """
    kind = sop_class(file.sop_class_uid)
    if kind is None:
        raise _not_needed(file)
    _compare_modality(file, kind)
    return _READERS[kind](file)


def _external_beam_plan(file: DicomFile) -> RtPlan:
    plan = read_rt_plan(file)
    if plan.is_brachytherapy:
        message = (
            "The plan is a brachytherapy plan, which this check does not cover; it was set aside, and its "
            "dose is in no sum."
        )
        action = (
            "Add its dose to the organs in the planning system; leave it out if it is no part of the course."
        )
        raise RefusedError(
            warning(FindingCode.BRACHYTHERAPY_SET_ASIDE, message, action=action, file=file.item.file)
        )
    return plan


_READERS: Mapping[SopClass, Callable[[DicomFile], Parsed]] = {
    SopClass.CT: read_ct_slice,
    SopClass.RT_DOSE: read_rt_dose,
    SopClass.RT_STRUCTURE_SET: read_structure_set,
    SopClass.RT_PLAN: _external_beam_plan,
    SopClass.RT_BEAMS_TREATMENT_RECORD: read_treatment_record,
    SopClass.SPATIAL_REGISTRATION: read_registrations,
    SopClass.DEFORMABLE_REGISTRATION: read_deformable_registrations,
}


def _not_needed(file: DicomFile) -> RefusedError:
    if file.sop_class_uid == RTIonPlanStorage:
        message = "The plan is an ion plan, which is not read; it was set aside, and its dose is in no sum."
        action = "Judge its dose in the planning system; leave it out if it is no part of the course."
        return RefusedError(
            warning(FindingCode.OBJECT_SET_ASIDE, message, action=action, file=file.item.file)
        )
    message = (
        f"The file is {sop_class_name(file.sop_class_uid)}, which the check does not need; it was set aside."
    )
    return RefusedError(info(FindingCode.OBJECT_SET_ASIDE, message, file=file.item.file))


def _compare_modality(file: DicomFile, kind: SopClass) -> None:
    modality = file.item.code("Modality")
    if modality == MODALITIES[kind]:
        return
    says = f"says {modality}" if modality else "is missing"
    file.item.note(
        warning(
            FindingCode.MODALITY_CONTRADICTS_SOP_CLASS,
            f"Modality {says}, but the SOP class is {sop_class_name(kind)}; the SOP class was followed.",
            action="Ask the vendor of the system that wrote it.",
            file=file.item.file,
            element="Modality",
        )
    )
