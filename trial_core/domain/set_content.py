"""What is in a set of files before anything of it is judged: images, structures, plans, doses, links."""

from __future__ import annotations

from dataclasses import dataclass

from trial_core.domain.plan import SubmissionFinding

MOST_LISTED = 200
"""Files and findings of one set that a page lists before the check; the report has all of them."""


@dataclass(frozen=True)
class CtSeen:
    """A CT series.

    Attributes
    ----------
    slices
        Images that are slices of it.
    named, named_here
        Images that the structure sets on it name, and how many of these are here; None where none is named.
    is_complete
        No image that is named is missing, and no slice between two others.
    """

    slices: int
    named: int | None
    named_here: int | None
    spacing_mm: float | None
    is_complete: bool


@dataclass(frozen=True)
class RoiSeen:
    """A structure of the site: its name, whether it has contours, and which of the protocol's it is by name.

    `shown_name` is unique in its structure set; `known_as` holds no groups, `groups` nothing else.
    """

    name: str
    shown_name: str
    contoured: bool
    known_as: tuple[str, ...]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class StructureSetSeen:
    """A structure set; `on_ct` says that the CT it was drawn on is here."""

    file: str
    label: str
    on_ct: bool
    rois: tuple[RoiSeen, ...]


@dataclass(frozen=True)
class PlanSeen:
    """A treatment plan: its regimen, its structure set and its dose, or why it has none."""

    file: str
    label: str
    regimen: str | None
    why_no_regimen: str
    fractions: int | None
    structure_set: str | None
    why_no_structure_set: str
    has_dose: bool
    why_no_dose: str


@dataclass(frozen=True)
class SetAside:
    """A file of which no use is made, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class SetContent:
    """What a set of files holds.

    Attributes
    ----------
    set_aside, unused
        Files of which no use is made, as far as they are listed, and how many there are.
    findings
        Those of reading and linking, as far as they are listed.
    """

    files: int
    ct: tuple[CtSeen, ...]
    structure_sets: tuple[StructureSetSeen, ...]
    plans: tuple[PlanSeen, ...]
    doses: int
    doses_without_plan: tuple[str, ...]
    records: int
    registrations: int
    set_aside: tuple[SetAside, ...]
    unused: int
    findings: tuple[SubmissionFinding, ...]

    def lacks(self, regimens: tuple[str, ...]) -> tuple[str, ...]:
        """Name those of the regimens that no plan here belongs to."""
        there = {plan.regimen for plan in self.plans}
        return tuple(each for each in regimens if each not in there)
