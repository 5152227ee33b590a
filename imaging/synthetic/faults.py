"""The defects that a synthetic course can carry, one clear defect each."""

from enum import StrEnum
from typing import Self


class Fault(StrEnum):
    """One planted defect.

    Every other property of the course stays as it is without faults; `effect` is what it does, a sentence.
    """

    effect: str

    def __new__(cls, name: str, effect: str) -> Self:
        """Make the fault of that name."""
        fault = str.__new__(cls, name)
        fault._value_ = name
        fault.effect = effect
        return fault

    VIOLATED_LIMIT = ("violated-limit", "The CFRT plan gives the spinal cord about 48 Gy.")
    MISSING_ORGAN = ("missing-organ", "The heart is not contoured.")
    EMPTY_STRUCTURE = ("empty-structure", "The stomach is an ROI without contours.")
    MISSING_SLICES = ("missing-slices", "Three neighbouring contours in the middle of the heart are missing.")
    MISSING_CT_SLICES = ("missing-ct-slices", "Three neighbouring CT slices are missing.")
    WRONG_FRACTION_COUNT = (
        "wrong-fraction-count",
        "The CFRT plan has 25 fractions, its prescription is unchanged.",
    )
    ANOTHER_PRESCRIPTION = (
        "another-prescription",
        "The CFRT plan's TargetPrescriptionDose is 45 Gy; its dose is unchanged.",
    )
    DOSE_PER_FRACTION = (
        "dose-per-fraction",
        "The CFRT dose object holds one fraction's dose and says it is the plan's.",
    )
    RELATIVE_DOSE = (
        "relative-dose",
        "The CFRT dose object has DoseUnits RELATIVE: percent of the prescription.",
    )
    STRUCTURE_LEAVES_GRID = (
        "structure-leaves-grid",
        "The LDRT dose grid ends in the middle of the kidneys; all that lies below is outside it.",
    )
    FOREIGN_FRAME = (
        "foreign-frame",
        "The LDRT plan has a CT and a structure set of its own, in a frame that nothing links to the CFRT's.",
    )
    REGISTERED_FRAME = (
        "registered-frame",
        "As foreign-frame, with a spatial registration that links the frames: harmless where understood.",
    )
    TWO_PATIENTS = ("two-patients", "The LDRT plan, dose and treatment records belong to another patient.")
    NOT_APPROVED = ("not-approved", "The CFRT plan's ApprovalStatus is UNAPPROVED.")
