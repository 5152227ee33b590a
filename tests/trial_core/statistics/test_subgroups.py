"""Hazard ratios by subgroup: lifelines on the same subjects, and subgroups that have none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from trial_core.statistics.cox import CoxFit, CoxObstacle
from trial_core.statistics.follow_up import follow_up
from trial_core.statistics.subgroups import subgroup_ratios

RNG = np.random.default_rng(20)
N = 160
DAYS = np.ceil(RNG.exponential(200.0, N))  # whole days, so that some are tied
EVENTS = RNG.random(N) < 0.7
GROUPS = [str(each) for each in RNG.choice(["A", "B"], N)]
SITES: list[str | None] = [str(each) for each in RNG.choice(["S1", "S2", "S3"], N)]


def _lifelines(chosen: np.ndarray) -> tuple[float, float, float]:
    frame = pd.DataFrame(
        {"t": DAYS[chosen], "e": EVENTS[chosen], "a": np.array([each == "A" for each in GROUPS])[chosen]}
    ).astype(float)
    # by default it stops 4e-4 standard errors short of the maximum
    row = CoxPHFitter().fit(frame, "t", "e", fit_options={"precision": 1e-14}).summary.loc["a"]
    return row["exp(coef)"], row["exp(coef) lower 95%"], row["exp(coef) upper 95%"]


@pytest.mark.parametrize("site", ["S1", "S2", "S3"])
def test_subgroup__has_the_hazard_ratio_of_its_own_subjects(site: str) -> None:
    rows = subgroup_ratios(follow_up(DAYS, EVENTS), GROUPS, {"site": SITES}, reference="B")
    found = next(each for each in rows if each.level == site)
    chosen = np.array([each == site for each in SITES])
    assert isinstance(found.fit, CoxFit)
    assert (found.fit.hazard_ratio, *found.fit.limits) == pytest.approx(_lifelines(chosen), rel=1e-8)
    assert sum(found.subjects.values()) == chosen.sum()
    assert sum(found.events.values()) == EVENTS[chosen].sum()


def test_subgroups__of_all_levels_together_hold_everybody_who_has_one() -> None:
    some = [None if number % 5 == 0 else each for number, each in enumerate(SITES)]
    rows = subgroup_ratios(follow_up(DAYS, EVENTS), GROUPS, {"site": some}, reference="B")
    assert [each.level for each in rows] == ["S1", "S2", "S3"]
    assert sum(sum(each.subjects.values()) for each in rows) == sum(each is not None for each in some)


def test_subgroup__of_one_arm_alone_has_no_ratio_and_says_why() -> None:
    times = follow_up(np.array([10.0, 20.0, 30.0]), np.array([True, True, True]))
    (row,) = subgroup_ratios(times, ["A", "A", "B"], {"site": ["S1", "S1", None]}, reference="B")
    assert row.fit is CoxObstacle.NOTHING_TO_COMPARE
    assert dict(row.subjects) == {"A": 2, "B": 0}


def test_ratio__turns_over_with_the_reference() -> None:
    times = follow_up(DAYS, EVENTS)
    one, other = (
        subgroup_ratios(times, GROUPS, {"all": ["x"] * N}, reference=reference)[0].fit
        for reference in ("A", "B")
    )
    assert isinstance(one, CoxFit)
    assert isinstance(other, CoxFit)
    assert one.hazard_ratio == pytest.approx(1 / other.hazard_ratio, rel=1e-9)
