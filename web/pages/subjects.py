"""The subjects of a site."""

from __future__ import annotations

from dash import dcc, html

from trial_core.domain.access import Permission, may
from trial_core.domain.subject import Subject
from trial_core.services import subjects
from web.components.frame import Content, Page, head
from web.components.tables import table
from web.components.verdict import sentence_case
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.subject_links import subject_href
from web.words import t, tn, word


def page() -> Page:
    """Give the list, with the way to add one for those who may."""
    found = subjects.list_subjects(house().db, actor())
    title = t("Subjects")
    return Page(title, Section.SUBJECTS, [head(title, action=_add()), _list(found)])


def _add() -> Content:
    if not may(actor().role, Permission.MANAGE_SUBJECTS):
        return None
    return dcc.Link(t("Add a subject"), href="/subjects/new", className="button")


def _list(found: tuple[Subject, ...]) -> Content:
    if not found:
        return html.P(t("No subject is registered at your site yet."), className="card")
    columns = (t("Subject"), t("Site"), t("State"), t("Phase"), t("Arm"))
    return html.Div(
        table(
            tn("{n} subject", "{n} subjects", len(found)),
            columns,
            [_row(subject) for subject in found],
        ),
        className="card",
    )


def _row(subject: Subject) -> Content:
    cells: tuple[Content, ...] = (
        dcc.Link(subject.code, href=subject_href(subject.code, subject.site_code)),
        subject.site_code,
        sentence_case(word(subject.status)),
        "–" if subject.phase is None else subject.phase.value,
        "–" if subject.arm is None else subject.arm.value,
    )
    return html.Tr([html.Td(cell) for cell in cells])


ROUTES = (route("/subjects", page),)
