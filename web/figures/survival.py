"""Kaplan-Meier curves by group with their limits, censored subjects, and the numbers at risk under them."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from web.figures.theme import as_text, axis, layout, series_style
from web.words import t

Endpoint = dict[str, Any]
_ROW_SHARE = 0.055
_AXIS_SHARE = 0.16
"""Of the height: a row of numbers at risk; the axis with its title above them."""


def survival_figure(endpoint: Endpoint) -> go.Figure:
    """Draw one endpoint of a phase, as `outcome_of_cut` gives it."""
    groups = list(endpoint["curves"])
    counts = endpoint["numbers_at_risk"]
    figure = go.Figure(layout=_layout(groups, counts["days"], _last_day(endpoint)))
    for place, group in enumerate(groups):
        for trace in _curve(group, endpoint["curves"][group], place):
            figure.add_trace(trace)
        figure.add_trace(_at_risk(group, counts, place))
    return figure


def group_name(group: str) -> str:
    """Name a group of the analysis."""
    return t("Run-in") if group == "run-in" else t("Arm {arm}", arm=group)


def _curve(group: str, curve: dict[str, list[float | None]], place: int) -> list[go.Scatter]:
    style = series_style(place)
    days, survival = [0.0, *curve["days"]], [1.0, *curve["survival"]]
    line = go.Scatter(
        x=days,
        y=[_percent(each) for each in survival],
        mode="lines",
        name=as_text(group_name(group)),
        legendgroup=group,
        line={
            "shape": "hv",
            "width": 2.4,
            "color": style["colour"],
            "dash": ("solid", "dash", "dot")[place % 3],
        },
        hovertemplate=as_text(group_name(group)) + ", %{x:.0f} d: %{y:.1f} %<extra></extra>",
    )
    return [*_limits(group, curve, style["colour"]), line, _censored(group, curve, place)]


def _limits(group: str, curve: dict[str, list[float | None]], colour: str) -> list[go.Scatter]:
    """Shade between the limits, where they are defined."""
    known = [
        (day, lower, upper)
        for day, lower, upper in zip(curve["days"], curve["lower"], curve["upper"], strict=True)
        if lower is not None and upper is not None
    ]
    common = {"mode": "lines", "legendgroup": group, "showlegend": False, "hoverinfo": "skip"}
    line = {"shape": "hv", "width": 0}
    lower = go.Scatter(x=[k[0] for k in known], y=[_percent(k[1]) for k in known], line=line, **common)
    upper = go.Scatter(
        x=[k[0] for k in known],
        y=[_percent(k[2]) for k in known],
        line=line,
        fill="tonexty",
        fillcolor=_faint(colour),
        **common,
    )
    return [lower, upper] if known else []


def _censored(group: str, curve: dict[str, list[float | None]], place: int) -> go.Scatter:
    at_risk, events = curve["at_risk"], curve["events"]
    left = [*at_risk[1:], 0.0]
    marked = [
        index
        for index in range(len(at_risk))
        if (at_risk[index] or 0) - (events[index] or 0) > (left[index] or 0)
    ]
    return go.Scatter(
        x=[curve["days"][index] for index in marked],
        y=[_percent(curve["survival"][index]) for index in marked],
        mode="markers",
        legendgroup=group,
        showlegend=False,
        marker={"symbol": "line-ns-open", "size": 9, "color": series_style(place)["colour"]},
        hovertemplate=as_text(t("censored")) + ", %{x:.0f} d<extra></extra>",
    )


def _at_risk(group: str, counts: dict[str, Any], place: int) -> go.Scatter:
    return go.Scatter(
        x=counts["days"],
        y=[-place] * len(counts["days"]),
        mode="text",
        text=[str(each) for each in counts["groups"][group]],
        yaxis="y2",
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )


def _last_day(endpoint: Endpoint) -> float:
    return max((days[-1] for each in endpoint["curves"].values() if (days := each["days"])), default=1.0)


def _layout(groups: list[str], days: list[float], last_day: float) -> dict[str, Any]:
    rows = _ROW_SHARE * len(groups)
    bottom = rows + _AXIS_SHARE
    reach = [-0.02 * last_day, 1.03 * last_day]
    names = [as_text(group_name(group)) for group in groups]
    return layout(
        margin={"l": 70, "r": 16, "t": 16, "b": 10},
        xaxis=axis(t("Days from the start"), tickvals=days, range=reach),
        yaxis=axis(t("Without the event (%)"), range=[0, 102], domain=[bottom, 1]),
        yaxis2={
            "domain": [0, rows],
            "range": [-len(groups) + 0.4, 0.6],
            "tickvals": [-place for place in range(len(groups))],
            "ticktext": names,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        annotations=[
            {
                "text": as_text(t("At risk")),
                "xref": "paper",
                "yref": "paper",
                "x": -0.005,
                "xanchor": "right",
                "y": rows + 0.03,
                "showarrow": False,
                "font": {"size": 12},
            }
        ],
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.14)"
