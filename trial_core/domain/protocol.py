"""A trial's protocol as data: arms, phases, regimens, structures, plan checks, criteria, verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from trial_core.domain.conduct import Conduct
from trial_core.domain.criteria import Criterion
from trial_core.domain.given_names import GivenName
from trial_core.domain.report import CheckWeight, ProtocolReference

PRESCRIPTION_TOLERANCE_GY = 1e-3
"""Prescriptions are written with two decimals and divided in binary: 46.8 / 26 is just below 1.8."""


class CheckId(StrEnum):
    """The plan checks a protocol may ask for."""

    FRACTIONS = "fractions"
    DOSE_PER_FRACTION = "dose per fraction"
    PRESCRIPTION = "prescription"
    APPROVAL = "approval"
    STRUCTURES_APPROVAL = "approval of structures"
    MACHINE = "machine"
    ENERGY = "energy"
    TECHNIQUE = "technique"
    DOSE = "dose"
    DOSE_GRID_SPACING = "dose grid spacing"
    CT_SPACING = "CT spacing"
    CT_COMPLETE = "CT complete"
    REFERENCES = "references"
    FRAME_OF_REFERENCE = "frame of reference"
    PATIENT_POSITION = "patient position"
    STRUCTURES_COMPLETE = "structures complete"
    STRUCTURE_NAMES = "structure names"
    DOSE_ALGORITHM = "dose algorithm"


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Whether something is the sponsor's word (`assumed` false) or ours, and where it is from."""

    assumed: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class Range:
    """A closed range; `None` is open on that side."""

    minimum: float | None = None
    maximum: float | None = None

    def contains(self, value: float) -> bool:
        """Whether the value lies in the range, its ends included (to `PRESCRIPTION_TOLERANCE_GY`)."""
        above = self.minimum is None or value >= self.minimum - PRESCRIPTION_TOLERANCE_GY
        return above and (self.maximum is None or value <= self.maximum + PRESCRIPTION_TOLERANCE_GY)


@dataclass(frozen=True, kw_only=True)
class Prescription:
    """Total dose and fractions of a regimen."""

    dose_gy: float
    fractions: int

    @property
    def dose_per_fraction_gy(self) -> float:
        """Total dose over fractions."""
        return self.dose_gy / self.fractions


@dataclass(frozen=True, kw_only=True)
class Permitted:
    """What a plan may have instead of the default prescription without being unacceptable for it."""

    dose_gy: Range
    fractions: Range
    dose_per_fraction_gy: Range

    def allows(self, dose_gy: float, fractions: int) -> bool:
        """Whether all three ranges hold."""
        return (
            self.dose_gy.contains(dose_gy)
            and self.fractions.contains(fractions)
            and self.dose_per_fraction_gy.contains(dose_gy / fractions)
        )


@dataclass(frozen=True, kw_only=True)
class TargetRule:
    """A target of a regimen.

    `structure` names a structure of the protocol; with `each`, every ROI that fits it is a target of its own.
    `dose_gy` is this target's total prescription where it differs from the regimen's.
    """

    structure: str
    each: bool
    dose_gy: float | None


@dataclass(frozen=True, kw_only=True)
class Regimen:
    """A radiotherapy regimen, given by one or more plans.

    Attributes
    ----------
    plan_prescribes
        Within `permitted`, a plan's own prescription of a target is what the protocol gives to it; else
        `prescription` always is.
    label_patterns
        Globs on the plan's label or name.
    radiation
        Radiation Types (as in DICOM) beside photons and electrons whose physical dose the limits are for.
    """

    id: str
    label: str
    required: bool
    prescription: Prescription
    permitted: Permitted
    plan_prescribes: bool
    label_patterns: tuple[str, ...]
    targets: tuple[TargetRule, ...]
    provenance: Provenance
    radiation: tuple[str, ...] = ()

    def has_label(self, text: str | None) -> bool:
        """Whether a plan's label or name fits a pattern, whatever its case, spaces and underscores."""
        return text is not None and any(fits(text, pattern) for pattern in self.label_patterns)

    def prescription_gy(self, target: TargetRule) -> float:
        """The total dose that the protocol gives to a target, unless a plan may prescribe another."""
        return self.prescription.dose_gy if target.dose_gy is None else target.dose_gy

    def accepts_prescription(self, dose_gy: float | None, fractions: int | None) -> bool:
        """Whether a plan's own prescription of a target stands in place of the protocol's."""
        if not self.plan_prescribes or dose_gy is None or not fractions:
            return False
        return self.permitted.allows(dose_gy, fractions)


@dataclass(frozen=True, kw_only=True)
class StructureRule:
    """One structure of the protocol and how it is found.

    Attributes
    ----------
    aliases
        Globs on ROI names; the structure's own name is one. Two that fit are ambiguous, unless `every`.
    every
        A group: all ROIs that fit, together.
    excluded
        Globs on ROI names that never belong, also where an alias fits.
    made_from
        Alternatives, of which the first complete one wins: structures whose union is taken. Empty: contoured.
    minus
        Structures taken away, where they are contoured.
    alpha_beta_gy
        For EQD2.
    site_name
        What a site calls it, where the structure's own name is known to this protocol alone.
    given
        Names of ROIs that a person says are this structure, as they are written in the file.
    """

    name: str
    aliases: tuple[str, ...]
    every: bool
    excluded: tuple[str, ...]
    made_from: tuple[tuple[str, ...], ...]
    minus: tuple[str, ...]
    alpha_beta_gy: float | None
    provenance: Provenance
    site_name: str = ""
    given: tuple[str, ...] = ()

    @property
    def shown_name(self) -> str:
        """The name that people know."""
        return self.site_name or self.name

    def has_name(self, roi_name: str) -> bool:
        """Whether an ROI of this name is this structure."""
        if roi_name in self.given:
            return True
        if any(fits(roi_name, pattern) for pattern in self.excluded):
            return False
        return any(fits(roi_name, pattern) for pattern in self.aliases)


@dataclass(frozen=True, kw_only=True)
class PlanCheckRule:
    """One check beside the DVH and what its failure counts as.

    Attributes
    ----------
    failure
        What a failure counts as; of prescription, fractions, dose per fraction: outside the permitted.
    variation
        What a permitted deviation from the default counts as.
    unknown
        What it counts as where the files do not tell.
    allowed
        Values that pass (machine, energy, technique, approval, patient position); empty: shown, not judged.
    at_most_mm
        Largest spacing that passes.
    """

    id: CheckId
    label: str
    failure: CheckWeight
    variation: CheckWeight
    unknown: CheckWeight
    allowed: tuple[str, ...]
    at_most_mm: float | None
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class StoppingRule:
    """Subjects with a counted event that end the phase, and the event in words."""

    subjects: int
    event: str
    consequence: str


@dataclass(frozen=True, kw_only=True)
class Arm:
    """An arm and the regimens its subjects get; none: radiotherapy is a deviation there."""

    id: str
    label: str
    regimens: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A phase of the trial: its arms, its size and its stopping rule."""

    id: str
    label: str
    arms: tuple[str, ...]
    subjects: int | None
    stopping_rule: StoppingRule | None
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class VerdictRule:
    """How criteria make a verdict: so many acceptable variations are unacceptable."""

    variations_make_unacceptable: int
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class SumRule:
    """The sum of the plans: whose structure set gives the organs, and when a registration is not believed.

    Attributes
    ----------
    surfaces_within_mm, aside_within_mm
        How far apart what both structure sets draw may lie after a registration of the files, by the mean
        distance of surfaces, and by how much all of it may be displaced together; beyond that it waits for
        a person's word. None: stated, and not judged.
    """

    structures_from: str
    provenance: Provenance
    surfaces_within_mm: float | None = None
    aside_within_mm: float | None = None


@dataclass(frozen=True, kw_only=True)
class PlausibleDose:
    """The guard: the median target dose lies within so many percent of the prescription."""

    tolerance_percent: float
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """A protocol, checked; `sha256` is of the file's bytes, `file` its name without folder.

    `assumptions` are those of plan checks; `conduct` has its own, and is None where only plans are checked.
    """

    id: str
    version: str
    title: str
    file: str
    sha256: str
    arms: tuple[Arm, ...]
    phases: tuple[Phase, ...]
    regimens: tuple[Regimen, ...]
    structures: tuple[StructureRule, ...]
    plan_checks: tuple[PlanCheckRule, ...]
    criteria: tuple[Criterion, ...]
    plausible_dose: PlausibleDose
    sum_rule: SumRule | None
    verdict_rule: VerdictRule
    body: str | None
    assumptions: tuple[str, ...]
    conduct: Conduct | None = None

    def regimen(self, identifier: str) -> Regimen:
        """The regimen of that id; the reader has checked that it is there."""
        return next(regimen for regimen in self.regimens if regimen.id == identifier)

    def structure(self, name: str) -> StructureRule:
        """The structure of that name; the reader has checked that it is there."""
        return next(rule for rule in self.structures if rule.name == name)

    def with_names(self, names: Iterable[GivenName]) -> Protocol:
        """The protocol of one set of files, in which a person gave structures their names.

        A structure that belongs to a group by its own name belongs to it under a given one, too.
        """
        known = tuple(names)
        rules = tuple(
            replace(rule, given=tuple(one.site_name for one in known if _is_meant(rule, one)))
            for rule in self.structures
        )
        return replace(self, structures=rules)

    def is_target(self, structure: str) -> bool:
        """Whether a structure is a target of any regimen."""
        return any(target.structure == structure for regimen in self.regimens for target in regimen.targets)

    @property
    def reference(self) -> ProtocolReference:
        """The protocol as a report names it."""
        return ProtocolReference(
            id=self.id,
            version=self.version,
            title=self.title,
            sha256=self.sha256,
            assumed=self.assumptions,
        )


def _is_meant(rule: StructureRule, name: GivenName) -> bool:
    return name.structure == rule.name or (rule.every and rule.has_name(name.structure))


_IGNORED_IN_NAMES = re.compile(r"[\s_\-.]+")


def plain_name(name: str) -> str:
    """A name without case, spaces, underscores, hyphens and dots: how names are compared."""
    return _IGNORED_IN_NAMES.sub("", name).casefold()


def fits(name: str, pattern: str) -> bool:
    """Whether a name fits a glob (`*` and `?`), both compared as `plain_name` gives them."""
    literal = pattern.replace("[", "[[]")
    return fnmatchcase(plain_name(name), plain_name(literal))
