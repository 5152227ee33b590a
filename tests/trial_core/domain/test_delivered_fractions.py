"""Treatment records joined into fractions: what counts, what joins, and what is unclear."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trial_core.domain.treatment_records import a_record, fractions_of, weekday
from trial_core.domain.delivered_fractions import BeamRecord, DeliverySource, delivered_fractions
from trial_core.domain.queries import QueryCode


def _codes(*records: BeamRecord) -> list[QueryCode]:
    return [query.code for query in delivered_fractions(records)[1]]


def test_delivered_fractions__are_distinct_plan_and_fraction() -> None:
    first, again = a_record(1), a_record(1, record="the same, sent anew")
    assert fractions_of(first, first, again) == fractions_of(first)
    other_plan = a_record(1, plan="Q", record="q1")
    assert [(each.plan, each.fraction) for each in fractions_of(first, a_record(2), other_plan)] == [
        ("P", 1),
        ("Q", 1),
        ("P", 2),
    ]


@pytest.mark.parametrize("kind", ["SETUP", "OPEN_PORTFILM", "TRMT_PORTFILM"])
def test_delivered_fractions__leave_out_images_without_a_word(kind: str) -> None:
    assert delivered_fractions([a_record(1, delivery_type=kind)]) == ((), ())


@pytest.mark.parametrize("kind", [None, "", "VERIFICATION", "treatment"])
def test_delivered_fractions__ask_about_another_delivery_type(
    kind: str | None,
) -> None:
    assert fractions_of(a_record(1, delivery_type=kind)) == ()
    assert _codes(a_record(1, delivery_type=kind)) == [QueryCode.DELIVERY_TYPE]


def test_continuation__joins_its_fraction() -> None:
    broken = a_record(1, delivered=40.0, termination="MACHINE")
    rest = a_record(1, record="rest", delivery_type="CONTINUATION", delivered=60.0, on=weekday(2))
    (alone,), (joined,) = fractions_of(broken), fractions_of(broken, rest)
    assert (alone.partial, alone.share) == (True, 0.4)
    assert (joined.partial, joined.share, joined.on) == (False, 1.0, weekday(1))
    assert fractions_of(broken, rest, rest) == (joined,)
    assert not _codes(broken, rest)
    (only,) = fractions_of(rest)
    assert (only.fraction, only.partial) == (1, True)


def test_duplicates__with_other_metersets_never_add_up() -> None:
    (fraction,) = fractions_of(a_record(1), a_record(1, record="x", delivered=90.0))
    assert (fraction.share, fraction.partial) == (1.0, False)


def test_continuation__that_broke_off_leaves_its_fraction_partial() -> None:
    first = a_record(1, specified=None, delivered=None)
    rest = replace(first, record="rest", delivery_type="CONTINUATION", termination="OPERATOR")
    assert fractions_of(first, rest)[0].partial


def test_continuation__without_metersets_completes_when_it_ends_normally() -> None:
    broken = a_record(1, specified=None, delivered=None, termination="OPERATOR")
    rest = replace(broken, record="rest", delivery_type="CONTINUATION", termination="NORMAL")
    assert [each.partial for each in (*fractions_of(broken), *fractions_of(broken, rest))] == [True, False]
    assert fractions_of(replace(broken, termination="UNKNOWN"))[0].partial


def test_partial__is_a_fraction_of_which_one_beam_is_not_complete() -> None:
    whole, part = a_record(1), a_record(1, beam=2, delivered=50.0)
    (fraction,) = fractions_of(whole, part)
    assert (fraction.partial, fraction.share) == (True, 0.75)
    assert not fractions_of(a_record(1, delivered=99.6))[0].partial  # within half a per cent
    assert fractions_of(a_record(1, delivered=99.4))[0].partial


def test_nothing_delivered__is_no_fraction() -> None:
    assert (
        fractions_of(a_record(1, delivered=0.0))
        == fractions_of(a_record(1, delivered=0.0, specified=None))
        == ()
    )
    assert _codes(a_record(1, delivered=0.0)) == [QueryCode.METERSET]


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([a_record(None)], QueryCode.FRACTION_NUMBER),
        ([replace(a_record(1), fraction=0)], QueryCode.FRACTION_NUMBER),
        ([a_record(1, on=None)], QueryCode.DATE_MISSING),
        ([a_record(1), a_record(1, record="x", on=weekday(2))], QueryCode.FRACTION_DAYS),
        ([a_record(1), a_record(1, record="x", delivered=90.0)], QueryCode.METERSET),
        ([a_record(1), a_record(1, record="x", delivery_type="CONTINUATION")], QueryCode.METERSET),
        ([a_record(1, delivered=float("nan"))], QueryCode.METERSET),
        ([a_record(1, specified=-1.0)], QueryCode.METERSET),
    ],
)
def test_delivered_fractions__ask_about_what_is_unclear(records: list[BeamRecord], code: QueryCode) -> None:
    assert _codes(*records) == [code]


def test_typed_in_fraction__is_marked_and_gives_way_to_the_machine() -> None:
    typed = a_record(
        1, record="typed", beam=None, specified=None, delivered=None, source=DeliverySource.TYPED_IN
    )
    assert fractions_of(typed)[0].source is DeliverySource.TYPED_IN
    assert fractions_of(typed, a_record(1)) == fractions_of(a_record(1))


records = st.builds(
    lambda fraction, kind, delivered, day: a_record(
        fraction,
        record=f"{fraction} {kind} {delivered}",
        delivery_type=kind,
        delivered=delivered,
        on=weekday(day),
    ),
    st.one_of(st.none(), st.integers(1, 6)),
    st.sampled_from(["TREATMENT", "CONTINUATION", "SETUP", "ODD"]),
    st.sampled_from([0.0, 50.0, 100.0]),
    st.integers(1, 12),
)


@given(st.lists(records, max_size=12), st.integers(0, 99))
def test_delivered_fractions__do_not_depend_on_order_or_repetition(
    found: list[BeamRecord], seed: int
) -> None:
    order = random.Random(seed)  # noqa: S311 - an order, no secret
    shuffled = order.sample([*found, *found], 2 * len(found))
    assert delivered_fractions(shuffled) == delivered_fractions(found)


def test_continuations__are_told_apart_by_their_moment_not_by_their_meterset() -> None:
    broken = a_record(1, delivered=40.0, termination="MACHINE")
    rest = a_record(1, record="a", delivery_type="CONTINUATION", delivered=30.0, began_at="09:00:00")
    later, anew = replace(rest, record="b", began_at="12:00:00"), replace(rest, record="c")
    assert fractions_of(broken, rest, later)[0].share == 1.0
    assert fractions_of(broken, rest, anew) == fractions_of(broken, rest)
    assert fractions_of(broken, replace(rest, began_at=None), replace(later, began_at=None))[0].share == 1.0


def test_beam_of_the_plan_without_a_record__makes_its_fraction_partial() -> None:
    ((fraction,), _) = delivered_fractions([a_record(1)], {"P": (1, 2)})
    assert (fraction.partial, fraction.share) == (True, None)
    typed = a_record(1, beam=None, specified=None, delivered=None, source=DeliverySource.TYPED_IN)
    ((fraction,), _) = delivered_fractions([typed], {"P": (1, 2)})
    assert not fraction.partial


def test_continuations__of_one_record_that_say_the_same_are_as_many() -> None:
    broken = a_record(1, delivered=40.0, termination="MACHINE")
    rest = a_record(1, record="a", delivery_type="CONTINUATION", delivered=30.0, began_at="09:00:00")
    second = replace(rest, repeat=1)
    anew = [replace(each, record="sent anew") for each in (rest, second)]
    assert fractions_of(broken, rest, second)[0].share == 1.0
    assert fractions_of(broken, rest, second, *anew) == fractions_of(broken, rest, second)


def test_beam_that_the_plan_lacks__is_named_and_makes_no_fraction_partial() -> None:
    ((fraction,), (query,)) = delivered_fractions([a_record(1), a_record(1, beam=7)], {"P": (1,)})
    assert (fraction.partial, fraction.share) == (False, 1.0)
    assert (query.code, query.about) == (QueryCode.BEAM_NOT_PLANNED, "plan P, fraction 1")
    assert "beam 7 is none of the plan's" in query.message
    assert delivered_fractions([a_record(1), a_record(1, beam=7)], {"P": ()})[1] == ()


def test_beam_that_the_plan_lacks__alone_is_no_fraction() -> None:
    fractions, (query,) = delivered_fractions([a_record(1, beam=7), a_record(1, beam=8)], {"P": (1, 2)})
    assert fractions == ()
    assert "beam 7, 8" in query.message
    assert "no beam of the plan was delivered" in query.message
    typed = a_record(1, beam=None, source=DeliverySource.TYPED_IN)
    ((fraction,), _) = delivered_fractions([typed, a_record(1, beam=7)], {"P": (1,)})
    assert fraction.source is DeliverySource.TYPED_IN
