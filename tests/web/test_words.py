"""Every member of every closed set has words, a mark and a colour: a new member cannot break a page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import web
from tests.web.a_report import a_report, a_row
from tests.web.rendered import rendered
from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.plan import SubmissionState
from trial_core.domain.report import CheckStatus, CheckWeight, StructureStatus
from web.components.criteria import criteria_table
from web.components.plans import checks_card
from web.components.report_parts import structures_card
from web.components.verdict import STATE_WORDS, check_mark, verdict_mark
from web.figures.dvh import dvh_figure
from web.figures.dvh_curves import DvhView

STYLES = (Path(web.__file__).parent / "assets" / "dosegate.css").read_text()
PASSED = a_report().plans[0].checks[0]


@pytest.mark.parametrize("status", CheckStatus)
@pytest.mark.parametrize("weight", CheckWeight)
def test_plan_check__of_every_status_and_weight_has_a_mark_with_a_style(
    status: CheckStatus, weight: CheckWeight
) -> None:
    mark = check_mark(replace(PASSED, status=status, weight=weight))
    assert mark.children
    assert f".{mark.className.split()[-1]} {{" in STYLES


def test_plan_check__that_fails_as_not_evaluable_says_so_on_the_report_page() -> None:
    failed = replace(PASSED, status=CheckStatus.FAILED, weight=CheckWeight.NOT_EVALUABLE)
    report = a_report()
    plan = replace(report.plans[0], checks=(failed,))
    assert "Failed: not evaluable" in rendered(checks_card(replace(report, plans=(plan,))))


@pytest.mark.parametrize("verdict", Verdict)
def test_verdict__of_every_kind_has_a_mark_a_row_and_a_colour_in_the_plot(verdict: Verdict) -> None:
    row = a_row(verdict=verdict, metric="V20Gy[%]", unit="%")
    report = replace(a_report(), results=(row,))
    assert re.search(rf"\.{verdict_mark(verdict).className.split()[-1]} ", STYLES)
    assert verdict.value in rendered(criteria_table(report)).lower()
    assert (
        dvh_figure(report, DvhView(doses=("cfrt",), structures=("Lungs",)))["data"][-1]["mode"] == "markers"
    )


@pytest.mark.parametrize("kind", ScopeKind)
def test_scope__of_every_kind_has_words_in_the_table(kind: ScopeKind) -> None:
    plan_key = "cfrt" if kind is ScopeKind.PLAN else None
    scope = "plan CFRT" if kind is ScopeKind.PLAN else f"sum, {kind.value}"
    report = replace(a_report(), results=(a_row(scope_kind=kind, scope=scope, plan_key=plan_key),))
    assert ("Sum" in rendered(criteria_table(report))) is (plan_key is None)


@pytest.mark.parametrize("status", StructureStatus)
def test_structure__of_every_status_is_listed(status: StructureStatus) -> None:
    report = a_report()
    one = replace(report.structures[0], status=status)
    assert status.value in rendered(structures_card(replace(report, structures=(one,)))).lower()


def test_state__of_every_submission_hasrendered() -> None:
    assert set(STATE_WORDS) == set(SubmissionState)
