"""The verdict of a plan and of the course, from judged criteria and plan checks.

Source: PRODIGE 26 / CONCORDE, doi 10.1016/j.ijrobp.2019.06.2542. Per criterion (structure and metric) the
worst result over plan, physical sum and EQD2 sum counts once. A plan check weighs by itself, as the protocol
says, and is not one of the variations that are counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trial_core.domain.criteria import Requirement, Verdict
from trial_core.domain.protocol import VerdictRule
from trial_core.domain.report import CheckStatus, CheckWeight, CountedItem, PlanCheckResult, ResultRow

_MEASURED = (Verdict.PER_PROTOCOL, Verdict.ACCEPTABLE_VARIATION, Verdict.UNACCEPTABLE_DEVIATION)
"""Verdicts that rest on a value, in ascending order of severity."""

_CHECK_VERDICTS = {
    CheckWeight.UNACCEPTABLE: Verdict.UNACCEPTABLE_DEVIATION,
    CheckWeight.VARIATION: Verdict.ACCEPTABLE_VARIATION,
    CheckWeight.NOT_EVALUABLE: Verdict.NOT_EVALUABLE,
}


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict, the items it counts, and its reasons in words."""

    verdict: Verdict
    reasons: tuple[str, ...]
    counted: tuple[CountedItem, ...]


def judge_together(
    rows: Iterable[ResultRow],
    checks: Iterable[PlanCheckResult],
    rule: VerdictRule,
    *,
    obstacles: Sequence[str] = (),
) -> Judgement:
    """The verdict of everything handed over: a plan's own rows and checks, or those of the whole course.

    Parameters
    ----------
    rows, checks
        In any order: the verdict and what is counted do not depend on it.
    rule
        How many criteria with a variation are unacceptable.
    obstacles
        Why something that is required could not be judged at all; each makes the verdict not evaluable unless
        it is unacceptable anyway.

    Notes
    -----
    A variation that was measured counts, also where another scope of the same criterion is not evaluable.
    Nothing judged at all is not evaluable, never per protocol.
    """
    criteria, others = _criteria_counted(rows), _checks_counted(checks)
    counted = (*criteria, *others)
    verdict = _verdict(criteria, others, rule, bool(obstacles))
    return Judgement(verdict=verdict, reasons=_reasons(verdict, counted, obstacles), counted=counted)


def _verdict(
    criteria: Sequence[CountedItem], checks: Sequence[CountedItem], rule: VerdictRule, obstacles: bool
) -> Verdict:
    judged = [item.verdict for item in criteria]
    everything = {*judged, *(item.verdict for item in checks)}
    too_many = judged.count(Verdict.ACCEPTABLE_VARIATION) >= rule.variations_make_unacceptable
    if Verdict.UNACCEPTABLE_DEVIATION in everything or too_many:
        return Verdict.UNACCEPTABLE_DEVIATION
    if obstacles or any(_blocks(item) for item in (*criteria, *checks)) or not set(judged) & set(_MEASURED):
        return Verdict.NOT_EVALUABLE
    varied = Verdict.ACCEPTABLE_VARIATION in everything
    return Verdict.ACCEPTABLE_VARIATION if varied else Verdict.PER_PROTOCOL


def _blocks(item: CountedItem) -> bool:
    return item.required and (item.incomplete or item.verdict is Verdict.NOT_EVALUABLE)


def _criteria_counted(rows: Iterable[ResultRow]) -> list[CountedItem]:
    groups: dict[tuple[str, str], list[ResultRow]] = {}
    for row in sorted(rows, key=lambda row: row.number):
        groups.setdefault((row.counts_as, row.metric), []).append(row)
    return [_criterion_counted(group) for group in groups.values()]


def _criterion_counted(group: Sequence[ResultRow]) -> CountedItem:
    verdicts = {row.verdict for row in group}
    required = [row for row in group if row.requirement is Requirement.REQUIRED]
    return CountedItem(
        structure=group[0].counts_as,
        metric=group[0].metric,
        label=f"{group[0].counts_as} {group[0].metric}",
        verdict=_worst(verdicts),
        incomplete=any(row.verdict is Verdict.NOT_EVALUABLE for row in required or group),
        required=bool(required),
        rows=tuple(row.number for row in group),
    )


def _worst(verdicts: set[Verdict]) -> Verdict:
    measured = [verdict for verdict in _MEASURED if verdict in verdicts]
    if measured:
        return measured[-1]
    return Verdict.NOT_EVALUABLE if Verdict.NOT_EVALUABLE in verdicts else Verdict.NOT_CONTOURED


def _checks_counted(checks: Iterable[PlanCheckResult]) -> list[CountedItem]:
    groups: dict[str, list[PlanCheckResult]] = {}
    for check in checks:
        if check.status is not CheckStatus.PASSED and check.weight in _CHECK_VERDICTS:
            groups.setdefault(check.id, []).append(check)
    return [_check_counted(groups[identifier]) for identifier in sorted(groups)]


def _check_counted(group: Sequence[PlanCheckResult]) -> CountedItem:
    verdicts = {_CHECK_VERDICTS[check.weight] for check in group}
    return CountedItem(
        structure="",
        metric="",
        label=min(check.label for check in group),
        verdict=_worst(verdicts),
        incomplete=Verdict.NOT_EVALUABLE in verdicts,
        required=True,
        rows=(),
    )


def _reasons(verdict: Verdict, counted: Sequence[CountedItem], obstacles: Sequence[str]) -> tuple[str, ...]:
    if verdict is Verdict.PER_PROTOCOL:
        return ()
    reasons = list(obstacles)
    deviating = (Verdict.UNACCEPTABLE_DEVIATION, Verdict.ACCEPTABLE_VARIATION)
    reasons += [f"{item.label}: {item.verdict}" for item in counted if item.verdict in deviating]
    reasons += _blocked(counted)
    return tuple(reasons) or ("nothing could be judged",)


def _blocked(counted: Sequence[CountedItem]) -> list[str]:
    """What is required and not evaluable: the criteria in one line, each plan check in its own."""
    criteria = ", ".join(item.label for item in counted if _blocks(item) and item.rows)
    checks = [item.label for item in counted if _blocks(item) and not item.rows]
    return [f"{each}: {Verdict.NOT_EVALUABLE}" for each in (criteria, *checks) if each]
