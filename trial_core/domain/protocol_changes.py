"""What changed from one version of a protocol to another: criteria, plan checks, structures, trial rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from dosimetry.expressions import parse_metric
from trial_core.domain.criteria import Criterion, Scope
from trial_core.domain.protocol import Protocol

Named = Mapping[str, Any]
"""Things of one part by the name that they are told by, in the file's order."""


class ProtocolPart(StrEnum):
    """The parts of a protocol, in the order in which changes are told."""

    TRIAL = "trial"
    CRITERIA = "criteria"
    PLAN_CHECKS = "plan checks"
    STRUCTURES = "structures"
    REGIMENS = "regimens"
    RULES = "rules of the verdict"
    ARMS = "arms"
    PHASES = "phases"
    ELIGIBILITY = "eligibility"
    STRATA = "strata of the randomisation"
    CONDUCT = "conduct of the trial"
    ASSUMED = "what is assumed of the conduct"


class ProtocolChangeKind(StrEnum):
    """What became of a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One field of a thing, before and after; a side that lacks it is None.

    `field` is named as in the protocol's model. Of a list of names a side holds those alone that the other
    lacks, unless they are the same in another order.
    """

    field: str
    before: str | None
    after: str | None
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class ProtocolChange:
    """One thing that was added, removed or changed, with every field that tells it.

    Attributes
    ----------
    about
        Its id or name: of a criterion structure and metric.
    where
        Scopes of a criterion, in the file's order; empty for everything else.
    """

    part: ProtocolPart
    kind: ProtocolChangeKind
    about: str
    facts: tuple[Fact, ...]
    where: tuple[Scope, ...] = ()


def protocol_changes(before: Protocol, after: Protocol) -> tuple[ProtocolChange, ...]:
    """Everything that differs, by part, in the order of the later version; what was removed comes last.

    Criteria are told by structure, metric and scope, whatever group of the file they stand in: one that
    changed alike in several scopes is one change. Neither the file's name and hash nor its comments are told;
    what is assumed is, with the thing that it is assumed of.
    """
    return (
        *_of_part(ProtocolPart.TRIAL, _trial(before), _trial(after)),
        *_criteria(before.criteria, after.criteria),
        *(change for part, things in _PARTS for change in _of_part(part, things(before), things(after))),
    )


def _trial(protocol: Protocol) -> Named:
    return {"trial": {"id": protocol.id, "title": protocol.title, "body": protocol.body}}


def _rules(protocol: Protocol) -> Named:
    found = {
        "plausible dose": protocol.plausible_dose,
        "sum": protocol.sum_rule,
        "verdict": protocol.verdict_rule,
    }
    return {name: rule for name, rule in found.items() if rule is not None}


def _conduct(protocol: Protocol) -> Named:
    conduct = protocol.conduct
    if conduct is None:
        return {}
    told = {"questions", "strata", "assumptions"}
    rules = {each.name: getattr(conduct, each.name) for each in fields(conduct) if each.name not in told}
    return {name: rule if is_dataclass(rule) else {name: rule} for name, rule in rules.items()}


def _questions(protocol: Protocol) -> Named:
    return {each.id: each for each in protocol.conduct.questions} if protocol.conduct else {}


def _strata(protocol: Protocol) -> Named:
    return {each.id: each for each in protocol.conduct.strata} if protocol.conduct else {}


def _assumed(protocol: Protocol) -> Named:
    return (
        {each.sentence: {"part": each.part} for each in protocol.conduct.assumptions}
        if protocol.conduct
        else {}
    )


_PARTS: tuple[tuple[ProtocolPart, Callable[[Protocol], Named]], ...] = (
    (ProtocolPart.PLAN_CHECKS, lambda each: {one.id: one for one in each.plan_checks}),
    (ProtocolPart.STRUCTURES, lambda each: {one.name: one for one in each.structures}),
    (ProtocolPart.REGIMENS, lambda each: {one.id: one for one in each.regimens}),
    (ProtocolPart.RULES, _rules),
    (ProtocolPart.ARMS, lambda each: {one.id: one for one in each.arms}),
    (ProtocolPart.PHASES, lambda each: {one.id: one for one in each.phases}),
    (ProtocolPart.ELIGIBILITY, _questions),
    (ProtocolPart.STRATA, _strata),
    (ProtocolPart.CONDUCT, _conduct),
    (ProtocolPart.ASSUMED, _assumed),
)


def _of_part(part: ProtocolPart, before: Named, after: Named) -> Iterator[ProtocolChange]:
    for name in (*after, *(name for name in before if name not in after)):
        kind, facts = _differences(before.get(name), after.get(name), {})
        if facts or kind is not ProtocolChangeKind.CHANGED:
            yield ProtocolChange(part=part, kind=kind, about=name, facts=facts)


def _criteria(before: Sequence[Criterion], after: Sequence[Criterion]) -> Iterator[ProtocolChange]:
    old, new = _by_scope(before), _by_scope(after)
    found: dict[tuple[str, ProtocolChangeKind, tuple[Fact, ...]], list[Scope]] = {}
    for key in (*new, *(key for key in old if key not in new)):
        one = new.get(key) or old[key]
        kind, facts = _differences(old.get(key), new.get(key), _units_of(one))
        if facts:
            found.setdefault((one.id, kind, facts), []).append(key[1])
    for (about, kind, facts), where in found.items():
        yield ProtocolChange(
            part=ProtocolPart.CRITERIA, kind=kind, about=about, facts=facts, where=tuple(where)
        )


def _by_scope(criteria: Iterable[Criterion]) -> dict[tuple[str, Scope], Criterion]:
    return {(one.id, scope): one for one in criteria for scope in one.scopes}


def _units_of(criterion: Criterion) -> Mapping[str, str]:
    unit = parse_metric(criterion.metric).unit.value
    return {"threshold.limit": unit, "threshold.ideal": unit}


def _differences(
    before: Any, after: Any, units: Mapping[str, str]
) -> tuple[ProtocolChangeKind, tuple[Fact, ...]]:
    old, new = dict(_leaves(before)), dict(_leaves(after))
    names = (*new, *(name for name in old if name not in new))
    facts = (_fact(name, old.get(name), new.get(name), units) for name in names)
    kind = (
        ProtocolChangeKind.ADDED
        if before is None
        else ProtocolChangeKind.REMOVED
        if after is None
        else ProtocolChangeKind.CHANGED
    )
    return kind, tuple(fact for fact in facts if fact is not None)


Leaf = str | tuple[str, ...]
_TOLD_ELSEWHERE = frozenset({"id", "name", "scopes", "structure", "metric", "given"})
"""What a change names itself by; and names that a person gave to one set, which no protocol has."""


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Leaf]]:
    """Give every field that says something, by its path; what has an id or name of its own is told by it."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = [(each.name, getattr(value, each.name)) for each in fields(value)]
        value = {name: one for name, one in pairs if path or name not in _TOLD_ELSEWHERE}
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _leaves(one, f"{path}.{name}" if path else name)
    elif isinstance(value, tuple) and any(is_dataclass(one) for one in value):
        for number, one in enumerate(value, 1):
            yield from _leaves(one, f"{path}.{getattr(one, 'structure', number)}")
    elif isinstance(value, tuple | frozenset):
        if value:
            yield path, tuple(_text(one) for one in (value if isinstance(value, tuple) else sorted(value)))
    elif value is not None and value != "":
        yield path, _text(value)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.15g}"
        case tuple():  # structures that are united
            return " + ".join(map(_text, value))
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _fact(name: str, before: Leaf | None, after: Leaf | None, units: Mapping[str, str]) -> Fact | None:
    if before == after:
        return None
    if isinstance(before, tuple) and isinstance(after, tuple):
        gone = tuple(one for one in before if one not in after)
        come = tuple(one for one in after if one not in before)
        before, after = (gone or None, come or None) if gone or come else (before, after)
    return Fact(field=name, before=_joined(before), after=_joined(after), unit=units.get(name, _unit(name)))


def _joined(leaf: Leaf | None) -> str | None:
    return ", ".join(leaf) if isinstance(leaf, tuple) else leaf


_UNITS = {"_gy": "Gy", "_mm": "mm", "_percent": "%", "_days": "d", "_day": "d"}


def _unit(path: str) -> str:
    return next(
        (unit for end, unit in _UNITS.items() if any(part.endswith(end) for part in path.split("."))), ""
    )
