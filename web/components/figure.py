"""A figure on a page: the graph, what it shows in words, and its SVG, PNG and CSV."""

from __future__ import annotations

import plotly.graph_objects as go
from dash import dcc, html

from web.components.frame import Content
from web.figures.theme import graph_config
from web.words import t


def figure_card(
    graph_id: str, figure: go.Figure, *, title: str, words: str, csv_href: str, height_px: int = 420
) -> Content:
    """Give a figure with its title and downloads.

    Parameters
    ----------
    graph_id
        Of the `dcc.Graph`; also the name of the files.
    words
        What the figure shows, for who cannot see it; stands under it for everyone.
    csv_href
        A route that gives the figure's numbers (`web.downloads.csv_files`), authorised by its service.
    """
    return html.Section(
        [
            html.H2(title),
            figure_graph(graph_id, figure, label=f"{title}. {words}", height_px=height_px),
            html.P(words, className="muted small"),
            downloads(graph_id, csv_href),
        ],
        className="card figure",
    )


def figure_graph(graph_id: str, figure: go.Figure, *, label: str, height_px: int = 420) -> Content:
    """Give the graph alone, named for screen readers."""
    graph = dcc.Graph(
        id=graph_id, figure=figure, config=graph_config(), style={"height": f"{height_px}px"}, responsive=True
    )
    return html.Figure(graph, className="figure-graph", **{"aria-label": label})


def downloads(graph_id: str, csv_href: str) -> Content:
    """Give the three ways to have a figure: two pictures made in the browser, and its numbers."""
    pictures = [
        html.Button(kind.upper(), type="button", **_looks(kind), **_picture(graph_id, kind))
        for kind in ("svg", "png")
    ]
    table = html.A("CSV", href=csv_href, **_looks("csv"))
    words = html.Span(t("Save as"), className="muted small")
    return html.Div([words, *pictures, table], className="figure-downloads")


def _looks(kind: str) -> dict[str, str]:
    label = t("Save as {kind}", kind=kind.upper())
    return {"className": "button button-quiet button-small", "aria-label": label}


def _picture(graph_id: str, kind: str) -> dict[str, str]:
    """What `assets/figures.js` reads."""
    return {"data-picture": graph_id, "data-kind": kind}
