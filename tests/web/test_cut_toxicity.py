"""Toxicity of a data cut: the arms side by side, the run-in by itself, versions never added up."""

from __future__ import annotations

import json
from typing import Any

from trial_core.domain.subject import Phase
from trial_core.domain.toxicity import Treatment
from trial_core.services.cut_toxicity import ANY_CAUSE
from web.components.cut_toxicity import grades_of, toxicity_parts


def _row(term: str, arm: str, *grades: int, version: str = "5.0") -> dict[str, Any]:
    return {"version": version, "term": term, "arm": arm, "subjects": 10, "with_grade": list(grades)}


def _outcome(*rows: dict[str, Any], poolable: bool = True) -> dict[str, Any]:
    empty: dict[str, Any] = {"versions": ["5.0"], "poolable": True, "rows": []}
    found = {treatment.value: empty for treatment in Treatment}
    every = {"versions": ["5.0"], "poolable": poolable, "rows": list(rows)}
    return {"toxicity": {**found, ANY_CAUSE: every, Treatment.CFRT.value: every}}


OUTCOME = _outcome(
    _row("Nausea", "A", 3, 2, 0, 0, 0),
    _row("Nausea", "B", 1, 0, 2, 0, 0),
    _row("Rash", "run-in", 1, 0, 0, 0, 0),
)


def test_grades__of_each_phase_are_those_of_its_groups() -> None:
    assert [(each.group, each.severe) for each in grades_of(OUTCOME, Phase.IIB, ANY_CAUSE)] == [
        ("A", 0),
        ("B", 2),
    ]
    assert [each.term for each in grades_of(OUTCOME, Phase.IIA, ANY_CAUSE)] == ["Rash"]


def test_grades__leave_out_what_emerged_in_nobody_of_the_phase() -> None:
    rows = (_row("Nausea", "A", 0, 0, 0, 0, 0), _row("Nausea", "B", 0, 0, 0, 0, 0))
    assert grades_of(_outcome(*rows), Phase.IIB, ANY_CAUSE) == []
    one_sided = (_row("Nausea", "A", 0, 0, 0, 0, 0), _row("Nausea", "B", 1, 0, 0, 0, 0))
    assert len(grades_of(_outcome(*one_sided), Phase.IIB, ANY_CAUSE)) == 2


def test_grades__of_two_versions_name_their_version() -> None:
    outcome = _outcome(
        _row("Nausea", "A", 1, 0, 0, 0, 0), _row("Nausea", "A", 0, 1, 0, 0, 0, version="4.03"), poolable=False
    )
    found = grades_of(outcome, Phase.IIB, ANY_CAUSE)
    assert [each.term for each in found] == ["Nausea (5.0)", "Nausea (4.03)"]


def test_toxicity_of_a_cut__shows_both_arms_and_each_treatment() -> None:
    shown = json.dumps(toxicity_parts(OUTCOME, Phase.IIB, csv_href="/x.csv").to_plotly_json(), default=_plain)
    for words in ("Arm A", "Arm B", "2 (20 %)", "Related to CFRT", "Related to LDRT: none.", "/x.csv"):
        assert words in shown, words
    assert "Rash" not in shown


def test_toxicity_of_a_cut__in_which_nothing_emerged_says_so() -> None:
    shown = json.dumps(toxicity_parts(_outcome(), Phase.IIB, csv_href="").to_plotly_json(), default=_plain)
    assert "No adverse event emerged" in shown


def _plain(component: Any) -> Any:
    return component.to_plotly_json()
