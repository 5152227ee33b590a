"""Today: what waits for the person who asks."""

from __future__ import annotations

from dash import dcc, html

from trial_core.domain.access import Permission, may
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.house import actor
from web.route import route
from web.sections import Section
from web.words import t


def page() -> Page:
    """Give the page on which everyone begins."""
    return Page(t("Today"), Section.TODAY, [head(t("Today")), _body()])


def _body() -> Content:
    if not may(actor().role, Permission.SEE_SUBJECTS):
        return notice(
            Tone.INFO,
            t("Your role sees no subjects or plans."),
            t("Ask the trial office if it should."),
        )
    return html.Div(
        [
            dcc.Link(t("Open the work list"), href="/plans", className="button"),
            dcc.Link(t("Open the subjects"), href="/subjects", className="button button-quiet"),
        ],
        className="actions",
    )


ROUTES = (route("/", page),)
