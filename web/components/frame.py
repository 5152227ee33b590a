"""The frame around every page: head, navigation, place for the page, place for messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from trial_core.domain.access import Actor
from web.door.security import CSRF_FIELD
from web.sections import ENTRIES, Section, is_for
from web.words import Language, chosen_language, client_words, t, word
from web.words.language import OWN_NAMES


class Ids(StrEnum):
    """Components of the frame."""

    LOCATION = "frame-location"
    NAVIGATION = "frame-navigation"
    PAGE = "frame-page"
    TITLE = "frame-title"
    TITLE_SET = "frame-title-set"
    MESSAGES = "frame-messages"
    WORDS = "frame-words"


Content = Any
"""What Dash takes as children: a component, a text, or a list of both."""


@dataclass(frozen=True)
class Page:
    """What a page module hands to the frame; None for the section of a page that belongs to none."""

    title: str
    section: Section | None
    body: Content


def frame(actor: Actor, csrf_token: str, *, synthetic: str | None = None) -> Content:
    """Give the whole document body for a signed-in person; `synthetic` are the words of a demo study."""
    return dmc.MantineProvider(
        [
            html.A(t("Skip to the page"), href="#" + Ids.PAGE, className="skip"),
            html.Header(
                [_brand(), html.Nav(id=Ids.NAVIGATION, className="frame-nav"), _user(actor, csrf_token)],
                className="frame-head",
            ),
            html.Div(synthetic, className="synthetic", role="note") if synthetic else None,
            html.Main(id=Ids.PAGE, className="frame-main", tabIndex=-1),
            dmc.NotificationContainer(id=Ids.MESSAGES, position="bottom-right"),
            dcc.Location(id=Ids.LOCATION, refresh="callback-nav"),
            html.Div(
                id=Ids.WORDS, hidden=True, **{"data-words": client_words(), "data-shown-to": actor.login}
            ),
            dcc.Store(id=Ids.TITLE),
            dcc.Store(id=Ids.TITLE_SET),
        ],
        defaultColorScheme="auto",
        theme={"primaryColor": "cyan", "fontFamily": "inherit", "defaultRadius": "sm"},
    )


def navigation(current: Section | None, actor: Actor, addresses: Collection[str]) -> list[Content]:
    """Give the links to the sections that the person's role sees and that have a page at their address."""
    return [
        _nav_link(section, section is current)
        for section in Section
        if is_for(section, actor.role) and ENTRIES[section].href in addresses
    ]


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
    entry = ENTRIES[section]
    # dcc.Link takes no aria attributes: the class stands in, the wrapper carries the meaning
    link = dcc.Link(str(entry.title), href=entry.href, className="nav-link")
    return html.Span(link, className="nav-item", **mark)


def _user(actor: Actor, csrf_token: str) -> Content:
    who = [html.Strong(actor.full_name or actor.login), html.Span(f" · {_place(actor)}", className="muted")]
    return html.Div(
        [
            dcc.Link(who, href="/account", className="small frame-who"),
            *(_language_switch(each, csrf_token) for each in Language if each is not chosen_language()),
            dmc.ColorSchemeToggle(
                lightIcon="☀",
                darkIcon="☾",
                variant="subtle",
                color="gray",
                size="lg",
                **{"aria-label": t("Light or dark")},
            ),
            _form("/sign-out", csrf_token, html.Button(t("Sign out"), **_BARE, id="sign-out")),
        ],
        className="frame-user",
    )


_BARE = {"type": "submit", "className": "button button-bare"}


def _language_switch(language: Language, csrf_token: str) -> Content:
    button = html.Button(OWN_NAMES[language], **_BARE, id=f"language-{language.tag}", lang=language.tag)
    chosen = dcc.Input(type="hidden", name="language", value=language.value)
    return _form("/language", csrf_token, chosen, button)


def _form(address: str, csrf_token: str, *fields: Content) -> Content:
    token = dcc.Input(type="hidden", name=CSRF_FIELD, value=csrf_token)
    return html.Form([token, *fields], action=address, method="POST")


def _place(actor: Actor) -> str:
    role = word(actor.role)
    return t("{role}, site {site}", role=role, site=actor.site_code) if actor.site_code else role
