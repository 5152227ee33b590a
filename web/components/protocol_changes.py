"""What changed between two versions of the protocol, as tables: one a part, one line a thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from dash import html

from trial_core.domain.criteria import Requirement, Scope, ScopeKind
from trial_core.domain.protocol_changes import Fact, ProtocolChange, ProtocolChangeKind, ProtocolPart
from trial_core.domain.report import CheckWeight
from web.components.frame import Content
from web.components.marks import said
from web.components.tables import table
from web.components.verdict import sentence_case
from web.words import later, t, tn, word, word_from

_SIGNS = {
    ProtocolChangeKind.ADDED: "+",
    ProtocolChangeKind.REMOVED: "\u2212",
    ProtocolChangeKind.CHANGED: "≠",
}
_FIELDS = {
    "threshold.limit": later("Limit"),
    "threshold.ideal": later("Ideal"),
    "threshold.relation": later("Which side meets it"),
    "requirement": later("Requirement"),
    "assumed": later("Assumed"),
    "source": later("Source"),
    "provenance.assumed": later("Assumed"),
    "provenance.source": later("Source"),
    "title": later("Title"),
    "label": later("Label"),
    "text": later("Question"),
    "failure": later("What a failure counts as"),
    "variation": later("What a permitted variation counts as"),
    "unknown": later("What it counts as where the files do not tell"),
    "allowed": later("Allowed values"),
    "at_most_mm": later("At most"),
    "aliases": later("Names that are taken for it"),
    "excluded": later("Names that never are"),
    "made_from": later("Made from"),
    "minus": later("Without"),
    "alpha_beta_gy": later("α/β"),
    "site_name": later("What a site calls it"),
    "prescription.dose_gy": later("Prescribed dose"),
    "prescription.fractions": later("Fractions"),
    "permitted.dose_gy.minimum": later("Permitted dose, at least"),
    "permitted.dose_gy.maximum": later("Permitted dose, at most"),
    "permitted.fractions.minimum": later("Permitted fractions, at least"),
    "permitted.fractions.maximum": later("Permitted fractions, at most"),
    "permitted.dose_per_fraction_gy.minimum": later("Permitted dose per fraction, at least"),
    "permitted.dose_per_fraction_gy.maximum": later("Permitted dose per fraction, at most"),
    "variations_make_unacceptable": later("Acceptable variations that are unacceptable together"),
    "tolerance_percent": later("Tolerance"),
    "structures_from": later("Organs from the structure set of"),
    "surfaces_within_mm": later("Surfaces apart, at most"),
    "aside_within_mm": later("Displaced together, at most"),
    "subjects": later("Subjects"),
    "regimens": later("Regimens"),
    "arms": later("Arms"),
    "required": later("Required"),
}
"""Of fields that plans are judged by; others are shown as the protocol names them."""
_NUMBER = re.compile(r"[0-9.]+")


def changes_shown(changes: Sequence[ProtocolChange]) -> Content:
    """Give the changes, a table for each part that has some."""
    if not changes:
        words = t(
            "Nothing that a plan or a subject is judged by: the files differ in comments or order alone."
        )
        return html.P(words)
    words = tn("{n} change", "{n} changes", len(changes))
    parts = groupby(changes, key=lambda each: each.part)
    return html.Div([html.P(words, className="muted"), *(_part(part, list(some)) for part, some in parts)])


def _part(part: ProtocolPart, changes: Sequence[ProtocolChange]) -> Content:
    title = sentence_case(word(part))
    columns = [t("Change"), t("What"), t("Before and after")]
    scoped = part is ProtocolPart.CRITERIA
    if scoped:
        columns.insert(2, t("Judged in"))
    rows = [_row(each, scoped=scoped) for each in changes]
    caption = t("{part}: what was added, removed or changed", part=title)
    return html.Div([html.H3(title), table(caption, columns, rows)], className="changed-part")


def _row(change: ProtocolChange, *, scoped: bool) -> Content:
    cells = [
        html.Td([_SIGNS[change.kind], " ", sentence_case(word(change.kind))], className="nowrap"),
        html.Td(said(change.about)),
        html.Td(html.Ul([_fact(each) for each in change.facts], className="audit-facts")),
    ]
    if scoped:
        cells.insert(2, html.Td(" · ".join(map(_scope, change.where))))
    return html.Tr(cells)


def _scope(scope: Scope) -> str:
    match scope.kind:
        case ScopeKind.PLAN:
            return scope.regimen or word(scope.kind)
        case ScopeKind.SUM_PHYSICAL:
            return t("Sum, physical")
        case ScopeKind.SUM_EQD2:
            return t("Sum, EQD2")


def _fact(fact: Fact) -> Content:
    name = _FIELDS.get(fact.field)
    label = html.Span(fact.field, lang="en", className="mono") if name is None else str(name)
    before = [] if fact.before is None else [html.Del(_value(fact.before, fact.unit))]
    after = [] if fact.after is None else [html.Ins(_value(fact.after, fact.unit))]
    joint = [" → "] if before and after else []
    return html.Li([html.Span([label, ": "], className="muted"), *before, *joint, *after])


def _value(value: str, unit: str) -> Content:
    if _NUMBER.fullmatch(value):
        return f"{value} {unit}".rstrip()
    if value in _PLAIN:
        return str(_PLAIN[value])
    for kind in (Requirement, CheckWeight):
        if value in set(kind):
            return word_from(kind, value)
    return said(value)


_PLAIN = {"yes": later("Yes"), "no": later("No"), "<=": "≤", ">=": "≥"}
