"""Randomisation lists: made, sealed, used, opened; never what a sealed one holds."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from trial_core.services.allocation_lists import ListState, OpenedList
from web.components.frame import Content
from web.components.marks import Mark, mark
from web.components.tables import table
from web.words import t


def lists_card(states: Sequence[ListState], opened: Sequence[OpenedList]) -> Content:
    """Give one row a list with its commitment, which anybody can compare once it is opened."""
    title = html.H2(t("Randomisation lists"))
    if not states:
        words = t("No list is made yet. The statistician makes one for each stratum.")
        return html.Section([title, html.P(words, className="muted")], className="card")
    found = {(each.stratum, each.part): each for each in opened}
    columns = (t("Stratum"), t("Part"), t("State"), t("Slots used"), t("Commitment (SHA-256)"))
    rows = [_row(each, found.get((each.stratum, each.part))) for each in states]
    body = [title, table(t("One list a stratum"), columns, rows, numeric=(t("Part"), t("Slots used")))]
    return html.Section(body, className="card")


def _row(each: ListState, opened: OpenedList | None) -> Content:
    return html.Tr(
        [
            html.Td(each.stratum, className="nowrap"),
            html.Td(str(each.part), className="number"),
            html.Td(_state(each, opened)),
            html.Td(str(each.used), className="number"),
            html.Td(each.commitment, className="mono"),
        ]
    )


def _state(each: ListState, opened: OpenedList | None) -> Content:
    if opened is None:
        return mark(Mark.WARN, t("Used up")) if each.exhausted else mark(Mark.PENDING, t("Sealed"))
    if opened.out_of_order:
        slots = ", ".join(str(slot + 1) for slot in opened.out_of_order)
        return mark(Mark.STOP, t("Opened: slots {slots} were revealed as another arm", slots=slots))
    return mark(Mark.GOOD, t("Opened: as committed, revealed in order"))
