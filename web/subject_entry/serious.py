"""Reports on a serious event: the clock from when the site knew, the first report and what follows it."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html

from trial_core.db.form_content import from_plain
from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Permission, may
from trial_core.domain.serious_events import ReportClock
from trial_core.domain.subject_forms import SeriousEventReport, SubjectForm
from trial_core.domain.toxicity import AdverseEvent
from trial_core.services import safety
from trial_core.services.form_history import newest_forms
from trial_core.services.safety import SeriousEvent
from web.components.frame import Content
from web.components.notices import Tone, notice
from web.forms import Answers, Context, Field, FieldKind, Form, Saved, form_card
from web.house import actor, house
from web.subject_entry.entry import day_field, form_href, given_day, moment
from web.words import t, word

_TONES: Mapping[ReportClock, Tone] = {
    ReportClock.RUNNING: Tone.WARN,
    ReportClock.OVERDUE: Tone.STOP,
    ReportClock.ON_TIME: Tone.GOOD,
    ReportClock.LATE: Tone.WARN,
}
_MOMENT = "%Y-%m-%d %H:%M UTC"


def serious_card(code: str, version: FormVersion) -> Content:
    """Give the clock and the reports of a serious event, and the form of the next report."""
    if version.void or not from_plain(version.content, AdverseEvent).serious:
        return None
    found = safety.serious_event_of(house().db, actor(), code=code, event_id=version.occasion)
    if found is None:
        return None
    return html.Div([_clock(found), _reports(code, version.occasion), _next(code, version, found)])


def _clock(event: SeriousEvent) -> Content:
    facts = [
        t("The site knew of it: {moment}.", moment=f"{event.report.aware_at:{_MOMENT}}"),
        t("First report due: {moment}.", moment=f"{event.report.due_at:{_MOMENT}}"),
    ]
    title = t("Serious event: {clock}", clock=word(event.clock))
    return notice(_TONES[event.clock], title, " ".join(facts))


def _reports(code: str, event_id: str) -> Content:
    found = [
        each
        for each in newest_forms(house().db, actor(), code=code)
        if each.kind == SubjectForm.SERIOUS_REPORT and each.occasion.partition("/")[0] == event_id
    ]
    if not found:
        return None
    items = [
        html.Li(
            [
                html.Div(f"{each.entered_at:{_MOMENT}}, {each.entered_by}", className="muted small"),
                from_plain(each.content, SeriousEventReport).words,
            ]
        )
        for each in sorted(found, key=lambda one: one.entered_at)
    ]
    title = html.H2(t("Reports, oldest first"))
    return html.Section([title, html.Ol(items, className="versions")], className="card")


def _next(code: str, version: FormVersion, event: SeriousEvent) -> Content:
    if not may(actor().role, Permission.REPORT_SAFETY):
        return None
    context = Context({"code": code, "event": version.occasion, "form": version.id})
    if event.report.reported_at:
        return form_card(FOLLOW_UP, context, title=t("Follow-up report"), submit=t("Report"))
    return form_card(FIRST, context, title=t("First report of the serious event"), submit=t("Report"))


def first_fields(_context: Context) -> tuple[Field, ...]:
    """Ask when the site knew, and what happened."""
    return (
        day_field("day", t("Day on which the site knew of it (UTC)")),
        Field("time", t("Time (UTC)"), required=True, longest=5, hint=t("Hours and minutes, as in 14:05.")),
        _words(t("What happened")),
    )


def _words(label: str) -> Field:
    hint = t("Nothing that names a person.")
    return Field("words", label, FieldKind.LONG_TEXT, required=True, longest=2000, hint=hint)


def save_first(context: Context, answers: Answers) -> Saved:
    """Report the event, which stops its clock."""
    safety.report_serious_event(
        house().db,
        actor(),
        code=context["code"],
        event_id=context["event"],
        aware_at=moment(given_day(answers, "day"), answers.text("time")),
        words=answers.text("words"),
    )
    return Saved("", go=form_href(context["code"], context["form"]))


def follow_up_fields(_context: Context) -> tuple[Field, ...]:
    """Ask what is new."""
    return (_words(t("What is new")),)


def save_follow_up(context: Context, answers: Answers) -> Saved:
    """Report what is new of the event."""
    safety.report_follow_up(
        house().db,
        actor(),
        code=context["code"],
        event_id=context["event"],
        words=answers.text("words"),
    )
    return Saved("", go=form_href(context["code"], context["form"]))


FIRST = Form("serious-report", first_fields, save_first)
FOLLOW_UP = Form("serious-follow-up", follow_up_fields, save_follow_up)
