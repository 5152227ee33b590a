"""Populations: which subjects are in which, and why or why not."""

from __future__ import annotations

from dash import dcc, html

from trial_core.domain.populations import Membership, Population
from trial_core.services import everybody
from trial_core.services.everybody import SubjectPopulations
from web.components.frame import Content, Page, head
from web.components.marks import Mark, mark, said
from web.components.tables import table
from web.components.verdict import sentence_case
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.study_protocol import protocol
from web.subject_links import subject_href, subject_key
from web.words import t, word


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
    columns = (t("Subject"), *names)
    rows = [html.Tr([html.Th(t("Members"), scope="row"), *map(html.Td, counts)]), *map(_row, found)]
    caption = t("Computed from the record as it stands; a data cut freezes its own.")
    return html.Section(table(caption, columns, rows), className="card")


def _count(found: tuple[SubjectPopulations, ...], wanted: Population) -> Content:
    inside = [one for each in found for one in each.memberships if one.population is wanted and one.member]
    return html.Strong(t("{n} of {all}", n=len(inside), all=len(found)))


def _row(each: SubjectPopulations) -> Content:
    link = dcc.Link(subject_key(each.code, each.site), href=subject_href(each.code, each.site))
    standing = {one.population: one for one in each.memberships}
    return html.Tr(
        [html.Td(link, className="nowrap"), *(html.Td(_cell(standing.get(one))) for one in Population)]
    )


def _cell(one: Membership | None) -> Content:
    if one is None:
        return "–"
    state = mark(Mark.GOOD, t("In")) if one.member else mark(Mark.NONE, t("Out"))
    return [state, *(html.Span(said(reason), className="sub") for reason in one.reasons)]


ROUTES = (route("/study/populations", page),)
