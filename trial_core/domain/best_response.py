"""Best overall response, plain or with CR and PR confirmed by table 3 of RECIST 1.1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from trial_core.domain.lesions import RecistRules
from trial_core.domain.response import OverallResponse

Dated = tuple[date, OverallResponse]
_RANK = [
    OverallResponse.CR,
    OverallResponse.PR,
    OverallResponse.SD,
    OverallResponse.NON_CR_NON_PD,
    OverallResponse.PD,
    OverallResponse.NE,
]
_STABLE = (OverallResponse.SD, OverallResponse.NON_CR_NON_PD)


def best_response(
    responses: Sequence[Dated], start: date, rules: RecistRules, *, confirmed: bool
) -> OverallResponse:
    """The best response from start to the first progression, that visit included.

    Stable disease, or better that was not confirmed, counts once the minimum interval from the start has
    passed; before that it is worth nothing: PD follows and is the best, or NE is.

    Parameters
    ----------
    responses
        Day and overall response of each visit, in any order.
    confirmed
        CR and PR must be seen again `confirmation_days` later (table 3).
    """
    visits = _until_progression(sorted(responses))
    settled = [
        _of_visit(index, visits, start, rules) if confirmed else _stable_or(visits[index], start, rules)
        for index in range(len(visits))
    ]
    return min(settled, key=_RANK.index, default=OverallResponse.NE)


def _until_progression(visits: Sequence[Dated]) -> list[Dated]:
    kept: list[Dated] = []
    for visit in visits:
        kept.append(visit)
        if visit[1] is OverallResponse.PD:
            break
    return kept


def _of_visit(index: int, visits: Sequence[Dated], start: date, rules: RecistRules) -> OverallResponse:
    """What one visit is worth once what followed is known."""
    on, response = visits[index]
    if response not in (OverallResponse.CR, OverallResponse.PR):
        return _stable_or(visits[index], start, rules)
    later = [seen for day, seen in visits[index + 1 :] if (day - on).days >= rules.confirmation_days]
    if _is_confirmed(response, later):
        return response
    return _stable_or((on, OverallResponse.SD), start, rules)


def _is_confirmed(response: OverallResponse, later: Sequence[OverallResponse]) -> bool:
    """Seen again at the next visit after the interval that says anything; a PR by a CR, too."""
    said = next((seen for seen in later if seen is not OverallResponse.NE), None)
    if response is OverallResponse.CR:
        return said is OverallResponse.CR
    return said in (OverallResponse.CR, OverallResponse.PR)


def _stable_or(visit: Dated, start: date, rules: RecistRules) -> OverallResponse:
    on, response = visit
    if response in _STABLE and (on - start).days < rules.minimum_stable_days:
        return OverallResponse.NE
    return response
