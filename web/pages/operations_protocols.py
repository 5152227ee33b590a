"""Versions of the protocol: which is in use, what each judged, what changed; plans to be checked again."""

from __future__ import annotations

from enum import StrEnum

import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, html

from trial_core.domain.access import SYSTEM
from trial_core.domain.protocol_record import Judged
from trial_core.services import protocol_versions
from trial_core.services.protocol_versions import ProtocolVersion, ProtocolVersions
from web.components.frame import Content, Page, head
from web.components.marks import Mark, mark
from web.components.notices import Tone, notice
from web.components.protocol_changes import changes_shown
from web.components.tables import table
from web.downloads.protocol_files import ADDRESS, file_address
from web.house import actor, house
from web.reading.study_protocol import protocol
from web.route import route
from web.sections import Section
from web.study_entry import recheck
from web.words import t, tn


class Ids(StrEnum):
    """Components of this page."""

    BEFORE = "protocols-before"
    AFTER = "protocols-after"
    CHANGES = "protocols-changes"


def page() -> Page:
    """Give the versions, what changed from the last but one to the last, and the re-checks."""
    title = t("Versions of the protocol")
    found = protocol_versions.list_protocol_versions(house().db, actor())
    crumbs = [dcc.Link(t("Operations"), href="/operations")]
    cards = (_versions_card(found), _changes_card(found), *recheck.recheck_cards())
    return Page(title, Section.OPERATIONS, [head(title, crumbs=crumbs), _not_kept(found), *cards])


def register(app: Dash) -> None:
    """Compare what is chosen; everything about re-checks."""
    app.callback(
        Output(Ids.CHANGES, "children"),
        Input(Ids.BEFORE, "value"),
        Input(Ids.AFTER, "value"),
        prevent_initial_call=True,
    )(compare)
    recheck.register(app)


def compare(before: str | None, after: str | None) -> Content:
    """Give what changed between the two versions that are chosen."""
    numbers = [int(each) for each in (before, after) if each and each.isdecimal() and len(each) < 10]
    if len(numbers) < 2:
        return html.P(t("Choose two versions."), className="muted")
    old, new = numbers
    if old == new:
        return html.P(t("This is one and the same version. Choose another to compare it with."))
    found = protocol_versions.compare_protocol_versions(house().db, actor(), before=old, after=new)
    return changes_shown(found.changes)


def _versions_card(found: ProtocolVersions) -> Content:
    title = html.H2(t("Versions"))
    if not found.versions:
        words = t("None is on record yet. The server puts its protocol on record when it starts.")
        return html.Section([title, html.P(words, className="muted")], className="card")
    judged = t("Plans judged")
    columns = (t("Version"), t("State"), t("Since (UTC)"), t("File and SHA-256"), judged)
    rows = [_row(each) for each in found.versions]
    caption = t("Newest first. A version is never changed: another content is another version.")
    return html.Section([title, table(caption, columns, rows, numeric=(judged,))], className="card")


def _row(each: ProtocolVersion) -> Content:
    one = each.recorded
    in_use = one.sha256 == protocol().sha256
    state = mark(Mark.GOOD, t("In use")) if in_use else mark(Mark.NONE, t("Not in use"))
    who = (
        t("by the program, at its start")
        if one.installed_by == SYSTEM.login
        else t("by {who}", who=one.installed_by)
    )
    download = html.A(t("Download {file}", file=one.file), href=file_address(one), download=True)
    stand = tn("{n} result stands", "{n} results stand", each.standing)
    return html.Tr(
        [
            html.Td([html.Strong(one.version), html.Span(one.protocol_id, className="sub mono")]),
            html.Td(state, className="nowrap"),
            html.Td([f"{one.installed_at:%Y-%m-%d %H:%M}", html.Span(who, className="sub")]),
            html.Td([download, html.Span(one.sha256, className="sub mono break")]),
            html.Td([str(each.results), html.Span(stand, className="sub")], className="number"),
        ]
    )


def _not_kept(found: ProtocolVersions) -> Content:
    if not found.unrecorded:
        return None
    n = sum(each.results for each in found.unrecorded)
    title = tn(
        "{n} plan was judged by a file that is not kept. ",
        "{n} plans were judged by files that are not kept. ",
        n,
    )
    words = t("They are from before files were kept, or from a program that did not put its own on record.")
    return notice(Tone.WARN, title, [words, html.Ul([html.Li(_judged(each)) for each in found.unrecorded])])


def _judged(each: Judged) -> str:
    return t(
        "{id} {version}, SHA-256 {sha256}: {results} results, {standing} of them stand",
        id=each.protocol_id,
        version=each.version,
        sha256=each.sha256[:12],
        results=each.results,
        standing=each.standing,
    )


def _changes_card(found: ProtocolVersions) -> Content:
    title = html.H2(t("What changed"))
    if len(found.versions) < 2:
        words = t("There are no two versions to compare yet. What an amendment changes will be shown here.")
        return html.Section([title, html.P(words, className="muted")], className="card")
    newest, before = (str(each.recorded.number) for each in found.versions[:2])
    offered = [
        {"value": str(each.recorded.number), "label": f"{each.recorded.protocol_id} {each.recorded.version}"}
        for each in found.versions
    ]
    chosen = [
        dmc.Select(id=one, label=label, data=offered, value=value, allowDeselect=False)
        for one, label, value in (
            (Ids.BEFORE, t("From version"), before),
            (Ids.AFTER, t("To version"), newest),
        )
    ]
    changes = html.Div(compare(before, newest), id=Ids.CHANGES, **{"aria-live": "polite"})
    return html.Section(
        [title, html.Div(chosen, className="form two-choices"), changes], className="card", id="changes"
    )


ROUTES = (route(ADDRESS, page),)
