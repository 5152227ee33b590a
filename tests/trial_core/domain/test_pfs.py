"""Progression-free survival: the table of truth, and what holds for any history."""

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trial_core.domain.pfs_histories import RULES, START, TABLE, day, histories, history_of
from trial_core.domain.pfs import (
    NewTherapy,
    OriginsMixed,
    PfsReason,
    PfsResult,
    PfsRules,
    progression_free_survival,
    require_one_origin,
)
from trial_core.domain.pfs_history import (
    Assessment,
    Origin,
    PfsHistory,
    Therapy,
    TherapyKind,
    history_until,
    therapies_against_arm,
)
from trial_core.domain.queries import QueryCode
from trial_core.domain.response import OverallResponse

VARIANTS = {
    "plain": RULES,
    "as_event": replace(RULES, new_therapy=NewTherapy.EVENT),
    "no_missed": replace(RULES, missed_visits=False),
}
any_rules = st.sampled_from([*VARIANTS.values(), replace(VARIANTS["as_event"], missed_visits=False)])


@pytest.mark.parametrize("variant", list(VARIANTS))
@pytest.mark.parametrize("row", TABLE, ids=[row["name"] for row in TABLE])
def test_pfs__is_what_the_table_of_truth_says(row: dict[str, Any], variant: str) -> None:
    rules = replace(VARIANTS[variant], radiotherapy_without_plan_is_new=row.get("radiotherapy_counts", True))
    number, event, reason = row.get(variant, row["plain"])
    result = progression_free_survival(history_of(row), rules)
    assert (result.days, result.event, result.reason) == (number, event == "event", PfsReason[reason]), row[
        "why"
    ]
    assert {query.code for query in result.queries} == {QueryCode[code] for code in row.get("queries", ())}
    assert result.provisional == bool(row.get("queries"))


def test_table_of_truth__has_each_rule_and_each_meeting_of_two() -> None:
    assert len(TABLE) >= 60
    assert len({row["name"] for row in TABLE}) == len(TABLE)
    used = {row.get(variant, row["plain"])[2] for row in TABLE for variant in VARIANTS}
    assert used == set(PfsReason.__members__)
    meetings = {tuple(row["meets"]) for row in TABLE if "meets" in row}
    assert meetings == set(combinations(range(1, 7), 2))


@given(history=histories(), rules=any_rules, seed=st.integers(0, 1000))
def test_pfs__does_not_depend_on_the_order_of_entry(history: PfsHistory, rules: PfsRules, seed: int) -> None:
    order = random.Random(seed)  # noqa: S311 - an order, no secret
    shuffled = replace(
        history,
        assessments=tuple(order.sample(history.assessments, len(history.assessments))),
        therapies=tuple(order.sample(history.therapies, len(history.therapies))),
    )
    assert progression_free_survival(shuffled, rules) == progression_free_survival(history, rules)


@given(
    history=histories(), rules=any_rules, later=st.integers(1, 400), what=st.sampled_from(["PD", "SD", "NE"])
)
def test_pfs__an_event_is_not_changed_by_what_comes_later(
    history: PfsHistory, rules: PfsRules, later: int, what: str
) -> None:
    result = progression_free_survival(history, rules)
    if not result.event:
        return
    after = result.on + timedelta(days=later)
    visit = Assessment(label="later", on=after, overall=OverallResponse(what))
    therapy = Therapy(label="later", kind=TherapyKind.SYSTEMIC, started_on=after, per_protocol=False)
    longer = replace(
        history, assessments=(*history.assessments, visit), therapies=(*history.therapies, therapy)
    )
    assert _answer(progression_free_survival(longer, rules)) == _answer(result)


@given(history=histories(), rules=any_rules)
def test_pfs__lies_between_the_start_and_the_last_record(history: PfsHistory, rules: PfsRules) -> None:
    result = progression_free_survival(history, rules)
    days = [each.on for each in history.assessments] + [each.started_on for each in history.therapies]
    known = [START, *(each for each in [*days, history.death_on] if each is not None)]
    assert START <= result.on <= max(known)
    assert result.days >= 1
    if result.rule in (1, 3, 6):
        assert not result.event or result.reason is PfsReason.THERAPY_AS_EVENT


@given(history=histories())
def test_pfs__an_adequate_baseline_is_needed_for_any_event(history: PfsHistory) -> None:
    result = progression_free_survival(replace(history, baseline=None), RULES)
    assert (result.days, result.event, result.reason) == (1, False, PfsReason.NO_BASELINE)


@given(history=histories())
def test_pfs__without_the_missed_visit_rule_no_event_is_lost(history: PfsHistory) -> None:
    plain = progression_free_survival(history, RULES)
    without = progression_free_survival(history, VARIANTS["no_missed"])
    if plain.rule == 4:
        assert without.event
        assert without.on > plain.on
    else:
        assert _answer(without) == _answer(plain)


@given(history=histories(), shift=st.integers(-2000, 2000))
def test_pfs__days_do_not_depend_on_the_calendar(history: PfsHistory, shift: int) -> None:
    def moved(on: date | None) -> date | None:
        return None if on is None else on + timedelta(days=shift)

    elsewhere = replace(
        history,
        start=START + timedelta(days=shift),
        baseline=replace(history.baseline, on=moved(history.baseline.on)) if history.baseline else None,
        assessments=tuple(replace(each, on=moved(each.on)) for each in history.assessments),
        therapies=tuple(replace(each, started_on=moved(each.started_on)) for each in history.therapies),
        death_on=moved(history.death_on),
    )
    here, there = progression_free_survival(history, RULES), progression_free_survival(elsewhere, RULES)
    assert (here.days, here.event, here.reason) == (there.days, there.event, there.reason)


@given(history=histories(), number=st.integers(1, 700))
def test_pfs__a_data_cut_after_the_event_changes_nothing(history: PfsHistory, number: int) -> None:
    result = progression_free_survival(history, RULES)
    cut = START + timedelta(days=number - 1)
    if result.event and result.on <= cut:
        assert _answer(progression_free_survival(history_until(history, cut), RULES)) == _answer(result)


def test_pfs__a_progression_after_the_data_cut_is_not_known_yet() -> None:
    history = history_of({"visits": {43: "SD", 85: "SD", 127: "PD"}, "death": 200})
    result = progression_free_survival(history_until(history, date(2026, 5, 1)), RULES)
    assert (result.days, result.event, result.reason) == (85, False, PfsReason.NO_EVENT)


@pytest.mark.parametrize(
    ("cut", "expected"),
    [(83, (43, False)), (84, (84, True)), (85, (84, True))],
)
def test_pfs__at_a_data_cut_knows_a_progression_from_the_day_that_shows_it(
    cut: int, expected: tuple[int, bool]
) -> None:
    history = history_of({"visits": {43: "SD", 90: "PD"}, "shown": {90: 84}})
    result = progression_free_survival(history_until(history, START + timedelta(days=cut - 1)), RULES)
    assert (result.days, result.event) == expected


def test_require_one_origin__never_pools_silently() -> None:
    run_in = progression_free_survival(history_of({"phase": "IIa", "visits": {43: "PD"}}), RULES)
    randomised = progression_free_survival(history_of({"visits": {43: "PD"}}), RULES)
    require_one_origin([run_in, run_in])
    require_one_origin([])
    with pytest.raises(OriginsMixed, match=r"from randomisation .* and from registration"):
        require_one_origin([run_in, randomised])
    assert run_in.origin is Origin.REGISTRATION


def test_therapies_against_the_arm__are_radiotherapy_to_a_tumour_in_arm_b() -> None:
    given = [[60, "radiotherapy", "new"], [50, "radiotherapy", "per protocol"], [40, "systemic", "new"]]
    given.append([30, "radiotherapy", "new", "not tumour"])
    therapies = history_of({"arm": "B", "therapy": given}).therapies
    in_b = therapies_against_arm(therapies, arm_has_radiotherapy=False)
    assert [each.started_on for each in in_b] == [day(50), day(60)]
    assert therapies_against_arm(therapies, arm_has_radiotherapy=True) == ()


def test_day__counts_the_start_as_day_1() -> None:
    assert day(1) == START


def _answer(result: PfsResult) -> tuple[date, bool, PfsReason]:
    return result.on, result.event, result.reason
