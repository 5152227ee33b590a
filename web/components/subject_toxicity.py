"""The adverse events of a subject's page, the worst first, each with its grade as number and colour."""

from __future__ import annotations

from dash import dcc, html

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.toxicity import AdverseEvent
from trial_core.services.outcomes import ClinicalView
from web.components.frame import Content
from web.components.tables import table
from web.figures.theme import GRADE_COLOURS
from web.subject_entry.entry import form_href
from web.words import t, word


def toxicity_card(code: str, view: ClinicalView) -> Content:
    """Give the adverse events, the worst first."""
    events = sorted(view.record.events, key=lambda each: (-each.worst_grade, each.onset, each.term))
    if not events:
        said = t("No adverse event is on record.")
        return _card(t("Toxicity"), html.P(said, className="muted"))
    forms = {each.occasion: each for each in view.forms if each.kind == ClinicalForm.ADVERSE_EVENT}
    columns = (t("Term"), t("Worst grade"), t("Onset"), t("Ended"), t("Related"), t("Serious"), t("Outcome"))
    rows = [_event(code, each, forms[each.id]) for each in events]
    return _card(t("Toxicity"), table(t("Adverse events, the worst first (CTCAE)"), columns, rows))


def _event(code: str, event: AdverseEvent, form: FormVersion) -> Content:
    related = t("Yes") if event.is_related else t("No") if event.is_assessed else t("not assessed")
    return html.Tr(
        [
            html.Td(dcc.Link(event.term, href=form_href(code, form.id))),
            html.Td(grade_mark(event.worst_grade)),
            html.Td(event.onset.isoformat(), className="nowrap"),
            html.Td(
                t("goes on") if event.ended_on is None else event.ended_on.isoformat(), className="nowrap"
            ),
            html.Td(related),
            html.Td(html.Strong(t("Serious")) if event.serious else "–"),
            html.Td(word(event.outcome)),
        ]
    )


def grade_mark(grade: int) -> Content:
    """Give a grade as a number in its colour's frame."""
    bar = html.Span(className="grade-bar", style={"background": GRADE_COLOURS[grade]})
    return html.Span([bar, t("Grade {grade}", grade=grade)], className="nowrap")


def _card(title: str, *body: Content) -> Content:
    return html.Section([html.H2(title), *body], className="card")
