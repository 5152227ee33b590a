"""Submit plans: choose or drop the files; the script in assets/upload.js sends them in pieces."""

from __future__ import annotations

from dash import dcc, html

from trial_core.domain.access import Permission, may
from trial_core.errors import NotAuthorised
from trial_core.services import subjects
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.components.verdict import sentence_case
from web.house import actor, house
from web.route import route
from web.sections import Section

BOARD = "upload-board"


def page(code: str) -> Page:
    """Give the upload board, or say why this subject can have no plan."""
    who = actor()
    if not may(who.role, Permission.SUBMIT_PLAN):
        raise NotAuthorised(Permission.SUBMIT_PLAN.value, who.role.value)
    record = subjects.subject_record(house().db, who, code=code)
    crumbs = [dcc.Link("Subjects", href="/subjects"), " / ", dcc.Link(code, href=f"/subjects/{code}")]
    return Page(
        "Submit plans",
        Section.SUBJECTS,
        [head("Submit plans", crumbs=crumbs), _board(code, record.plan_refusal)],
    )


def _board(code: str, refusal: str | None) -> Content:
    if refusal is not None:
        return notice(Tone.WARN, "No plan can be submitted", sentence_case(refusal))
    return html.Div(
        [
            html.Div(id=BOARD, **{"data-subject": code}),
            html.P(
                "Names and birth dates in the files are compared as keyed hashes, to tell whose files "
                "these are; they are shown nowhere.",
                className="muted small",
            ),
        ]
    )


ROUTES = (route("/subjects/{code}/submit", page),)
