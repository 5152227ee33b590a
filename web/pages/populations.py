"""Populations: which subjects are in which, and why or why not."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from trial_core.domain.populations import Membership, Population
from trial_core.services import everybody
from trial_core.services.everybody import SubjectPopulations
from web.components.frame import Content, Page, head
from web.components.marks import Mark
from web.components.paged_grid import paged_grid, subject_column
from web.components.tables import table
from web.components.verdict import sentence_case
from web.house import actor, house
from web.reading.study_protocol import protocol
from web.route import route
from web.sections import Section
from web.subject_links import subject_href, subject_key
from web.words import sentence_words, t, word

GRID = "populations-grid"


def page() -> Page:
    """Give every enrolled subject in reach with its populations."""
    title = t("Populations")
    found = everybody.populations_of_everybody(house().db, actor(), protocol=protocol())
    crumbs = [dcc.Link(t("Study"), href="/study")]
    return Page(title, Section.STUDY, [head(title, crumbs=crumbs), _card(found)])


def _card(found: tuple[SubjectPopulations, ...]) -> Content:
    if not found:
        words = t("Nobody is enrolled yet. Populations begin with the first enrolment.")
        return html.P(words, className="card")
    names = [sentence_case(word(each)) for each in Population]
    counts = [_count(found, each) for each in Population]
    caption = t("Computed from the record as it stands; a data cut freezes its own.")
    members = table(caption, names, [html.Tr([*map(html.Td, counts)])])
    return html.Section(
        [members, paged_grid(GRID, _columns(), [_row(each) for each in found])], className="card"
    )


def _count(found: tuple[SubjectPopulations, ...], wanted: Population) -> Content:
    inside = [one for each in found for one in each.memberships if one.population is wanted and one.member]
    return html.Strong(t("{n} of {all}", n=len(inside), all=len(found)))


def _columns() -> list[dict[str, Any]]:
    each = {
        "cellRenderer": "DosegateMember",
        "wrapText": True,
        "autoHeight": True,
        "minWidth": 150,
        "flex": 3,
    }
    named = [{"headerName": sentence_case(word(one)), "field": one.value, **each} for one in Population]
    return [subject_column(), *named]


def _row(each: SubjectPopulations) -> dict[str, Any]:
    key, href = subject_key(each.code, each.site), subject_href(each.code, each.site)
    row: dict[str, Any] = {"id": key, "subject": key, "subject_href": href}
    for one in each.memberships:
        row |= _member(one)
    return row


def _member(one: Membership) -> dict[str, Any]:
    """Give word, tone and reasons; a reason that has no words in the person's language stays English."""
    told = [(reason, sentence_words(reason)) for reason in one.reasons]
    field = one.population.value
    return {
        field: t("In") if one.member else t("Out"),
        f"{field}_tone": Mark.GOOD.value if one.member else Mark.NONE.value,
        f"{field}_reasons": [{"words": words} if words else {"words": r, "lang": "en"} for r, words in told],
    }


ROUTES = (route("/study/populations", page),)
