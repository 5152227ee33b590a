"""Every criterion of the protocol in each of its scopes, measured and judged: the rows of the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dosimetry.expressions import parse_metric
from trial_core.domain.criteria import Criterion, Measurement, Requirement, Scope, ScopeKind, judge
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import ResultRow, StructureStatus
from trial_core.domain.reservations import sum_words
from workers.pipelines.measuring import Measurer, Setting
from workers.pipelines.plan_settings import plan_setting
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.structure_lookup import FoundStructure
from workers.pipelines.sum_contours import drawn_otherwise
from workers.pipelines.sums import CourseSum
from workers.pipelines.untreated_targets import UntreatedTarget


@dataclass(frozen=True)
class RowScope:
    """Where a row was measured, as the report tells it."""

    kind: ScopeKind
    words: str
    plan_key: str | None = None
    alpha_beta_gy: float | None = None


@dataclass(frozen=True, eq=False)
class _Case:
    """One row to be: where, and what is measured there; `refusal` is the measurement whatever that gives.

    `optional`: the row belongs to a regimen that need not be given, and is not. `note`: what the reason
    begins with.
    """

    scope: RowScope
    site_names: tuple[str, ...]
    counts_as: str
    refusal: Measurement | None = None
    asked: tuple[FoundStructure, Setting] | None = None
    optional: bool = False
    note: str = ""


def scope_key(scope: RowScope) -> str:
    """The key under which the measurer keeps the dose of a scope."""
    return scope.plan_key or scope.words


def plan_scope(plan: PreparedPlan) -> RowScope:
    """The scope of one plan."""
    return RowScope(ScopeKind.PLAN, f"plan {plan.label}", plan_key=plan.key)


def sum_scope(alpha_beta_gy: float | None, contours_of: str = "") -> RowScope:
    """The scope of the physical sum, or of that in EQD2; `contours_of` names another structure set than the
    sum's own."""
    kind = ScopeKind.SUM_PHYSICAL if alpha_beta_gy is None else ScopeKind.SUM_EQD2
    words = f"sum, {sum_words(alpha_beta_gy)}"
    return RowScope(kind, f"{words}, {contours_of}" if contours_of else words, alpha_beta_gy=alpha_beta_gy)


def contours_words(total: CourseSum) -> str:
    """Name the contours of a sum beside the first."""
    return f"contours of {total.file}"


class CriterionResults:
    """Measures and judges.

    Parameters
    ----------
    protocol, plans, total
        What is judged by, the plans, their sum (None where the protocol asks for none).
    doubts
        By key of plan: why its dose is not to be believed.
    measurer
        Makes the DVHs.
    untreated
        Targets that no plan treats: each has its rows, without a value.
    no_course
        Why the files make no course and so no plan is there; empty where they make one.
    """

    def __init__(
        self,
        protocol: Protocol,
        plans: Sequence[PreparedPlan],
        total: CourseSum | None,
        doubts: Mapping[str, str],
        measurer: Measurer,
        *,
        untreated: Sequence[UntreatedTarget],
        no_course: str = "",
    ) -> None:
        self._protocol = protocol
        self._plans = plans
        self._total = total
        self._doubts = doubts
        self._measurer = measurer
        self._untreated = untreated
        self._no_course = no_course

    def rows(self) -> tuple[ResultRow, ...]:
        """All rows in the order of the protocol."""
        cases = [
            (criterion, case)
            for criterion in self._protocol.criteria
            for scope in criterion.scopes
            for case in self._cases(criterion, scope)
        ]
        self._measure_all([case for _, case in cases])
        return tuple(
            _row(number, criterion, case, self._measurement(criterion, case))
            for number, (criterion, case) in enumerate(cases, start=1)
        )

    def _measure_all(self, cases: Sequence[_Case]) -> None:
        """Each structure in all its scopes at once, in the order of the protocol."""
        together: dict[str, tuple[FoundStructure, list[Setting]]] = {}
        for case in cases:
            if case.asked is not None:
                found, setting = case.asked
                name = f"{found.name}|{'|'.join(found.site_names)}|{id(found.region)}"
                together.setdefault(name, (found, []))[1].append(setting)
        self._measurer.measure_all(list(together.values()))

    def _measurement(self, criterion: Criterion, case: _Case) -> Measurement:
        if case.refusal is not None:
            return case.refusal
        assert case.asked is not None  # noqa: S101 - a case has one of the two
        found, setting = case.asked
        (measured,) = self._measurer.measure(found, [setting])
        value = measured.evaluate(criterion.metric)
        return replace(value, reason="; ".join(each for each in (case.note, value.reason) if each))

    def _cases(self, criterion: Criterion, scope: Scope) -> Iterator[_Case]:
        if scope.kind is not ScopeKind.PLAN:
            yield from self._in_sums(criterion, scope)
            return
        plans = [p for p in self._plans if p.assigned.regimen and p.assigned.regimen.id == scope.regimen]
        nowhere = RowScope(ScopeKind.PLAN, f"plan of {scope.regimen}")
        if not plans:
            yield self._without_plan(criterion, nowhere, scope.regimen or "")
        for plan in plans:
            yield from self._in_plan(criterion, plan)
        for each in self._untreated:
            if (each.regimen, each.structure) == (scope.regimen, criterion.structure):
                missing = Measurement(value=None, reason=each.reason)
                yield _Case(nowhere, (each.roi.name,), each.roi.name, missing)

    def _without_plan(self, criterion: Criterion, nowhere: RowScope, regimen: str) -> _Case:
        """A regimen that is required and has no plan is not evaluable; an optional one is not there.

        Files that make no course leave that open.
        """
        if self._no_course:
            return _Case(nowhere, (), criterion.structure, Measurement(value=None, reason=self._no_course))
        optional = not self._protocol.regimen(regimen).required
        reason = f"there is no plan of the {'optional ' if optional else ''}regimen {regimen}"
        missing = Measurement(value=None, reason=reason, not_contoured=optional)
        return _Case(nowhere, (), criterion.structure, missing, optional=optional)

    def _in_plan(self, criterion: Criterion, plan: PreparedPlan) -> Iterator[_Case]:
        if self._protocol.is_target(criterion.structure):
            yield from self._on_targets(criterion, plan)
            return
        found = plan.lookup.find(criterion.structure)
        yield self._in_dose_of(plan, found, plan_setting(plan, None), criterion.structure)

    def _on_targets(self, criterion: Criterion, plan: PreparedPlan) -> Iterator[_Case]:
        targets = [target for target in plan.targets if target.rule.structure == criterion.structure]
        for target in targets:
            name = target.site_name if target.rule.each else criterion.structure
            yield self._in_dose_of(plan, target.structure, plan_setting(plan, target), name)
        if not targets:
            missing = Measurement(value=None, reason=plan.obstacle or "the plan's target is not known")
            yield _Case(plan_scope(plan), (), criterion.structure, missing)

    def _in_dose_of(
        self, plan: PreparedPlan, found: FoundStructure, setting: Setting, counts_as: str
    ) -> _Case:
        where, names = plan_scope(plan), found.site_names
        if plan.lookup.structure_set is not None and found.status is StructureStatus.NOT_CONTOURED:
            missing = Measurement(value=None, reason=found.reason, not_contoured=True)
            return _Case(where, names, counts_as, missing)
        why = plan.obstacle or self._doubts.get(plan.key, "")
        refusal = Measurement(value=None, reason=why) if why else None
        return _Case(where, names, counts_as, refusal, (found, setting))

    def _in_sums(self, criterion: Criterion, scope: Scope) -> Iterator[_Case]:
        """In the sum's structure set, and in each other one where the structure is drawn otherwise."""
        rule = self._protocol.structure(criterion.structure)
        alpha_beta = rule.alpha_beta_gy if scope.kind is ScopeKind.SUM_EQD2 else None
        total, name = self._total, criterion.structure
        if total is None or total.lookup is None:
            reason = total.reason if total else "the protocol asks for no sum"
            yield _Case(sum_scope(alpha_beta), (), name, Measurement(value=None, reason=reason))
            return
        yield _in_sum(total, total.lookup.find(name), sum_scope(alpha_beta), alpha_beta)
        for other in drawn_otherwise(total, name):
            assert other.lookup is not None  # noqa: S101 - sums beside another have their structures
            where = sum_scope(alpha_beta, contours_words(other))
            case = _in_sum(other, other.lookup.find(name), where, alpha_beta)
            yield replace(case, note=f"with the contours of '{other.file}'")


def _in_sum(total: CourseSum, found: FoundStructure, where: RowScope, alpha_beta: float | None) -> _Case:
    setting = Setting(scope_key(where), total.dose(alpha_beta), total.why_not(alpha_beta))
    return _Case(where, found.site_names, found.name, asked=(found, setting))


def _row(number: int, criterion: Criterion, case: _Case, measurement: Measurement) -> ResultRow:
    if case.optional:
        criterion = replace(criterion, requirement=Requirement.IF_PRESENT)
    result = judge(criterion, measurement)
    has_value = result.margin is not None
    return ResultRow(
        number=number,
        criterion=criterion.id,
        structure=criterion.structure,
        site_structures=case.site_names,
        counts_as=case.counts_as,
        metric=criterion.metric,
        scope_kind=case.scope.kind,
        scope=case.scope.words,
        plan_key=case.scope.plan_key,
        alpha_beta_gy=case.scope.alpha_beta_gy,
        requirement=criterion.requirement,
        relation=criterion.threshold.relation.value,
        ideal=criterion.threshold.ideal,
        limit=criterion.threshold.limit,
        value=measurement.value if has_value else None,
        unit=parse_metric(criterion.metric).unit.value,
        uncertainty=measurement.uncertainty,
        if_uncovered_zero=measurement.if_uncovered_zero,
        if_uncovered_max=measurement.if_uncovered_max,
        margin=result.margin,
        verdict=result.verdict,
        borderline=result.borderline,
        reason=result.reason,
        assumed=criterion.assumed,
    )
