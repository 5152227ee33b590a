"""Findings: whatever is missing, contradictory, duplicated or doubtful in the files, as typed facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"  # something asked for cannot be used
    WARNING = "warning"  # usable, but a person should look
    INFO = "info"  # said for completeness


class FindingCode(StrEnum):
    """One code per kind of fact; codes are stable, messages are not."""

    # --- intake: bytes on disk and archives
    NOTHING_HANDED_OVER = "nothing-handed-over"
    PATH_MISSING = "path-missing"
    FOLDER_EMPTY = "folder-empty"
    FILE_EMPTY = "file-empty"
    FILE_UNREADABLE = "file-unreadable"
    LINK_NOT_FOLLOWED = "link-not-followed"
    NAME_COLLISION = "name-collision"
    TOO_MANY_FILES = "too-many-files"
    FILE_TOO_LARGE = "file-too-large"
    ZIP_CORRUPT = "zip-corrupt"
    ZIP_EMPTY = "zip-empty"
    ZIP_UNSAFE_NAME = "zip-unsafe-name"
    ZIP_LINK = "zip-link"
    ZIP_ENCRYPTED = "zip-encrypted"
    ZIP_UNSUPPORTED_COMPRESSION = "zip-unsupported-compression"
    ZIP_TOO_MANY_ENTRIES = "zip-too-many-entries"
    ZIP_ENTRY_TOO_LARGE = "zip-entry-too-large"
    ZIP_TOO_LARGE = "zip-too-large"
    ZIP_BOMB = "zip-bomb"
    ZIP_NESTED = "zip-nested"
    ZIP_DUPLICATE_NAME = "zip-duplicate-name"
    ZIP_NAME_COLLISION = "zip-name-collision"
    ARCHIVE_UNSUPPORTED = "archive-unsupported"

    # --- any DICOM file
    NOT_DICOM = "not-dicom"
    DICOM_PREFIX_MISSING = "dicom-prefix-missing"
    DICOM_TRUNCATED = "dicom-truncated"
    DICOM_CORRUPT = "dicom-corrupt"
    DICOM_TOO_LARGE = "dicom-too-large"
    DICOM_TOO_DEEP = "dicom-too-deep"
    SOP_CLASS_MISSING = "sop-class-missing"
    SOP_INSTANCE_MISSING = "sop-instance-missing"
    TRANSFER_SYNTAX_UNSUPPORTED = "transfer-syntax-unsupported"
    MODALITY_CONTRADICTS_SOP_CLASS = "modality-contradicts-sop-class"
    META_CONTRADICTS_DATASET = "meta-contradicts-dataset"
    OBJECT_SET_ASIDE = "object-set-aside"
    ELEMENT_MISSING = "element-missing"
    ELEMENT_INVALID = "element-invalid"
    FILE_DUPLICATED = "file-duplicated"
    SOP_INSTANCE_CONTRADICTORY = "sop-instance-contradictory"

    # --- patient and frames
    PATIENT_MISMATCH = "patient-mismatch"
    PATIENT_UNIDENTIFIED = "patient-unidentified"
    FRAME_OF_REFERENCE_MISSING = "frame-of-reference-missing"
    FRAME_OF_REFERENCE_MISMATCH = "frame-of-reference-mismatch"
    PATIENT_POSITION_UNKNOWN = "patient-position-unknown"
    PATIENT_POSITION_MISMATCH = "patient-position-mismatch"

    # --- CT
    CT_SLICE_UNUSABLE = "ct-slice-unusable"
    CT_GEOMETRY_MIXED = "ct-geometry-mixed"
    CT_SLICE_DUPLICATED = "ct-slice-duplicated"
    CT_SLICE_GAP = "ct-slice-gap"
    CT_SPACING_IRREGULAR = "ct-spacing-irregular"
    CT_THICKNESS_DIFFERS = "ct-thickness-differs"

    # --- RTDOSE
    DOSE_UNITS_UNUSABLE = "dose-units-unusable"
    DOSE_TYPE_UNUSABLE = "dose-type-unusable"
    DOSE_SUMMATION_UNUSABLE = "dose-summation-unusable"
    DOSE_SCALING_MISSING = "dose-scaling-missing"
    DOSE_SCALING_INVALID = "dose-scaling-invalid"
    DOSE_GEOMETRY_INVALID = "dose-geometry-invalid"
    DOSE_OFFSETS_AMBIGUOUS = "dose-offsets-ambiguous"
    DOSE_OFFSETS_ABSOLUTE = "dose-offsets-absolute"
    DOSE_PIXELS_MISSING = "dose-pixels-missing"
    DOSE_PIXELS_UNUSABLE = "dose-pixels-unusable"
    DOSE_NEGATIVE = "dose-negative"
    DOSE_ALL_ZERO = "dose-all-zero"
    DOSE_GRID_COARSE = "dose-grid-coarse"
    DVH_DISAGREES_WITH_GRID = "dvh-disagrees-with-grid"

    # --- RTSTRUCT
    STRUCTURE_EMPTY = "structure-empty"
    STRUCTURE_NAME_MISSING = "structure-name-missing"
    STRUCTURE_NAME_UNREADABLE = "structure-name-unreadable"
    STRUCTURE_NAME_DUPLICATED = "structure-name-duplicated"
    STRUCTURE_NUMBER_DUPLICATED = "structure-number-duplicated"
    STRUCTURE_UNKNOWN = "structure-unknown"
    CONTOUR_TYPE_SET_ASIDE = "contour-type-set-aside"
    CONTOUR_INVALID = "contour-invalid"
    CONTOUR_NOT_PLANAR = "contour-not-planar"
    CONTOUR_PLANES_MIXED = "contour-planes-mixed"
    CONTOUR_DUPLICATED = "contour-duplicated"
    CONTOUR_CROSSING = "contour-crossing"
    CONTOUR_SELF_CROSSING = "contour-self-crossing"
    CONTOUR_WALL_THIN = "contour-wall-thin"
    CONTOUR_PLANES_JOINED = "contour-planes-joined"
    CONTOUR_SLICE_MISSING = "contour-slice-missing"
    CONTOUR_SPACINGS_SEVERAL = "contour-spacings-several"
    CONTOUR_SPACING_IRREGULAR = "contour-spacing-irregular"
    CONTOUR_THICKNESS_ASSUMED = "contour-thickness-assumed"

    # --- RTPLAN
    PLAN_FRACTIONS_MISSING = "plan-fractions-missing"
    PLAN_FRACTION_GROUPS_SEVERAL = "plan-fraction-groups-several"
    PLAN_BEAM_UNKNOWN = "plan-beam-unknown"
    PLAN_BEAMS_CONTRADICTORY = "plan-beams-contradictory"
    PLAN_RADIATION_WEIGHTED = "plan-radiation-weighted"
    PLAN_RADIATION_UNKNOWN = "plan-radiation-unknown"
    PLAN_NOT_FOR_TREATMENT = "plan-not-for-treatment"
    PLAN_REPLACED = "plan-replaced"
    BRACHYTHERAPY_SET_ASIDE = "brachytherapy-set-aside"

    # --- treatment records
    RECORD_NOT_TREATMENT = "record-not-treatment"
    RECORD_DELIVERY_TYPE_UNKNOWN = "record-delivery-type-unknown"
    RECORD_FRACTION_MISSING = "record-fraction-missing"
    RECORD_CONTRADICTORY = "record-contradictory"
    RECORD_PARTIAL = "record-partial"

    # --- registrations
    REGISTRATION_NOT_RIGID = "registration-not-rigid"
    REGISTRATION_INVALID = "registration-invalid"
    REGISTRATION_CONTRADICTORY = "registration-contradictory"
    REGISTRATION_FOLDS = "registration-folds"
    REGISTRATION_UNDEFINED = "registration-undefined"
    REGISTRATION_NOT_USED = "registration-not-used"
    REGISTRATION_UNMEASURED = "registration-unmeasured"
    REGISTRATION_BEYOND_LIMITS = "registration-beyond-limits"

    # --- approval of plans and structure sets
    APPROVAL_REJECTED = "approval-rejected"
    APPROVAL_MISSING = "approval-missing"

    # --- links between the objects
    REFERENCE_ABSENT = "reference-absent"
    REFERENCE_CONTRADICTORY = "reference-contradictory"
    LINKED_BY_FRAME = "linked-by-frame"
    LINK_AMBIGUOUS = "link-ambiguous"
    PLAN_WITHOUT_DOSE = "plan-without-dose"
    DOSE_WITHOUT_PLAN = "dose-without-plan"
    DOSE_BEAM_MISSING = "dose-beam-missing"
    DOSE_BEAM_TWICE = "dose-beam-twice"
    DOSE_BEAM_UNKNOWN = "dose-beam-unknown"
    DOSE_FRACTION_GROUP_UNKNOWN = "dose-fraction-group-unknown"
    DOSE_BEAM_UNCLEAR = "dose-beam-unclear"
    DOSE_GRIDS_DIFFER = "dose-grids-differ"
    DOSE_PLAN_TWICE = "dose-plan-twice"
    DOSE_PLAN_DIFFERS_FROM_BEAMS = "dose-plan-differs-from-beams"
    DOSE_BEAMS_SUMMED = "dose-beams-summed"
    DOSE_NOT_ADDED = "dose-not-added"

    # --- raised by the pipelines that join the rooms
    STRUCTURE_OUTSIDE_GRID = "structure-outside-grid"
    STRUCTURE_BEYOND_GRID = "structure-beyond-grid"
    STRUCTURE_AMBIGUOUS = "structure-ambiguous"
    STRUCTURE_RENAMED = "structure-renamed"
    STRUCTURE_NAMED_BY_A_PERSON = "structure-named-by-a-person"
    STRUCTURE_MISSING = "structure-missing"
    TARGET_MISSING = "target-missing"
    TARGET_AMBIGUOUS = "target-ambiguous"
    TARGET_UNTREATED = "target-untreated"
    TARGET_NOT_JUDGED = "target-not-judged"
    PRESCRIPTION_MISSING = "prescription-missing"
    PRESCRIPTION_DIFFERS = "prescription-differs"
    FRACTIONS_DIFFER = "fractions-differ"
    REGIMEN_AMBIGUOUS = "regimen-ambiguous"
    REGIMEN_UNKNOWN = "regimen-unknown"
    REGIMEN_WITHOUT_PLAN = "regimen-without-plan"
    PLAN_TWICE = "plan-twice"
    PLAN_MISSING = "plan-missing"
    DOSE_IMPLAUSIBLE = "dose-implausible"
    DOSE_MISSING = "dose-missing"
    METRIC_NOT_EVALUABLE = "metric-not-evaluable"
    SUM_WITHOUT_REGISTRATION = "sum-without-registration"
    SUM_INCOMPLETE = "sum-incomplete"
    SUM_BELOW_PART = "sum-below-part"
    STRUCTURE_SETS_SEVERAL = "structure-sets-several"
    STRUCTURE_ELSEWHERE = "structure-elsewhere"
    STRUCTURE_CONTRADICTORY = "structure-contradictory"
    STRUCTURE_MOSTLY_TAKEN = "structure-mostly-taken"
    STRUCTURE_SETS_APART = "structure-sets-apart"
    STRUCTURE_ONE_PLANE = "structure-one-plane"
    STRUCTURE_PLANES_ACROSS = "structure-planes-across"
    STRUCTURE_TYPE_ODD = "structure-type-odd"
    TUMOUR_WITHOUT_TARGET = "tumour-without-target"
    DOSE_CHOSEN = "dose-chosen"


@dataclass(frozen=True)
class Finding:
    """One fact about the input, for people and for programs.

    Attributes
    ----------
    code
        The kind of fact.
    severity
        error, warning or info.
    file
        The file's name as the user knows it, None where no single file is meant.
    element
        Keyword of the DICOM element (`DoseGridScaling`), None where none is meant.
    structure
        Name of the structure as in the file, None where none is meant.
    message
        What happened. Never a patient's name, birth date or ID.
    action
        What to do about it, None where nothing is to be done.
    """

    code: FindingCode
    severity: Severity
    file: str | None
    element: str | None
    structure: str | None
    message: str
    action: str | None

    def as_json(self) -> dict[str, str | None]:
        """Give the finding as the object that JSON, web and command line show; exactly seven keys."""
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "file": self.file,
            "element": self.element,
            "structure": self.structure,
            "message": self.message,
            "action": self.action,
        }


def error(
    code: FindingCode,
    message: str,
    *,
    action: str | None = None,
    file: str | None = None,
    element: str | None = None,
    structure: str | None = None,
) -> Finding:
    """Make a finding of severity error."""
    return Finding(code, Severity.ERROR, file, element, structure, message, action)


def warning(
    code: FindingCode,
    message: str,
    *,
    action: str | None = None,
    file: str | None = None,
    element: str | None = None,
    structure: str | None = None,
) -> Finding:
    """Make a finding of severity warning."""
    return Finding(code, Severity.WARNING, file, element, structure, message, action)


def info(
    code: FindingCode,
    message: str,
    *,
    action: str | None = None,
    file: str | None = None,
    element: str | None = None,
    structure: str | None = None,
) -> Finding:
    """Make a finding of severity info."""
    return Finding(code, Severity.INFO, file, element, structure, message, action)
