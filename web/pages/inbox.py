"""The inbox: what planning systems sent and nobody could match; a person says whose it is, or discards it."""

from __future__ import annotations

from dash import Dash, html

from trial_core.domain.access import Permission, may
from trial_core.domain.receiving import ReceivedSet, ReceivedState
from trial_core.errors import NotAuthorised, SubjectNotEligibleForPlan, SubjectWithoutRecords, UnknownSubject
from trial_core.services import inbox, subjects
from web.components.frame import Content, Page, head
from web.components.marks import Mark, mark, typed
from web.components.notices import Tone, notice
from web.components.tables import table
from web.components.verdict import sentence_case
from web.components.worklist import age
from web.forms import Answers, Context, Field, FieldKind, Form, Option, Saved, form_card, register_form
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.words import t, tn, word
from workers.queue import ring

ADDRESS = "/inbox"
_LONGEST_REASON = 500
_MIB = 1024**2


def page() -> Page:
    """Give the sets that arrive or wait at the reader's site, and the forms for those that wait."""
    title = t("Inbox")
    found = inbox.list_inbox(house().db, actor())
    waiting = [each for each in found if each.state is ReceivedState.WAITING]
    forms = _forms() if waiting else []
    return Page(title, Section.INBOX, [head(title), _sets(found), *forms])


def register(app: Dash) -> None:
    """Have both forms sent."""
    register_form(app, ASSIGN)
    register_form(app, DISCARD)


def _sets(found: tuple[ReceivedSet, ...]) -> Content:
    if not found:
        words = t("What a planning system sends and what fits no subject's confirmed files will wait here.")
        return notice(Tone.GOOD, t("Nothing waits. "), words)
    columns = (t("Sender"), t("Since (UTC)"), t("Age"), t("State"), t("Files"), t("Plans"), t("Dates"))
    caption = t("Oldest first. Whom the files are of is shown nowhere.")
    rows = [_row(each) for each in found]
    return html.Section([html.H2(t("Received sets")), table(caption, columns, rows)], className="card")


def _row(each: ReceivedSet) -> Content:
    files = [_counts(each), html.Span(f"{each.size_bytes / _MIB:.1f} MiB", className="sub")]
    return html.Tr(
        [
            html.Td([each.ae_title, html.Span(_short(each), className="sub mono")], className="mono"),
            html.Td(f"{each.begun_at:%Y-%m-%d %H:%M}", className="nowrap"),
            html.Td(age(each.begun_at, house().db.now()), className="nowrap"),
            html.Td(_state(each)),
            html.Td(files),
            html.Td(typed(", ".join(each.plan_labels)) if each.plan_labels else "–"),
            html.Td(", ".join(each.dates) or "–"),
        ]
    )


def _state(each: ReceivedSet) -> Content:
    if each.state is ReceivedState.ARRIVING or each.waits_because is None:
        return mark(Mark.PENDING, t("Arriving"))
    said = [mark(Mark.WARN, t("Waits")), html.Div(f"{sentence_case(word(each.waits_because))}.")]
    if each.twice:
        twice = tn("{n} object came with two contents.", "{n} objects came with two contents.", each.twice)
        said.append(html.Div(twice))
    return said


def _counts(each: ReceivedSet) -> str:
    return ", ".join(f"{count} {modality}" for modality, count in each.counts.items())


def _short(each: ReceivedSet) -> str:
    return each.set_id[:8]


def _forms() -> list[Content]:
    confirm = t("The check runs as after an upload; a patient it does not know is confirmed by PatientID.")
    return [
        html.P(confirm, className="muted"),
        form_card(ASSIGN, Context(), title=t("Say whose a set is"), submit=t("Submit for this subject")),
        form_card(DISCARD, Context(), title=t("Discard a set"), submit=t("Discard with all its files")),
    ]


def _set_field() -> Field:
    waiting = (each for each in inbox.list_inbox(house().db, actor()) if each.state is ReceivedState.WAITING)
    options = tuple(Option(_as_shown(each), _label(each)) for each in waiting)
    first = options[0].value if len(options) == 1 else ""
    hint = t("As this page shows it: where something more has come since, load the page anew.")
    return Field(
        "set", t("Received set"), FieldKind.CHOICE, hint, required=True, options=options, value=first
    )


def _as_shown(each: ReceivedSet) -> str:
    """Name a set as it stands: once something more has come, an older page's choice is none any more."""
    return f"{each.set_id}@{each.touched_at.isoformat()}"


def _chosen_set(answers: Answers) -> str:
    return answers.text("set").partition("@")[0]


def _label(each: ReceivedSet) -> str:
    parts = (_short(each), each.ae_title, f"{each.begun_at:%Y-%m-%d %H:%M}", _counts(each), *each.plan_labels)
    return " · ".join(parts)


def _assign_fields(_context: Context) -> tuple[Field, ...]:
    if not may(actor().role, Permission.ASSIGN_RECEIVED):
        raise NotAuthorised(Permission.ASSIGN_RECEIVED.value, actor().role.value)
    codes = (each.code for each in subjects.list_subjects(house().db, actor()))
    options = tuple(Option(code, code) for code in codes)
    subject = Field("subject", t("Subject"), FieldKind.CHOICE, required=True, options=options)
    return (_set_field(), subject)


def _assign(_context: Context, answers: Answers) -> Saved:
    ticket = inbox.assign_set(
        house().db, actor(), set_id=_chosen_set(answers), subject_code=answers.text("subject")
    )
    ring(house().settings, ticket.job_id)
    return Saved(t("Submitted"), go=f"/submissions/{ticket.submission_id}")


def _discard_fields(_context: Context) -> tuple[Field, ...]:
    hint = t("It stands on the audit trail. Without anything that names a person.")
    reason = Field(
        "reason_given", t("Reason"), FieldKind.LONG_TEXT, hint=hint, required=True, longest=_LONGEST_REASON
    )
    return (_set_field(), reason)


def _discard(_context: Context, answers: Answers) -> Saved:
    inbox.discard_set(
        house().db,
        house().store,
        actor(),
        set_id=_chosen_set(answers),
        reason=answers.text("reason_given"),
    )
    return Saved(t("Discarded"), go=ADDRESS)


_REFUSED_AT = dict.fromkeys((UnknownSubject, SubjectNotEligibleForPlan, SubjectWithoutRecords), "subject")
ASSIGN = Form("assign-received", _assign_fields, _assign, refused_at=_REFUSED_AT)
DISCARD = Form("discard-received", _discard_fields, _discard)
ROUTES = (route(ADDRESS, page),)
