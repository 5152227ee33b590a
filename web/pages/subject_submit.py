"""Submit plans: choose or drop the files; the script in assets/upload.js sends them in pieces."""

from __future__ import annotations

from dash import dcc, html

from trial_core.domain.access import Permission, may
from trial_core.domain.subject import SubjectRecord, records_refusal
from trial_core.errors import NotAuthorised
from trial_core.services import subjects
from web.components.frame import Content, Page, head
from web.components.marks import said
from web.components.notices import Tone, notice
from web.components.verdict import sentence_case
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.words import t

BOARD = "upload-board"


def plans_page(code: str) -> Page:
    """Give the upload board for plans, or say why this subject can have none."""
    record = _record(code)
    refusal = record.plan_refusal
    records = _to_records(code) if records_refusal(record.subject.status) is None else None
    if refusal is None:
        return _page(code, t("Submit plans"), [_board(code), records])
    words = [said(sentence_case(refusal)), ". "]
    return _page(
        code, t("Submit plans"), [notice(Tone.WARN, t("No plan can be submitted. "), words), records]
    )


def records_page(code: str) -> Page:
    """Give the upload board for treatment records without plans, or say why this subject can have none."""
    refusal = records_refusal(_record(code).subject.status)
    title = t("Hand over treatment records")
    if refusal is None:
        return _page(code, title, [_board(code, records_only=True), _to_plans(code)])
    words = said(sentence_case(refusal))
    return _page(code, title, notice(Tone.WARN, t("No treatment record can be handed over. "), words))


def _record(code: str) -> SubjectRecord:
    who = actor()
    if not may(who.role, Permission.SUBMIT_PLAN):
        raise NotAuthorised(Permission.SUBMIT_PLAN.value, who.role.value)
    return subjects.subject_record(house().db, who, code=code)


def _page(code: str, title: str, body: Content) -> Page:
    crumbs = [dcc.Link(t("Subjects"), href="/subjects"), " / ", dcc.Link(code, href=f"/subjects/{code}")]
    return Page(title, Section.SUBJECTS, [head(title, crumbs=crumbs), html.Div(body)])


def _board(code: str, *, records_only: bool = False) -> Content:
    privacy = t(
        "Names and birth dates in the files are compared as keyed hashes, to tell whose files these are; "
        "they are shown nowhere."
    )
    kind = "records" if records_only else "plans"
    steps = [
        t("Choose the files: they are sent and read at once."),
        t("See what is in them, name what the protocol does not know, read what the check says."),
        t("Submit. Nothing counts before that."),
    ]
    return html.Div(
        [
            html.Div(id=BOARD, **{"data-subject": code, "data-kind": kind}),
            html.Ol([html.Li(step) for step in steps], className="muted"),
            html.P(privacy, className="muted small"),
        ]
    )


def _to_records(code: str) -> Content:
    link = dcc.Link(t("Hand over treatment records alone"), href=f"/subjects/{code}/submit/records")
    return html.P([t("Records of the treatment machine without a plan? "), link], className="small")


def _to_plans(code: str) -> Content:
    return html.P(dcc.Link(t("Submit plans instead"), href=f"/subjects/{code}/submit"), className="small")


ROUTES = (
    route("/subjects/{code}/submit", plans_page),
    route("/subjects/{code}/submit/records", records_page),
)
