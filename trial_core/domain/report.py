"""The report of a checked course: one source for JSON, HTML, web page and terminal.

Values are unrounded, what is unknown is `None`, and nothing here depends on a clock, a path or a thread, so
the same input gives the same bytes (`report_to_json`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from trial_core.domain.criteria import Requirement, ScopeKind, Verdict
from trial_core.domain.persons_word import WordKind


class CheckStatus(StrEnum):
    """Outcome of one plan check."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class CheckWeight(StrEnum):
    """What a plan check that did not pass counts as; of one that passed, what its failure would."""

    UNACCEPTABLE = "unacceptable"
    VARIATION = "variation"
    NOT_EVALUABLE = "not evaluable"
    NOTE = "note"


class StructureStatus(StrEnum):
    """How a structure of the protocol was found in the files."""

    FOUND = "found"
    NOT_CONTOURED = "not contoured"
    AMBIGUOUS = "ambiguous"
    EMPTY = "empty"
    FAULTY = "faulty"


@dataclass(frozen=True, kw_only=True)
class ProtocolReference:
    """The protocol the course was judged by; `assumed` says, in sentences, what is not published."""

    id: str
    version: str
    title: str
    sha256: str
    assumed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class InputFile:
    """One file that was handed over; `reason` says why it was not used (empty where it was)."""

    name: str
    sha256: str
    size_bytes: int
    kind: str
    used: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class TargetReport:
    """One target of a plan.

    `name` is the protocol's name, `site_structure` the ROI's; `prescription_gy` is what the protocol gives
    for this plan, `plan_prescription_gy` what the plan itself states; `median_gy` is the guard's median dose.
    """

    name: str
    site_structure: str
    prescription_gy: float | None
    plan_prescription_gy: float | None
    median_gy: float | None
    plausible: bool


@dataclass(frozen=True, kw_only=True)
class PlanCheckResult:
    """One check beside the DVH: what the protocol expects and what the files say, both as text."""

    id: str
    label: str
    status: CheckStatus
    weight: CheckWeight
    expected: str
    found: str
    message: str
    assumed: bool


@dataclass(frozen=True, kw_only=True)
class PlanIndex:
    """One number beside the criteria (CI, HI, gradient index, D0.03cc of BODY minus PTVs)."""

    id: str
    label: str
    structure: str
    value: float | None
    unit: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PlanReport:
    """One plan: its regimen, prescription, facts, checks, indices and its own verdict.

    `key` is unique in the report and is what rows and curves refer to. `share_fractions` of the regimen's
    `regimen_fractions` are given by this plan; `prescription_gy` = share x dose per fraction.
    """

    key: str
    label: str
    regimen: str | None
    regimen_label: str
    targets: tuple[TargetReport, ...]
    prescription_gy: float | None
    planned_fractions: int | None
    dose_per_fraction_gy: float | None
    share_fractions: int | None
    regimen_fractions: int | None
    verdict: Verdict
    reasons: tuple[str, ...]
    checks: tuple[PlanCheckResult, ...]
    indices: tuple[PlanIndex, ...]
    machine: str | None
    energy: str | None
    technique: str | None
    approval: str | None
    dose_summation: str | None
    sop_instance_uid: str = ""


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """One criterion in one scope on one structure.

    Attributes
    ----------
    number
        1, 2, ... in the order of the report; counted items refer to it.
    structure, site_structures, counts_as
        the protocol's name, the names of the ROIs it was made from, and the name under which it counts once
        (one of several targets counts under its ROI's name).
    scope_kind, scope, plan_key, alpha_beta_gy
        the scope as an enum and as words; the plan's key in a plan scope; Gy in an EQD2 scope.
    relation
        "<=" or ">=": the side of the thresholds that meets them; equality meets.
    ideal, limit, value, uncertainty, if_uncovered_zero, if_uncovered_max, margin
        in `unit`; `margin` is the distance of the value to the limit, positive where the limit is met.
    assumed
        the criterion is not published by the sponsor.
    """

    number: int
    criterion: str
    structure: str
    site_structures: tuple[str, ...]
    counts_as: str
    metric: str
    scope_kind: ScopeKind
    scope: str
    plan_key: str | None
    alpha_beta_gy: float | None
    requirement: Requirement
    relation: str
    ideal: float | None
    limit: float
    value: float | None
    unit: str
    uncertainty: float | None
    if_uncovered_zero: float | None
    if_uncovered_max: float | None
    margin: float | None
    verdict: Verdict
    borderline: bool
    reason: str
    assumed: bool


@dataclass(frozen=True, kw_only=True)
class CountedItem:
    """One item of the course rule: a structure and metric at its worst, or a plan check.

    `verdict` is the worst of what could be evaluated; `incomplete` says that a scope could not. `rows` are
    the numbers of the result rows it stands for.
    """

    structure: str
    metric: str
    label: str
    verdict: Verdict
    incomplete: bool
    required: bool
    rows: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SumLayer:
    """One plan in a sum: its share of fractions, the weight on its dose and how it was placed.

    Of a registration: `surface_distance_mm` and `displacement_mm` say how far apart it leaves what both
    structure sets draw, and by how much all of that lies aside together; None where nothing tells.
    """

    plan_key: str
    label: str
    fractions: int | None
    weight: float
    placed_by: str
    needs_review: bool
    surface_distance_mm: float | None = None
    displacement_mm: float | None = None


@dataclass(frozen=True, kw_only=True)
class SumReport:
    """A sum of plans, physical (`alpha_beta_gy` is `None`) or EQD2."""

    scope_kind: ScopeKind
    alpha_beta_gy: float | None
    evaluable: bool
    reason: str
    layers: tuple[SumLayer, ...]
    needs_review: bool


@dataclass(frozen=True, kw_only=True)
class StructureReport:
    """One structure of the protocol in the structure set of one plan or of the sum (`scope`)."""

    name: str
    scope: str
    site_names: tuple[str, ...]
    status: StructureStatus
    volume_cc: float | None
    uncovered_cc: float | None


@dataclass(frozen=True, kw_only=True)
class DeliveryFact:
    """Fractions of one plan as its records show them; `delivered_gy` = delivered x planned d."""

    plan_key: str
    planned_fractions: int | None
    delivered_fractions: int
    partial_fractions: int
    delivered_gy: float | None
    message: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A cumulative DVH thinned for display: `volume_percent[i]` of the structure receives >= `dose_gy[i]`."""

    structure: str
    scope_kind: ScopeKind
    scope: str
    plan_key: str | None
    dose_gy: tuple[float, ...]
    volume_percent: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class OpenItem:
    """What the check leaves to a person: a dose to explain, a registration to accept.

    `key` names this item with all its figures; `said_by` and `said` are empty until somebody spoke.
    """

    key: str
    kind: WordKind
    plan_key: str
    words: str
    said_by: str = ""
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class CourseReport:
    """All that is known about a checked course; `findings` are as `imaging.findings` writes them."""

    protocol: ProtocolReference
    code_version: str
    inputs: tuple[InputFile, ...]
    verdict: Verdict
    reasons: tuple[str, ...]
    plans: tuple[PlanReport, ...]
    results: tuple[ResultRow, ...]
    counted: tuple[CountedItem, ...]
    sums: tuple[SumReport, ...]
    structures: tuple[StructureReport, ...]
    delivery: tuple[DeliveryFact, ...]
    findings: tuple[Mapping[str, Any], ...]
    curves: tuple[Curve, ...]
    open_items: tuple[OpenItem, ...] = ()

    @property
    def has_unacceptable_or_not_evaluable(self) -> bool:
        """Whether anything in the report must stop a reader: the course, a plan or a single row."""
        bad = {Verdict.UNACCEPTABLE_DEVIATION, Verdict.NOT_EVALUABLE}
        verdicts = [
            self.verdict,
            *(plan.verdict for plan in self.plans),
            *(row.verdict for row in self.results),
        ]
        return any(verdict in bad for verdict in verdicts)
