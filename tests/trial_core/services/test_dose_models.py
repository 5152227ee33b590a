"""The models' figures from a plan check's metrics: by sum and by course, and why there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.trial_core.domain.rows import a_row
from tests.trial_core.record import report_on
from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.dose_metrics import DoseMetric, metrics_of
from trial_core.services.dose_models import EDIC, LYMAN, QUANTEC, predictions


def of_plan(plan: str, structure: str, metric: str, value: float | None, fractions: int = 28) -> DoseMetric:
    return DoseMetric(
        scope_kind=ScopeKind.PLAN,
        scope=f"plan {plan}",
        plan=plan,
        structure=structure,
        metric=metric,
        unit="Gy",
        value=value,
        fractions=fractions,
    )


def a_course(plan: str, factor: float = 1.0, fractions: int = 28) -> list[DoseMetric]:
    """The worked example of EDIC, 5.5010 Gy in 28 fractions."""
    return [
        of_plan(plan, "Lungs", "Mean[Gy]", 12.0 * factor, fractions),
        of_plan(plan, "Heart", "Mean[Gy]", 20.0 * factor, fractions),
        of_plan(plan, "Liver", "Mean[Gy]", 8.0 * factor, fractions),
        of_plan(plan, "BODY", "Integral[Gy cc]", 150_000.0 * factor, fractions),
    ]


def the(found: tuple[DoseMetric, ...], metric: str) -> DoseMetric:
    (one,) = [each for each in found if each.metric == metric]
    return one


def test_edic__adds_courses_each_with_its_own_fractions() -> None:
    one = the(predictions(a_course("CFRT")), EDIC).value
    assert one == pytest.approx(5.5010, abs=5e-5)
    two = the(predictions([*a_course("CFRT"), *a_course("LDRT", 0.1, fractions=5)]), EDIC).value
    alone = the(predictions(a_course("LDRT", 0.1, fractions=5)), EDIC).value
    assert one is not None
    assert alone is not None
    assert two == pytest.approx(one + alone)


def test_edic__of_plans_that_share_a_regimens_fractions_is_that_of_the_whole_course() -> None:
    parts = [*a_course("first", 20 / 28, fractions=20), *a_course("second", 8 / 28, fractions=8)]
    found = predictions([replace(each, regimen="CFRT") for each in parts])
    assert the(found, EDIC).value == pytest.approx(5.5010, abs=5e-5)


def test_edic__of_a_course_that_lacks_something_has_no_value_and_says_what() -> None:
    metrics = [*a_course("CFRT"), *a_course("LDRT")[:2]]
    found = the(predictions(metrics), EDIC)
    assert found.value is None
    assert found.reason == "plan LDRT lacks Mean[Gy] of Liver, Integral[Gy cc] of BODY"


def test_pneumonitis__is_predicted_on_the_late_sum_and_the_physical_one_and_on_no_other() -> None:
    kinds = ((ScopeKind.SUM_EQD2, 3.0), (ScopeKind.SUM_EQD2, 2.0), (ScopeKind.SUM_PHYSICAL, None))
    sums = [
        replace(
            of_plan("", "Lungs", "Mean[Gy]", 15.0),
            scope_kind=kind,
            scope=f"{kind} {beta}",
            alpha_beta_gy=beta,
        )
        for kind, beta in kinds
    ]
    found = predictions([*sums, of_plan("CFRT", "Lungs", "Mean[Gy]", 15.0)])
    quantec = [each for each in found if each.metric == QUANTEC]
    assert [(each.scope_kind, each.alpha_beta_gy) for each in quantec] == [kinds[0], kinds[2]]
    assert [each.value for each in quantec] == [pytest.approx(0.1213, abs=5e-5)] * 2
    assert len([each for each in found if each.metric == LYMAN]) == 2


def test_pneumonitis__without_a_dose_has_no_value_and_keeps_the_reason() -> None:
    lungs = replace(
        of_plan("", "Lungs", "Mean[Gy]", None), scope_kind=ScopeKind.SUM_PHYSICAL, reason="not contoured"
    )
    found = the(predictions([lungs]), QUANTEC)
    assert (found.value, found.reason) == (None, "not contoured")


def test_predictions__of_nothing_are_none() -> None:
    assert predictions([]) == ()


def test_metrics_of__names_plan_and_fractions_and_a_row_in_two_criteria_once() -> None:
    row = replace(a_row(1, Verdict.PER_PROTOCOL), value=12.5, plan_key="gone")
    again = replace(row, number=2)
    none = replace(a_row(3, Verdict.NOT_EVALUABLE, metric="V30Gy[%]"), value=None, reason="empty")
    found = metrics_of(replace(report_on(b"x"), results=(row, again, none)))
    assert [(each.structure, each.metric, each.value, each.reason) for each in found] == [
        ("Heart", "Mean[Gy]", 12.5, ""),
        ("Heart", "V30Gy[%]", None, "empty"),
    ]
