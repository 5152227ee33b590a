"""What a read course consists of: plain values, linked by UID."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from dosimetry.grid import DoseGrid
from imaging.dicom.ct import CtSeries
from imaging.dicom.deformable_registration import DeformableRegistration
from imaging.dicom.registration import SpatialRegistration
from imaging.dicom.rt_dose import DoseSummation
from imaging.dicom.rt_plan import RtPlan
from imaging.dicom.rt_record import TreatmentRecord
from imaging.dicom.rt_structure import StructureSet
from imaging.findings import Finding


class LinkedBy(StrEnum):
    """What joined two objects, strongest first."""

    PLAN = "plan"
    STRUCTURE_SET = "structure-set"
    FRAME_OF_REFERENCE = "frame-of-reference"


class FileKind(StrEnum):
    """What a file proved to be."""

    CT = "ct"
    STRUCTURE_SET = "structure-set"
    PLAN = "plan"
    DOSE = "dose"
    TREATMENT_RECORD = "treatment-record"
    REGISTRATION = "registration"
    OTHER_DICOM = "other-dicom"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class PatientIdentity:
    """Whose files these are: kept for comparison, never shown (also not by `repr`)."""

    patient_id: str | None = field(repr=False)
    name: str | None = field(repr=False)
    birth_date: str | None = field(repr=False)


@dataclass(frozen=True)
class CourseFile:
    """One file that was handed over, and what became of it; `reason` says why it was set aside.

    `claims`: what an unreadable file says that it is; None where it does not.
    """

    name: str
    sha256: str
    size_bytes: int
    kind: FileKind
    sop_instance_uid: str | None
    used: bool
    reason: str | None
    claims: FileKind | None = None


@dataclass(frozen=True, eq=False)
class PlanDose:
    """A physical dose over all fractions, in Gy, from one PLAN grid or summed from the plan's BEAM grids."""

    grid: DoseGrid
    summation: DoseSummation
    frame_of_reference_uid: str | None
    sop_instance_uids: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LinkedPlan:
    """A plan with its structure set and dose; what is None has its reason beside it.

    `doses_refused` are the files that name this plan as theirs and were not used, each with the reason;
    `dose_doubt` is what contradicts the dose that is there, in words.
    """

    plan: RtPlan
    structure_set: StructureSet | None
    structure_set_linked_by: LinkedBy | None
    dose: PlanDose | None
    why_no_dose: str | None
    why_no_structure_set: str | None = None
    doses_refused: tuple[str, ...] = ()
    dose_doubt: str | None = None


@dataclass(frozen=True, eq=False)
class DoseWithoutPlan:
    """A dose whose plan was not handed over, linked to contours by other means.

    A dose of summation BEAM is that of one beam (or of those it names), not of a plan.
    """

    dose: PlanDose
    plan_uids: tuple[str, ...]
    structure_set: StructureSet | None
    structure_set_linked_by: LinkedBy | None


@dataclass(frozen=True, eq=False)
class Course:
    """Everything that was handed over for one patient, linked by UID.

    Where the files belong to more than one patient, nothing but `findings` and `files` is filled: there is
    no course.

    Attributes
    ----------
    patient, identities
        The identity that all objects make up together, and every distinct one as single objects give it: an
        object that names nobody stays visible there.
    doses_of_no_treatment
        The doses of plans that treat nobody, such as a verification on a phantom: in no plan and no sum.
    """

    patient: PatientIdentity | None
    ct_series: tuple[CtSeries, ...]
    structure_sets: tuple[StructureSet, ...]
    plans: tuple[LinkedPlan, ...]
    doses_without_plan: tuple[DoseWithoutPlan, ...]
    records: tuple[TreatmentRecord, ...]
    registrations: tuple[SpatialRegistration, ...]
    findings: tuple[Finding, ...]
    files: tuple[CourseFile, ...]
    identities: tuple[PatientIdentity, ...] = field(default=(), repr=False)
    deformable_registrations: tuple[DeformableRegistration, ...] = ()
    doses_of_no_treatment: tuple[DoseWithoutPlan, ...] = ()
