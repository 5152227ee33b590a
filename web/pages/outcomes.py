"""Outcomes: the data cuts, made by the statistician, released by somebody else."""

from __future__ import annotations

from dash import Dash, dcc, html

from trial_core.db.repositories.data_cuts import DataCut
from trial_core.domain.access import Permission, may, may_see_by_arm
from trial_core.services import data_cuts
from web.components.frame import Content, Page, head
from web.components.marks import Mark, mark
from web.components.tables import table
from web.forms import Context, form_card, register_form
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.study_entry.cuts import FORMS, MAKE, RELEASE
from web.words import t


def page() -> Page:
    """Give the cuts, and what the person's role may do with them."""
    title = t("Outcomes")
    found = data_cuts.list_data_cuts(house().db, actor())
    body = html.Div([_list(found), html.Div(_forms(found))], className="columns")
    return Page(title, Section.OUTCOMES, [head(title), body])


def register(app: Dash) -> None:
    """Have data cuts made, released and repeated."""
    for form in FORMS:
        register_form(app, form)


def _forms(found: tuple[DataCut, ...]) -> list[Content]:
    forms = []
    if may(actor().role, Permission.MAKE_DATA_CUT):
        forms.append(form_card(MAKE, Context(), title=t("Make a data cut"), submit=t("Freeze the record")))
    if may(actor().role, Permission.RELEASE_DATA_CUT) and not all(each.released for each in found):
        forms.append(form_card(RELEASE, Context(), title=t("Release a data cut"), submit=t("Release it")))
    return forms


def _list(found: tuple[DataCut, ...]) -> Content:
    title = html.H2(t("Data cuts"))
    if not found:
        words = t(
            "There is no data cut yet. The statistician makes one; its figures can be seen once released."
        )
        return html.Section([title, html.P(words, className="muted")], className="card")
    columns = (t("Data cut"), t("Day of the cut"), t("Made (UTC)"), t("By"), t("State"))
    caption = t("Newest first. Until it is released a cut is the statistician's alone.")
    return html.Section(
        [title, table(caption, columns, [_row(each) for each in reversed(found)])], className="card"
    )


def _row(each: DataCut) -> Content:
    opens = may_see_by_arm(actor().role, cut_released=each.released)
    name = dcc.Link(each.label, href=f"/outcomes/{each.id}/IIb") if opens else each.label
    released = each.released_at
    state = (
        mark(Mark.PENDING, t("Not released"))
        if released is None
        else mark(Mark.GOOD, t("Released {at} UTC", at=f"{released:%Y-%m-%d %H:%M}"))
    )
    cells: tuple[Content, ...] = (
        name,
        html.Span(each.cut_on.isoformat(), className="nowrap"),
        html.Span(f"{each.made_at:%Y-%m-%d %H:%M}", className="nowrap"),
        each.maker,
        state,
    )
    return html.Tr([html.Td(cell) for cell in cells])


ROUTES = (route("/outcomes", page),)
