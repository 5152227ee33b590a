"""Forest plot: hazard ratios of arm A against B, of everybody and by stratum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from web.figures.theme import COLOURS, NEUTRAL, as_text, axis, layout
from web.words import t

ROW_PX = 30
_SHOWN = (0.02, 50.0)
"""Limits beyond this end in an arrow: a subgroup of few has limits over many decades."""


@dataclass(frozen=True)
class Ratio:
    """One row; no ratio where it cannot be estimated."""

    label: str
    counts: str
    ratio: float | None
    lower: float | None
    upper: float | None
    whole: bool = False
    why_none: str = ""


def ratios(endpoint: dict[str, Any] | None, subgroups: Sequence[dict[str, Any]]) -> list[Ratio]:
    """Give the rows of an endpoint of phase IIb: everybody plain and stratified, then every subgroup."""
    found = []
    if endpoint is not None and endpoint["cox"] is not None:
        counts = _counts(
            {key: group["n"] for key, group in endpoint["groups"].items()},
            {key: group["events"] for key, group in endpoint["groups"].items()},
        )
        found.append(_whole(t("All subjects"), counts, endpoint["cox"]))
        if endpoint["stratified_cox"] is not None:
            found.append(_whole(t("All, stratified"), counts, endpoint["stratified_cox"]))
    return found + [
        Ratio(
            label=f"{each['factor']} = {each['level']}",
            counts=_counts(each["subjects"], each["events"]),
            ratio=each["hazard_ratio"],
            lower=each["lower"],
            upper=each["upper"],
            why_none=each["why_none"],
        )
        for each in subgroups
    ]


def forest_figure(rows: Sequence[Ratio]) -> go.Figure:
    """Draw the rows from the top on a logarithmic axis; the words beside them have every number."""
    figure = go.Figure(layout=_layout(rows))
    for whole in (True, False):
        chosen = [(place, each) for place, each in enumerate(rows) if each.whole is whole and each.ratio]
        if chosen:
            figure.add_trace(_marks(chosen, whole=whole))
    return figure


def ratio_words(each: Ratio) -> str:
    """Give a ratio with its limits in words, or that there is none."""
    if each.ratio is None or each.lower is None or each.upper is None:
        return t("not estimable")
    return f"{each.ratio:.2f} ({each.lower:.2f}–{each.upper:.2f})"


def height_px(rows: Sequence[Ratio]) -> int:
    """Give the height at which every row can be read."""
    return 90 + ROW_PX * max(len(rows), 2)


def _whole(label: str, counts: str, cox: dict[str, Any]) -> Ratio:
    return Ratio(label, counts, cox["hazard_ratio"], cox["lower"], cox["upper"], whole=True)


def _counts(subjects: dict[str, int], events: dict[str, int]) -> str:
    return ", ".join(f"{group} {events[group]}/{subjects[group]}" for group in sorted(subjects))


def _marks(chosen: Sequence[tuple[int, Ratio]], *, whole: bool) -> go.Scatter:
    ratio = [each.ratio or 1.0 for _, each in chosen]
    return go.Scatter(
        x=ratio,
        y=[-place for place, _ in chosen],
        mode="markers",
        name=as_text(t("Everybody") if whole else t("Subgroup")),
        marker={
            "symbol": "diamond" if whole else "square",
            "size": 13 if whole else 9,
            "color": COLOURS[1] if whole else COLOURS[0],
        },
        error_x={
            "array": [min(each.upper or 1, _SHOWN[1]) - (each.ratio or 1) for _, each in chosen],
            "arrayminus": [(each.ratio or 1) - max(each.lower or 1, _SHOWN[0]) for _, each in chosen],
            "thickness": 2,
            "width": 5,
        },
        text=[as_text(f"{each.label}: {ratio_words(each)}") for _, each in chosen],
        hovertemplate="%{text}<extra></extra>",
    )


def _layout(rows: Sequence[Ratio]) -> dict[str, Any]:
    places = [-place for place in range(len(rows))]
    reach = [-1.75, 1.75]
    return layout(
        margin={"l": 10, "r": 170, "t": 26, "b": 48},
        showlegend=False,
        xaxis=axis(
            t("Hazard ratio, A against B (logarithmic; left of 1: fewer events in A)"),
            type="log",
            range=reach,
            rangemode="normal",
            tickvals=[0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50],
        ),
        yaxis={
            "tickvals": places,
            "ticktext": [as_text(f"{each.label} ({each.counts})") for each in rows],
            "range": [-len(rows) + 0.3, 0.7],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        },
        shapes=[
            {
                "type": "line",
                "x0": 1,
                "x1": 1,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": NEUTRAL, "dash": "dot"},
            }
        ],
        annotations=[
            {
                "text": as_text(ratio_words(each)),
                "xref": "paper",
                "x": 1.01,
                "xanchor": "left",
                "y": -place,
                "showarrow": False,
                "align": "left",
            }
            for place, each in enumerate(rows)
        ],
    )
