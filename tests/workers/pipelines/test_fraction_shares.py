"""How plans share the fractions of a regimen: side by side, replacing one another, or nobody knows."""

import numpy as np
import pytest

from imaging.findings import FindingCode
from tests.workers.pipelines.courses import linked, plan
from trial_core.protocols.reader import read_protocol
from workers.pipelines.fraction_shares import Share, share_fractions
from workers.pipelines.plan_aims import Aims, Extent
from workers.pipelines.regimen_assignment import AssignedPlan

CFRT = read_protocol("SCR-ESCC-01").regimen("CFRT")


def _plan(key: str, fractions: int | None, *predecessors: str) -> AssignedPlan:
    rt_plan = plan(f"CFRT {key}", fractions, uid=key, predecessors=predecessors)
    return AssignedPlan(key, key, linked(rt_plan, None, None), CFRT, "")


def _share(
    *plans: AssignedPlan, targets: dict[str, set[str]] | None = None
) -> tuple[dict[str, Share], list[FindingCode]]:
    names = {each.key: Aims(frozenset((targets or {}).get(each.key, {"PTVp"}))) for each in plans}
    return _share_aims(plans, names)


def _share_aims(
    plans: tuple[AssignedPlan, ...], aims: dict[str, Aims]
) -> tuple[dict[str, Share], list[FindingCode]]:
    shares, findings = share_fractions(plans, aims)
    return shares, [finding.code for finding in findings]


def test_share_fractions__one_plan_gives_all_whatever_it_was_planned_for() -> None:
    assert _share(_plan("a", 25)) == ({"a": Share(28, 1.0, alone=True)}, [])


def test_share_fractions__different_targets_are_side_by_side_each_in_full() -> None:
    shares, codes = _share(_plan("a", 28), _plan("b", 28), targets={"a": {"PTV1"}, "b": {"PTV2"}})
    assert shares == {"a": Share(28, 1.0, alone=True), "b": Share(28, 1.0, alone=True)}
    assert codes == []


def test_share_fractions__twenty_and_eight_are_twenty_eight() -> None:
    assert _share(_plan("a", 20), _plan("b", 8)) == ({"a": Share(20, 1.0), "b": Share(8, 1.0)}, [])


def test_share_fractions__a_successor_shortens_its_predecessor() -> None:
    shares, codes = _share(_plan("a", 28), _plan("b", 8, "a"))
    assert shares == {"a": Share(20, 20 / 28), "b": Share(8, 1.0)}
    assert codes == [FindingCode.PLAN_REPLACED]


def test_share_fractions__a_chain_of_three() -> None:
    shares, _ = _share(_plan("c", 8, "b"), _plan("a", 28), _plan("b", 18, "a"))
    assert shares == {"a": Share(10, 10 / 28), "b": Share(10, 10 / 18), "c": Share(8, 1.0)}


def test_share_fractions__a_plan_that_was_replaced_before_its_first_fraction_gives_none() -> None:
    shares, codes = _share(_plan("a", 28), _plan("b", 28, "a"))
    assert shares == {"a": Share(0, 0.0), "b": Share(28, 1.0)}
    assert codes == [FindingCode.PLAN_REPLACED]


@pytest.mark.parametrize(
    "plans",
    [
        (_plan("a", 28), _plan("b", 28)),
        (_plan("a", 20), _plan("b", 10)),
        (_plan("a", 28), _plan("b", None)),
        (_plan("a", 28), _plan("b", 30, "a")),
        (_plan("a", 25), _plan("b", 8, "a")),
        (_plan("a", 28, "b"), _plan("b", 28, "a")),
        (_plan("a", 28), _plan("b", 8, "a"), _plan("c", 8, "a")),
    ],
)
def test_share_fractions__what_does_not_add_up_is_said_and_has_no_sum(
    plans: tuple[AssignedPlan, ...],
) -> None:
    shares, codes = _share(*plans)
    assert all(share.problem for share in shares.values())
    assert codes == [FindingCode.FRACTIONS_DIFFER]


def test_share_fractions__plans_that_name_none_of_several_targets_may_share_any_or_none() -> None:
    aims = {key: Aims(frozenset({"Met: m1", "Met: m2"}), guessed=True) for key in "abc"}
    shares, codes = _share_aims(tuple(_plan(key, 28) for key in "abc"), aims)
    assert all(share.unclear for share in shares.values())
    assert codes == [FindingCode.TARGET_AMBIGUOUS]


def test_share_fractions__a_plan_without_known_targets_may_share_with_any() -> None:
    shares, codes = _share(_plan("a", 28), _plan("b", 28), targets={"a": {"PTV1"}, "b": set()})
    assert all(share.problem and share.unclear for share in shares.values())
    assert codes == [FindingCode.TARGET_AMBIGUOUS]


def _extent(centre_mm: float) -> tuple[Extent, ...]:
    return ((np.full(3, centre_mm - 5), np.full(3, centre_mm + 5)),)


@pytest.mark.parametrize("predecessors", [(), ("a",)])
def test_share_fractions__plans_of_one_target_share_it_whatever_a_new_structure_set_calls_it(
    predecessors: tuple[str, ...],
) -> None:
    renamed = {"a": Aims(frozenset({"Met: m1"}), structure_set="1"), "b": Aims(frozenset({"Met: x"}))}
    plans = (_plan("a", 20), _plan("b", 8, *predecessors))
    shares, codes = _share_aims(plans, renamed)
    if predecessors:
        assert (shares, codes) == ({"a": Share(20, 1.0), "b": Share(8, 1.0)}, [])
    else:
        assert all(share.problem and share.unclear for share in shares.values())
        assert codes == [FindingCode.TARGET_AMBIGUOUS]


@pytest.mark.parametrize(
    ("offered", "frame", "centre_mm"),
    [({"Met: x"}, None, 0.0), (set(), "frame", 50.0)],
)
def test_share_fractions__targets_of_two_structure_sets_are_told_apart_by_names_or_place(
    offered: set[str], frame: str | None, centre_mm: float
) -> None:
    aims = {
        "a": Aims(frozenset({"Met: m1"}), frozenset(offered | {"Met: m1"}), "1", frame, _extent(0.0)),
        "b": Aims(frozenset({"Met: x"}), frozenset({"Met: x"}), "2", frame, _extent(centre_mm)),
    }
    shares, codes = _share_aims((_plan("a", 28), _plan("b", 28)), aims)
    assert (set(shares.values()), codes) == ({Share(28, 1.0, alone=True)}, [])


def test_share_fractions__targets_in_one_place_under_two_names_may_be_the_same() -> None:
    aims = {
        "a": Aims(frozenset({"Met: m1"}), frozenset({"Met: m1"}), "1", "frame", _extent(0.0)),
        "b": Aims(frozenset({"Met: x"}), frozenset({"Met: x"}), "2", "frame", _extent(4.0)),
    }
    shares, codes = _share_aims((_plan("a", 28), _plan("b", 28)), aims)
    assert all(share.unclear for share in shares.values())
    assert codes == [FindingCode.TARGET_AMBIGUOUS]


def test_share_fractions__a_target_that_only_one_of_two_plans_treats_has_no_known_share() -> None:
    shares, codes = _share(_plan("a", 20), _plan("b", 8), targets={"a": {"M1", "M2"}, "b": {"M1"}})
    assert all(share.unclear for share in shares.values())
    assert codes == [FindingCode.TARGET_AMBIGUOUS]
