"""Accrual in a card: each phase against its size, and the sites."""

from __future__ import annotations

from dash import html

from trial_core.domain.subject import Phase
from trial_core.services.accrual import Accrual, PhaseAccrual, SiteAccrual
from web.components.frame import Content
from web.components.tables import table
from web.words import t, word


def accrual_card(found: Accrual) -> Content:
    """Give both phases as bars with their numbers, and one row a site."""
    return html.Section(
        [html.H2(t("Accrual")), *(_phase(each) for each in found.phases), _sites(found)], className="card"
    )


def _phase(each: PhaseAccrual) -> Content:
    n, planned = len(each.enrolled_on), each.planned
    words = (
        t("{n} enrolled; the protocol file gives no size", n=n)
        if planned is None
        else t("{n} of {planned} enrolled", n=n, planned=planned)
    )
    last = t("last on {day}", day=each.enrolled_on[-1]) if each.enrolled_on else t("nobody yet")
    name = t("Phase {phase}", phase=word(each.phase))
    line = html.Div(
        [html.Strong(name), html.Span(words), html.Span(last, className="muted small")], className="labelled"
    )
    return html.Div([line, _bar(name, n, planned)], className="accrual-phase")


def _bar(name: str, n: int, planned: int | None) -> Content:
    if not planned:
        return None
    full = html.Div(className="meter-fill", style={"width": f"{min(100, round(100 * n / planned))}%"})
    limits = {
        "aria-valuenow": str(n),
        "aria-valuemin": "0",
        "aria-valuemax": str(planned),
        "aria-label": name,
    }
    return html.Div(full, className="meter", role="meter", **limits)


def _sites(found: Accrual) -> Content:
    phases = [word(phase) for phase in Phase]
    columns = (t("Site"), *phases, t("Screening"), t("Failed"))
    return table(
        t("Subjects by site: enrolled by phase, in screening, failed screening"),
        columns,
        [_site(each) for each in found.sites],
        numeric=columns[1:],
    )


def _site(each: SiteAccrual) -> Content:
    numbers = (*(each.enrolled[phase] for phase in Phase), each.in_screening, each.screening_failures)
    return html.Tr(
        [html.Td(each.site, className="nowrap"), *(html.Td(str(one), className="number") for one in numbers)]
    )
