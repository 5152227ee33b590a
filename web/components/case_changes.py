"""What changed since the last version of a subject's plans, and since the last check of this one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dash import html

from trial_core.domain.criteria import Verdict
from trial_core.domain.plan_changes import Change, ChangeKind, Value
from trial_core.domain.rounding import NOTHING, shown
from trial_core.services.plan_changes import ChangesSince
from web.components.frame import Content
from web.components.marks import said
from web.components.tables import table
from web.components.verdict import sentence_case, verdict_mark
from web.words import Later, later, t, tc

_FOLDED = (ChangeKind.TAG, ChangeKind.VOLUME)
"""Of less weight than verdicts, checks and metrics."""
_HASH = re.compile(r"[0-9a-f]{64}")
_SHOWN_OF_A_HASH = 12

_FIELDS: Mapping[str, Later] = {
    "verdict": later("Verdict"),
    "value": later("Value"),
    "plan": later("Plan"),
    "label": later("Label"),
    "id": later("Protocol"),
    "version": later("Version"),
    "sha256": later("SHA-256"),
    "status": later("Status"),
    "volume_cc": later("Volume"),
    "uncovered_cc": later("Volume outside the grid"),
    "regimen_label": later("Regimen"),
    "planned_fractions": later("Fractions planned"),
    "share_fractions": later("Share of the regimen's fractions"),
    "prescription_gy": later("Prescription"),
    "plan_prescription_gy": later("Prescription stated by the plan"),
    "dose_per_fraction_gy": later("Dose per fraction"),
    "median_gy": later("Median dose"),
    "machine": later("Machine"),
    "energy": later("Energy"),
    "technique": later("Technique"),
    "approval": later("Approval"),
    "dose_summation": later("Dose summation"),
}


def changes_parts(found: Sequence[ChangesSince], version: int | None) -> list[Content]:
    """List verdicts, checks and metrics that changed; what is of less weight is folded beneath."""
    title = html.H3(t("What changed"))
    if not found:
        words = t("This is the first check of the first version: there is nothing to compare it with.")
        return [title, html.P(words, className="muted")]
    return [title, *(part for each in found for part in _since(each, version))]


def _since(found: ChangesSince, version: int | None) -> list[Content]:
    if found.version == version:
        caption = t("Since check {number} of this version", number=found.number)
    else:
        caption = t("Since version {version}", version=found.version)
    if not found.changes:
        return [html.P([caption, ": ", t("Nothing changed.")], className="muted")]
    first = [each for each in found.changes if _is_seen(each) and each.kind not in _FOLDED]
    rest = [each for each in found.changes if each not in first]
    summary = html.Summary(t("{n} more: tags, volumes, what rounds away", n=len(rest)))
    folded = [html.Details([summary, _table(caption, rest)])] if rest else []
    return [_table(caption, first), *folded]


def _is_seen(change: Change) -> bool:
    """Tell whether a change can be seen in the numbers as they are shown."""
    return _words(change.before, change.unit) != _words(change.after, change.unit)


def _table(caption: str, changes: Sequence[Change]) -> Content:
    before, now = tc("of a change", "Before"), tc("of a change", "Now")
    columns = (t("Of"), t("What"), before, now, t("Difference"))
    rows = [_row(each) for each in changes]
    return html.Div(table(caption, columns, rows, numeric=columns[2:]), className="case-changes")


def _row(change: Change) -> Content:
    difference = change.difference
    sign = "+" if difference is not None and difference > 0 else ""
    return html.Tr(
        [
            html.Td(_about(change)),
            html.Td(_field(change.field)),
            _cell(change.before, change.unit),
            _cell(change.after, change.unit),
            html.Td(
                sign + _words(difference, change.unit) if difference is not None else "", className="number"
            ),
        ]
    )


def _about(change: Change) -> Content:
    match change.about:
        case "course":
            return t("Course")
        case "protocol":
            return t("Protocol")
        case about:
            return said(sentence_case(about))


def _field(name: str) -> Content:
    return str(_FIELDS[name]) if name in _FIELDS else said(name)


def _cell(value: Value, unit: str) -> Content:
    if isinstance(value, str) and value in set(Verdict):
        return html.Td(verdict_mark(value))
    if isinstance(value, str):
        return html.Td(_text(value))
    return html.Td(_words(value, unit), className="number")


def _text(value: str) -> Content:
    if _HASH.fullmatch(value):
        return html.Span(f"{value[:_SHOWN_OF_A_HASH]}…", title=value, className="mono")
    return said(sentence_case(value))


def _words(value: Value, unit: str) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    return f"{value}" if isinstance(value, int) else f"{shown(value, unit)} {unit}".strip()
