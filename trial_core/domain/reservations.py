"""What stands beside a verdict: sums that a person must look at first, and items judged in part only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.report import CountedItem, CourseReport, ResultRow, SumReport

_Cause = tuple[Verdict, frozenset[tuple[ScopeKind, str | None]], tuple[str, ...]]
"""Verdict of what could be judged, the kinds of doses that could not, and why not."""


@dataclass(frozen=True)
class Reservation:
    """One of them: `kind` in two words, `words` as a sentence."""

    kind: str
    words: str


def reservations(report: CourseReport) -> tuple[Reservation, ...]:
    """Everything that a reader must know before relying on the verdict; empty in a plain case."""
    return (*_sums(report), *_incomplete(report))


def sum_words(alpha_beta_gy: float | None) -> str:
    """Name a sum: "physical", "EQD2 (α/β 3 Gy)"."""
    return "physical" if alpha_beta_gy is None else f"EQD2 (α/β {alpha_beta_gy:g} Gy)"


def needs_review(report: CourseReport, alpha_beta_gy: float | None) -> bool:
    """Tell whether the sum of that kind rests on a registration that a person has not looked at."""
    return any(each.needs_review for each in report.sums if each.alpha_beta_gy == alpha_beta_gy)


def _sums(report: CourseReport) -> list[Reservation]:
    """One for each registration, however many sums rest on it."""
    resting: dict[tuple[str, str], list[SumReport]] = {}
    for each in report.sums:
        for layer in each.layers:
            if layer.needs_review:
                resting.setdefault((layer.label, layer.placed_by), []).append(each)
    return [
        Reservation(
            "needs review",
            f"Plan '{label}' is in the sum by {placed_by}. Look at the registration before a sum is relied "
            f"on: {', '.join(sum_words(each.alpha_beta_gy) for each in sums)}.",
        )
        for (label, placed_by), sums in resting.items()
    ]


def _incomplete(report: CourseReport) -> list[Reservation]:
    """One for each cause: what is not evaluable for the same reason, in the same kind of dose."""
    alike: dict[_Cause, list[CountedItem]] = {}
    for item in report.counted:
        if item.incomplete and item.verdict is not Verdict.NOT_EVALUABLE:
            alike.setdefault(_cause(item, report), []).append(item)
    return [
        Reservation("incomplete", _incomplete_words(cause, items, report)) for cause, items in alike.items()
    ]


def _cause(item: CountedItem, report: CourseReport) -> _Cause:
    rows = _open_rows(item, report)
    kinds = frozenset((row.scope_kind, row.plan_key) for row in rows)
    return item.verdict, kinds, tuple(dict.fromkeys(row.reason for row in rows if row.reason))


def _open_rows(item: CountedItem, report: CourseReport) -> list[ResultRow]:
    return [row for row in report.results if row.number in item.rows and row.verdict is Verdict.NOT_EVALUABLE]


def _incomplete_words(cause: _Cause, items: Sequence[CountedItem], report: CourseReport) -> str:
    verdict, _kinds, reasons = cause
    scopes = dict.fromkeys(row.scope for item in items for row in _open_rows(item, report))
    where = f" in: {'; '.join(scopes)}" if scopes else " in part"
    why = "".join(f" Why: {reason.removesuffix('.')}." for reason in reasons)
    labels, one = ", ".join(item.label for item in items), len(items) == 1
    be, they = ("is", "it") if one else ("are", "they")
    return f"{labels} {be} {verdict} where {they} could be judged, and not evaluable{where}.{why}"
