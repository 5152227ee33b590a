"""Rows, checks and thresholds with only what a test is about."""

from trial_core.domain.criteria import (
    Criterion,
    Relation,
    Requirement,
    Scope,
    ScopeKind,
    Threshold,
    Verdict,
)
from trial_core.domain.protocol import Provenance, VerdictRule
from trial_core.domain.report import CheckStatus, CheckWeight, PlanCheckResult, ResultRow

RULE = VerdictRule(variations_make_unacceptable=4, provenance=Provenance(assumed=True, source="a test"))


def a_criterion(
    limit: float,
    *,
    ideal: float | None = None,
    relation: Relation = Relation.AT_MOST,
    requirement: Requirement = Requirement.REQUIRED,
) -> Criterion:
    """A criterion on the heart's mean dose."""
    return Criterion(
        id="Heart Mean[Gy]",
        structure="Heart",
        metric="Mean[Gy]",
        scopes=(Scope(kind=ScopeKind.PLAN, regimen="CFRT"),),
        threshold=Threshold(relation=relation, limit=limit, ideal=ideal),
        requirement=requirement,
        assumed=True,
        source="a test",
    )


def a_row(
    number: int,
    verdict: Verdict,
    *,
    structure: str = "Heart",
    metric: str = "Mean[Gy]",
    requirement: Requirement = Requirement.REQUIRED,
) -> ResultRow:
    """A row with that verdict."""
    return ResultRow(
        number=number,
        criterion=f"{structure} {metric}",
        structure=structure,
        site_structures=(structure,),
        counts_as=structure,
        metric=metric,
        scope_kind=ScopeKind.PLAN,
        scope="plan CFRT",
        plan_key="plan-1",
        alpha_beta_gy=None,
        requirement=requirement,
        relation="<=",
        ideal=None,
        limit=20.0,
        value=10.0,
        unit="Gy",
        uncertainty=0.1,
        if_uncovered_zero=10.0,
        if_uncovered_max=10.0,
        margin=10.0,
        verdict=verdict,
        borderline=False,
        reason="",
        assumed=True,
    )


def a_check(
    status: CheckStatus = CheckStatus.FAILED,
    weight: CheckWeight = CheckWeight.UNACCEPTABLE,
    *,
    identifier: str = "fractions",
) -> PlanCheckResult:
    """A plan check with that outcome."""
    return PlanCheckResult(
        id=identifier,
        label=f"Check of {identifier}",
        status=status,
        weight=weight,
        expected="28",
        found="25",
        message="",
        assumed=True,
    )
