"""Waterfall plot: each subject's best change of the target lesions' sum from baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from web.figures.survival import group_name
from web.figures.theme import COLOURS, NEUTRAL, as_text, axis, layout
from web.words import t

Lane = dict[str, Any]
PARTIAL_RESPONSE_PERCENT, PROGRESSION_PERCENT = -30, 20
_PATTERNS = ("", "/", ".", "x")


def waterfall_figure(lanes: Sequence[Lane]) -> go.Figure:
    """Draw the bars from the greatest growth to the greatest shrinkage, with each one's best response."""
    known = [each for each in lanes if each["best_change_percent"] is not None]
    ordered = sorted(known, key=lambda each: (-each["best_change_percent"], each["subject"]))
    places = {each["subject"]: place for place, each in enumerate(ordered)}
    figure = go.Figure(layout=_layout(places))
    for number, group in enumerate(sorted({each["group"] for each in ordered})):
        figure.add_trace(_bars([one for one in ordered if one["group"] == group], places, group, number))
    return figure


def without_change(lanes: Sequence[Lane]) -> list[str]:
    """List the subjects that have no bar."""
    return [each["subject"] for each in lanes if each["best_change_percent"] is None]


def _bars(lanes: Sequence[Lane], places: dict[str, int], group: str, number: int) -> go.Bar:
    return go.Bar(
        x=[places[each["subject"]] for each in lanes],
        y=[each["best_change_percent"] for each in lanes],
        name=as_text(group_name(group)),
        marker={
            "color": COLOURS[number],
            "pattern": {"shape": _PATTERNS[number % len(_PATTERNS)], "size": 6, "solidity": 0.3},
        },
        text=[each["best_response"] or "" for each in lanes],
        textposition="outside",
        cliponaxis=False,
        customdata=[as_text(each["subject"]) for each in lanes],
        hovertemplate="%{customdata}: %{y:+.1f} %, %{text}<extra></extra>",
    )


def _layout(places: dict[str, int]) -> dict[str, Any]:
    lines = [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": at,
            "y1": at,
            "line": {"color": NEUTRAL, "dash": "dot", "width": 1.5},
        }
        for at in (PARTIAL_RESPONSE_PERCENT, PROGRESSION_PERCENT)
    ]
    return layout(
        shapes=lines,
        margin={"l": 60, "r": 16, "t": 30, "b": 90},
        xaxis={
            "tickvals": list(places.values()),
            "ticktext": [as_text(each) for each in places],
            "tickangle": -60,
            "tickfont": {"size": 11},
            "showgrid": False,
        },
        yaxis=axis(t("Best change (%)"), rangemode="normal"),
    )
