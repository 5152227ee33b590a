"""A subject's page: who it is by code, and its plans with versions and verdicts."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update

from trial_core.domain.access import Permission, may
from trial_core.domain.plan import SubmissionSummary
from trial_core.domain.subject import Arm, Phase, Subject, SubjectRecord, SubjectStatus
from trial_core.errors import TrialError, WrongState
from trial_core.services import subjects
from web.components.frame import Content, Page, Section, head
from web.components.notices import Tone, notice
from web.components.tables import facts, table
from web.components.verdict import sentence_case, verdict_mark
from web.components.worklist import counting_plans, outcome, place
from web.house import actor, house
from web.reports import to_review


class Ids(StrEnum):
    """Components of the page."""

    CODE = "subject-code"
    ENROL_AS = "subject-enrol-as"
    ENROL = "subject-enrol"
    ENROL_ANSWER = "subject-enrol-answer"


ENROLMENTS = {
    "IIa": ("Phase IIa, safety run-in", Phase.IIA, None),
    "IIb-A": ("Phase IIb, arm A (with radiotherapy)", Phase.IIB, Arm.A),
    "IIb-B": ("Phase IIb, arm B (no radiotherapy)", Phase.IIB, Arm.B),
}


def page(code: str) -> Page:
    """Give the record of one subject."""
    record = subjects.subject_record(house().db, actor(), code=code)
    crumbs = [dcc.Link("Subjects", href="/subjects")]
    body = [
        head(f"Subject {code}", crumbs=crumbs, action=_submit(record)),
        _refusal(record),
        html.Div(
            [_plans(record), html.Div([_facts(record.subject), _enrolment(record.subject)])],
            className="columns",
        ),
    ]
    return Page(f"Subject {code}", Section.SUBJECTS, body)


def register(app: Dash) -> None:
    """Enrol from the page."""
    app.callback(
        Output(Ids.ENROL_ANSWER, "children"),
        Input(Ids.ENROL, "n_clicks"),
        State(Ids.ENROL_AS, "value"),
        State(Ids.CODE, "data"),
        running=[(Output(Ids.ENROL, "disabled"), True, False)],
        prevent_initial_call=True,
    )(enrol)


def enrol(clicks: int | None, enrol_as: str | None, code: str) -> Content:
    """Enrol the subject and load its page anew, or say why not."""
    if not clicks:
        return no_update
    if enrol_as not in ENROLMENTS:
        return notice(Tone.WARN, "Choose the phase first.", alert=True)
    _, phase, arm = ENROLMENTS[enrol_as]
    try:
        subjects.enrol_subject(house().db, actor(), code=code, phase=phase, arm=arm)
    except WrongState:
        pass  # a second click, or another person was first: the page shows what is so
    except TrialError as refusal:
        return notice(Tone.STOP, "Not enrolled", refusal.message, alert=True)
    return dcc.Location(id="subject-enrolled", href=f"/subjects/{code}", refresh=True)


def _submit(record: SubjectRecord) -> Content:
    if record.plan_refusal is not None or not may(actor().role, Permission.SUBMIT_PLAN):
        return None
    return dcc.Link("Submit plans", href=f"/subjects/{record.subject.code}/submit", className="button")


def _refusal(record: SubjectRecord) -> Content:
    if record.plan_refusal is None:
        return None
    return notice(Tone.WARN, "No plan can be submitted", sentence_case(record.plan_refusal))


def _facts(subject: Subject) -> Content:
    pairs = [
        ("Code", subject.code),
        ("Site", subject.site_code),
        ("State", sentence_case(subject.status.value)),
        ("Phase", "–" if subject.phase is None else subject.phase.value),
        ("Arm", "–" if subject.arm is None else subject.arm.value),
        ("Registered", f"{subject.created_at:%Y-%m-%d}"),
    ]
    return html.Section([html.H2("Subject"), facts(pairs)], className="card")


def _enrolment(subject: Subject) -> Content:
    if subject.status is not SubjectStatus.SCREENING or not may(actor().role, Permission.MANAGE_SUBJECTS):
        return None
    choices = [dmc.Radio(label=words, value=key) for key, (words, _, _) in ENROLMENTS.items()]
    return html.Section(
        [
            html.H2("Enrol"),
            dcc.Store(id=Ids.CODE, data=subject.code),
            dmc.RadioGroup(
                dmc.Stack(choices, gap="xs"), id=Ids.ENROL_AS, label="Enrol the subject in", mb="sm"
            ),
            html.Button("Enrol", id=Ids.ENROL, className="button", type="button"),
            html.Div(id=Ids.ENROL_ANSWER),
        ],
        className="card",
    )


def _plans(record: SubjectRecord) -> Content:
    if not record.submissions:
        return html.Section(
            [html.H2("Plans"), html.P("No plan has been submitted.", className="muted")], className="card"
        )
    columns = ("Submission", "Outcome", "Plans", "Submitted (UTC)", "By")
    reviews = to_review(record.submissions)
    rows = [_plan_row(row, reviews) for row in record.submissions]
    return html.Section(
        [html.H2("Plans"), table("Submissions, newest first", columns, rows)], className="card"
    )


def _plan_row(row: SubmissionSummary, reviews: Collection[str]) -> Content:
    word, tone = outcome(row, reviews)
    name = "Open" if row.version is None else f"Version {row.version}"
    plans = [
        html.Div([html.Span(label), verdict_mark(verdict)], className="labelled")
        for label, verdict in counting_plans(row)
    ]
    cells: tuple[Content, ...] = (
        dcc.Link(name, href=place(row)),
        html.Span(word, className=f"verdict verdict-{tone}"),
        plans or "–",
        "–"
        if row.submitted_at is None
        else html.Span(f"{row.submitted_at:%Y-%m-%d %H:%M}", className="nowrap"),
        row.submitter_name or row.submitted_by,
    )
    return html.Tr([html.Td(cell) for cell in cells])
