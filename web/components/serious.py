"""Serious events with their 24-hour clock."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from trial_core.domain.serious_events import ReportClock
from trial_core.services.safety import SeriousEvent
from web.components.frame import Content
from web.components.marks import Mark, mark
from web.components.tables import table
from web.components.verdict import sentence_case
from web.words import t, word

_MARKS = {
    ReportClock.RUNNING: Mark.WARN,
    ReportClock.OVERDUE: Mark.STOP,
    ReportClock.ON_TIME: Mark.GOOD,
    ReportClock.LATE: Mark.OPEN,
}
_ORDER = (ReportClock.OVERDUE, ReportClock.RUNNING, ReportClock.LATE, ReportClock.ON_TIME)


def serious_card(found: Sequence[SeriousEvent]) -> Content:
    """Give the events, those first whose report is not there yet."""
    title = html.H2(t("Serious events"))
    if not found:
        words = t("No serious event is on record. It is entered on the subject's page.")
        return html.Section([title, html.P(words, className="muted")], className="card", id="serious")
    columns = (
        t("Subject"),
        t("Event"),
        t("Grade"),
        t("Onset"),
        t("Site knew (UTC)"),
        t("Report due (UTC)"),
        t("Clock"),
        t("Reports"),
    )
    ordered = sorted(found, key=lambda each: _ORDER.index(each.clock))
    caption = t("A first report is due within 24 hours of the site's knowing.")
    body = table(caption, columns, [_row(each) for each in ordered], numeric=(t("Grade"), t("Reports")))
    return html.Section([title, body], className="card", id="serious")


def _row(each: SeriousEvent) -> Content:
    event, report = each.event, each.report
    return html.Tr(
        [
            html.Td(each.subject, className="nowrap"),
            html.Td(f"{event.term} (CTCAE {event.version})", lang="en"),
            html.Td(str(event.worst_grade), className="number"),
            html.Td(event.onset.isoformat(), className="nowrap"),
            html.Td(f"{report.aware_at:%Y-%m-%d %H:%M}", className="nowrap"),
            html.Td(f"{report.due_at:%Y-%m-%d %H:%M}", className="nowrap"),
            html.Td(mark(_MARKS[each.clock], sentence_case(word(each.clock)))),
            html.Td(str(len(report.reported_at)), className="number"),
        ]
    )
