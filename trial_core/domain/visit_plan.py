"""The visits that are due for one subject: when each window opens and closes, and what was entered of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from trial_core.domain.readings import Visit
from trial_core.domain.visit_schedule import VisitSchedule


class VisitStanding(StrEnum):
    """Where a scheduled visit stands."""

    DONE = "done"
    OPEN = "window open"
    MISSED = "missed"
    AHEAD = "ahead"


@dataclass(frozen=True, kw_only=True)
class ScheduledVisit:
    """One scheduled visit; `label` is of the visit entered within its window, empty where there is none."""

    on: date
    opens_on: date
    closes_on: date
    label: str
    standing: VisitStanding


def visit_plan(
    schedule: VisitSchedule,
    visits: Iterable[Visit],
    *,
    start: date,
    today: date,
    until: date | None = None,
) -> tuple[ScheduledVisit, ...]:
    """Every scheduled visit up to the next one ahead.

    Parameters
    ----------
    until
        The last day on which visits are expected: death, or leaving follow-up.
    """
    done = sorted((on, visit.label) for visit in visits if (on := visit.completed_on) is not None)
    days = schedule.visit_days()
    next(days)  # the start itself
    planned = []
    for day in days:
        each = _scheduled(start + timedelta(days=day), schedule.window_days, done, today)
        if until is not None and each.opens_on > until:
            break
        planned.append(each)
        if each.standing is VisitStanding.AHEAD:
            break
    return tuple(planned)


def _scheduled(on: date, window_days: int, done: list[tuple[date, str]], today: date) -> ScheduledVisit:
    opens_on, closes_on = on - timedelta(days=window_days), on + timedelta(days=window_days)
    label = next((name for day, name in done if opens_on <= day <= closes_on), "")
    if label:
        standing = VisitStanding.DONE
    elif today > closes_on:
        standing = VisitStanding.MISSED
    else:
        standing = VisitStanding.OPEN if today >= opens_on else VisitStanding.AHEAD
    return ScheduledVisit(on=on, opens_on=opens_on, closes_on=closes_on, label=label, standing=standing)
