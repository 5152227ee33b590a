"""Parts of the report page: banner, protocol, sums, structures, delivery, findings, inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dash import html

from trial_core.domain.criteria import Verdict
from trial_core.domain.report import CourseReport, ProtocolReference, ResultRow, StructureReport, SumReport
from trial_core.domain.rounding import NOTHING, file_size, shown, threshold
from web.components.criteria import dose_words, row_id
from web.components.frame import Content
from web.components.numbers import count
from web.components.tables import facts, findings_table, table
from web.components.verdict import css_name, sentence_case, tally, verdict_mark

NOBODY_REVIEWED = "the sum rests on a registration that nobody has reviewed."


def banner(report: CourseReport) -> Content:
    """Give the verdict of the course, its reasons, what weakens it, and the rows that must be looked at."""
    reasons = [html.Li(sentence_case(reason)) for reason in report.reasons]
    words = [
        html.Ul(reasons, className="reasons"),
        *_cautions(report),
        tally(row.verdict for row in report.results),
        _unacceptable_rows(report),
    ]
    return html.Div(
        [
            html.Div([html.Div("Course", className="small muted"), verdict_mark(report.verdict)]),
            html.Div(words, className="banner-text"),
        ],
        className=f"banner verdict-{css_name(report.verdict)}",
        id="course-verdict",
        role="region",
        **{"aria-label": "Verdict of the course"},
    )


def _cautions(report: CourseReport) -> list[Content]:
    """Say what a reader must know before trusting the verdict."""
    cautions = []
    if any(one.needs_review for one in report.sums):
        link = html.A("how the plans were added", href="#sums")
        cautions.append([html.Strong("Needs review: "), f"{NOBODY_REVIEWED} See ", link, "."])
    partly = [item.label for item in report.counted if item.incomplete]
    if partly:
        words = f"not every dose could be evaluated for {', '.join(partly)}; counted by the rest."
        cautions.append([html.Strong("Incomplete: "), words])
    return [html.P(caution, className="caution") for caution in cautions]


def _unacceptable_rows(report: CourseReport) -> Content:
    rows = [row for row in report.results if row.verdict is Verdict.UNACCEPTABLE_DEVIATION]
    links = [html.Li(html.A(_row_words(report, row), href=f"#{row_id(row.number)}")) for row in rows]
    return html.Ul(links, className="reasons", id="unacceptable-rows") if links else None


def _row_words(report: CourseReport, row: ResultRow) -> str:
    value = shown(row.value, row.unit, (row.ideal, row.limit))
    goal = threshold(row.relation, row.limit, row.unit)
    where = f"{row.counts_as} {row.metric}, {dose_words(report, row)}"
    return f"No. {row.number}: {where}: {value} {row.unit}, limit {goal}"


def protocol_notice(protocol: ProtocolReference) -> Content:
    """Say what the course was judged by, and what of it the sponsor has not published."""
    line = html.Span(f"Judged by {protocol.title}, {protocol.id} version {protocol.version}.")
    if not protocol.assumed:
        return html.P(line, className="muted")
    assumed = html.Ul([html.Li(sentence) for sentence in protocol.assumed])
    summary = html.Summary("Part of this protocol is assumed: the sponsor has not published it.")
    return html.Div(
        [line, html.Details([summary, assumed])], className="notice notice-warn", role="note", id="assumed"
    )


def sums_card(report: CourseReport) -> Content:
    """Say how the plans were added, or why they were not."""
    if not report.sums:
        return None
    parts: list[Content] = [html.H2("Sum of the plans")]
    parts.extend(_sum(one) for one in report.sums)
    return html.Section(parts, className="card")


def delivery_card(report: CourseReport) -> Content:
    """Say what the treatment records show."""
    labels = {plan.key: plan.label for plan in report.plans}
    rows = [
        html.Tr(
            [
                html.Td(labels.get(fact.plan_key, fact.plan_key)),
                html.Td(count(fact.planned_fractions), className="number"),
                html.Td(fact.delivered_fractions, className="number"),
                html.Td(fact.partial_fractions, className="number"),
                html.Td(
                    f"{shown(fact.delivered_gy, 'Gy')} Gy" if fact.delivered_gy is not None else NOTHING,
                    className="number",
                ),
                html.Td(fact.message),
            ]
        )
        for fact in report.delivery
    ]
    if not rows:
        return html.Section(
            [html.H2("Delivery"), html.P("No treatment record was handed over.", className="muted")],
            className="card",
        )
    columns = ("Plan", "Planned", "Delivered", "Partial", "Delivered dose", "Remark")
    caption = "Fractions by the treatment records; verdicts use the planned dose"
    return html.Section(
        [html.H2("Delivery"), table(caption, columns, rows, numeric=columns[1:5])], className="card"
    )


def structures_card(report: CourseReport) -> Content:
    """List the protocol's structures as they were found; the same in several doses is said once."""
    doses: dict[StructureReport, list[str]] = {}
    for one in report.structures:
        doses.setdefault(replace(one, scope=""), []).append(one.scope)
    rows = [_structure(one, scopes) for one, scopes in doses.items()]
    columns = ("Structure", "Name in the files", "Status", "Volume (cc)", "Outside the grid (cc)", "In")
    listing = table("Structures of the protocol", columns, rows, numeric=columns[3:5])
    return html.Section([html.H2("Structures"), listing], className="card")


def _structure(one: StructureReport, scopes: list[str]) -> Content:
    return html.Tr(
        [
            html.Td(one.name),
            html.Td(", ".join(one.site_names) or NOTHING),
            html.Td(sentence_case(one.status.value)),
            html.Td(shown(one.volume_cc, "cc"), className="number"),
            html.Td(shown(one.uncovered_cc, "cc"), className="number"),
            html.Td(", ".join(scopes)),
        ]
    )


def findings_card(findings: Sequence[Mapping[str, object]]) -> Content:
    """List what is missing, contradictory or doubtful: in the files, and where they meet the record."""
    return html.Section([html.H2("Findings"), findings_table(findings)], className="card")


def inputs_card(report: CourseReport) -> Content:
    """List every input by hash, with the protocol and the code that made the report."""
    rows = [
        html.Tr(
            [
                html.Td(file.name, className="mono"),
                html.Td(file.kind or NOTHING),
                html.Td("Used" if file.used else ["Not used", html.Span(file.reason, className="sub")]),
                html.Td(file_size(file.size_bytes), className="number"),
                html.Td(file.sha256, className="mono"),
            ]
        )
        for file in report.inputs
    ]
    made_with = facts(
        [
            ("Protocol", f"{report.protocol.id}, version {report.protocol.version}"),
            ("Its SHA-256", html.Span(report.protocol.sha256, className="mono")),
            ("Code", report.code_version),
        ]
    )
    columns = ("Name", "Kind", "Use", "Size", "SHA-256")
    listing = html.Details(
        [html.Summary(f"{len(rows)} input files"), table("Input files", columns, rows, numeric=("Size",))]
    )
    return html.Section([html.H2("Inputs"), made_with, listing], className="card")


def _sum(one: SumReport) -> Content:
    kind = "Physical dose" if one.alpha_beta_gy is None else f"EQD2, α/β {one.alpha_beta_gy:g} Gy"
    state = "can be evaluated" if one.evaluable else "cannot be evaluated"
    review = [html.Strong(" Needs review: "), NOBODY_REVIEWED] if one.needs_review else []
    rows = [
        html.Tr(
            [
                html.Td(layer.label),
                html.Td(count(layer.fractions), className="number"),
                html.Td(f"{layer.weight:g}", className="number"),
                html.Td([layer.placed_by, html.Strong(" needs review") if layer.needs_review else None]),
            ]
        )
        for layer in one.layers
    ]
    reason = f" {sentence_case(one.reason)}." if one.reason else ""
    summary = html.Summary([f"{kind}: {state}.", *review, reason])
    return html.Details(
        [
            summary,
            table(
                f"{kind}: its plans",
                ("Plan", "Fractions", "Weight", "Placed by"),
                rows,
                numeric=("Fractions", "Weight"),
            ),
        ],
        open=one.needs_review,
    )
