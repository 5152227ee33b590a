"""Every version of a form, newest first: who, when, why, and what it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html

from trial_core.db.repositories.forms import FormVersion
from web.components.frame import Content
from web.subject_entry.reading_forms import Change
from web.words import t


def versions_card(versions: Sequence[FormVersion], changed: Mapping[int, Sequence[Change]]) -> Content:
    """Give the history of a form."""
    items = [_item(each, changed[each.version]) for each in reversed(versions)]
    return html.Section([html.H2(t("Versions")), html.Ol(items, className="versions")], className="card")


def _item(version: FormVersion, changed: Sequence[Change]) -> Content:
    title = t("Version {version}", version=version.version)
    if version.void:
        title = t("Version {version}: taken back", version=version.version)
    who = t("{login}, {moment} UTC", login=version.entered_by, moment=f"{version.entered_at:%Y-%m-%d %H:%M}")
    reason = html.Div([html.Em(t("Reason: ")), version.reason]) if version.reason else None
    lines = [] if version.void else [html.Li(_line(version, each)) for each in changed]
    what = html.Ul(lines, className="changes") if lines else None
    return html.Li([html.Strong(title), html.Div(who, className="muted small"), reason, what])


def _line(version: FormVersion, change: Change) -> list[Content]:
    label, before, after = change
    name = html.Span(f"{label} " if label.endswith("?") else f"{label}: ", className="muted")
    if version.version == 1 or before == "–":
        return [name, after]
    return [name, html.Del(before), " → ", html.Ins(after)]
