"""A subject's page: who it is by code, and its plans with versions and verdicts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from functools import cache

from dash import Dash, Input, Output, State, dcc, html, no_update

from trial_core.domain.access import Permission, may
from trial_core.domain.plan import SubmissionSummary
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject import Phase, Subject, SubjectRecord, SubjectStatus
from trial_core.errors import TrialError, WrongState
from trial_core.protocols.reader import read_protocol
from trial_core.services import enrolment, randomisation, subjects
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.components.tables import facts, table
from web.components.verdict import sentence_case, verdict_mark
from web.components.worklist import counting_plans, outcome, place
from web.house import actor, house
from web.kinds import Kind
from web.reports import to_review
from web.route import route
from web.sections import Section


class Ids(StrEnum):
    """Components of the page."""

    CODE = "subject-code"
    ENROL = "subject-enrol"
    ENROL_ANSWER = "subject-enrol-answer"
    RANDOMISE = "subject-randomise"
    RANDOMISE_ANSWER = "subject-randomise-answer"


def page(code: str) -> Page:
    """Give the record of one subject."""
    record = subjects.subject_record(house().db, actor(), code=code)
    crumbs = [dcc.Link("Subjects", href="/subjects")]
    body = [
        head(f"Subject {code}", crumbs=crumbs, action=_submit(record)),
        _refusal(record),
        html.Div(
            [_plans(record), html.Div([_facts(code, record.subject), _next_step(record.subject)])],
            className="columns",
        ),
    ]
    return Page(f"Subject {code}", Section.SUBJECTS, body)


def register(app: Dash) -> None:
    """Enrol and randomise from the page."""
    steps = ((Ids.ENROL, Ids.ENROL_ANSWER, enrol), (Ids.RANDOMISE, Ids.RANDOMISE_ANSWER, randomise))
    for button, answer, step in steps:
        app.callback(
            Output(answer, "children"),
            Input(button, "n_clicks"),
            State(Ids.CODE, "data"),
            running=[(Output(button, "disabled"), True, False)],
            prevent_initial_call=True,
        )(step)


def enrol(clicks: int | None, code: str) -> Content:
    """Enrol the subject and load its page anew, or say why not."""
    if not clicks:
        return no_update
    try:
        enrolment.enrol_subject(house().db, actor(), code=code, protocol=_protocol())
    except WrongState:
        pass  # a second click, or another person was first: the page shows what is so
    except TrialError as refusal:
        return notice(Tone.STOP, "Not enrolled", refusal.message, alert=True)
    return dcc.Location(id="subject-enrolled", href=f"/subjects/{code}", refresh=True)


def randomise(clicks: int | None, code: str) -> Content:
    """Reveal the subject's arm and load its page anew, or say why not."""
    if not clicks:
        return no_update
    key = house().settings.secrets().randomisation_key
    try:
        randomisation.randomise(house().db, actor(), code=code, protocol=_protocol(), key=key)
    except TrialError as refusal:
        return notice(Tone.STOP, "Not randomised", refusal.message, alert=True)
    return dcc.Location(id="subject-randomised", href=f"/subjects/{code}", refresh=True)


@cache
def _protocol() -> Protocol:
    return read_protocol()


def _submit(record: SubjectRecord) -> Content:
    if record.plan_refusal is not None or not may(actor().role, Permission.SUBMIT_PLAN):
        return None
    return dcc.Link("Submit plans", href=f"/subjects/{record.subject.code}/submit", className="button")


def _refusal(record: SubjectRecord) -> Content:
    if record.plan_refusal is None:
        return None
    return notice(Tone.WARN, "No plan can be submitted", sentence_case(record.plan_refusal))


def _facts(code: str, subject: Subject) -> Content:
    pairs = [
        ("Code", subject.code),
        ("Site", subject.site_code),
        ("State", sentence_case(subject.status.value)),
        ("Phase", "–" if subject.phase is None else subject.phase.value),
        ("Arm", "–" if subject.arm is None else subject.arm.value),
        ("Registered", f"{subject.created_at:%Y-%m-%d}"),
        ("Screening", dcc.Link("Consent, eligibility, signature", href=f"/subjects/{code}/screening")),
    ]
    return html.Section([html.H2("Subject"), facts(pairs)], className="card")


def _next_step(subject: Subject) -> Content:
    waits = subject.status is SubjectStatus.ENROLLED and subject.phase is Phase.IIB and subject.arm is None
    if subject.status is SubjectStatus.SCREENING and may(actor().role, Permission.MANAGE_SUBJECTS):
        missing = enrolment.enrolment_conditions(house().db, actor(), code=subject.code, protocol=_protocol())
        return _step(subject.code, "Enrol", missing, Ids.ENROL, Ids.ENROL_ANSWER)
    if waits and may(actor().role, Permission.RANDOMISE):
        missing = randomisation.randomisation_conditions(
            house().db, actor(), code=subject.code, protocol=_protocol()
        )
        return _step(subject.code, "Randomise", missing, Ids.RANDOMISE, Ids.RANDOMISE_ANSWER)
    return None


def _step(code: str, name: str, missing: Sequence[str], button: str, answer: str) -> Content:
    """A step of the subject: what it still lacks, or the button."""
    body: Content = html.Button(name, id=button, className="button", type="button")
    if missing:
        lines = html.Ul([html.Li(sentence_case(words)) for words in missing])
        link = dcc.Link("Complete the screening", href=f"/subjects/{code}/screening", className="button")
        body = [html.P("Still missing:", className="muted"), lines, link]
    return html.Section(
        [html.H2(name), dcc.Store(id=Ids.CODE, data=code), html.Div(body), html.Div(id=answer)],
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


ROUTES = (route("/subjects/{code}", page),)
KINDS = {f"{Ids.CODE}.data": Kind.GIVEN_TEXT}
