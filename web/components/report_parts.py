"""Parts of the report page: banner, protocol, sums, structures, delivery, findings, inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dash import html

from trial_core.domain.criteria import Verdict
from trial_core.domain.plan_review import Discipline
from trial_core.domain.report import CourseReport, ProtocolReference, ResultRow, StructureReport, SumReport
from trial_core.domain.rounding import NOTHING, file_size, shown, threshold
from trial_core.services.plan_decision import ReviewState
from web.components.criteria import dose_words, row_id
from web.components.frame import Content
from web.components.marks import Mark, mark, said
from web.components.numbers import count
from web.components.review_parts import DECIDED
from web.components.tables import facts, findings_table, table
from web.components.verdict import counted_verdicts, css_name, sentence_case, verdict_mark
from web.figures.dvh_curves import sum_words
from web.words import later, t, tc, tn, word

NOBODY_REVIEWED = later("the sum rests on a registration that nobody has reviewed.")


def banner(report: CourseReport, decision: Content = None) -> Content:
    """Give the verdict of the course, its reasons, what weakens it, and the rows that must be looked at."""
    reasons = [html.Li(said(sentence_case(reason))) for reason in report.reasons]
    words = [
        html.Ul(reasons, className="reasons"),
        *_cautions(report),
        *counted_verdicts(report),
        _unacceptable_rows(report),
    ]
    return html.Div(
        [
            html.Div(
                [html.Div(t("Course"), className="small muted"), verdict_mark(report.verdict), decision],
                className="banner-verdict",
            ),
            html.Div(words, className="banner-text"),
        ],
        className=f"banner verdict-{css_name(report.verdict)}",
        id="course-verdict",
        role="region",
        **{"aria-label": t("Verdict of the course")},
    )


def _cautions(report: CourseReport) -> list[Content]:
    """Say what a reader must know before trusting the verdict."""
    cautions = []
    if any(one.needs_review for one in report.sums):
        link = html.A(t("How the plans were added"), href="#course")
        cautions.append([html.Strong(t("Needs review: ")), str(NOBODY_REVIEWED), " ", link])
    partly = [item.label for item in report.counted if item.incomplete]
    if partly:
        words = t(
            "not every dose could be evaluated for {items}; counted by the rest.", items=", ".join(partly)
        )
        cautions.append([html.Strong(t("Incomplete: ")), words])
    return [html.P(caution, className="caution") for caution in cautions]


def _unacceptable_rows(report: CourseReport) -> Content:
    rows = [row for row in report.results if row.verdict is Verdict.UNACCEPTABLE_DEVIATION]
    links = [html.Li(html.A(_row_words(report, row), href=f"#{row_id(row.number)}")) for row in rows]
    return html.Ul(links, className="reasons", id="unacceptable-rows") if links else None


def _row_words(report: CourseReport, row: ResultRow) -> str:
    return t(
        "No. {number}: {structure} {metric}, {dose}: {value} {unit}, limit {limit}",
        number=row.number,
        structure=row.counts_as,
        metric=row.metric,
        dose=dose_words(report, row),
        value=shown(row.value, row.unit, (row.ideal, row.limit)),
        unit=row.unit,
        limit=threshold(row.relation, row.limit, row.unit),
    )


def decided(state: ReviewState, href: str = "#decision") -> Content:
    """Give the decision that holds, or how far the review is, as a link to it."""
    found = state.decision
    if found is not None and found.holds:
        decision = mark(DECIDED[found.decision.outcome], sentence_case(word(found.decision.outcome)))
    else:
        signed = sum(any(one.valid for one in each.signatures) for each in state.reviews)
        decision = mark(
            Mark.PENDING, t("Not decided: {n} of {of} reviews signed", n=signed, of=len(Discipline))
        )
    return html.A(decision, href=href, className="banner-decision")


def protocol_notice(protocol: ProtocolReference) -> Content:
    """Say what the course was judged by, and what of it the sponsor has not published."""
    line = html.Span(
        t(
            "Judged by {title}, {id} version {version}.",
            title=protocol.title,
            id=protocol.id,
            version=protocol.version,
        )
    )
    if not protocol.assumed:
        return html.P(line, className="muted")
    assumed = html.Ul([html.Li(said(sentence)) for sentence in protocol.assumed])
    summary = html.Summary(t("Part of this protocol is assumed: the sponsor has not published it."))
    return html.Div(
        [line, html.Details([summary, assumed])], className="notice notice-warn", role="note", id="assumed"
    )


def sums_card(report: CourseReport) -> Content:
    """Say how the plans were added, or why they were not."""
    if not report.sums:
        return None
    parts: list[Content] = [html.H2(t("Sum of the plans"))]
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
                html.Td(said(fact.message) if fact.message else ""),
            ]
        )
        for fact in report.delivery
    ]
    if not rows:
        return html.Section(
            [html.H2(t("Delivery")), html.P(t("No treatment record was handed over."), className="muted")],
            className="card",
        )
    columns = (t("Plan"), t("Planned"), t("Delivered"), t("Partial"), t("Delivered dose"), t("Remark"))
    caption = t("Fractions by the treatment records; verdicts use the planned dose")
    return html.Section(
        [html.H2(t("Delivery")), table(caption, columns, rows, numeric=columns[1:5])], className="card"
    )


def structures_card(report: CourseReport) -> Content:
    """List the protocol's structures as they were found; the same in several doses is said once."""
    doses: dict[StructureReport, list[str]] = {}
    for one in report.structures:
        doses.setdefault(replace(one, scope=""), []).append(one.scope)
    rows = [_structure(one, scopes) for one, scopes in doses.items()]
    columns = (
        t("Structure"),
        t("Name in the files"),
        t("Status"),
        t("Volume (cc)"),
        t("Outside the grid (cc)"),
        tc("of a structure", "In"),
    )
    listing = table(t("Structures of the protocol"), columns, rows, numeric=columns[3:5])
    return html.Section([html.H2(t("Structures")), listing], className="card")


def _structure(one: StructureReport, scopes: list[str]) -> Content:
    return html.Tr(
        [
            html.Td(one.name),
            html.Td(", ".join(one.site_names) or NOTHING),
            html.Td(sentence_case(word(one.status))),
            html.Td(shown(one.volume_cc, "cc"), className="number"),
            html.Td(shown(one.uncovered_cc, "cc"), className="number"),
            html.Td([html.Div(said(sentence_case(scope))) for scope in scopes]),
        ]
    )


def findings_card(findings: Sequence[Mapping[str, object]]) -> Content:
    """List what is missing, contradictory or doubtful: in the files, and where they meet the record."""
    return html.Section([html.H2(t("Findings")), findings_table(findings)], className="card")


def inputs_card(report: CourseReport) -> Content:
    """List every input by hash, with the protocol and the code that made the report."""
    rows = [
        html.Tr(
            [
                html.Td(file.name, className="mono"),
                html.Td(file.kind or NOTHING),
                html.Td(
                    t("Used") if file.used else [t("Not used"), html.Span(said(file.reason), className="sub")]
                ),
                html.Td(file_size(file.size_bytes), className="number"),
                html.Td(file.sha256, className="mono"),
            ]
        )
        for file in report.inputs
    ]
    made_with = facts(
        [
            (
                t("Protocol"),
                t("{id}, version {version}", id=report.protocol.id, version=report.protocol.version),
            ),
            (t("Its SHA-256"), html.Span(report.protocol.sha256, className="mono")),
            (t("Code"), report.code_version),
        ]
    )
    columns = (t("Name"), tc("of a file", "Kind"), tc("of a file", "Use"), t("Size"), "SHA-256")
    listing = html.Details(
        [
            html.Summary(tn("{n} input file", "{n} input files", len(rows))),
            table(t("Input files"), columns, rows, numeric=columns[3:4]),
        ]
    )
    return html.Section([html.H2(t("Inputs")), made_with, listing], className="card")


def _sum(one: SumReport) -> Content:
    kind = sum_words(one.scope_kind, one.alpha_beta_gy)
    state = (
        t("{sum}: can be evaluated.", sum=kind)
        if one.evaluable
        else t("{sum}: cannot be evaluated.", sum=kind)
    )
    review = [html.Strong([" ", t("Needs review: ")]), str(NOBODY_REVIEWED)] if one.needs_review else []
    rows = [
        html.Tr(
            [
                html.Td(layer.label),
                html.Td(count(layer.fractions), className="number"),
                html.Td(f"{layer.weight:g}", className="number"),
                html.Td(
                    [
                        said(layer.placed_by),
                        html.Strong([" ", t("needs review")]) if layer.needs_review else None,
                    ]
                ),
            ]
        )
        for layer in one.layers
    ]
    reason = [" ", said(f"{sentence_case(one.reason)}.")] if one.reason else []
    columns = (t("Plan"), t("Fractions"), t("Weight"), t("Placed by"))
    listing = table(t("{sum}: its plans", sum=kind), columns, rows, numeric=columns[1:3])
    return html.Details([html.Summary([state, *review, *reason]), listing], open=one.needs_review)
