"""The stopping rule's operating characteristics: how likely it stops the study at each true rate."""

from __future__ import annotations

import plotly.graph_objects as go

from trial_core.services.safety_figures import SafetyFigures
from web.figures.theme import NEUTRAL, as_text, axis, layout, series_style
from web.words import t


def operating_figure(figures: SafetyFigures) -> go.Figure:
    """Draw the probability of a stop by true rate, and the rate seen so far with its limits."""
    style = series_style(0)
    line = go.Scatter(
        x=[100 * rate for rate, _ in figures.stops],
        y=[100 * stops for _, stops in figures.stops],
        mode="lines+markers",
        name=as_text(t("Probability of a stop")),
        line={"color": style["colour"], "width": 2.2},
        marker={"symbol": style["symbol"], "size": 8},
        hovertemplate="%{x:.1f} %: %{y:.1f} %<extra></extra>",
    )
    return go.Figure([line, *_seen(figures)], layout=_layout())


def _seen(figures: SafetyFigures) -> list[go.Scatter]:
    if figures.limits is None:
        return []
    share = figures.counted / figures.enrolled
    return [
        go.Scatter(
            x=[100 * share],
            y=[0],
            mode="markers",
            name=as_text(t("Seen so far, 95 % limits")),
            marker={"symbol": "diamond", "size": 11, "color": NEUTRAL},
            error_x={
                "array": [100 * (figures.limits.upper - share)],
                "arrayminus": [100 * (share - figures.limits.lower)],
                "color": NEUTRAL,
                "thickness": 2,
            },
            hovertemplate="%{x:.1f} %<extra></extra>",
            cliponaxis=False,
        )
    ]


def _layout() -> dict[str, object]:
    return layout(
        xaxis=axis(t("True rate (%)")),
        yaxis=axis(t("Study stopped (%)"), range=[-2, 102]),
    )
