"""The DVH plot of a report: structures by colour and symbol, doses by line style, criteria as points.

Open triangles are ideals, filled ones limits; they point to the side that meets them. Of the criterion that
is looked at, its own curve is drawn strong, and ideal, limit and value are named in the plot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trial_core.domain.report import CourseReport, Curve, ResultRow
from trial_core.domain.rounding import shown, threshold
from web.figures.curves import Numbers, smooth
from web.figures.dvh_curves import (
    DoseAxis,
    DvhView,
    VolumeAxis,
    curve_name,
    curve_of,
    dose_choices,
    dose_dash,
    dose_key,
    percent_of_gy,
    structure_style,
    volume_of_curve_cc,
)
from web.figures.dvh_points import Place, place_of
from web.figures.theme import NEUTRAL, VERDICT_COLOURS, as_text, axis, layout
from web.words import t, word

Line = tuple[Numbers, Numbers]
"""Doses and volumes of a curve as it is drawn, in the units of the axes."""

Trace = dict[str, Any]
"""One of Plotly's scatter traces."""

_FAINT = 0.28
_TOP_PERCENT = 103


def dvh_figure(report: CourseReport, view: DvhView) -> dict[str, Any]:
    """Draw the chosen structures in the chosen doses, with the criteria's thresholds.

    Given as plain dicts with arrays (`web.figures.sending`): a `go.Figure` of a course's curves takes four
    times as long to build. The tests make one of it, which has Plotly look at every property.
    """
    row = _looked_at(report, view)
    wanted = [one for one in report.curves if curve_name(one) in view.structures]
    lines = {_key(one): line for one in wanted if (line := drawn_line(report, one, view)) is not None}
    traces = [
        _trace(report, one, lines, view)
        for one in wanted
        if dose_key(one) in view.doses and _key(one) in lines
    ]
    marks = [mark for each in report.results for mark in _thresholds(report, each, view, row)]
    legend = [_dose_legend(report, choice.key, choice.label) for choice in dose_choices(report)]
    named = [trace for trace in legend if trace["legendgroup"] in view.doses] if len(view.doses) > 1 else []
    own = [] if row is None else _own_points(report, row, view)
    notes = [] if row is None else _notes(report, row, view, middle=_middle(traces))
    return {"data": [*named, *traces, *marks, *own], "layout": _layout(view, notes)}


def _looked_at(report: CourseReport, view: DvhView) -> ResultRow | None:
    return next((each for each in report.results if each.number == view.row), None)


def drawn_line(report: CourseReport, curve: Curve, view: DvhView) -> Line | None:
    """Give a curve in the units of the axes; None where its prescription or volume is not known."""
    scales = _scales(view, percent_of_gy(report, curve), volume_of_curve_cc(report, curve))
    if scales is None:
        return None
    dose, volume = smooth(np.array(curve.dose_gy), np.array(curve.volume_percent))
    return dose * scales[0], volume * scales[1]


def _scales(
    view: DvhView, percent_per_gy: float | None, volume_cc: float | None
) -> tuple[float, float] | None:
    """Give units of the dose axis per Gy, and units of the volume axis per percent."""
    dose = 1.0 if view.dose_axis is DoseAxis.GY else percent_per_gy
    volume = 1.0 if view.volume_axis is VolumeAxis.PERCENT else volume_cc and volume_cc / 100
    return None if dose is None or volume is None else (dose, volume)


def _key(curve: Curve) -> tuple[str, str]:
    return curve_name(curve), dose_key(curve)


def _trace(report: CourseReport, curve: Curve, lines: Mapping[tuple[str, str], Line], view: DvhView) -> Trace:
    row = _looked_at(report, view)
    name, key = _key(curve)
    dose, volume = lines[name, key]
    colour, symbol = structure_style(report, name)
    is_own = row is not None and name == curve_of(report, row)
    beside = {
        choice.label: lines[name, choice.key]
        for choice in dose_choices(report)
        if (name, choice.key) in lines
    }
    return _scatter(
        x=np.round(dose, 4),
        y=np.round(volume, 3),
        customdata=_at_the_same_dose(dose, list(beside.values())),
        mode="lines+markers",
        name=as_text(name),
        legendgroup=key,
        showlegend=False,
        opacity=1.0 if row is None or is_own else _FAINT,
        marker={"symbol": symbol, "size": 7, "maxdisplayed": 7, "color": colour},
        line={
            "color": colour,
            "dash": dose_dash(report, key),
            "width": 4.0 if row is not None and is_own and key == dose_key(row) else 2.2,
            "simplify": False,  # plotly would leave out points and show corners
        },
        hovertemplate=_hover(name, tuple(beside), view),
    )


def _at_the_same_dose(dose: Numbers, lines: list[Line]) -> Numbers:
    """Read the volume of the structure in each dose off its drawn line, (n, doses)."""
    read = [np.interp(dose, *line, right=0.0) for line in lines]
    return np.column_stack(read).astype(np.float64).round(2)


def _hover(name: str, labels: tuple[str, ...], view: DvhView) -> str:
    """Name the structure, the dose under the pointer, and the volume in each plan and sum."""
    unit = view.volume_axis.value
    rows = [f"{as_text(label)}: %{{customdata[{at}]:.1f}} {unit}" for at, label in enumerate(labels)]
    title = t("at {dose} or more", dose=f"%{{x:.2f}} {view.dose_axis.value}")
    return "<br>".join([f"<b>{as_text(name)}</b> {title}", *rows]) + "<extra></extra>"


def _scatter(**properties: Any) -> Trace:
    return {"type": "scatter", **properties}


def _dose_legend(report: CourseReport, key: str, label: str) -> Trace:
    return _scatter(
        x=[None],
        y=[None],
        mode="lines",
        name=as_text(label),
        legendgroup=key,
        line={"color": NEUTRAL, "dash": dose_dash(report, key), "width": 2.2},
        showlegend=True,
    )


def _thresholds(
    report: CourseReport, row: ResultRow, view: DvhView, looked_at: ResultRow | None
) -> list[Trace]:
    """Draw ideal and limit of a row whose curve is shown; of the one looked at, `_own_points` does."""
    if row is looked_at or dose_key(row) not in view.doses or curve_of(report, row) not in view.structures:
        return []
    points = [
        (place_of(report, row, goal), is_limit) for goal, is_limit in ((row.ideal, False), (row.limit, True))
    ]
    return [
        _mark(row, point, is_limit=is_limit, faint=looked_at is not None)
        for place, is_limit in points
        if place is not None and (point := _point(report, row, place, view)) is not None
    ]


def _point(report: CourseReport, row: ResultRow, place: Place, view: DvhView) -> tuple[float, float] | None:
    """Give a place in the units of the axes; what has no volume stands on the dose axis."""
    own = curve_of(report, row), dose_key(row)
    curves = [one for one in report.curves if _key(one) == own]
    volume_cc = volume_of_curve_cc(report, curves[0]) if curves else None
    scales = _scales(view, percent_of_gy(report, row), volume_cc)
    return None if scales is None else (place.dose_gy * scales[0], (place.volume_percent or 0.0) * scales[1])


def _mark(row: ResultRow, point: tuple[float, float], *, is_limit: bool, faint: bool) -> Trace:
    towards = "triangle-left" if row.relation == "<=" else "triangle-right"
    goal = row.limit if is_limit else row.ideal
    words = [
        f"{row.number}. {row.counts_as} {row.metric}",
        f"{t('Limit') if is_limit else t('Ideal')} {threshold(row.relation, goal, row.unit)}",
        f"{_value_words(row)}: {word(row.verdict)}",
    ]
    colour = VERDICT_COLOURS[row.verdict]
    return _scatter(
        x=[point[0]],
        y=[point[1]],
        mode="markers",
        cliponaxis=False,
        name=as_text(row.counts_as),
        showlegend=False,
        opacity=_FAINT if faint else 1.0,
        marker={
            "symbol": towards if is_limit else f"{towards}-open",
            "size": 12,
            "color": colour,
            "line": {"width": 1.5, "color": colour},
        },
        hovertemplate="<br>".join(map(as_text, words)) + "<extra></extra>",
    )


def _value_words(row: ResultRow) -> str:
    return f"{t('Value')} {shown(row.value, row.unit, (row.ideal, row.limit))} {row.unit}"


def _own_points(report: CourseReport, row: ResultRow, view: DvhView) -> list[Trace]:
    """Draw ideal, limit and value of the row that is looked at, over everything else."""
    found = []
    for goal, is_limit in ((row.ideal, False), (row.limit, True)):
        place = place_of(report, row, goal)
        point = None if place is None else _point(report, row, place, view)
        if point is not None:
            found.append(_mark(row, point, is_limit=is_limit, faint=False))
    place = place_of(report, row, row.value)
    point = None if place is None else _point(report, row, place, view)
    return found if point is None else [*found, _value_mark(row, point)]


def _value_mark(row: ResultRow, point: tuple[float, float]) -> Trace:
    words = f"{row.number}. {_value_words(row)}: {word(row.verdict)}"
    return _scatter(
        x=[point[0]],
        y=[point[1]],
        mode="markers",
        cliponaxis=False,
        showlegend=False,
        marker={
            "symbol": "circle-open-dot",
            "size": 17,
            "color": VERDICT_COLOURS[row.verdict],
            "line": {"width": 3, "color": VERDICT_COLOURS[row.verdict]},
        },
        hovertemplate=as_text(words) + "<extra></extra>",
    )


def _middle(traces: Sequence[Trace]) -> float:
    """Give the middle of the dose axis: a note beyond it is written to the left of its point."""
    return max((float(trace["x"][-1]) for trace in traces), default=0.0) / 2


def _notes(report: CourseReport, row: ResultRow, view: DvhView, *, middle: float) -> list[dict[str, Any]]:
    """Write value and limit beside their points, apart from one another."""
    texts = (
        (row.value, f"{row.metric} = {shown(row.value, row.unit, (row.ideal, row.limit))} {row.unit}", -34),
        (row.limit, f"{t('Limit')} {threshold(row.relation, row.limit, row.unit)}", -64),
    )
    found = []
    for value, words, away_px in texts:
        place = place_of(report, row, value)
        point = None if place is None else _point(report, row, place, view)
        if point is not None:
            found.append(_note(point, words, away_px, to_left=point[0] > middle))
    return found


def _note(point: tuple[float, float], words: str, away_px: int, *, to_left: bool) -> dict[str, Any]:
    return {
        "x": point[0],
        "y": point[1],
        "text": as_text(words),
        "ax": -44 if to_left else 44,
        "ay": away_px,
        "arrowhead": 2,
        "arrowwidth": 1.4,
        "arrowcolor": NEUTRAL,
        "bordercolor": NEUTRAL,
        "borderpad": 2,
        "bgcolor": "rgba(127,127,127,0.12)",
        "xanchor": "right" if to_left else "left",
    }


def _layout(view: DvhView, notes: list[dict[str, Any]]) -> dict[str, object]:
    in_gy, in_percent = view.dose_axis is DoseAxis.GY, view.volume_axis is VolumeAxis.PERCENT
    eqd2 = [key for key in view.doses if "EQD2" in key]
    quantity = t("Dose") if not eqd2 else t("EQD2") if len(eqd2) == len(view.doses) else t("Dose, or EQD2")
    return layout(
        margin={"l": 56, "r": 14, "t": 8, "b": 44},
        xaxis=axis(f"{quantity} (Gy)" if in_gy else t("Dose (% of the plan's prescription)")),
        yaxis=axis(
            t("Volume ({unit})", unit=view.volume_axis.value),
            **({"range": [0, _TOP_PERCENT]} if in_percent else {}),
        ),
        showlegend=len(view.doses) > 1,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0.0, "itemdoubleclick": False},
        annotations=notes,
        uirevision=f"{view.dose_axis}{view.volume_axis}",
    )
