"""What is in a set of files, as soon as it is read: images, structures, plans, doses, and what is linked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dash import html

from trial_core.domain.protocol import Protocol
from trial_core.domain.set_content import CtSeen, PlanSeen, SetContent, StructureSetSeen
from web.components.frame import Content
from web.components.marks import Mark, mark, said
from web.components.tables import table
from web.components.verdict import sentence_case
from web.words import t, tn

Row = tuple[str, Content, Content]
"""What it is, what is known of it, and how it stands."""


def content_card(content: SetContent, protocol: Protocol, *, records_only: bool) -> Content:
    """Give the card: one line an object, the missing ones among them."""
    rows = [*_ct(content), *_structure_sets(content), *_plans(content)]
    if not records_only:
        rows += _missing(content, protocol)
    rows += _others(content)
    body = [
        html.Tr([html.Th(what, scope="row"), html.Td(known), html.Td(state)]) for what, known, state in rows
    ]
    columns = (t("Object"), t("What is there"), t("State"))
    return html.Section(
        [
            html.H2(t("What is in the files")),
            table(tn("{n} file read", "{n} files read", content.files), columns, body),
            _set_aside(content),
        ],
        className="card",
        id="set-content",
    )


def _ct(content: SetContent) -> Iterator[Row]:
    for each in content.ct:
        yield "CT", _slices(each), _ct_state(each)


def _slices(ct: CtSeen) -> str:
    spacing = "" if ct.spacing_mm is None else t(", {mm} mm apart", mm=f"{ct.spacing_mm:.4g}")
    if ct.named is None:
        return tn("{n} slice", "{n} slices", ct.slices) + spacing
    return t("{here} of {n} slices", here=ct.named_here, n=ct.named) + spacing


def _ct_state(ct: CtSeen) -> Content:
    if not ct.is_complete:
        return mark(Mark.WARN, t("Slices are missing"))
    if ct.named is None:
        return mark(Mark.NONE, t("No structure set is drawn on it"))
    return mark(Mark.GOOD, t("Complete"))


def _structure_sets(content: SetContent) -> Iterator[Row]:
    for each in content.structure_sets:
        yield t("Structure set"), _structures(each), _on_ct(each)


def _structures(one: StructureSetSeen) -> list[Content]:
    known = sum(1 for roi in one.rois if roi.contoured and (roi.known_as or roi.groups))
    drawn = sum(1 for roi in one.rois if roi.contoured)
    empty = len(one.rois) - drawn
    words = t("{n} structures, {known} known to the protocol by name", n=drawn, known=known)
    if empty:
        words += "; " + tn("{n} without contours", "{n} without contours", empty)
    return [html.Strong(one.label or one.file), html.Span(words, className="sub")]


def _on_ct(one: StructureSetSeen) -> Content:
    if one.on_ct:
        return mark(Mark.GOOD, t("Linked to its CT"))
    return mark(Mark.STOP, t("Its CT is not in the files"))


def _plans(content: SetContent) -> Iterator[Row]:
    for each in content.plans:
        name = t("Plan") if each.regimen is None else t("{regimen} plan", regimen=each.regimen)
        fractions = "" if each.fractions is None else tn("{n} fraction", "{n} fractions", each.fractions)
        yield name, [html.Strong(each.label), html.Span(fractions, className="sub")], _plan_states(each)


def _plan_states(plan: PlanSeen) -> Content:
    states = [_regimen(plan), _structures_of(plan), _dose_of(plan)]
    return html.Div([html.Div(each) for each in states])


def _regimen(plan: PlanSeen) -> Content:
    if plan.regimen is not None:
        return mark(Mark.GOOD, t("Recognised as {regimen}", regimen=plan.regimen))
    return _stop(t("No regimen of the protocol"), plan.why_no_regimen)


def _structures_of(plan: PlanSeen) -> Content:
    if plan.structure_set is not None:
        return mark(Mark.GOOD, t("Linked to structure set {label}", label=plan.structure_set))
    return _stop(t("No structure set"), plan.why_no_structure_set)


def _dose_of(plan: PlanSeen) -> Content:
    return mark(Mark.GOOD, t("Dose linked")) if plan.has_dose else _stop(t("No dose"), plan.why_no_dose)


def _stop(words: str, why: str) -> Content:
    reason = html.Span(said(sentence_case(why)), className="sub") if why else None
    return [mark(Mark.STOP, words), reason]


def _missing(content: SetContent, protocol: Protocol) -> Iterator[Row]:
    if not content.structure_sets:
        yield t("Structure set"), "–", mark(Mark.STOP, t("Not in the files"))
    for regimen in content.lacks(tuple(each.id for each in protocol.regimens if each.required)):
        yield t("{regimen} plan", regimen=regimen), "–", mark(Mark.STOP, t("Not in the files"))


def _others(content: SetContent) -> Iterator[Row]:
    for file in content.doses_without_plan:
        yield t("Dose"), html.Span(file, className="mono"), mark(Mark.WARN, t("Without its plan"))
    if content.records:
        words = tn("{n} treatment record", "{n} treatment records", content.records)
        yield t("Delivery"), words, mark(Mark.NONE, t("Read"))
    if content.registrations:
        words = tn("{n} registration", "{n} registrations", content.registrations)
        yield t("Registration"), words, mark(Mark.NONE, t("Read"))


def _set_aside(content: SetContent) -> Content:
    if not content.set_aside:
        return None
    rows: Sequence[Content] = [
        html.Tr([html.Td(each.file, className="mono"), html.Td(said(each.reason) if each.reason else "–")])
        for each in content.set_aside
    ]
    counted = tn("{n} file is not used: why", "{n} files are not used: why", content.unused)
    listed = table(t("Files of which no use is made"), (t("File"), t("Why")), rows)
    more = content.unused - len(rows)
    others = html.P(tn("And {n} more.", "And {n} more.", more)) if more else None
    return html.Details([html.Summary(counted), listed, others])
