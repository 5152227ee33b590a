"""RECIST 1.1: tables 1 to 3 to the letter, sums and nadir, and what is unclear."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.domain.lesions import Lesion, LesionRole, RecistRules
from trial_core.domain.queries import QueryCode
from trial_core.domain.readings import (
    NewLesion,
    NonTargetReading,
    NonTargetStatus,
    ReadingRefused,
    Size,
    TargetReading,
    Visit,
)
from trial_core.domain.response import NonTargetResponse as N
from trial_core.domain.response import OverallResponse as O
from trial_core.domain.response import (
    ReasonMissing,
    SetByHand,
    VisitResponse,
    derive_responses,
    overall_response,
)
from trial_core.domain.target_response import TargetResponse as T

RULES = RecistRules()
START = date(2026, 1, 5)

# Table 1 (target, non-target, new lesion -> overall) and table 2 (no target): transcribed row by row.
TABLES = [
    (T.CR, N.CR, False, O.CR),
    (T.CR, None, False, O.CR),  # no non-target lesion at baseline
    (T.CR, N.NON_CR_NON_PD, False, O.PR),
    (T.CR, N.NE, False, O.PR),
    *[(T.PR, non_target, False, O.PR) for non_target in (None, N.CR, N.NON_CR_NON_PD, N.NE)],
    *[(T.SD, non_target, False, O.SD) for non_target in (None, N.CR, N.NON_CR_NON_PD, N.NE)],
    *[(T.NE, non_target, False, O.NE) for non_target in (None, N.CR, N.NON_CR_NON_PD, N.NE)],
    *[(T.PD, non_target, new, O.PD) for non_target in (None, *N) for new in (False, True)],
    *[(target, N.PD, new, O.PD) for target in (None, *T) for new in (False, True)],
    *[(target, non_target, True, O.PD) for target in (None, *T) for non_target in (None, *N)],
    (None, N.CR, False, O.CR),
    (None, N.NON_CR_NON_PD, False, O.NON_CR_NON_PD),
    (None, N.NE, False, O.NE),
    (None, None, False, O.NE),
]


@pytest.mark.parametrize(("target", "non_target", "new", "expected"), TABLES)
def test_overall_response__is_that_of_tables_1_and_2(
    target: T | None, non_target: N | None, new: bool, expected: O
) -> None:
    assert overall_response(target, non_target, new_lesion=new) is expected


def test_tables__leave_nothing_out() -> None:
    seen = {row[:3] for row in TABLES}
    assert seen == {
        (target, non, new) for target in (None, *T) for non in (None, *N) for new in (False, True)
    }


def _lesions(**baseline_mm: float) -> list[Lesion]:
    """Targets by name; a name that begins with n is a node."""
    return [
        Lesion(id=name, organ=name, role=LesionRole.TARGET, node=name.startswith("n"), baseline_mm=mm)
        for name, mm in baseline_mm.items()
    ]


def _visit(week: int, new: tuple[NewLesion, ...] = (), **found: Any) -> Visit:
    """A visit: targets in mm by name (0 absent, None not assessed, 'small'), or a non-target's status."""
    on = START + timedelta(weeks=week)
    targets, others = [], []
    for name, what in found.items():
        if isinstance(what, NonTargetStatus):
            others.append(NonTargetReading(lesion=name, on=on, status=what))
        else:
            targets.append(_reading(name, on, what))
    return Visit(label=f"week {week}", targets=tuple(targets), non_targets=tuple(others), new_lesions=new)


def _reading(name: str, on: date, what: float | str | None) -> TargetReading:
    match what:
        case None:
            return TargetReading(lesion=name, on=on, size=Size.NOT_ASSESSED)
        case 0:
            return TargetReading(lesion=name, on=on, size=Size.ABSENT)
        case "small":
            return TargetReading(lesion=name, on=on, size=Size.TOO_SMALL)
        case _:
            return TargetReading(lesion=name, on=on, size=Size.MEASURED, mm=float(what))


def _last(lesions: list[Lesion], *visits: Visit) -> VisitResponse:
    return derive_responses(lesions, visits, RULES)[-1]


@pytest.mark.parametrize(
    ("baseline", "visits", "expected"),
    [
        ({"a": 50}, [{"a": 35}], T.PR),  # 30 % below baseline is enough
        ({"a": 50}, [{"a": 35.1}], T.SD),
        ({"a": 50}, [{"a": 60}], T.PD),  # 20 % and 10 mm above the baseline, which is the nadir
        ({"a": 50}, [{"a": 59.9}], T.SD),
        ({"a": 20}, [{"a": 24.9}], T.SD),  # 24.5 %, but less than 5 mm
        ({"a": 20}, [{"a": 25}], T.PD),  # 25 % and 5 mm
        ({"a": 29.5}, [{"a": 35.4}], T.PD),  # exactly 20 % as decimals, a hair less in binary
        ({"a": 100}, [{"a": 50}, {"a": 60}], T.PD),  # from the nadir, though 40 % below baseline
        ({"a": 100}, [{"a": 50}, {"a": 55}], T.PR),  # 10 % above the nadir
        ({"a": 100}, [{"a": 50}, {"a": 55}, {"a": 60}], T.PD),  # the nadir is the smallest, not the last
        ({"a": 20}, [{"a": 10}, {"a": 14}], T.PR),  # 40 % above the nadir, but 4 mm
        ({"a": 20}, [{"a": 0}], T.CR),
        ({"a": 20}, [{"a": 0}, {"a": 0}], T.CR),
        ({"a": 20}, [{"a": 0}, {"a": 3}], T.PD),  # reappearance from a nadir of 0, whatever its size
        ({"a": 20}, [{"a": 0}, {"a": "small"}], T.PD),
        ({"a": 20}, [{"a": "small"}], T.PR),  # too small to measure is 5 mm, 75 % below
        ({"a": 20, "n": 15}, [{"a": 0, "n": 9.9}], T.CR),  # a node below 10 mm is normal
        ({"a": 20, "n": 15}, [{"a": 0, "n": 10}], T.PR),
        ({"n": 15}, [{"n": 4}, {"n": 9.5}], T.CR),  # a node that varies below 10 mm, though 5.5 mm up
        ({"n": 15}, [{"n": 0}, {"n": 9}], T.CR),  # the same from a nadir of 0
        ({"n": 15}, [{"n": 0}, {"n": 10}], T.PD),  # a node of 10 mm is disease again
        ({"a": 20, "b": 20}, [{"a": 20, "b": None}], T.NE),
        ({"a": 20, "b": 20}, [{"a": 20}], T.NE),  # no reading at all
        ({"a": 20, "b": 20}, [{"a": 48, "b": None}], T.PD),  # 48 >= 1.2 x 40 whatever b is
        ({"a": 20, "b": 20}, [{"a": 47.9, "b": None}], T.NE),
        ({"a": 20, "b": 20}, [{"a": 0, "b": None}], T.NE),
        ({"a": 20, "b": 5}, [{"a": None, "b": 5}, {"a": 24, "b": 5}], T.SD),  # no sum, no nadir
        ({"a": 20, "b": 20}, [{"a": 1, "b": None}, {"a": 20, "b": 20}], T.SD),  # nor is half a sum
        (
            {"a": 20, "b": 20},
            [{"a": 0, "b": 0}, {"a": 1, "b": None}],
            T.PD,
        ),  # reappearance needs no whole sum
    ],
)
def test_targets__are_judged_against_baseline_and_nadir(
    baseline: dict[str, float], visits: list[dict[str, Any]], expected: T
) -> None:
    last = _last(_lesions(**baseline), *(_visit(6 * week, **found) for week, found in enumerate(visits, 1)))
    assert last.targets is not None
    assert last.targets.response is expected


def test_sum__stays_with_irradiated_lesions_and_stands_without_them_beside() -> None:
    a, b = _lesions(a=30, b=20)
    last = _last([replace(a, irradiated_on_study=True), b], _visit(6, a=10, b=26))
    assert last.targets is not None
    assert last.unirradiated is not None
    assert (last.targets.mm, last.targets.response) == (Fraction(36), T.SD)
    assert (last.unirradiated.mm, last.unirradiated.baseline_mm) == (Fraction(26), Fraction(20))
    assert (
        last.unirradiated.response is T.PD
    )  # 30 % and 6 mm above: seen beside it, not in the overall response
    assert last.overall is O.SD


def test_sum__without_irradiated_lesions_is_absent_where_all_were_irradiated() -> None:
    (lesion,) = _lesions(a=30)
    assert _last([replace(lesion, irradiated_on_study=True)], _visit(6, a=10)).unirradiated is None


NON_TARGET = Lesion(id="p", organ="oesophagus", role=LesionRole.NON_TARGET, primary=True)
S = NonTargetStatus


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (S.ABSENT, O.CR),
        (S.PRESENT, O.NON_CR_NON_PD),
        (S.NOT_ASSESSED, O.NE),
        (S.UNEQUIVOCAL_PROGRESSION, O.PD),
    ],
)
def test_non_targets_alone__give_the_response(status: S, expected: O) -> None:
    assert _last([NON_TARGET], _visit(6, p=status)).overall is expected


def test_progression__is_dated_by_the_earliest_component_that_shows_it() -> None:
    lesions = [*_lesions(a=50, b=20), NON_TARGET]
    day = [START + timedelta(days=number) for number in range(40, 50)]
    visit = Visit(
        label="week 6",
        targets=(
            TargetReading(lesion="a", on=day[4], size=Size.MEASURED, mm=70),
            TargetReading(lesion="b", on=day[2], size=Size.MEASURED, mm=20),
        ),
        non_targets=(NonTargetReading(lesion="p", on=day[6], status=S.UNEQUIVOCAL_PROGRESSION),),
    )
    last = _last(lesions, visit)
    # b alone shows nothing; with a the sum is 90 against 70: day 4. The non-target lesion showed it on day 6.
    assert (last.overall, last.progression_on, last.on) == (O.PD, day[4], day[6])
    largest = replace(visit.targets[0], on=day[0], mm=84)  # 84 is 20 % above 70 whatever b is
    assert _last(lesions, replace(visit, targets=(largest, visit.targets[1]))).progression_on == day[0]
    early = replace(visit, new_lesions=(NewLesion(id="new", on=day[1]),))
    assert _last(lesions, early).progression_on == day[1]


def test_new_lesion__that_is_not_certain_is_progression_from_its_first_day_once_it_is() -> None:
    lesions = _lesions(a=20)
    seen = NewLesion(id="bone", on=START + timedelta(weeks=6), certain=False)
    first = _visit(6, (seen,), a=20)
    (alone,) = derive_responses(lesions, [first], RULES)
    assert (alone.overall, [query.code for query in alone.queries]) == (O.SD, [QueryCode.EQUIVOCAL_LESION])
    later = _visit(12, (NewLesion(id="bone", on=START + timedelta(weeks=12)),), a=20)
    both = derive_responses(lesions, [later, first], RULES)
    assert [each.overall for each in both] == [O.PD, O.PD]
    assert both[0].progression_on == START + timedelta(weeks=6)


def test_response_by_hand__needs_a_reason_and_shows_the_derived_one() -> None:
    with pytest.raises(ReasonMissing, match="week 6"):
        SetByHand(visit="week 6", response=O.PR, reason="  ")
    hand = SetByHand(visit="week 6", response=O.NE, reason="CT without contrast")
    (response,) = derive_responses(_lesions(a=50), [_visit(6, a=70)], RULES, [hand])
    assert (response.derived, response.overall, response.by_hand) == (O.PD, O.NE, hand)
    assert response.progression_on is None


@pytest.mark.parametrize(
    ("size", "mm"),
    [
        (Size.MEASURED, None),
        (Size.ABSENT, 4.0),
        (Size.MEASURED, 0.0),
        (Size.MEASURED, float("nan")),
        (Size.MEASURED, float("inf")),
        (Size.MEASURED, -3.0),
    ],
)
def test_reading__refuses_what_is_no_diameter(size: Size, mm: float | None) -> None:
    with pytest.raises(ReadingRefused, match="Lesion a"):
        TargetReading(lesion="a", on=START, size=size, mm=mm)


def test_readings__that_contradict_or_fit_nothing_are_queries() -> None:
    on = START + timedelta(weeks=6)
    twice = (_reading("a", on, 20), _reading("a", on, 25), _reading("z", on, 10))
    (response,) = derive_responses(_lesions(a=20), [Visit(label="week 6", targets=twice)], RULES)
    assert response.overall is O.NE
    codes = {query.code for query in response.queries}
    assert codes == {QueryCode.CONTRADICTING_READINGS, QueryCode.UNKNOWN_LESION}
    same = Visit(label="week 6", targets=(_reading("a", on, 20), _reading("a", on, 20)))
    assert not _last(_lesions(a=20), same).queries


def test_reading__without_date_is_a_query_and_its_visit_gives_no_nadir() -> None:
    undated = Visit(label="?", targets=(TargetReading(lesion="a", on=None, size=Size.MEASURED, mm=5),))
    first, second = derive_responses(_lesions(a=20), [undated, _visit(6, a=20)], RULES)
    assert (first.on, first.overall) == (START + timedelta(weeks=6), O.SD)
    assert (second.on, [query.code for query in second.queries]) == (None, [QueryCode.DATE_MISSING])


def test_visits__without_date_give_no_nadir_to_one_another() -> None:
    small, large = (
        Visit(label=label, targets=(TargetReading(lesion="a", on=None, size=Size.MEASURED, mm=mm),))
        for label, mm in (("1", 5.0), ("2", 20.0))
    )
    assert [each.overall for each in derive_responses(_lesions(a=20), [small, large], RULES)] == [O.PR, O.SD]


def test_disease_after_complete_response__is_a_query() -> None:
    lesions = [*_lesions(a=20), NON_TARGET]
    visits = [_visit(6, a=0, p=S.ABSENT), _visit(12, a=0, p=S.PRESENT)]
    last = _last(lesions, *visits)
    assert last.overall is O.PR
    assert [query.code for query in last.queries] == [QueryCode.AFTER_COMPLETE_RESPONSE]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_responses__do_not_depend_on_the_order_of_entry(sizes: list[int], order: Any) -> None:
    visits = [_visit(6 * week, a=mm, b=20) for week, mm in enumerate(sizes, 1)]
    shuffled = order.sample(visits, len(visits))
    lesions = _lesions(a=20, b=20)
    assert derive_responses(lesions, shuffled, RULES) == derive_responses(lesions, visits, RULES)
