"""Figures of the trial: every number where it belongs, series told apart without colour, names as text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from trial_core.services.dose_models import pneumonitis_curves
from trial_core.services.safety_figures import SafetyFigures
from trial_core.statistics.stopping_rule import clopper_pearson
from trial_core.statistics.trial_endpoint import Observed, endpoint_to_json
from web.figures import dose_response, forest, operating, survival, swimmer, toxicity, waterfall
from web.figures.toxicity import TermGrades

HOSTILE = "<b>%{x}"


@pytest.fixture(autouse=True)
def _in_a_request() -> Any:
    with Flask("figures").test_request_context():
        yield


def _endpoint() -> dict[str, Any]:
    observed = [
        Observed(group=group, days=days, cause=cause, stratum="site=S1")
        for group, days, cause in (
            ("A", 10, 1), ("A", 40, 0), ("A", 60, 1), ("B", 5, 1), ("B", 20, 1), ("B", 30, 0),
        )
    ]  # fmt: skip
    found = endpoint_to_json(observed, reference="B", landmark_days=[30])
    assert found is not None
    return found


def _lane(subject: str, group: str, change: float | None, **more: Any) -> dict[str, Any]:
    empty = {"radiotherapy": [], "cycles": [1], "other_therapy": [], "responses": [], "died": False}
    base = {
        "subject": subject,
        "group": group,
        "days": 50,
        "followed": True,
        "best_response": "SD",
        "pfs": None,
    }
    return {**empty, **base, "best_change_percent": change, **more}


def test_survival__draws_curves_limits_censored_and_the_numbers_at_risk() -> None:
    endpoint = _endpoint()
    figure = survival.survival_figure(endpoint)
    curves = {each.name: each for each in figure.data if each.name}
    assert list(curves["Arm A"].x) == [0, 10, 40, 60]
    assert list(curves["Arm A"].y) == pytest.approx([100, 200 / 3, 200 / 3, 0])
    assert curves["Arm A"].line.dash != curves["Arm B"].line.dash
    censored = [list(each.x) for each in figure.data if each.marker.symbol == "line-ns-open"]
    assert censored == [[40], [30]]
    at_risk = [list(each.text) for each in figure.data if each.mode == "text"]
    counts = endpoint["numbers_at_risk"]
    assert at_risk == [[str(n) for n in counts["groups"][group]] for group in ("A", "B")]


def test_forest__puts_everybody_above_the_subgroups_and_words_beside_what_has_no_ratio() -> None:
    subgroups: list[dict[str, Any]] = [
        {"factor": "site", "level": HOSTILE, "subjects": {"A": 3, "B": 3}, "events": {"A": 2, "B": 2},
         "hazard_ratio": 0.5, "lower": 0.001, "upper": 400.0, "why_none": ""},
        {"factor": "site", "level": "S2", "subjects": {"A": 1, "B": 0}, "events": {"A": 0, "B": 0},
         "hazard_ratio": None, "lower": None, "upper": None, "why_none": "none"},
    ]  # fmt: skip
    rows = forest.ratios(_endpoint(), subgroups)
    figure = forest.forest_figure(rows)
    assert [each.whole for each in rows] == [True, True, False, False]
    assert [each.text for each in figure.layout.annotations][-1] == "not estimable"
    assert "0.50 (0.00–400.00)" in [each.text for each in figure.layout.annotations]
    subgroup = next(each for each in figure.data if each.marker.symbol == "square")
    assert subgroup.error_x.array[0] == pytest.approx(50 - 0.5)
    assert "<b>" not in json.dumps(figure.to_plotly_json(), default=str)


def test_waterfall__falls_from_growth_to_shrinkage_and_lists_who_has_no_bar() -> None:
    lanes = [_lane("1", "A", -40.0), _lane("2", "B", 25.0), _lane("3", "A", None), _lane("4", "A", 0.0)]
    figure = waterfall.waterfall_figure(lanes)
    bars = {x: y for each in figure.data for x, y in zip(each.x, each.y, strict=True)}
    assert [bars[place] for place in sorted(bars)] == [25.0, 0.0, -40.0]
    assert waterfall.without_change(lanes) == ["3"]
    assert len({each.marker.pattern.shape for each in figure.data}) == 2


def test_swimmer__has_a_lane_each_and_shapes_for_what_happened() -> None:
    lanes = [
        _lane("1", "A", None, responses=[{"day": 20, "response": "PR"}], radiotherapy=[3, 4]),
        _lane(HOSTILE, "B", None, died=True, followed=False),
        _lane("3", "B", None, days=None),
    ]
    figure = swimmer.swimmer_figure(lanes)
    named = {each.name: list(each.x) for each in figure.data if each.type == "scatter"}
    assert named == {
        "Systemic cycle": [1, 1],
        "Radiotherapy": [3, 4],
        "PR": [20],
        "Died": [50],
        "In follow-up": [50],
    }
    symbols = [each.marker.symbol for each in figure.data if each.type == "scatter"]
    assert len(set(symbols)) == len(symbols)
    assert figure.layout.yaxis.ticktext[0] == "1"
    assert "<b>" not in json.dumps(figure.to_plotly_json(), default=str)


def test_toxicity__draws_arms_to_either_side_and_severe_terms_on_top() -> None:
    rows = [
        TermGrades("Fatigue", "A", 10, (5, 0, 0, 0, 0)),
        TermGrades("Fatigue", "B", 20, (0, 0, 0, 0, 0)),
        TermGrades(HOSTILE, "A", 10, (0, 0, 1, 0, 0)),
        TermGrades(HOSTILE, "B", 20, (0, 0, 0, 2, 0)),
    ]
    figure = toxicity.toxicity_figure(rows, [("A", "Arm A"), ("B", "Arm B")])
    assert toxicity.ordered_terms(rows) == [HOSTILE, "Fatigue"]
    first = next(each for each in figure.data if each.name == "Grade 1")
    assert list(first.x) == [-50.0, 0.0]
    fourth = [each for each in figure.data if each.name == "Grade 4"][1]
    assert list(fourth.x) == [0.0, 10.0]
    assert "<b>" not in json.dumps(figure.to_plotly_json(), default=str)


def test_dose__lays_each_subject_at_its_lung_dose_beside_the_models() -> None:
    seen = {
        "figure": "Mean[Gy]",
        "scope": "sum, EQD2 (α/β 3 Gy)",
        "with_event": [18.0],
        "without_event": [9.0, 12.0],
    }
    other = {**seen, "scope": "sum, physical", "with_event": [99.0]}
    figure = dose_response.dose_figure({"A": {"pneumonitis": [seen, other]}}, pneumonitis_curves())
    marks = figure.data[-1]
    assert (list(marks.x), list(marks.y)) == ([18.0, 9.0, 12.0], [100, 0, 0])
    assert [each.mode for each in figure.data] == ["lines", "lines", "markers"]


def test_operating_characteristics__show_the_rate_seen_with_its_limits() -> None:
    limits = clopper_pearson(1, 25)
    figures = SafetyFigures(
        run_in_size=25, stop_at=2, stops=((0.01, 0.02), (0.1, 0.7)), counted=1, enrolled=25, limits=limits
    )
    line, seen = operating.operating_figure(figures).data
    assert list(line.y) == pytest.approx([2, 70])
    assert seen.x[0] == pytest.approx(4)
    assert seen.x[0] + seen.error_x.array[0] == pytest.approx(100 * limits.upper)
