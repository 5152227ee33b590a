"""Overall response of each visit, by tables 1 and 2 of RECIST 1.1 (doi 10.1016/j.ejca.2008.10.026)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from trial_core.domain.lesions import Lesion, LesionRole, RecistRules
from trial_core.domain.queries import Query, QueryCode, in_order
from trial_core.domain.readings import NonTargetStatus, TargetReading, Visit
from trial_core.domain.sorting_readings import new_lesions_that_count, settled_non_targets, settled_targets
from trial_core.domain.target_response import TargetResponse, TargetSum, baseline_sum, judge_targets


class OverallResponse(StrEnum):
    """Overall response of a visit."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    NON_CR_NON_PD = "non-CR/non-PD"
    PD = "PD"
    NE = "NE"


class NonTargetResponse(StrEnum):
    """Response of the non-target lesions alone."""

    CR = "CR"
    NON_CR_NON_PD = "non-CR/non-PD"
    PD = "PD"
    NE = "not all evaluated"


class ReasonMissing(ValueError):  # noqa: N818 - a refusal, named for what is so
    """A response that someone wants to set by hand without saying why."""

    def __init__(self, visit: str) -> None:
        super().__init__(
            f"Visit {visit}: the response is derived from the lesions. Give the reason to set another."
        )
        self.visit = visit


@dataclass(frozen=True, kw_only=True)
class SetByHand:
    """A response that stands in place of the derived one, never without a reason."""

    visit: str
    response: OverallResponse
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ReasonMissing(self.visit)


@dataclass(frozen=True, kw_only=True)
class VisitResponse:
    """The response of one visit.

    Attributes
    ----------
    on
        The day the assessment was complete.
    targets, unirradiated
        Sums of all targets and of those not irradiated on study; None where there is no such target.
    derived, overall
        As the tables give it, and as it counts (`by_hand` says why they differ).
    progression_on
        Of a progression: the earliest day of the components that show it.
    """

    label: str
    on: date | None
    targets: TargetSum | None
    unirradiated: TargetSum | None
    non_targets: NonTargetResponse | None
    new_lesion: bool
    derived: OverallResponse
    overall: OverallResponse
    by_hand: SetByHand | None
    progression_on: date | None
    queries: tuple[Query, ...]


def derive_responses(
    lesions: Sequence[Lesion],
    visits: Sequence[Visit],
    rules: RecistRules,
    by_hand: Sequence[SetByHand] = (),
) -> tuple[VisitResponse, ...]:
    """Derive the response of every visit, in the order of their days, whatever the order of entry.

    A visit without any date comes last and gives no nadir: it cannot be placed.
    """
    targets = [lesion for lesion in lesions if lesion.role is LesionRole.TARGET]
    unirradiated = [lesion for lesion in targets if not lesion.irradiated_on_study]
    nadirs = {"all": baseline_sum(targets), "unirradiated": baseline_sum(unirradiated)}
    hands = {each.visit: each for each in by_hand}
    responses: list[VisitResponse] = []
    for visit in sorted(visits, key=lambda each: (each.completed_on or date.max, each.label)):
        readings, queries = settled_targets(visit, targets)
        sums = {
            "all": _sum(targets, readings, nadirs["all"], rules),
            "unirradiated": _sum(unirradiated, readings, nadirs["unirradiated"], rules),
        }
        response = _of_visit(
            visit, visits, lesions, sums=sums, by_hand=hands.get(visit.label), queries=queries
        )
        responses.append(_after_complete_response(response, responses))
        if visit.completed_on is not None:
            nadirs = {key: _nadir(nadirs[key], sums[key]) for key in nadirs}
    return tuple(responses)


def overall_response(
    targets: TargetResponse | None, non_targets: NonTargetResponse | None, *, new_lesion: bool
) -> OverallResponse:
    """Table 1 of RECIST 1.1, and table 2 where there is no target lesion."""
    if new_lesion or targets is TargetResponse.PD or non_targets is NonTargetResponse.PD:
        return OverallResponse.PD
    match targets:
        case None:
            return _without_targets(non_targets)
        case TargetResponse.CR:
            gone = non_targets in (None, NonTargetResponse.CR)
            return OverallResponse.CR if gone else OverallResponse.PR
        case _:
            return OverallResponse(targets.value)


def _without_targets(non_targets: NonTargetResponse | None) -> OverallResponse:
    if non_targets in (None, NonTargetResponse.NE):
        return OverallResponse.NE
    return OverallResponse(str(non_targets))


def _sum(
    targets: Sequence[Lesion], readings: Mapping[str, TargetReading], nadir_mm: Fraction, rules: RecistRules
) -> TargetSum | None:
    return judge_targets(targets, readings, nadir_mm=nadir_mm, rules=rules) if targets else None


def _nadir(before: Fraction, targets: TargetSum | None) -> Fraction:
    return before if targets is None or targets.mm is None else min(before, targets.mm)


def _of_visit(
    visit: Visit,
    visits: Sequence[Visit],
    lesions: Sequence[Lesion],
    *,
    sums: Mapping[str, TargetSum | None],
    by_hand: SetByHand | None,
    queries: Sequence[Query],
) -> VisitResponse:
    statuses, more = settled_non_targets(visit, lesions)
    new, unsure = new_lesions_that_count(visit, visits)
    targets, non_targets = sums["all"], _non_targets([status for status, _on in statuses])
    derived = overall_response(targets.response if targets else None, non_targets, new_lesion=bool(new))
    days = [targets.progression_on if targets else None]
    days += [on for status, on in statuses if status is NonTargetStatus.UNEQUIVOCAL_PROGRESSION]
    days += [lesion.on for lesion in new]
    overall = by_hand.response if by_hand else derived
    return VisitResponse(
        label=visit.label,
        on=visit.completed_on,
        targets=targets,
        unirradiated=sums["unirradiated"],
        non_targets=non_targets,
        new_lesion=bool(new),
        derived=derived,
        overall=overall,
        by_hand=by_hand,
        progression_on=_earliest(days, visit) if overall is OverallResponse.PD else None,
        queries=in_order([*queries, *more, *unsure, *_undated(visit)]),
    )


def _non_targets(statuses: Sequence[NonTargetStatus]) -> NonTargetResponse | None:
    if not statuses:
        return None
    if NonTargetStatus.UNEQUIVOCAL_PROGRESSION in statuses:
        return NonTargetResponse.PD
    if NonTargetStatus.NOT_ASSESSED in statuses:
        return NonTargetResponse.NE
    gone = all(status is NonTargetStatus.ABSENT for status in statuses)
    return NonTargetResponse.CR if gone else NonTargetResponse.NON_CR_NON_PD


def _earliest(days: Sequence[date | None], visit: Visit) -> date | None:
    return min((day for day in days if day is not None), default=visit.completed_on)


def _undated(visit: Visit) -> list[Query]:
    return [
        Query(
            code=QueryCode.DATE_MISSING,
            about=f"visit {visit.label}, lesion {lesion}",
            message="assessed, but on no date",
            action="Enter the date of the examination.",
        )
        for lesion in visit.undated
    ]


def _after_complete_response(response: VisitResponse, before: Sequence[VisitResponse]) -> VisitResponse:
    # Footnote of table 3: disease after a true CR is progression; or the CR was none. A person decides.
    was_complete = any(each.overall is OverallResponse.CR for each in before)
    if not was_complete or response.overall in (OverallResponse.CR, OverallResponse.PD, OverallResponse.NE):
        return response
    query = Query(
        code=QueryCode.AFTER_COMPLETE_RESPONSE,
        about=f"visit {response.label}",
        message=f"disease ({response.overall}) after a complete response",
        action="Say whether the complete response was one; if it was, this visit is progression.",
    )
    return replace(response, queries=in_order([*response.queries, query]))
