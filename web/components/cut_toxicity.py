"""Toxicity of a data cut by arm as treated: a figure of all causes, and a table for each treatment."""

from __future__ import annotations

from typing import Any

from dash import html

from trial_core.domain.subject import Phase
from trial_core.domain.toxicity import Treatment
from trial_core.services.cut_toxicity import ANY_CAUSE
from web.components.figure import figure_card
from web.components.frame import Content
from web.components.grades_table import grades_table
from web.figures.survival import group_name
from web.figures.toxicity import TermGrades, height_px, toxicity_figure
from web.words import t, word

RUN_IN = "run-in"
CAUSES = (ANY_CAUSE, *(treatment.value for treatment in Treatment))


def grades_of(outcome: dict[str, Any], phase: Phase, cause: str) -> list[TermGrades]:
    """Give worst emergent grades of a phase's groups, the run-in's in IIa, the arms' in IIb, by term.

    A term that emerged in nobody of the phase is left out.

    Where events were graded by two versions of CTCAE the term names its version: they are never added up.
    """
    found = outcome["toxicity"][cause]
    rows = [row for row in found["rows"] if (row["arm"] == RUN_IN) is (phase is Phase.IIA)]
    emerged = {(row["version"], row["term"]) for row in rows if any(row["with_grade"])}
    return [
        TermGrades(
            term=row["term"] if found["poolable"] else f"{row['term']} ({row['version']})",
            group=row["arm"],
            subjects=row["subjects"],
            with_grade=tuple(row["with_grade"]),
        )
        for row in rows
        if (row["version"], row["term"]) in emerged
    ]


def toxicity_parts(outcome: dict[str, Any], phase: Phase, *, csv_href: str) -> Content:
    """Give figure and tables; a sentence where nothing emerged."""
    rows = grades_of(outcome, phase, ANY_CAUSE)
    title = t("Toxicity by arm as treated")
    if not rows:
        words = t("No adverse event emerged under treatment in this phase.")
        return html.Section([html.H2(title), html.P(words, className="muted")], className="card")
    groups = sorted({each.group for each in rows})
    card = figure_card(
        "cut-toxicity",
        toxicity_figure(rows, [(each, group_name(each)) for each in groups[:2]]),
        title=title,
        words=t("Each subject once a term, with its worst grade that emerged under treatment."),
        csv_href=csv_href,
        height_px=height_px(rows),
    )
    return html.Div([card, _tables(outcome, phase, groups)])


def _tables(outcome: dict[str, Any], phase: Phase, groups: list[str]) -> Content:
    every = grades_table(t("Of any cause"), grades_of(outcome, phase, ANY_CAUSE), groups)
    related = [_related(outcome, phase, treatment, groups) for treatment in Treatment]
    return html.Section([html.H2(t("Subjects by worst grade")), every, *related], className="card")


def _related(outcome: dict[str, Any], phase: Phase, treatment: Treatment, groups: list[str]) -> Content:
    rows = grades_of(outcome, phase, treatment.value)
    if not rows:
        return html.P(t("Related to {treatment}: none.", treatment=word(treatment)), className="muted")
    caption = t("Related to {treatment}", treatment=word(treatment))
    return html.Details([html.Summary(caption), grades_table(caption, rows, groups)])
