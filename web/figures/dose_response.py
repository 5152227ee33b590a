"""Dose against toxicity: mean lung dose of each subject with and without pneumonitis, beside the models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from web.figures.survival import group_name
from web.figures.theme import COLOURS, DASHES, SYMBOLS, as_text, axis, layout
from web.words import t

_NAMES = {"NTCP pneumonitis, QUANTEC": "QUANTEC", "NTCP pneumonitis, LKB Seppenwoolde": "LKB (Seppenwoolde)"}
LUNG_DOSE = "Mean[Gy]"
LATE_SCOPE = "sum, EQD2"


def lung_doses(groups: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give, of each group, the mean lung doses in the EQD2 sum by whether pneumonitis was seen."""
    return {
        group: each
        for group, found in groups.items()
        for each in found["pneumonitis"]
        if each["figure"] == LUNG_DOSE and each["scope"].startswith(LATE_SCOPE)
    }


def dose_figure(groups: Mapping[str, Any], curves: Mapping[str, Sequence[Sequence[float]]]) -> go.Figure:
    """Draw the models' curves, and a mark for each subject: at 100 % with the event, at 0 % without."""
    figure = go.Figure(layout=_layout())
    for number, (name, points) in enumerate(sorted(curves.items())):
        figure.add_trace(
            go.Scatter(
                x=[dose for dose, _ in points],
                y=[100 * share for _, share in points],
                mode="lines",
                name=as_text(_NAMES.get(name, name)),
                line={"color": COLOURS[number + 3], "dash": DASHES[number], "width": 2},
                hovertemplate="%{x:.1f} Gy: %{y:.1f} %<extra></extra>",
            )
        )
    for number, (group, each) in enumerate(sorted(lung_doses(groups).items())):
        figure.add_trace(_subjects(group, each, number))
    return figure


def _subjects(group: str, each: dict[str, Any], number: int) -> go.Scatter:
    seen, others = each["with_event"] or [], each["without_event"] or []
    return go.Scatter(
        x=[*seen, *others],
        y=[100] * len(seen) + [0] * len(others),
        mode="markers",
        name=as_text(t("{group}, observed", group=group_name(group))),
        marker={"color": COLOURS[number], "symbol": SYMBOLS[number], "size": 11, "opacity": 0.75},
        hovertemplate="%{x:.2f} Gy<extra></extra>",
        cliponaxis=False,
    )


def _layout() -> dict[str, Any]:
    return layout(
        margin={"l": 60, "r": 16, "t": 40, "b": 48},
        xaxis=axis(t("Mean dose of both lungs, EQD2 sum (Gy)")),
        yaxis=axis(t("Pneumonitis, grade 2 or higher (%)"), range=[-5, 105]),
    )
