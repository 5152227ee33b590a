"""Reads the criteria and the plan checks of a protocol file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dosimetry.errors import ExpressionError
from dosimetry.expressions import Metric, Unit, parse_metric
from trial_core.domain.criteria import Criterion, Relation, Requirement, Scope, ScopeKind, Threshold
from trial_core.domain.protocol import CheckId, PlanCheckRule, Provenance, Regimen, StructureRule
from trial_core.domain.report import CheckWeight
from trial_core.protocols.provenance import PROVENANCE_KEYS, read_provenance
from trial_core.protocols.section import Section
from trial_core.protocols.trial_parts import unique

_GROUP_KEYS = ("group", "scopes", *PROVENANCE_KEYS, "rows")
_ROW_KEYS = ("structure", "metric", "at_most", "at_least", "required")
_CHECK_KEYS = ("id", "label", "failure", "variation", "unknown", "allowed", "at_most_mm")
_APPROVALS = (CheckId.APPROVAL, CheckId.STRUCTURES_APPROVAL)
_SUMS = {"sum physical": ScopeKind.SUM_PHYSICAL, "sum EQD2": ScopeKind.SUM_EQD2}


@dataclass(frozen=True)
class CriterionGroup:
    """Criteria that share their scopes and their source."""

    label: str
    provenance: Provenance
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class _Known:
    regimens: Sequence[Regimen]
    structures: Sequence[StructureRule]
    has_sum: bool

    def structure(self, name: str) -> StructureRule | None:
        return next((rule for rule in self.structures if rule.name == name), None)

    def targets_of(self, regimen: str) -> set[str]:
        return {target.structure for each in self.regimens if each.id == regimen for target in each.targets}

    @property
    def targets(self) -> set[str]:
        return {target.structure for regimen in self.regimens for target in regimen.targets}


def read_criteria(
    file: Section, regimens: Sequence[Regimen], structures: Sequence[StructureRule], *, has_sum: bool
) -> tuple[CriterionGroup, ...]:
    """The criteria by group; no structure has one metric twice in one scope."""
    known = _Known(regimens, structures, has_sum)
    seen: list[str] = []
    return tuple(_group(section, known, seen) for section in file.sections("criteria", _GROUP_KEYS))


def read_plan_checks(file: Section) -> tuple[PlanCheckRule, ...]:
    """The checks beside the DVH, each with what its failure counts as."""
    section = file.section("plan_checks", (*PROVENANCE_KEYS, "rows"))
    provenance = read_provenance(section)
    rules = []
    for row in section.sections("rows", _CHECK_KEYS):
        rules.append(_check(row, provenance))
        unique(row, "id", [rule.id for rule in rules])
    return tuple(rules)


def _check(row: Section, provenance: Provenance) -> PlanCheckRule:
    identifier, failure = row.choice("id", CheckId), row.choice("failure", CheckWeight)
    return PlanCheckRule(
        id=identifier,
        label=row.text("label"),
        failure=failure,
        variation=row.choice(
            "variation", CheckWeight, failure if identifier in _APPROVALS else CheckWeight.VARIATION
        ),
        unknown=row.choice("unknown", CheckWeight),
        allowed=row.texts("allowed", ()),
        at_most_mm=row.optional_positive("at_most_mm"),
        provenance=provenance,
    )


def _group(section: Section, known: _Known, seen: list[str]) -> CriterionGroup:
    provenance = read_provenance(section)
    names = [regimen.id for regimen in known.regimens] + list(_SUMS)
    scopes = tuple(_scope(name) for name in section.known_texts("scopes", names, "scope"))
    section.not_empty("scopes")
    if not known.has_sum and any(scope.kind is not ScopeKind.PLAN for scope in scopes):
        section.problem("scopes", "a sum needs the section 'sum', which says whose structures it takes")
    criteria = tuple(
        _criterion(row, scopes, known, provenance) for row in section.sections("rows", _ROW_KEYS)
    )
    return CriterionGroup(section.text("group"), provenance, criteria_once(section, criteria, seen))


def criteria_once(
    section: Section, criteria: tuple[Criterion, ...], seen: list[str]
) -> tuple[Criterion, ...]:
    """Note a problem for a structure's metric that an earlier row judges in the same scope."""
    for index, criterion in enumerate(criteria):
        for scope in criterion.scopes:
            key = f"{criterion.id} in {scope.regimen or scope.kind}"
            if key in seen:
                section.problem("rows", f"row {index + 1}: {key} is given twice")
            seen.append(key)
    return criteria


def _scope(name: str) -> Scope:
    return Scope(kind=_SUMS[name]) if name in _SUMS else Scope(kind=ScopeKind.PLAN, regimen=name)


def _criterion(row: Section, scopes: tuple[Scope, ...], known: _Known, provenance: Provenance) -> Criterion:
    structure = row.known("structure", [rule.name for rule in known.structures], "structure")
    metric = _metric(row)
    _check_structure(row, known.structure(structure), scopes, known)
    if (
        metric is not None
        and metric.needs_prescription
        and any(scope.kind is not ScopeKind.PLAN for scope in scopes)
    ):
        row.problem("metric", "percent of a prescription is undefined on a sum; use Gy or another scope")
    return Criterion(
        id=f"{structure} {metric}",
        structure=structure,
        metric=str(metric),
        scopes=scopes,
        threshold=_threshold(row, metric),
        requirement=Requirement.REQUIRED if row.flag("required") else Requirement.IF_PRESENT,
        assumed=provenance.assumed,
        source=provenance.source,
    )


def _metric(row: Section) -> Metric | None:
    text = row.text("metric")
    if not text:
        return None
    try:
        return parse_metric(text)
    except ExpressionError as error:
        row.problem("metric", f"'{text}', character {error.position + 1}: {error.reason}")
        return None


def _check_structure(
    row: Section, rule: StructureRule | None, scopes: tuple[Scope, ...], known: _Known
) -> None:
    if rule is None:
        return
    if rule.every:
        row.problem("structure", f"'{rule.name}' is a group of structures; a criterion is for one")
    for scope in scopes:
        problem = _scope_problem(rule, scope, known)
        if problem:
            row.problem("structure", problem)


def _scope_problem(rule: StructureRule, scope: Scope, known: _Known) -> str:
    if rule.name in known.targets and rule.name not in known.targets_of(scope.regimen or ""):
        return f"'{rule.name}' is no target in the scope '{scope.regimen or scope.kind}'"
    if scope.kind is ScopeKind.SUM_EQD2 and rule.alpha_beta_gy is None:
        return f"'{rule.name}' has no alpha_beta_gy, which EQD2 needs"
    return ""


def _threshold(row: Section, metric: Metric | None) -> Threshold:
    given = [key for key in ("at_most", "at_least") if row.has(key)]
    if len(given) != 1:
        row.problem("structure", "needs either at_most or at_least, with a limit")
        return Threshold(relation=Relation.AT_MOST, limit=0.0)
    section = row.section(given[0], ("ideal", "limit"))
    relation = Relation.AT_MOST if given[0] == "at_most" else Relation.AT_LEAST
    threshold = Threshold(
        relation=relation, limit=section.number("limit"), ideal=section.optional_number("ideal")
    )
    _check_threshold(section, threshold, metric)
    return threshold


def _check_threshold(section: Section, threshold: Threshold, metric: Metric | None) -> None:
    for key, value in (("ideal", threshold.ideal), ("limit", threshold.limit)):
        if value is not None and value < 0:
            section.problem(key, f"is {value:g}; doses and volumes are never negative")
        if value is not None and value > 100 and metric is not None and _is_share_of_volume(metric):
            section.problem(key, f"is {value:g} %; a part of a volume is at most 100 %")
    if threshold.ideal is None or not section.has("limit"):
        return
    stricter = threshold.ideal < threshold.limit
    if threshold.ideal == threshold.limit or stricter != (threshold.relation is Relation.AT_MOST):
        words = f"ideal {threshold.ideal:g} is not stricter than limit {threshold.limit:g}"
        section.problem("ideal", f"{words}; leave the ideal out where there is no acceptable variation")


def _is_share_of_volume(metric: Metric) -> bool:
    return metric.unit is Unit.PERCENT and metric.kind.value in ("V", "CV")
