"""An endpoint of one phase as JSON: groups, causes, strata, and None where there is nobody."""

from __future__ import annotations

import json

import pytest

from trial_core.statistics.trial_endpoint import Observed, endpoint_to_json, incidence_to_json

TWO_GROUPS = [
    Observed(group=group, days=days, cause=cause, stratum=stratum)
    for group, days, cause, stratum in [
        ("A", 10, 1, "S1"),
        ("A", 20, 0, "S1"),
        ("A", 30, 2, "S2"),
        ("B", 5, 1, "S1"),
        ("B", 15, 1, "S2"),
        ("B", 25, 0, None),
    ]
]


def test_endpoint__counts_every_cause_as_the_event_and_leaves_no_stratum_out_of_the_plain_results() -> None:
    found = endpoint_to_json(TWO_GROUPS, reference="B", landmark_days=[12])
    assert found is not None
    assert (found["n"], found["events"], found["cox"]["reference"]) == (6, 4, "B")
    assert (found["logrank"]["n"], found["stratified_logrank"]["n"]) == (6, 5)
    assert {key: each["survival"] for key, each in found["landmarks"][0]["groups"].items()} == {
        "A": pytest.approx(2 / 3),
        "B": pytest.approx(2 / 3),
    }
    assert "stratum-missing" in {each["code"] for each in found["findings"]}


def test_endpoint__of_one_group_has_a_curve_and_compares_nothing() -> None:
    alone = [Observed(group="run-in", days=days, cause=1) for days in (10, 20)]
    found = endpoint_to_json(alone, reference=None, landmark_days=[])
    assert found is not None
    assert (found["cox"], found["stratified_cox"], found["logrank"]) == (None, None, None)
    assert found["curves"]["run-in"]["survival"] == [0.5, 0.0]
    assert found["curves"]["run-in"]["lower"][1] is None  # no limit where the curve is 0
    json.dumps(found, allow_nan=False)


def test_endpoint__of_nobody_is_none() -> None:
    assert endpoint_to_json([], reference=None, landmark_days=[]) is None
    assert incidence_to_json([], causes=["progression"], landmark_days=[]) == {}


def test_incidence__of_all_causes_and_survival_make_one() -> None:
    found = incidence_to_json(TWO_GROUPS, causes=["progression", "death"], landmark_days=[30])
    in_a = found["A"]
    assert [in_a[cause]["events"] for cause in ("progression", "death")] == [1, 1]
    total = sum(in_a[cause]["landmarks"][0]["incidence"] for cause in ("progression", "death"))
    assert total == pytest.approx(1.0)  # the last one at risk had an event
