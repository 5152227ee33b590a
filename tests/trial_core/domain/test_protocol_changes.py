"""What changed between two versions of a protocol: everything that was, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

import pytest

from tests.trial_core.protocols.amended import CORD, LIVER, SHIPPED, amended, protocol_of
from trial_core.domain.criteria import Criterion, ScopeKind
from trial_core.domain.protocol_changes import (
    Fact,
    ProtocolChange,
    ProtocolChangeKind,
    ProtocolPart,
    protocol_changes,
)

BEFORE = protocol_of(SHIPPED)
NOT_OF_THE_PROTOCOL = {"version", "file", "sha256", "assumptions", "given"}
"""Which version it is and in which file; what is said of other fields; names of one set of files."""
MAKES_THE_ID = ("structure", "metric")
"""Of a criterion: another one is another criterion."""


def _changes(*replaced: tuple[str, str]) -> tuple[ProtocolChange, ...]:
    return protocol_changes(BEFORE, protocol_of(amended(*replaced)))


def _one(*replaced: tuple[str, str]) -> ProtocolChange:
    (change,) = _changes(*replaced)
    return change


def test_protocol_changes__of_the_same_content_are_none() -> None:
    assert _changes(("# SCR-ESCC-01", "# Another comment")) == ()


def test_changed_limit__is_one_change_with_its_unit_and_every_scope() -> None:
    change = _one((CORD, CORD.replace("45", "40.5")))
    assert (change.part, change.kind) == (ProtocolPart.CRITERIA, ProtocolChangeKind.CHANGED)
    assert change.about == "SpinalCord D0.03cc[Gy]"
    assert change.facts == (Fact(field="threshold.limit", before="45", after="40.5", unit="Gy"),)
    assert [each.kind for each in change.where] == [
        ScopeKind.PLAN,
        ScopeKind.SUM_PHYSICAL,
        ScopeKind.SUM_EQD2,
    ]


def test_removed_criterion__is_told_with_what_it_asked() -> None:
    change = _one((LIVER, ""))
    assert (change.kind, change.about) == (ProtocolChangeKind.REMOVED, "Liver V30Gy[%]")
    facts = {each.field: (each.before, each.after, each.unit) for each in change.facts}
    assert facts["threshold.limit"] == ("30", None, "%")
    assert facts["requirement"] == ("if present", None, "")


def test_added_criterion__is_told_with_what_it_asks() -> None:
    added = LIVER.replace("V30Gy[%]", "V20Gy[%]").replace("limit: 30", "ideal: 35, limit: 40")
    change = _one((LIVER, LIVER + added))
    assert (change.kind, change.about) == (ProtocolChangeKind.ADDED, "Liver V20Gy[%]")
    facts = {each.field: (each.before, each.after) for each in change.facts}
    assert facts["threshold.limit"] == (None, "40")
    assert facts["threshold.ideal"] == (None, "35")


def test_other_metric_or_structure__is_a_criterion_gone_and_one_come() -> None:
    kinds = [each.kind for each in _changes((LIVER, LIVER.replace("V30Gy", "V25Gy")))]
    assert kinds == [ProtocolChangeKind.ADDED, ProtocolChangeKind.REMOVED]
    kinds = [each.kind for each in _changes((LIVER, LIVER.replace("Liver", "Bowel_Large")))]
    assert kinds == [ProtocolChangeKind.ADDED, ProtocolChangeKind.REMOVED]


def test_scope_taken_off_a_group__is_told_for_each_of_its_criteria() -> None:
    found = _changes(("scopes: [CFRT, sum physical, sum EQD2]", "scopes: [CFRT, sum physical]"))
    assert {each.kind for each in found} == {ProtocolChangeKind.REMOVED}
    assert {scope.kind for each in found for scope in each.where} == {ScopeKind.SUM_EQD2}
    assert len(found) == sum(len(each.scopes) == 3 for each in BEFORE.criteria)


def test_ideal_that_comes__has_no_side_before() -> None:
    change = _one((CORD, CORD.replace("{limit: 45}", "{ideal: 40, limit: 45}")))
    assert change.facts == (Fact(field="threshold.ideal", before=None, after="40", unit="Gy"),)


def test_list_of_names__tells_what_went_and_what_came() -> None:
    change = _one(("aliases: [A_Heart, Cor,", "aliases: [Herz, Cor,"))
    assert (change.part, change.about) == (ProtocolPart.STRUCTURES, "Heart")
    assert change.facts == (Fact(field="aliases", before="A_Heart", after="Herz"),)


def test_list_in_another_order__is_told_whole() -> None:
    first, second = "[Stomach]", "[Stomach-PTV_Contoured]"
    (fact,) = _one((f"made_from: [{first}, {second}]", f"made_from: [{second}, {first}]")).facts
    assert (fact.before, fact.after) == (
        "Stomach, Stomach-PTV_Contoured",
        "Stomach-PTV_Contoured, Stomach",
    )


@pytest.mark.parametrize(
    ("replaced", "part", "fact"),
    [
        (
            ("at_most_mm: 3.0", "at_most_mm: 2.5"),
            ProtocolPart.PLAN_CHECKS,
            Fact(field="at_most_mm", before="3", after="2.5", unit="mm"),
        ),
        (
            ("{dose_gy: 10, fractions: 5}", "{dose_gy: 8, fractions: 5}"),
            ProtocolPart.REGIMENS,
            Fact(field="prescription.dose_gy", before="10", after="8", unit="Gy"),
        ),
        (
            ("variations_make_unacceptable: 4", "variations_make_unacceptable: 3"),
            ProtocolPart.RULES,
            Fact(field="variations_make_unacceptable", before="4", after="3"),
        ),
        (
            ("label: Safety run-in,", "label: Run-in,"),
            ProtocolPart.ARMS,
            Fact(field="label", before="Safety run-in", after="Run-in"),
        ),
        (
            ("subjects: 25", "subjects: 20"),
            ProtocolPart.PHASES,
            Fact(field="subjects", before="25", after="20"),
        ),
        (
            ("missed_visits: true", "missed_visits: false"),
            ProtocolPart.CONDUCT,
            Fact(field="missed_visits", before="yes", after="no"),
        ),
        (
            ("yes_from: 18", "yes_from: 21"),
            ProtocolPart.ELIGIBILITY,
            Fact(field="measure.yes_from", before="18", after="21"),
        ),
    ],
)
def test_change_of_any_part__is_told_there(replaced: tuple[str, str], part: ProtocolPart, fact: Fact) -> None:
    change = _one(replaced)
    assert change.part is part
    assert fact in change.facts


def test_protocol_changes__turned_round_are_the_same_changes() -> None:
    after = protocol_of(amended((LIVER, ""), (CORD, CORD.replace("45", "44"))))
    there = {(each.part, each.about) for each in protocol_changes(BEFORE, after)}
    assert there == {(each.part, each.about) for each in protocol_changes(after, BEFORE)}


def test_protocol_changes__miss_no_field() -> None:
    """Change each value of the protocol's model by itself, in lists the first three: every one is told."""
    missed = [path for path, other in _with_one_change(BEFORE) if not protocol_changes(BEFORE, other)]
    assert missed == []


def _with_one_change(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if is_dataclass(value) and not isinstance(value, type):
        for name in _told(value, path):
            for where, other in _with_one_change(getattr(value, name), f"{path}.{name}"):
                yield where, replace(value, **{name: other})
    elif isinstance(value, tuple):
        yield f"{path}+", (*value, *(value[:1] or ("new",))) if _is_plain(value) else value[:-1]
        for number, one in enumerate(value[:3]):
            for where, other in _with_one_change(one, f"{path}[{number}]"):
                yield where, (*value[:number], other, *value[number + 1 :])
    else:
        yield path, _another(value)


def _told(value: Any, path: str) -> Iterator[str]:
    passed_over = NOT_OF_THE_PROTOCOL if not path else {"given"}
    if isinstance(value, Criterion):
        passed_over = {*passed_over, *MAKES_THE_ID}
    return (each.name for each in fields(value) if each.name not in passed_over)


def _is_plain(value: tuple[Any, ...]) -> bool:
    return not value or not (is_dataclass(value[0]) or isinstance(value[0], tuple))


def _another(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case Enum():
            return next(each for each in type(value) if each is not value)
        case int() | float():
            return value + 1
        case str():
            return f"{value} other"
        case frozenset():
            return value | {date(2026, 5, 1)}
        case _:
            return 1.5


def test_protocol_without_conduct__has_each_of_its_rules_removed() -> None:
    found = protocol_changes(BEFORE, replace(BEFORE, conduct=None))
    assert {each.kind for each in found} == {ProtocolChangeKind.REMOVED}
    assert {each.part for each in found} == {
        ProtocolPart.ELIGIBILITY,
        ProtocolPart.STRATA,
        ProtocolPart.CONDUCT,
        ProtocolPart.ASSUMED,
    }
