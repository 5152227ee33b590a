"""Best change from baseline: the smallest of the visits up to the first progression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tests.trial_core.clinic import LESIONS, START, TODAY, a_visit, conduct, day
from trial_core.domain.best_change import best_change_percent
from trial_core.domain.readings import Size, Visit
from trial_core.domain.response import derive_responses
from trial_core.domain.screening import FactorLevel, StrataForm, levels_of, stratum_of


def _best(visits: Sequence[Visit], until: date = TODAY) -> float | None:
    """Of targets that measure 30 mm and 20 mm at baseline."""
    return best_change_percent(derive_responses(LESIONS, visits, conduct().response), START, until)


def test_best_change__is_the_smallest_one() -> None:
    assert _best([a_visit(43, 20.0), a_visit(85, 15.0), a_visit(127, 16.0)]) == -30.0


def test_best_change__of_one_that_only_grows_is_its_growth() -> None:
    assert _best([a_visit(43, 32.5)]) == 5.0


def test_best_change__ends_with_the_first_progression() -> None:
    assert _best([a_visit(43, 25.0), a_visit(85, 24.0, new=True), a_visit(127, 5.0)]) == -12.0


def test_best_change__leaves_out_what_lies_before_the_start_or_after_the_cut() -> None:
    visits = [a_visit(-3, 5.0), a_visit(43, 25.0), a_visit(85, 5.0)]
    assert _best(visits, until=day(60)) == -10.0


def test_best_change__is_unknown_where_no_sum_is_complete() -> None:
    visit = a_visit(43, 5.0)
    targets = (replace(visit.targets[0], size=Size.NOT_ASSESSED, mm=None), visit.targets[1])
    assert _best([replace(visit, targets=targets)]) is None
    assert _best([]) is None


def test_levels_of__reads_the_name_that_a_stratum_was_given() -> None:
    factors = (
        replace(conduct().strata[0], id="site", levels=()),
        replace(conduct().strata[0], id="PD-L1", levels=("CPS < 10", "CPS >= 10")),
    )
    entered = StrataForm(levels=(FactorLevel(factor="PD-L1", level="CPS >= 10"),))
    name = stratum_of(factors, site_code="S1", entered=entered).name
    assert levels_of(name) == {"site": "S1", "PD-L1": "CPS >= 10"}
    assert levels_of("") == {}
