"""Toxicity: worst grades by term, of the subjects in reach; by arm for those who may see it."""

from __future__ import annotations

from collections import defaultdict

from dash import dcc, html

from trial_core.domain.access import may_see_by_arm
from trial_core.services import everybody, toxicity
from trial_core.services.everybody import SubjectAtAGlance
from web.components.figure import figure_card
from web.components.frame import Content, Page, head
from web.components.grades_table import grades_table
from web.components.notices import Tone, notice
from web.components.tables import table
from web.figures.survival import group_name
from web.figures.toxicity import GRADES, TermGrades, height_px, toxicity_figure
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.study_protocol import conduct, protocol
from web.subject_links import subject_href, subject_key
from web.words import t

EVERYBODY = "everybody"
RUN_IN = "run-in"


def page() -> Page:
    """Give tables and plots of the worst grades."""
    title = t("Toxicity")
    crumbs = [dcc.Link(t("Study"), href="/study")]
    found = everybody.subjects_at_a_glance(house().db, actor(), protocol=protocol())
    by_arm = [_by_arm()] if may_see_by_arm(actor().role, cut_released=False) else []
    body = [head(title, crumbs=crumbs), _versions(found), *by_arm, _pooled(found), _by_subject(found)]
    return Page(title, Section.STUDY, body)


def pooled_rows(found: tuple[SubjectAtAGlance, ...]) -> list[TermGrades]:
    """Count worst emergent grades over the subjects, whatever their arm; versions stay apart."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(GRADES))
    for each in found:
        for one in each.worst_grades:
            if one.emergent:
                counts[_term(one.term, one.version, found)][one.emergent - 1] += 1
    return [
        TermGrades(term=term, group=EVERYBODY, subjects=len(found), with_grade=tuple(grades))
        for term, grades in sorted(counts.items())
    ]


def arm_rows() -> list[TermGrades]:
    """Give today's worst emergent grades by arm as treated."""
    found = toxicity.toxicity_by_arm(house().db, conduct(), actor())
    several = not found.poolable
    return [
        TermGrades(
            term=f"{each.term} ({each.version})" if several else each.term,
            group=each.arm,
            subjects=each.subjects,
            with_grade=each.with_grade,
        )
        for each in found.rows
    ]


def _term(term: str, version: str, found: tuple[SubjectAtAGlance, ...]) -> str:
    several = len({one.version for each in found for one in each.worst_grades}) > 1
    return f"{term} ({version})" if several else term


def _versions(found: tuple[SubjectAtAGlance, ...]) -> Content:
    versions = sorted({one.version for each in found for one in each.worst_grades})
    if len(versions) <= 1:
        return None
    words = t(
        "Events were graded by CTCAE {versions}. They are never added up.", versions=", ".join(versions)
    )
    return notice(Tone.WARN, t("Two versions of CTCAE"), words)


def _by_arm() -> Content:
    rows = arm_rows()
    if not rows:
        return None
    groups = sorted({each.group for each in rows})
    arms = [each for each in groups if each != RUN_IN]
    sides = [(each, group_name(each)) for each in arms]
    cards = []
    if len(arms) == 2:
        chosen = [each for each in rows if each.group in arms]
        cards.append(_figure("toxicity-arms", chosen, sides, t("By arm as treated"), "/toxicity/arms.csv"))
    return html.Div([*cards, _table(t("By arm as treated"), rows, groups)])


def _pooled(found: tuple[SubjectAtAGlance, ...]) -> Content:
    rows = pooled_rows(found)
    if not rows:
        words = t("No adverse event emerged under treatment. They are entered on the subject's page.")
        return html.P(words, className="card")
    name = t("{n} enrolled subjects", n=len(found))
    return _figure("toxicity-all", rows, [(EVERYBODY, name)], t("All subjects"), "/toxicity/subjects.csv")


def _figure(
    graph_id: str, rows: list[TermGrades], sides: list[tuple[str, str]], title: str, csv_href: str
) -> Content:
    words = t("Each subject once a term, with its worst grade that emerged under treatment.")
    return figure_card(
        graph_id,
        toxicity_figure(rows, sides),
        title=title,
        words=words,
        csv_href=csv_href,
        height_px=height_px(rows),
    )


def _table(title: str, rows: list[TermGrades], groups: list[str]) -> Content:
    card = grades_table(t("Subjects by worst grade"), rows, groups)
    return html.Section([html.H2(title), card], className="card")


def _by_subject(found: tuple[SubjectAtAGlance, ...]) -> Content:
    rows = [
        html.Tr(
            [
                html.Td(dcc.Link(subject_key(each.code, each.site), href=subject_href(each.code, each.site))),
                html.Td(one.term, lang="en"),
                html.Td(one.version),
                html.Td("–" if one.emergent is None else str(one.emergent), className="number"),
                html.Td(str(one.ever), className="number"),
            ]
        )
        for each in found
        for one in each.worst_grades
    ]
    if not rows:
        return None
    columns = (t("Subject"), t("Term"), "CTCAE", t("Worst grade, emergent"), t("Worst grade ever"))
    body = table(t("Each subject and term"), columns, rows, numeric=columns[3:])
    return html.Details([html.Summary(t("By subject")), body], className="card")


ROUTES = (route("/toxicity", page),)
