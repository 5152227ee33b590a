"""The verdict of a plan and of the course: truth tables and what must hold for any of them."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trial_core.domain.rows import RULE, a_check, a_row
from trial_core.domain.criteria import Requirement, Verdict
from trial_core.domain.report import CheckStatus, CheckWeight, ResultRow
from trial_core.domain.verdict import judge_together

P, V, U = Verdict.PER_PROTOCOL, Verdict.ACCEPTABLE_VARIATION, Verdict.UNACCEPTABLE_DEVIATION
N, ABSENT = Verdict.NOT_EVALUABLE, Verdict.NOT_CONTOURED
OPTIONAL = Requirement.IF_PRESENT
SEVERITY = [P, V, N, U]

any_verdict = st.sampled_from(list(Verdict))
any_requirement = st.sampled_from(list(Requirement))
any_rows = st.lists(st.tuples(any_verdict, any_requirement, st.integers(0, 5)), max_size=12)


def _rows(verdicts: list[Verdict]) -> list[ResultRow]:
    """One criterion for each verdict."""
    return [
        a_row(number, verdict, structure=f"S{number}") for number, verdict in enumerate(verdicts, start=1)
    ]


def _verdict(rows: list[ResultRow]) -> Verdict:
    return judge_together(rows, [], RULE).verdict


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([P, P], P),
        ([P, V], V),
        ([V, V, V], V),
        ([V, V, V, V], U),
        ([V, V, V, V, N], U),
        ([P, U], U),
        ([U, N], U),
        ([P, N], N),
        ([V, N], N),
        ([V, V, V, N], N),
        ([P, ABSENT], P),
        ([V, ABSENT], V),
        ([ABSENT, ABSENT], N),
        ([N], N),
        ([], N),
    ],
)
def test_judge_together__follows_the_table(verdicts: list[Verdict], expected: Verdict) -> None:
    assert _verdict(_rows(verdicts)) is expected


def test_judge_together__counts_a_criterion_once_at_its_worst_over_plan_and_sums() -> None:
    scopes = [a_row(1, V), a_row(2, V), a_row(3, V)]
    others = [a_row(number, V, structure=f"S{number}") for number in (4, 5)]
    judgement = judge_together([*scopes, *others], [], RULE)
    assert judgement.verdict is V  # three items, not five
    assert [item.rows for item in judgement.counted] == [(1, 2, 3), (4,), (5,)]
    assert judge_together([a_row(1, P), a_row(2, U), a_row(3, V)], [], RULE).verdict is U


def test_judge_together__two_metrics_of_one_structure_are_two_items() -> None:
    rows = [a_row(number, V, metric=f"V{number}Gy[%]") for number in range(1, 5)]
    assert _verdict(rows) is U


def test_judge_together__a_measured_variation_counts_though_the_sum_is_not_evaluable() -> None:
    rows = [
        a_row(2 * number + part, verdict, structure=f"S{number}")
        for number in range(4)
        for part, verdict in enumerate((V, N))
    ]
    assert _verdict(rows) is U
    assert _verdict(rows[:2]) is N


def test_judge_together__an_optional_criterion_that_is_not_evaluable_changes_nothing() -> None:
    rows = [a_row(1, P), a_row(2, N, structure="Liver", requirement=OPTIONAL)]
    assert _verdict(rows) is P


@pytest.mark.parametrize(
    ("status", "weight", "expected"),
    [
        (CheckStatus.FAILED, CheckWeight.UNACCEPTABLE, U),
        (CheckStatus.FAILED, CheckWeight.VARIATION, V),
        (CheckStatus.FAILED, CheckWeight.NOT_EVALUABLE, N),
        (CheckStatus.FAILED, CheckWeight.NOTE, P),
        (CheckStatus.UNKNOWN, CheckWeight.NOT_EVALUABLE, N),
        (CheckStatus.UNKNOWN, CheckWeight.NOTE, P),
        (CheckStatus.PASSED, CheckWeight.UNACCEPTABLE, P),
    ],
)
def test_judge_together__a_plan_check_is_one_item(
    status: CheckStatus, weight: CheckWeight, expected: Verdict
) -> None:
    assert judge_together([a_row(1, P)], [a_check(status, weight)], RULE).verdict is expected


def test_judge_together__a_check_is_not_one_of_the_four_variations() -> None:
    check = a_check(CheckStatus.FAILED, CheckWeight.VARIATION)
    assert judge_together(_rows([V, V, V]), [check], RULE).verdict is V
    assert judge_together(_rows([V, V, V, V]), [check], RULE).verdict is U


def test_judge_together__a_check_alone_judges_no_criterion() -> None:
    check = a_check(CheckStatus.FAILED, CheckWeight.VARIATION)
    assert judge_together([], [check], RULE).verdict is N


def test_judge_together__passed_checks_alone_are_no_verdict() -> None:
    assert judge_together([], [a_check(CheckStatus.PASSED)], RULE).verdict is N


def test_judge_together__an_obstacle_is_not_evaluable_unless_unacceptable_anyway() -> None:
    obstacles = ["there is no plan of the required regimen LDRT"]
    judgement = judge_together(_rows([P]), [], RULE, obstacles=obstacles)
    assert judgement.verdict is N
    assert judgement.reasons == tuple(obstacles)
    assert judge_together(_rows([U]), [], RULE, obstacles=obstacles).verdict is U


def test_judge_together__gives_a_reason_for_everything_but_per_protocol() -> None:
    for verdicts in itertools.product([P, V, U, N], repeat=2):
        judgement = judge_together(_rows(list(verdicts)), [], RULE)
        assert bool(judgement.reasons) is (judgement.verdict is not P)


@given(any_rows, st.randoms(use_true_random=False))
def test_judge_together__does_not_depend_on_the_order(
    parts: list[tuple[Verdict, Requirement, int]], chance: random.Random
) -> None:
    rows = [a_row(i, v, structure=f"S{s}", requirement=r) for i, (v, r, s) in enumerate(parts)]
    shuffled = rows.copy()
    chance.shuffle(shuffled)
    assert judge_together(rows, [], RULE) == judge_together(shuffled, [], RULE)


@given(any_rows, st.tuples(st.sampled_from([P, V, N, U]), any_requirement))
def test_judge_together__one_more_result_never_makes_it_better(
    parts: list[tuple[Verdict, Requirement, int]], more: tuple[Verdict, Requirement]
) -> None:
    rows = [a_row(i, v, structure=f"S{s}", requirement=r) for i, (v, r, s) in enumerate(parts)]
    before = judge_together([a_row(98, P, structure="base"), *rows], [], RULE).verdict
    extra = a_row(99, more[0], structure="extra", requirement=more[1])
    after = judge_together([a_row(98, P, structure="base"), *rows, extra], [], RULE).verdict
    assert SEVERITY.index(after) >= SEVERITY.index(before)


@given(any_rows, st.integers(0, 11), st.sampled_from([(P, V), (V, U), (P, U), (P, N)]))
def test_judge_together__a_worse_result_never_makes_it_better(
    parts: list[tuple[Verdict, Requirement, int]], place: int, change: tuple[Verdict, Verdict]
) -> None:
    rows = [a_row(i, v, structure=f"S{s}", requirement=r) for i, (v, r, s) in enumerate(parts)]
    better = [*rows[:place], a_row(50, change[0], structure="changed"), *rows[place:]]
    worse = [*rows[:place], a_row(50, change[1], structure="changed"), *rows[place:]]
    assert SEVERITY.index(_verdict(worse)) >= SEVERITY.index(_verdict(better))


def test_judge_together__names_all_that_is_not_evaluable_in_one_reason() -> None:
    judgement = judge_together(_rows([N, U, N]), [], RULE)
    labels = [item.label for item in judgement.counted]
    assert judgement.reasons == (f"{labels[1]}: {U}", f"{labels[0]}, {labels[2]}: {N}")
