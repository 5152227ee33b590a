"""Serious events: the 24-hour clock from awareness, and follow-up reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

REPORT_WITHIN = timedelta(hours=24)


class ReportClock(StrEnum):
    """Where the first report stands."""

    RUNNING = "running"
    OVERDUE = "overdue"
    ON_TIME = "reported in time"
    LATE = "reported late"


@dataclass(frozen=True, kw_only=True)
class SeriousReport:
    """A serious event: when somebody at the site knew of it, and the reports on it, all with their zone.

    The first report is the initial one, the others follow up.
    """

    event_id: str
    aware_at: datetime
    reported_at: tuple[datetime, ...] = ()

    @property
    def due_at(self) -> datetime:
        """When the initial report is due."""
        return self.aware_at + REPORT_WITHIN

    def clock(self, now: datetime) -> ReportClock:
        """How the initial report stands at a time; exactly 24 hours is in time."""
        if self.reported_at:
            return ReportClock.ON_TIME if min(self.reported_at) <= self.due_at else ReportClock.LATE
        return ReportClock.RUNNING if now <= self.due_at else ReportClock.OVERDUE


def report_problem(report: SeriousReport, now: datetime, *, entered_at: datetime | None = None) -> str | None:
    """Say what cannot be in a report, or None when it can.

    Parameters
    ----------
    entered_at
        When the event was first entered as serious.
    """
    times = (report.aware_at, *report.reported_at)
    if any(each.tzinfo is None for each in times):
        return "a time without its zone. Enter times with their zone."
    if max(times) > now:
        return "a time that lies in the future. Correct it."
    if entered_at is not None and report.aware_at > entered_at:
        return (
            "the event had been entered as serious by then: the site knew of it then at the latest. "
            "Correct the time."
        )
    if report.reported_at and min(report.reported_at) < report.aware_at:
        return "a report from before the site knew of the event. Correct the time that is wrong."
    return None
