"""Swimmer plot: one lane a subject, its treatment and responses, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from web.figures.survival import group_name
from web.figures.theme import COLOURS, NEUTRAL, as_text, axis, layout
from web.words import t

ROW_PX = 17
Lane = dict[str, Any]
_PATTERNS = ("", "/", ".", "x")
_RESPONSES = {
    "CR": ("star", COLOURS[2]),
    "PR": ("triangle-up", COLOURS[2]),
    "SD": ("square", COLOURS[4]),
    "non-CR/non-PD": ("diamond-wide", COLOURS[4]),
    "PD": ("triangle-down", COLOURS[1]),
    "NE": ("circle-open", NEUTRAL),
}


def swimmer_figure(lanes: Sequence[Lane]) -> go.Figure:
    """Draw the lanes, those of a group together, the longest first."""
    shown = [each for each in lanes if each["days"]]
    places = {each["subject"]: -place for place, each in enumerate(shown)}
    groups = list(dict.fromkeys(each["group"] for each in shown))
    figure = go.Figure(layout=_layout(shown, places))
    for number, group in enumerate(groups):
        figure.add_trace(_bars([each for each in shown if each["group"] == group], places, group, number))
    for trace in _marks(shown, places):
        figure.add_trace(trace)
    return figure


def height_px(lanes: Sequence[Lane]) -> int:
    """Give the height at which every lane can be read."""
    return 150 + ROW_PX * max(len(lanes), 6)


def _bars(lanes: Sequence[Lane], places: dict[str, int], group: str, number: int) -> go.Bar:
    return go.Bar(
        x=[each["days"] for each in lanes],
        y=[places[each["subject"]] for each in lanes],
        orientation="h",
        width=0.62,
        name=as_text(group_name(group)),
        marker={
            "color": ("#b9d3e3", "#e9cfae", "#c9c9dd")[number % 3],
            "pattern": {"shape": _PATTERNS[number % len(_PATTERNS)], "size": 5, "solidity": 0.25},
        },
        text=[as_text(each["subject"]) for each in lanes],
        textposition="none",
        hovertemplate="%{text}: %{x} d<extra></extra>",
    )


def _marks(lanes: Sequence[Lane], places: dict[str, int]) -> list[go.Scatter]:
    cycles = [(day, each) for each in lanes for day in each["cycles"]]
    rays = [(day, each) for each in lanes for day in each["radiotherapy"]]
    other = [(day, each) for each in lanes for day in each["other_therapy"]]
    died = [(each["days"], each) for each in lanes if each["died"]]
    followed = [(each["days"], each) for each in lanes if each["followed"]]
    found = [
        _points(t("Systemic cycle"), cycles, places, "line-ns-open", NEUTRAL, 9),
        _points(t("Radiotherapy"), rays, places, "diamond-tall", COLOURS[6], 8),
        _points(t("Other therapy"), other, places, "hourglass", COLOURS[3], 10),
    ]
    for response, (symbol, colour) in _RESPONSES.items():
        days = [
            (one["day"], each) for each in lanes for one in each["responses"] if one["response"] == response
        ]
        found.append(_points(response, days, places, symbol, colour, 9))
    found.append(_points(t("Died"), died, places, "x", "#d03b30", 10))
    found.append(_points(t("In follow-up"), followed, places, "triangle-right", COLOURS[0], 11))
    return [each for each in found if len(each.x)]


def _points(  # noqa: PLR0917 - a table of looks, one line each
    name: str, days: Sequence[tuple[int, Lane]], places: dict[str, int], symbol: str, colour: str, size: int
) -> go.Scatter:
    return go.Scatter(
        x=[day for day, _ in days],
        y=[places[each["subject"]] for _, each in days],
        mode="markers",
        name=as_text(name),
        marker={"symbol": symbol, "size": size, "color": colour, "line": {"width": 1.4, "color": colour}},
        text=[as_text(f"{each['subject']}: {name}") for _, each in days],
        hovertemplate="%{text}, %{x} d<extra></extra>",
    )


def _layout(lanes: Sequence[Lane], places: dict[str, int]) -> dict[str, Any]:
    return layout(
        barmode="overlay",
        bargap=0.2,
        margin={"l": 60, "r": 16, "t": 70, "b": 48},
        xaxis=axis(t("Days from the start")),
        yaxis={
            "tickvals": list(places.values()),
            "ticktext": [as_text(each) for each in places],
            "range": [-len(lanes) + 0.4, 0.6],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
            "tickfont": {"size": 11},
        },
    )
