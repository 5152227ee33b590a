"""Plain tables: semantic, readable in print, and every cell is text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html

from web.components.frame import Content
from web.components.verdict import sentence_case, severity_mark


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
    """Give findings, worst first: severity, file, message, what to do."""
    if not findings:
        return html.P("Nothing was found to be missing, contradictory or doubtful.", className="muted")
    rank = {"error": 0, "warning": 1, "info": 2}
    ordered = sorted(findings, key=lambda finding: rank.get(str(finding.get("severity")), 1))
    return table(
        "Findings, the gravest first", ("Severity", "What", "Where", "What to do"), [_row(f) for f in ordered]
    )


def _row(finding: Mapping[str, object]) -> Content:
    where = [str(finding[key]) for key in ("file", "element", "structure") if finding.get(key)]
    return html.Tr(
        [
            html.Td(severity_mark(str(finding.get("severity", "")))),
            html.Td(
                [
                    sentence_case(str(finding.get("message", ""))),
                    html.Span(str(finding.get("code", "")), className="sub mono"),
                ]
            ),
            html.Td([html.Div(part, className="mono") for part in where] or "–"),
            html.Td(str(finding.get("action", ""))),
        ]
    )
