"""The frame around every page: head, navigation, place for the page, place for messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from trial_core.domain.access import Actor
from web.security import CSRF_COOKIE


class Ids(StrEnum):
    """Components of the frame."""

    LOCATION = "frame-location"
    NAVIGATION = "frame-navigation"
    PAGE = "frame-page"
    TITLE = "frame-title"
    TITLE_SET = "frame-title-set"
    MESSAGES = "frame-messages"


class Section(StrEnum):
    """Entries of the navigation."""

    WORK_LIST = "Work list"
    SUBJECTS = "Subjects"


_HREF = {Section.WORK_LIST: "/", Section.SUBJECTS: "/subjects"}

Content = Any
"""What Dash takes as children: a component, a text, or a list of both."""


@dataclass(frozen=True)
class Page:
    """What a page module hands to the frame."""

    title: str
    section: Section
    body: Content


def frame(actor: Actor, csrf_token: str, *, synthetic: str | None = None) -> Content:
    """Give the whole document body for a signed-in person; `synthetic` are the words of a demo study."""
    return dmc.MantineProvider(
        [
            html.A("Skip to the page", href="#" + Ids.PAGE, className="skip"),
            html.Header(
                [_brand(), html.Nav(id=Ids.NAVIGATION, className="frame-nav"), _user(actor, csrf_token)],
                className="frame-head",
            ),
            html.Div(synthetic, className="synthetic", role="note") if synthetic else None,
            html.Main(id=Ids.PAGE, className="frame-main", tabIndex=-1),
            dmc.NotificationContainer(id=Ids.MESSAGES, position="bottom-right"),
            dcc.Location(id=Ids.LOCATION, refresh="callback-nav"),
            dcc.Store(id=Ids.TITLE),
            dcc.Store(id=Ids.TITLE_SET),
        ],
        defaultColorScheme="auto",
        theme={"primaryColor": "cyan", "fontFamily": "inherit", "defaultRadius": "sm"},
    )


def navigation(current: Section) -> list[Content]:
    """Give the navigation's links; the current one says so."""
    return [_nav_link(section, section is current) for section in Section]


def head(title: Content, *, crumbs: Sequence[Content] = (), action: Content = None) -> Content:
    """Give a page's head: where one is, its title, and the one thing to do."""
    trail = html.Div(list(crumbs), className="crumbs") if crumbs else None
    return html.Div(
        [html.Div([trail, html.H1(title)], className="page-title"), action], className="page-head"
    )


def _brand() -> Content:
    return dcc.Link("Dosegate", href="/", className="brand")


def _nav_link(section: Section, current: bool) -> Content:
    mark = {"aria-current": "page"} if current else {}
    # dcc.Link takes no aria attributes: the class stands in, the wrapper carries the meaning
    return html.Span(
        dcc.Link(section.value, href=_HREF[section], className="nav-link"), className="nav-item", **mark
    )


def _user(actor: Actor, csrf_token: str) -> Content:
    return html.Div(
        [
            html.Span(
                [
                    html.Strong(actor.full_name or actor.login),
                    html.Span(f" · {_place(actor)}", className="muted"),
                ],
                className="small",
            ),
            dmc.ColorSchemeToggle(
                lightIcon="☀",
                darkIcon="☾",
                variant="subtle",
                color="gray",
                size="lg",
                **{"aria-label": "Light or dark"},
            ),
            html.Form(
                [
                    dcc.Input(type="hidden", name=CSRF_COOKIE, value=csrf_token),
                    html.Button("Sign out", type="submit", className="button button-bare", id="sign-out"),
                ],
                action="/sign-out",
                method="POST",
            ),
        ],
        className="frame-user",
    )


def _place(actor: Actor) -> str:
    return f"{actor.role.value}, site {actor.site_code}" if actor.site_code else actor.role.value
