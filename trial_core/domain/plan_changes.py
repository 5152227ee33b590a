"""What changed from one checked version to the next: verdicts, plans and their tags, metrics, volumes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from trial_core.domain.report import CourseReport, PlanReport, ResultRow, StructureReport

Value = str | float | int | None
T = TypeVar("T")


class ChangeKind(StrEnum):
    """What a change is in."""

    VERDICT = "verdict"
    PROTOCOL = "protocol"
    PLAN = "plan"
    TAG = "tag"
    CHECK = "plan check"
    METRIC = "metric"
    VOLUME = "volume"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change: of what, in which field; a side that lacks it is None.

    `unit` is that of two numbers, and empty for words.
    """

    kind: ChangeKind
    about: str
    field: str
    before: Value
    after: Value
    unit: str = ""

    @property
    def difference(self) -> float | None:
        """After minus before, where both are numbers."""
        if isinstance(self.before, str) or isinstance(self.after, str):
            return None
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


# What of a plan comes from its tags, with its unit.
_TAGS = (
    ("sop_instance_uid", ""),
    ("regimen_label", ""),
    ("planned_fractions", ""),
    ("share_fractions", ""),
    ("prescription_gy", "Gy"),
    ("dose_per_fraction_gy", "Gy"),
    ("machine", ""),
    ("energy", ""),
    ("technique", ""),
    ("approval", ""),
    ("dose_summation", ""),
)


def plan_changes(before: CourseReport, after: CourseReport) -> tuple[Change, ...]:
    """Everything that differs, in the order of the later report; unchanged things are not listed.

    Plans are paired by UID, else by regimen and label, else where one of a regimen is left on each side.
    """
    pairs = _pair_plans(before.plans, after.plans)
    keys = {old.key: new.key for old, new in pairs if old and new}
    scopes = {f"plan {old.label}": f"plan {new.label}" for old, new in pairs if old and new}
    return (
        *_differ(ChangeKind.VERDICT, "course", "verdict", before.verdict.value, after.verdict.value),
        *_protocol(before, after),
        *(change for pair in pairs for change in _plan(*pair)),
        *_metrics(before.results, after.results, keys),
        *_volumes(before.structures, after.structures, scopes),
    )


def _protocol(before: CourseReport, after: CourseReport) -> Iterator[Change]:
    for field in ("id", "version", "sha256"):
        old, new = getattr(before.protocol, field), getattr(after.protocol, field)
        yield from _differ(ChangeKind.PROTOCOL, "protocol", field, old, new)


_Pair = tuple[PlanReport | None, PlanReport | None]


def _pair_plans(before: Sequence[PlanReport], after: Sequence[PlanReport]) -> list[_Pair]:
    left, right = list(before), list(after)
    pairs: list[tuple[PlanReport, PlanReport]] = []
    by: tuple[Callable[[PlanReport], Hashable], ...] = (
        lambda plan: plan.sop_instance_uid or None,
        lambda plan: (plan.regimen, plan.label),
        lambda plan: plan.regimen,
    )
    for key in by:
        for new in list(right):
            same = [old for old in left if key(old) == key(new) and key(new) is not None]
            rivals = [other for other in right if key(other) == key(new)]
            if len(same) == len(rivals) == 1:
                pairs.append((same[0], new))
                left.remove(same[0])
                right.remove(new)
    order = {plan.key: number for number, plan in enumerate(after)}
    pairs.sort(key=lambda pair: order[pair[1].key])
    return [*pairs, *((None, new) for new in right), *((old, None) for old in left)]


def _plan(old: PlanReport | None, new: PlanReport | None) -> Iterator[Change]:
    if old is None or new is None:
        gone, come = (old.label if old else None), (new.label if new else None)
        yield Change(kind=ChangeKind.PLAN, about="course", field="plan", before=gone, after=come)
        return
    about = f"plan {new.label}"
    yield from _differ(ChangeKind.PLAN, about, "label", old.label, new.label)
    yield from _differ(ChangeKind.VERDICT, about, "verdict", old.verdict.value, new.verdict.value)
    for field, unit in _TAGS:
        yield from _differ(ChangeKind.TAG, about, field, getattr(old, field), getattr(new, field), unit=unit)
    for one, other in _matched(old.targets, new.targets, lambda each: (each.name, each.site_structure)):
        name = f"{about}, target {(other or one or new.targets[0]).site_structure}"
        for field in ("prescription_gy", "plan_prescription_gy", "median_gy"):
            yield from _differ(
                ChangeKind.TAG, name, field, getattr(one, field, None), getattr(other, field, None), unit="Gy"
            )
    for was, now in _matched(old.checks, new.checks, lambda check: check.id):
        label = (now or was or new.checks[0]).label
        told = [None if each is None else f"{each.status}: {each.found}" for each in (was, now)]
        yield from _differ(ChangeKind.CHECK, about, label, told[0], told[1])


def _metrics(
    before: Sequence[ResultRow], after: Sequence[ResultRow], keys: dict[str, str]
) -> Iterator[Change]:
    old_keys = {id(row): keys.get(row.plan_key or "", row.plan_key) for row in before}

    def key(row: ResultRow) -> Hashable:
        plan = old_keys.get(id(row), row.plan_key)
        scope = row.scope if row.plan_key is None else ""
        return row.criterion, row.structure, row.site_structures, row.metric, row.scope_kind, scope, plan

    for old, new in _matched(before, after, key):
        row = new or old
        assert row is not None  # noqa: S101 - a pair has a side
        about = f"{row.structure} {row.metric}, {row.scope}"
        values = [None if each is None else each.value for each in (old, new)]
        yield from _differ(ChangeKind.METRIC, about, "value", values[0], values[1], unit=row.unit)
        verdicts = [None if each is None else each.verdict.value for each in (old, new)]
        yield from _differ(ChangeKind.METRIC, about, "verdict", verdicts[0], verdicts[1])


def _volumes(
    before: Sequence[StructureReport], after: Sequence[StructureReport], scopes: dict[str, str]
) -> Iterator[Change]:
    old_scopes = {id(each): scopes.get(each.scope, each.scope) for each in before}

    def key(each: StructureReport) -> Hashable:
        return each.name, each.site_names, old_scopes.get(id(each), each.scope)

    for old, new in _matched(before, after, key):
        each = new or old
        assert each is not None  # noqa: S101 - a pair has a side
        about = f"{each.name}, {each.scope}"
        for field, unit in (("volume_cc", "cc"), ("uncovered_cc", "cc")):
            values = getattr(old, field, None), getattr(new, field, None)
            yield from _differ(ChangeKind.VOLUME, about, field, *values, unit=unit)
        status = [None if one is None else one.status.value for one in (old, new)]
        yield from _differ(ChangeKind.VOLUME, about, "status", status[0], status[1])


def _matched(
    before: Iterable[T], after: Iterable[T], key: Callable[[T], Hashable]
) -> Iterator[tuple[T | None, T | None]]:
    """Pairs of one key in the order of `after`; then what only `before` has. Equal keys pair in order."""
    waiting: dict[Hashable, list[T]] = {}
    for old in before:
        waiting.setdefault(key(old), []).append(old)
    for new in after:
        found = waiting.get(key(new), [])
        yield (found.pop(0) if found else None), new
    for left in waiting.values():
        for old in left:
            yield old, None


def _differ(
    kind: ChangeKind, about: str, field: str, before: Value, after: Value, *, unit: str = ""
) -> Iterator[Change]:
    if before != after:
        yield Change(kind=kind, about=about, field=field, before=before, after=after, unit=unit)
