"""Plain tables: semantic, readable in print, and every cell is text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html

from trial_core.domain.gathered_findings import Gathered, gathered
from web.components.frame import Content
from web.components.marks import said
from web.components.verdict import sentence_case, severity_mark
from web.words import t


def table(
    caption: str, columns: Sequence[str], rows: Sequence[Content], *, numeric: Sequence[str] = ()
) -> Content:
    """Give a table with a caption for everyone; `numeric` columns are set right."""
    titles = [
        html.Th(column, scope="col", className="number" if column in numeric else None) for column in columns
    ]
    body = [html.Caption(caption), html.Thead(html.Tr(titles)), html.Tbody(list(rows))]
    return html.Div(
        html.Table(body, className="table"),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )


def facts(pairs: Sequence[tuple[str, Content]]) -> Content:
    """Give a list of named facts."""
    cells = [cell for name, value in pairs for cell in (html.Dt(name), html.Dd(value))]
    return html.Dl(cells, className="facts")


def findings_table(findings: Sequence[Mapping[str, object]]) -> Content:
    """Give findings, worst first: severity, file, message, what to do.

    Among equals, what could not be opened comes first, and what only follows from missing files last.
    """
    if not findings:
        return html.P(t("Nothing was found to be missing, contradictory or doubtful."), className="muted")
    columns = (t("Severity"), t("What"), t("Where"), t("What to do"))
    follows = any(_is_refused_archive(finding) for finding in findings)
    rows = [
        _row(each, follows=follows and _follows(each.finding))
        for each in gathered(sorted(findings, key=_rank))
    ]
    return table(t("Findings, the gravest first"), columns, rows)


def _rank(finding: Mapping[str, object]) -> tuple[int, int]:
    severity = {"error": 0, "warning": 1, "info": 2}.get(str(finding.get("severity")), 1)
    cause = 0 if _is_refused_archive(finding) else 2 if _follows(finding) else 1
    return severity, cause


def _is_refused_archive(finding: Mapping[str, object]) -> bool:
    return finding.get("severity") == "error" and str(finding.get("code")).startswith(("zip-", "archive-"))


def _follows(finding: Mapping[str, object]) -> bool:
    return finding.get("code") in _CONSEQUENCES


_CONSEQUENCES = frozenset(
    {"regimen-without-plan", "sum-incomplete", "nothing-handed-over", "reference-absent"}
)
"""Findings that a refused archive brings with it: its files are missing because it was refused."""


def _row(each: Gathered, *, follows: bool) -> Content:
    finding = each.finding
    where = [
        html.Div(str(finding[key]), className="mono")
        for key in ("file", "element", "structure")
        if finding.get(key)
    ]
    if each.others:
        where.append(html.Div(t("and {n} other files, each", n=each.others)))
    cause = html.Span(t("Follows from the refused archive above."), className="sub") if follows else None
    return html.Tr(
        [
            html.Td(severity_mark(str(finding.get("severity", "")))),
            html.Td(
                [
                    said(sentence_case(str(finding.get("message", "")))),
                    cause,
                    html.Span(str(finding.get("code", "")), className="sub mono"),
                ]
            ),
            html.Td(where or "–"),
            html.Td(said(str(finding.get("action") or ""))),
        ],
        className="follows" if follows else None,
    )
