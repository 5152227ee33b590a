"""Toxicity: worst grades by term, of the subjects in reach; by arm for those who may see it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from dash import dcc, html

from trial_core.domain.access import may_see_by_arm
from trial_core.services import everybody, toxicity
from trial_core.services.everybody import SubjectAtAGlance
from web.components.figure import figure_card
from web.components.frame import Content, Page, head
from web.components.grades_table import grades_table
from web.components.notices import Tone, notice
from web.components.paged_grid import paged_grid, subject_column
from web.figures.survival import group_name
from web.figures.toxicity import GRADES, TermGrades, height_px, toxicity_figure
from web.house import actor, house
from web.reading.study_protocol import conduct, protocol
from web.route import route
from web.sections import Section
from web.subject_links import subject_href, subject_key
from web.words import t

GRID = "toxicity-grid"
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
    several = len(_versions_of(found)) > 1
    for each in found:
        for one in each.worst_grades:
            if one.emergent:
                term = f"{one.term} ({one.version})" if several else one.term
                counts[term][one.emergent - 1] += 1
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


def _versions_of(found: tuple[SubjectAtAGlance, ...]) -> set[str]:
    return {one.version for each in found for one in each.worst_grades}


def _versions(found: tuple[SubjectAtAGlance, ...]) -> Content:
    versions = sorted(_versions_of(found))
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
        {
            "id": f"{each.site} {each.code} {one.version} {one.term}",
            "subject": subject_key(each.code, each.site),
            "subject_href": subject_href(each.code, each.site),
            "term": one.term,
            "version": one.version,
            "emergent": one.emergent,
            "ever": one.ever,
        }
        for each in found
        for one in each.worst_grades
    ]
    if not rows:
        return None
    grid = paged_grid(GRID, _columns(), rows)
    return html.Section([html.H2(t("Each subject and term")), grid], className="card")


def _columns() -> list[dict[str, Any]]:
    grade = {"filter": "agNumberColumnFilter", "type": "numericColumn", "minWidth": 120, "flex": 2}
    return [
        subject_column(),
        {
            "headerName": t("Term"),
            "field": "term",
            "cellRenderer": "DosegateTerm",
            "minWidth": 170,
            "flex": 4,
        },
        {"headerName": "CTCAE", "field": "version", "minWidth": 90, "flex": 1},
        {"headerName": t("Worst grade, emergent"), "field": "emergent", **grade},
        {"headerName": t("Worst grade ever"), "field": "ever", **grade},
    ]


ROUTES = (route("/toxicity", page),)
