"""One dose metric of a subject's verified plan check, by plan or sum: what dose and outcome are joined by."""

from __future__ import annotations

from dataclasses import dataclass

from trial_core.domain.criteria import ScopeKind
from trial_core.domain.report import CourseReport, PlanReport


@dataclass(frozen=True, kw_only=True, order=True)
class DoseMetric:
    """A metric of one structure in one scope.

    Attributes
    ----------
    plan
        The label of the plan; empty for a sum.
    regimen
        Of a plan; empty for a sum.
    alpha_beta_gy
        Of an EQD2 sum, else None.
    value
        None where it was not evaluable; `reason` says why.
    fractions
        Of a plan: its share of the regimen's, else all that it plans.
    """

    scope_kind: ScopeKind
    scope: str
    plan: str = ""
    regimen: str = ""
    structure: str
    metric: str
    unit: str
    alpha_beta_gy: float | None = None
    value: float | None = None
    reason: str = ""
    fractions: int | None = None


def metrics_of(report: CourseReport) -> tuple[DoseMetric, ...]:
    """Every result row and index of a report as a metric, in order; a row in two criteria is one."""
    plans = {plan.key: plan for plan in report.plans}
    found: dict[tuple[str, str, str, str], DoseMetric] = {}
    for row in report.results:
        plan = plans.get(row.plan_key or "")
        found.setdefault(
            (row.scope_kind.value, row.scope, row.counts_as, row.metric),
            DoseMetric(
                scope_kind=row.scope_kind,
                scope=row.scope,
                plan="" if plan is None else plan.label,
                regimen="" if plan is None else plan.regimen or "",
                structure=row.counts_as,
                metric=row.metric,
                unit=row.unit,
                alpha_beta_gy=row.alpha_beta_gy,
                value=row.value,
                reason=row.reason if row.value is None else "",
                fractions=None if plan is None else _fractions(plan),
            ),
        )
    for plan in report.plans:
        for index in plan.indices:
            scope = f"plan {plan.label}"
            found.setdefault(
                (ScopeKind.PLAN.value, scope, index.structure, index.id),
                DoseMetric(
                    scope_kind=ScopeKind.PLAN,
                    scope=scope,
                    plan=plan.label,
                    regimen=plan.regimen or "",
                    structure=index.structure,
                    metric=index.id,
                    unit=index.unit,
                    value=index.value,
                    reason=index.reason if index.value is None else "",
                    fractions=_fractions(plan),
                ),
            )
    return tuple(found[key] for key in sorted(found))


def _fractions(plan: PlanReport) -> int | None:
    return plan.planned_fractions if plan.share_fractions is None else plan.share_fractions
