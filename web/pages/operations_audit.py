"""The audit trail, searched: who did what, when, to whose record; and whether the chain holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from trial_core.domain.access import Permission, Role, may
from trial_core.services.audit_search import ENTRIES_A_PAGE, Asked, FoundEntry, FoundPage
from web.components.frame import Content, Page, head
from web.components.marks import typed
from web.components.notices import Tone, notice
from web.components.tables import table
from web.components.verdict import sentence_case
from web.door.kinds import Kind
from web.house import actor, house
from web.pages.operations import trail_words
from web.reading.audit import (
    ADDRESS,
    FIELDS,
    WrongDay,
    asked_of,
    file_address,
    found_page,
    reads_all,
    verified,
)
from web.route import route
from web.sections import Section
from web.subject_links import subject_key
from web.words import t, tn, word_from
from web.words.audit_words import action_words


class Ids(StrEnum):
    """Components of this page."""

    LOGIN = "audit-login"
    ACTION = "audit-action"
    SUBJECT = "audit-subject"
    FROM = "audit-from"
    TO = "audit-to"
    SEARCH = "audit-search"
    NEWER = "audit-newer"
    OLDER = "audit-older"
    ENDS = "audit-ends"
    FOUND = "audit-found"
    FILE = "audit-file"
    CHECK = "audit-check"
    CHAIN = "audit-chain"


KINDS = {f"{Ids.ENDS}.data": Kind.SMALL_OBJECT}
_INPUTS = (Ids.LOGIN, Ids.ACTION, Ids.SUBJECT, Ids.FROM, Ids.TO)


def page() -> Page:
    """Give the newest entries, the search, and the state of the chain."""
    title, found = t("Audit trail"), found_page(Asked())
    section = Section.OPERATIONS if may(actor().role, Permission.MANAGE_ACCOUNTS) else Section.AUDIT
    crumbs = [dcc.Link(t("Operations"), href="/operations")] if section is Section.OPERATIONS else []
    body = [
        head(title, crumbs=crumbs),
        _chain_card(found),
        _withheld(),
        _search_card(found),
        _found_card(found),
    ]
    return Page(title, section, body)


def register(app: Dash) -> None:
    """Search, turn pages, and verify the chain on click."""
    app.callback(
        Output(Ids.FOUND, "children"),
        Output(Ids.ENDS, "data"),
        Output(Ids.NEWER, "disabled"),
        Output(Ids.OLDER, "disabled"),
        Output(Ids.FILE, "href"),
        Output(Ids.FROM, "error"),
        Output(Ids.TO, "error"),
        Input(Ids.SEARCH, "n_clicks"),
        Input(Ids.NEWER, "n_clicks"),
        Input(Ids.OLDER, "n_clicks"),
        State(Ids.ENDS, "data"),
        *(State(each, "value") for each in _INPUTS),
        prevent_initial_call=True,
    )(_search)
    app.callback(
        Output(Ids.CHAIN, "children"),
        Input(Ids.CHECK, "n_clicks"),
        running=[(Output(Ids.CHECK, "disabled"), True, False)],
        prevent_initial_call=True,
    )(_verify)


def _search(*values: Any) -> tuple[Any, ...]:
    *_clicks, ends, login, action, subject, first, last = values
    given = dict(zip(FIELDS, (login, action, subject, first, last), strict=True))
    try:
        asked = asked_of(given)
    except WrongDay as wrong:
        words = t("Give a day as 2026-01-31, the last not before the first.")
        errors = tuple(words if wrong.field == each else None for each in ("from_on", "to_on"))
        return (*(no_update,) * 5, *errors)
    found = found_page(asked, **_turned(ends or {}))
    return (
        _entries(found),
        _ends(found),
        not found.has_newer,
        not found.has_older,
        file_address(given),
        None,
        None,
    )


def _turned(ends: Mapping[str, Any]) -> dict[str, int | None]:
    """Give where the page begins or ends that was asked for; a search begins with the newest."""
    numbers = {name: one if isinstance(one, int) else None for name, one in ends.items()}
    match ctx.triggered_id:
        case Ids.OLDER:
            return {"before": numbers.get("last")}
        case Ids.NEWER:
            return {"after": numbers.get("first")}
        case _:
            return {}


def _verify(clicks: int | None) -> Content:
    return trail_words(verified(), house().db.now()) if clicks else no_update


def _chain_card(found: FoundPage) -> Content:
    words = tn("{n} entry; the hash of the last:", "{n} entries; the hash of the last:", found.head.count)
    return html.Section(
        [
            html.H2(t("The chain")),
            html.P([words, " ", html.Code(found.head.hash, className="mono break")]),
            html.Button(t("Verify it now"), id=Ids.CHECK, className="button button-quiet", type="button"),
            html.Div(id=Ids.CHAIN, **{"aria-live": "polite"}),
        ],
        className="card",
    )


def _withheld() -> Content:
    if reads_all():
        return None
    words = t("Those of subjects, plans and forms are read by the monitor; your role sees nothing clinical.")
    return notice(Tone.INFO, t("Entries about the installation. "), words)


def _search_card(found: FoundPage) -> Content:
    actions = [{"value": each, "label": action_words(each)} for each in found.actions]
    who = dmc.TextInput(id=Ids.LOGIN, label=t("User name"), value="", inputProps=_typing(64))
    what = dmc.Select(
        id=Ids.ACTION,
        label=t("What was done"),
        data=actions,
        searchable=True,
        clearable=True,
        placeholder=t("Anything"),
        nothingFoundMessage=t("Nothing is called that."),
    )
    subject = dmc.TextInput(id=Ids.SUBJECT, label=t("Subject"), value="", inputProps=_typing(65))
    about = html.Div(subject, hidden=not reads_all())
    days = [
        dmc.TextInput(id=each, label=label, value="", inputProps={"type": "date"})
        for each, label in ((Ids.FROM, t("From (UTC)")), (Ids.TO, t("To (UTC), included")))
    ]
    button = html.Button(t("Search"), id=Ids.SEARCH, className="button", type="button")
    fields = html.Div([who, what, about, *days, button], className="audit-search form")
    return html.Section(fields, className="card", **{"aria-label": t("Search")})


def _typing(longest: int) -> dict[str, Any]:
    return {"maxLength": longest, "autoComplete": "off"}


def _found_card(found: FoundPage) -> Content:
    looks = {"className": "button button-quiet", "type": "button"}
    turning = html.Div(
        [
            html.Button(t("Newer"), id=Ids.NEWER, disabled=not found.has_newer, **looks),
            html.Button(t("Older"), id=Ids.OLDER, disabled=not found.has_older, **looks),
            html.A(
                t("All of it as CSV"), id=Ids.FILE, href=file_address({}), className="button button-quiet"
            ),
        ],
        className="actions",
    )
    return html.Section(
        [
            dcc.Store(id=Ids.ENDS, data=_ends(found)),
            html.Div(_entries(found), id=Ids.FOUND, **{"aria-live": "polite"}),
            turning,
        ],
        className="card",
        **{"aria-label": t("What was found")},
    )


def _ends(found: FoundPage) -> dict[str, int]:
    if not found.entries:
        return {}
    return {"first": found.entries[0].entry.sequence, "last": found.entries[-1].entry.sequence}


def _entries(found: FoundPage) -> Content:
    if not found.entries:
        words = t("No entry fits. Check the user name and the subject's code, or widen the days.")
        return html.P(words, className="muted")
    caption = tn("{n} entry fits", "{n} entries fit, the newest first", found.total)
    if found.total > ENTRIES_A_PAGE:
        caption = t("{caption}; {most} on a page", caption=caption, most=ENTRIES_A_PAGE)
    columns = [t("Entry"), t("When (UTC)"), t("Who"), t("What was done"), t("What changed, and why")]
    if reads_all():
        columns.insert(4, t("Subject"))
    return table(caption, columns, [_row(each) for each in found.entries])


def _row(each: FoundEntry) -> Content:
    one = each.entry
    about = f"{one.entity} {one.entity_id[:8] if len(one.entity_id) >= 32 else one.entity_id}"
    cells = [
        html.Td(str(one.sequence), className="number"),
        html.Td(f"{one.at:%Y-%m-%d %H:%M:%S}", className="nowrap"),
        html.Td([html.Bdi(one.login), html.Span(_role(one.role, one.site_code), className="sub")]),
        html.Td([html.Span(action_words(one.action)), html.Span(about, className="sub mono", lang="en")]),
        html.Td(_content(each)),
    ]
    if reads_all():
        cells.insert(4, html.Td(_subject(each)))
    return html.Tr(cells)


def _role(role: str | None, site: str | None) -> str:
    said = sentence_case(word_from(Role, role)) if role else "–"
    return f"{said}, {site}" if site else said


def _subject(each: FoundEntry) -> Content:
    if each.subject is None:
        return "–"
    site, code = each.subject
    key = subject_key(code, site)
    return dcc.Link(key, href=f"/subjects/{key}")


def _content(each: FoundEntry) -> Content:
    one = each.entry
    lines = [_line(name, _change(pair)) for name, pair in (one.changes or {}).items()]
    lines += [_line(name, _plain(value)) for name, value in one.details.items() if value not in (None, "")]
    why = [html.Div([t("Reason:"), " ", typed(one.reason)])] if one.reason else []
    if not lines:
        return why or "–"
    n = len(lines)
    shown = html.Details(
        [html.Summary(tn("{n} fact", "{n} facts", n)), html.Ul(lines, className="audit-facts")]
    )
    return [*why, shown]


def _line(name: str, value: Content) -> Content:
    return html.Li([html.Span(f"{name}: ", className="muted", lang="en"), value])


def _change(pair: list[Any]) -> Content:
    old, new = pair
    after = html.Ins(_plain(new))
    return after if old is None else html.Span([html.Del(_plain(old)), " → ", after])


def _plain(value: Any) -> Content:
    if not isinstance(value, str):
        return html.Bdi(json.dumps(value, ensure_ascii=False, sort_keys=True))
    return word_from(Role, value) if value in set(Role) else html.Bdi(value)


ROUTES = (route(ADDRESS, page),)
