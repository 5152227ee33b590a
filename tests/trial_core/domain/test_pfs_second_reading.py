"""Progression-free survival against a second, plain reading of the ordered rules, on random histories."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.trial_core.domain.pfs_histories import RULES, histories
from trial_core.domain.pfs import PfsVariant, progression_free_survival, rules_of
from trial_core.domain.pfs_history import PfsHistory, Therapy, TherapyKind
from trial_core.domain.response import OverallResponse

VISITS: list[int] = [0, *range(42, 337, 42), *range(420, 20_000, 84)]
WINDOW = 7
Answer = tuple[int, bool, int]
"""Day (1 is the start), event or censored, and the number of the rule."""


@given(history=histories())
@settings(max_examples=400, deadline=None)
@pytest.mark.parametrize("variant", PfsVariant)
def test_pfs__is_what_the_rules_read_plainly_give(variant: PfsVariant, history: PfsHistory) -> None:
    found = progression_free_survival(history, rules_of(variant, RULES))
    assert (found.days, found.event, found.rule) == plainly(history, variant)


def plainly(history: PfsHistory, variant: PfsVariant) -> Answer:
    """The rules in their order, on days after the start; what is dated before it, or not at all, is out."""
    baseline = history.baseline
    if baseline is None or not baseline.adequate or baseline.on is None:
        return 1, False, 1
    progressions, seen = [], [0]
    for each in history.assessments:
        shown = [day for day in (each.progression_on or each.on, each.on) if day is not None]
        days = [(day - history.start).days for day in shown]
        if each.on is None or min(days) < 0:
            continue
        if each.overall is OverallResponse.PD:
            progressions.append(days[0])
        elif each.overall is not OverallResponse.NE:
            seen.append(days[-1])
    died = [] if history.death_on is None else [(history.death_on - history.start).days]
    treated = [on for on in (new_therapy_day(each, history) for each in history.therapies) if on is not None]
    ends = [on for on in (*progressions, *died) if on >= 0]
    if variant is PfsVariant.NEW_THERAPY_AS_EVENT:
        ends += treated
    elif treated and (not ends or min(treated) < min(ends)):
        return last(seen, min(treated)) + 1, False, 3
    if not ends:
        return last(seen, VISITS[-1]) + 1, False, 6
    end = min(ends)
    if variant is not PfsVariant.MISSED_VISITS_OFF and end - last(seen, end) > allowed(last(seen, end)):
        return last(seen, end) + 1, False, 4
    return end + 1, True, 5


def last(seen: list[int], until: int) -> int:
    return max(day for day in seen if day <= until)


def allowed(seen: int) -> int:
    """Two scheduled intervals behind the visit that an assessment belongs to, and the window."""
    belongs_to = max(number for number, day in enumerate(VISITS) if day - WINDOW <= seen)
    return VISITS[belongs_to + 2] - VISITS[belongs_to] + WINDOW


def new_therapy_day(therapy: Therapy, history: PfsHistory) -> int | None:
    on = None if therapy.started_on is None else (therapy.started_on - history.start).days
    if on is None or on < 0:
        return None
    if therapy.kind is not TherapyKind.RADIOTHERAPY:
        return None if therapy.per_protocol else on
    if not therapy.to_tumour or (history.arm_has_radiotherapy and therapy.per_protocol):
        return None
    return on
