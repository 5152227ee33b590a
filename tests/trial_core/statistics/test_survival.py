"""A whole analysis: the reference figures, indifference to order and names, and what is said in words."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trial_core.statistics.samples import Subject, subjects
from trial_core.statistics.follow_up import follow_up
from trial_core.statistics.survival import SurvivalAnalysis, analyse_survival, survival_data
from trial_core.statistics.survival_json import days_to_count, survival_to_json
from trial_core.statistics.survival_remarks import RemarkCode, remarks

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "survival"


def _analysis(drawn: list[Subject], names: str = "AB", **options: Any) -> SurvivalAnalysis:
    days, events, groups, strata = zip(*drawn, strict=True)
    return analyse_survival(
        survival_data(
            follow_up(np.array(days), np.array(events, dtype=np.bool_)),
            [names[group] for group in groups],
            [None if stratum < 0 else stratum for stratum in strata],
        ),
        **options,
    )


def _codes(analysis: SurvivalAnalysis) -> set[RemarkCode]:
    return {remark.code for remark in remarks(analysis)}


@given(subjects(), st.randoms())
@settings(max_examples=15)
def test_order_of_rows__changes_nothing(drawn: list[Subject], source: Any) -> None:
    shuffled = list(drawn)
    source.shuffle(shuffled)
    here, there = (json.dumps(survival_to_json(_analysis(rows))) for rows in (drawn, shuffled))
    assert _numbers(json.loads(here)) == pytest.approx(_numbers(json.loads(there)), rel=1e-9, abs=1e-9)


@given(subjects())
@settings(max_examples=15)
def test_names_of_groups__are_names_only(drawn: list[Subject]) -> None:
    plain, renamed = _analysis(drawn, "AB"), _analysis(drawn, "ZQ", reference="Z")
    here, there = survival_to_json(plain), survival_to_json(renamed)
    for key, other in (("A", "Z"), ("B", "Q")):
        assert here["groups"][key] == there["groups"][other]
    for name in ("logrank", "stratified_logrank"):
        assert _numbers(here[name]) == pytest.approx(_numbers(there[name]), rel=1e-9, abs=1e-9)
    for name in ("cox", "stratified_cox"):
        assert {**here[name], "reference": ""} == {**there[name], "reference": ""}
    assert here["rmst"]["difference"] == there["rmst"]["difference"]


def _numbers(document: Any) -> dict[str, float]:
    """Flatten to path and number; what is not there is -1."""
    if isinstance(document, dict):
        parts = document.items()
    elif isinstance(document, list):
        parts = enumerate(document)  # type: ignore[assignment]
    else:
        return {"": -1.0 if document is None else document if not isinstance(document, str) else 0.0}
    return {f"{key}.{rest}": number for key, part in parts for rest, number in _numbers(part).items()}


@pytest.mark.skipif(not REFERENCE.exists(), reason="the shared reference data are not beside the repository")
@pytest.mark.parametrize(("name", "tau"), [("lung", 365), ("veteran", 180)])
def test_reference_figures__are_met_to_a_millionth(name: str, tau: int) -> None:
    with (REFERENCE / "expected_r.csv").open(newline="") as file:
        expected = {
            row["quantity"]: float(row["value"]) for row in csv.DictReader(file) if row["dataset"] == name
        }
    with (REFERENCE / f"{name}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    drawn = [
        (float(row["time"]), row["ev"] == "1", int(row["g"]) - 1, -1 if row["st"] == "NA" else int(row["st"]))
        for row in rows
    ]
    found = survival_to_json(_analysis(drawn, "12", tau_days=tau))
    ours = _named_as_in_reference(found, tau)
    assert ours == {quantity: pytest.approx(expected[quantity], rel=1e-6) for quantity in ours}
    for key in "12":
        for quantity in ("median", "median_lower", "median_upper"):
            short = quantity.replace("lower", "lcl").replace("upper", "ucl")
            assert found["groups"][key][quantity] == expected[f"{short}_log-log_g{key}"]


def _named_as_in_reference(found: dict[str, Any], tau: int) -> dict[str, float]:
    cox, stratified = found["cox"], found["stratified_cox"]
    means = found["rmst"]["groups"]
    return {
        "n": found["n"],
        "events": found["events"],
        "logrank_chisq": found["logrank"]["chi2"],
        "logrank_p": found["logrank"]["p"],
        "strat_logrank_chisq": found["stratified_logrank"]["chi2"],
        "strat_logrank_p": found["stratified_logrank"]["p"],
        "cox_efron_coef": cox["coef"],
        "cox_efron_se": cox["se"],
        "cox_efron_HR": cox["hazard_ratio"],
        "cox_efron_HR_lcl": cox["lower"],
        "cox_efron_HR_ucl": cox["upper"],
        "cox_efron_wald_p": cox["p"],
        "cox_robust_se": cox["robust_se"],
        "coxzph_km_chisq": cox["proportional_hazards"]["chi2"],
        "coxzph_km_p": cox["proportional_hazards"]["p"],
        "cox_strat_efron_HR": stratified["hazard_ratio"],
        "cox_strat_efron_HR_lcl": stratified["lower"],
        "cox_strat_efron_HR_ucl": stratified["upper"],
        **{f"RMST_tau{tau}_g{key}": mean["value"] for key, mean in means.items()},
        **{f"RMST_se_tau{tau}_g{key}": mean["se"] for key, mean in means.items()},
    }


APART: list[Subject] = [(1, True, 0, 0), (2, True, 0, 0), (5, False, 1, 0), (9, False, 1, 0)]


def test_diverging_ratio__is_said_and_not_printed() -> None:
    analysis = _analysis(APART)
    found = survival_to_json(analysis)
    assert found["cox"]["n"] == 4
    assert {found["cox"][key] for key in ("hazard_ratio", "lower", "upper", "coef", "se", "p")} == {None}
    assert found["logrank"]["chi2"] is not None
    assert {RemarkCode.HAZARD_RATIO_NOT_ESTIMABLE, RemarkCode.GROUP_WITHOUT_EVENTS} <= _codes(analysis)


def test_three_groups__have_a_test_but_no_ratio_and_no_difference() -> None:
    analysis = _analysis([*APART, (3, True, 2, 0)], "ABC")
    found = survival_to_json(analysis)
    assert (found["cox"], found["stratified_cox"], found["rmst"]["difference"]) == (None, None, None)
    assert found["logrank"]["df"] == 2
    assert RemarkCode.NOT_TWO_GROUPS in _codes(analysis)


def test_group_that_left_before_any_event__is_said_to_be_out_of_the_test() -> None:
    analysis = _analysis([*APART, (0, False, 2, 0)], "ABC")
    assert survival_to_json(analysis)["logrank"]["df"] == 1
    assert RemarkCode.GROUPS_NOT_COMPARED in _codes(analysis)


def test_one_group__has_no_test_either() -> None:
    found = survival_to_json(_analysis([(1, True, 0, 0), (3, False, 0, 0)]))
    assert (found["logrank"], found["cox"], found["rmst"]["difference"]) == (None, None, None)
    assert found["rmst"]["groups"]["A"]["value"] == 2


def test_nobody_with_an_event__is_said() -> None:
    analysis = _analysis([(days, False, group, 0) for days, _, group, _ in APART])
    assert {RemarkCode.NO_EVENTS, RemarkCode.NOTHING_TO_TEST} <= _codes(analysis)


def test_row_without_stratum__leaves_the_stratified_results_only() -> None:
    rows: list[Subject] = [
        (1, True, 0, 0),
        (2, True, 1, 0),
        (3, True, 0, 0),
        (4, True, 1, 0),
        (2, True, 1, -1),
    ]
    analysis = _analysis(rows)
    found = survival_to_json(analysis)
    assert (found["n"], found["logrank"]["n"], found["cox"]["n"]) == (5, 5, 5)
    assert (found["stratified_logrank"]["n"], found["stratified_cox"]["n"]) == (4, 4)
    without = survival_to_json(_analysis(rows[:-1]))
    assert found["stratified_logrank"]["chi2"] == without["logrank"]["chi2"]
    assert RemarkCode.STRATUM_MISSING in _codes(analysis)


def test_no_row_with_a_stratum__leaves_nothing_to_stratify() -> None:
    analysis = _analysis([(days, True, group, -1) for days, _, group, _ in APART])
    found = survival_to_json(analysis)
    assert (found["stratified_logrank"]["n"], found["stratified_logrank"]["p"]) == (0, None)
    assert (found["stratified_cox"]["n"], found["stratified_cox"]["coef"]) == (0, None)
    assert {RemarkCode.STRATUM_MISSING, RemarkCode.NOTHING_TO_TEST} <= _codes(analysis)


def test_horizon_behind_follow_up__is_not_extrapolated() -> None:
    analysis = _analysis(APART, tau_days=20.0, landmark_days=(1.5, 20.0))
    found = survival_to_json(analysis)
    assert found["rmst"]["groups"] == {
        "A": {"value": 1.5, "se": pytest.approx(0.5**0.5 / 2)},
        "B": {"value": None, "se": None},
    }
    assert set(found["rmst"]["difference"].values()) == {None}
    assert found["landmarks"][0]["groups"]["A"]["survival"] == 0.5
    assert found["landmarks"][1]["groups"]["B"]["survival"] is None
    said = {remark.code: remark.message for remark in remarks(analysis)}
    assert "every group allows is 9" in said[RemarkCode.TAU_BEYOND_FOLLOW_UP]
    assert RemarkCode.LANDMARK_BEYOND_FOLLOW_UP in said


def test_crossing_hazards__are_spoken_about() -> None:
    crossing: list[Subject] = [(float(day), True, 0, 0) for day in (1, 2, 3, 4, 60, 70, 80, 90)]
    crossing += [(float(day), True, 1, 0) for day in range(20, 44, 2)]
    assert RemarkCode.HAZARDS_NOT_PROPORTIONAL in _codes(_analysis(crossing))


def test_stratum_of_one_group__is_said_as_harmless() -> None:
    said = remarks(_analysis([*APART, (4, True, 0, 7)]))
    assert [remark.grave for remark in said if remark.code is RemarkCode.STRATUM_OF_ONE_GROUP] == [False]


@given(st.floats(0, 1e6))
def test_days_to_count__are_few_and_reach_the_end(largest: float) -> None:
    days = days_to_count(largest)
    assert days[0] == 0
    assert len(days) <= 9
    assert days[-1] <= largest
    if len(days) > 1:
        assert largest - days[-1] < days[1]
