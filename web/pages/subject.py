"""A subject's page: its course on one time line, what comes next, and everything that is on record."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from dash import Dash, Input, Output, State, dcc, html, no_update

from trial_core.domain.access import Permission, may
from trial_core.domain.subject import Phase, Subject, SubjectRecord, SubjectStatus
from trial_core.domain.time_line_entries import TimeLine
from trial_core.errors import TrialError, WrongState
from trial_core.services import enrolment, populations, randomisation, subjects
from trial_core.services.form_history import newest_forms
from trial_core.services.plan_decision import standing_decisions
from trial_core.services.subject_course import subject_course
from web.components import subject_course as course_parts
from web.components import subject_parts as parts
from web.components.figure import figure_card
from web.components.frame import Content, Page, head
from web.components.marks import said
from web.components.notices import Tone, notice
from web.components.subject_toxicity import toxicity_card
from web.components.time_line import time_line_table
from web.components.verdict import sentence_case
from web.door.kinds import Kind
from web.figures.time_line import height_px, time_line_figure
from web.house import actor, house
from web.reading.study_protocol import conduct, protocol
from web.route import route
from web.sections import Section
from web.subject_entry.registry import entries_for
from web.words import refusal_words, t


class Ids(StrEnum):
    """Components of the page."""

    CODE = "subject-code"
    ENROL = "subject-enrol"
    ENROL_ANSWER = "subject-enrol-answer"
    TIME_LINE = "subject-time-line"


def page(code: str) -> Page:
    """Give the record of one subject."""
    db, who = house().db, actor()
    record = subjects.subject_record(db, who, code=code)
    course = subject_course(db, conduct(), who, code=code)
    found = populations.populations_of(db, who, code=code, protocol=protocol())
    may_answer = may(who.role, Permission.ENTER_CLINICAL)
    main = [
        course_parts.response_table(code, course.clinical),
        toxicity_card(code, course.clinical),
        parts.plans_card(record, standing_decisions(db, who, record.submissions)),
        parts.forms_card(code, newest_forms(db, who, code=code)),
    ]
    side = [
        parts.menu_card(code, entries_for(record.subject.status)),
        course_parts.queries_card(code, course.clinical, course.delivery, may_answer=may_answer),
        parts.facts_card(code, record.subject, found),
    ]
    title = t("Subject {code}", code=code)
    body = [
        head(title, crumbs=[dcc.Link(t("Subjects"), href="/subjects")], action=_submit(code, record)),
        _refusal(record),
        _next_step(code, record.subject),
        _time_line(code, course.time_line),
        course_parts.delivery_card(course.delivery),
        html.Div([html.Div(main), html.Div(side)], className="columns"),
    ]
    return Page(title, Section.SUBJECTS, body)


def register(app: Dash) -> None:
    """Enrol from the page."""
    app.callback(
        Output(Ids.ENROL_ANSWER, "children"),
        Input(Ids.ENROL, "n_clicks"),
        State(Ids.CODE, "data"),
        running=[(Output(Ids.ENROL, "disabled"), True, False)],
        prevent_initial_call=True,
    )(enrol)


def enrol(clicks: int | None, code: str) -> Content:
    """Enrol the subject and load its page anew, or say why not."""
    if not clicks:
        return no_update
    try:
        enrolment.enrol_subject(house().db, actor(), code=code, protocol=protocol())
    except WrongState:
        pass  # a second click, or another person was first: the page shows what is so
    except TrialError as refusal:
        return notice(Tone.STOP, t("Not enrolled. "), refusal_words(refusal), alert=True)
    return dcc.Location(id="subject-enrolled", href=f"/subjects/{code}", refresh=True)


def _time_line(code: str, line: TimeLine) -> Content:
    if not line.entries:
        said = t("Nothing has happened yet. Begin with the consent.")
        return html.Section([html.H2(t("Time line")), html.P(said, className="muted")], className="card")
    words = t(
        "Every row is a course, an event of toxicity, or a part of the trial. Open shapes are planned; "
        "numbers on bars are CTCAE grades; a bar that is broken goes on."
    )
    card = figure_card(
        Ids.TIME_LINE,
        time_line_figure(line),
        title=t("Time line"),
        words=words,
        csv_href=f"/subjects/{code}/time-line.csv",
        height_px=height_px(line),
    )
    return html.Div([card, html.Section(time_line_table(line), className="card behind-figure")])


def _submit(code: str, record: SubjectRecord) -> Content:
    if record.plan_refusal is not None or not may(actor().role, Permission.SUBMIT_PLAN):
        return None
    return dcc.Link(t("Submit plans"), href=f"/subjects/{code}/submit", className="button")


def _refusal(record: SubjectRecord) -> Content:
    if record.plan_refusal is None:
        return None
    return notice(Tone.WARN, t("No plan can be submitted. "), [said(sentence_case(record.plan_refusal)), "."])


def _next_step(code: str, subject: Subject) -> Content:
    waits = subject.status is SubjectStatus.ENROLLED and subject.phase is Phase.IIB and subject.arm is None
    if subject.status is SubjectStatus.SCREENING and may(actor().role, Permission.MANAGE_SUBJECTS):
        missing = enrolment.enrolment_conditions(house().db, actor(), code=code, protocol=protocol())
        button = html.Button(t("Enrol"), id=Ids.ENROL, className="button", type="button")
        return _step(code, t("Next: enrol"), missing, button)
    if waits and may(actor().role, Permission.RANDOMISE):
        missing = randomisation.randomisation_conditions(house().db, actor(), code=code, protocol=protocol())
        link = dcc.Link(t("Randomise"), href=f"/subjects/{code}/randomise", className="button")
        return _step(code, t("Next: randomise"), missing, link)
    return None


def _step(code: str, name: str, missing: Sequence[str], go: Content) -> Content:
    """A step of the subject: what it still lacks, or the way to take it."""
    body: Content = go
    if missing:
        lines = html.Ul([html.Li(said(sentence_case(words))) for words in missing])
        href = f"/subjects/{code}/screening"
        link = dcc.Link(t("Complete the screening"), href=href, className="button")
        body = [html.P(t("Still missing:"), className="muted"), lines, link]
    return html.Section(
        [
            html.H2(name),
            dcc.Store(id=Ids.CODE, data=code),
            html.Div(body),
            html.Div(id=Ids.ENROL_ANSWER),
        ],
        className="card",
    )


ROUTES = (route("/subjects/{code}", page),)
KINDS = {f"{Ids.CODE}.data": Kind.GIVEN_TEXT}
