"""The DVH plot of a report: one dose with its criteria's thresholds, or all doses over one another."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.report import CourseReport, Curve, ResultRow
from trial_core.domain.rounding import shown, threshold
from web.figures.curves import smooth

CONTOURS_OF = ", contours of "
"""Between a sum and the structure set whose contours it was judged with, where these are not its own."""

ALL_DOSES = "all"
"""The choice that lays every plan and sum over one another."""

# Okabe and Ito's palette, darkened where it was too light on white: told apart by the colour-blind.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b0568f", "#9a7500", "#2d8fc4", "#7a4fbf", "#8c5a3c")
DASHES = ("solid", "dash", "dot", "dashdot")
SHADES = (1.0, 0.5, 0.25)

# As in the style sheet: plotly measures the legend with it.
_FONT = "system-ui, -apple-system, Segoe UI, Noto Sans, Liberation Sans, DejaVu Sans, Arial, sans-serif"
_HOVER = "%{x:.2f} Gy or more: %{y:.1f} % of the volume"
_VERDICT_COLOURS = {
    Verdict.PER_PROTOCOL: "#2a8c5c",
    Verdict.ACCEPTABLE_VARIATION: "#b97a00",
    Verdict.UNACCEPTABLE_DEVIATION: "#d03b30",
    Verdict.NOT_EVALUABLE: "#7178b0",
    Verdict.NOT_CONTOURED: "#7b868d",
}
_DOSE_AT_VOLUME = re.compile(r"D(?P<x>[0-9.]+)(?P<unit>%|cc)\[(?P<out>Gy|%)\]")
_VOLUME_AT_DOSE = re.compile(r"V(?P<x>[0-9.]+)(?P<unit>Gy|%)\[(?P<out>cc|%)\]")


@dataclass(frozen=True)
class DoseChoice:
    """One dose to plot: a plan, the physical sum, the EQD2 sum, or all of them."""

    key: str
    label: str


def dose_choices(report: CourseReport) -> tuple[DoseChoice, ...]:
    """List the doses that have curves, plans first, each once; then all of them, if there are several."""
    found: dict[str, str] = {}
    for curve in report.curves:
        found.setdefault(_choice_key(curve), _dose_label(report, curve))
    several = (DoseChoice(ALL_DOSES, "All doses"),) if len(found) > 1 else ()
    return (*(DoseChoice(key, label) for key, label in found.items()), *several)


def curve_name(curve: Curve) -> str:
    """Name a curve: its structure, and whose contours where another set draws it otherwise."""
    return f"{curve.structure}{_contours_of(curve)}"


def structures_in(report: CourseReport, choice: str) -> tuple[str, ...]:
    """List the structures with a curve in a dose, in the report's order."""
    return tuple(dict.fromkeys(curve_name(curve) for curve in report.curves if _is_in(curve, choice)))


def line_style(report: CourseReport, structure: str, choice: str) -> tuple[str, str]:
    """Give colour and dash of a structure: the same in every dose.

    Over one another, dashes tell doses: there darker shades tell structures of one colour apart.
    """
    order = list(dict.fromkeys(map(curve_name, report.curves)))
    index = order.index(structure) if structure in order else 0
    colour, turn = COLOURS[index % len(COLOURS)], index // len(COLOURS)
    if choice == ALL_DOSES:
        return _darker(colour, SHADES[turn % len(SHADES)]), "solid"
    return colour, DASHES[turn % len(DASHES)]


def _darker(colour: str, share: float) -> str:
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part * share):02x}" for part in parts)


def dvh_figure(report: CourseReport, choice: str, structures: Collection[str]) -> go.Figure:
    """Draw the cumulative DVH of the chosen structures: in one dose with its thresholds, or in all."""
    curves = [one for one in report.curves if _is_in(one, choice) and curve_name(one) in structures]
    lines = [_line(report, curve, choice) for curve in curves]
    marks = _thresholds(report, choice, structures)
    legend = _dose_legend(report) if choice == ALL_DOSES else []
    return go.Figure([*legend, *lines, *marks], layout=_layout(choice))


def _is_in(curve: Curve, choice: str) -> bool:
    return choice in (ALL_DOSES, _choice_key(curve))


def _dose_label(report: CourseReport, curve: Curve) -> str:
    labels = {plan.key: plan.label for plan in report.plans}
    return labels.get(curve.plan_key or "", _SUM_LABELS.get(curve.scope_kind, curve.scope))


def _dose_dash(report: CourseReport, key: str) -> str:
    keys = [choice.key for choice in dose_choices(report)]
    return DASHES[keys.index(key) % len(DASHES)]


def _dose_legend(report: CourseReport) -> list[go.Scatter]:
    """Name the doses by their dashes; a click on a name hides and shows its curves."""
    return [
        go.Scatter(
            x=[None],
            y=[None],
            mode="lines",
            name=_as_text(choice.label),
            legendgroup=choice.key,
            line={"color": "#7b868d", "dash": _dose_dash(report, choice.key), "width": 2.2},
            showlegend=True,
        )
        for choice in dose_choices(report)
        if choice.key != ALL_DOSES
    ]


_SUM_LABELS = {ScopeKind.SUM_PHYSICAL: "Sum, physical dose", ScopeKind.SUM_EQD2: "Sum, EQD2"}


def _choice_key(curve: Curve | ResultRow) -> str:
    return curve.plan_key if curve.scope_kind is ScopeKind.PLAN and curve.plan_key else curve.scope_kind.value


def _line(report: CourseReport, curve: Curve, choice: str) -> go.Scatter:
    colour, dash = line_style(report, curve_name(curve), choice)
    key = _choice_key(curve)
    dose, volume = smooth(np.array(curve.dose_gy), np.array(curve.volume_percent))
    name, dose_name = _as_text(curve_name(curve)), _as_text(_dose_words(report, curve))
    return go.Scatter(
        x=np.round(dose, 4),
        y=np.round(volume, 3),
        mode="lines",
        name=name,
        legendgroup=key,
        showlegend=False,
        line={
            "color": colour,
            "dash": _dose_dash(report, key) if choice == ALL_DOSES else dash,
            "width": 2.2,
            "simplify": False,  # plotly would leave out points and show corners
        },
        hovertemplate=f"{_HOVER}<extra>{name}<br>{dose_name}</extra>",
    )


def _dose_words(report: CourseReport, curve: Curve) -> str:
    """Name the dose of a curve; an EQD2 with the alpha/beta of its structure."""
    words, _, _ = curve.scope.partition(CONTOURS_OF)
    is_sum = curve.scope_kind is not ScopeKind.PLAN
    return words[:1].upper() + words[1:] if is_sum else _dose_label(report, curve)


def _thresholds(report: CourseReport, choice: str, structures: Collection[str]) -> list[go.Scatter]:
    rows = [row for row in report.results if _choice_key(row) == choice and _curve_name(row, structures)]
    points = [(row, point) for row in rows for point in _points(report, row)]
    return [_mark(row, *point) for row, point in points]


def _curve_name(row: ResultRow, structures: Collection[str]) -> str | None:
    """Give the curve a row belongs to: by the protocol's name, or a target's by its own name in the files."""
    names = (row.structure, row.site_structures[0] if len(row.site_structures) == 1 else row.structure)
    contours = _contours_of(row)
    return next((f"{name}{contours}" for name in names if f"{name}{contours}" in structures), None)


def _contours_of(item: Curve | ResultRow) -> str:
    _, words, file = item.scope.partition(CONTOURS_OF)
    return words + file


def _points(report: CourseReport, row: ResultRow) -> list[tuple[float, float, str]]:
    """Places of ideal and limit: (dose in Gy, volume in percent, which); none for a mean or a volume."""
    found = []
    for which, value in (("ideal", row.ideal), ("limit", row.limit)):
        place = None if value is None else _place(report, row, value)
        if place is not None:
            found.append((*place, which))
    return found


def _place(report: CourseReport, row: ResultRow, value: float) -> tuple[float, float] | None:
    if match := _DOSE_AT_VOLUME.fullmatch(row.metric):
        return _pair(
            _dose(report, row, value, match["out"]), _percent(report, row, float(match["x"]), match["unit"])
        )
    if match := _VOLUME_AT_DOSE.fullmatch(row.metric):
        return _pair(
            _dose(report, row, float(match["x"]), match["unit"]), _percent(report, row, value, match["out"])
        )
    return None


def _pair(dose_gy: float | None, percent: float | None) -> tuple[float, float] | None:
    return None if dose_gy is None or percent is None else (dose_gy, percent)


def _dose(report: CourseReport, row: ResultRow, value: float, unit: str) -> float | None:
    if unit == "Gy":
        return value
    prescriptions = [
        target.prescription_gy
        for plan in report.plans
        if plan.key == row.plan_key
        for target in plan.targets
        if target.name == row.structure and target.site_structure in (*row.site_structures, row.structure)
    ]
    known = [gy for gy in prescriptions if gy is not None]
    return value / 100 * known[0] if len(known) == 1 else None


def _percent(report: CourseReport, row: ResultRow, value: float, unit: str) -> float | None:
    if unit == "%":
        return value
    same = [one for one in report.structures if one.name == row.structure and one.volume_cc]
    volumes = {one.volume_cc for one in same if one.site_names == row.site_structures}
    volume_cc = volumes.pop() if len(volumes) == 1 else None
    return 100 * value / volume_cc if volume_cc else None


def _mark(row: ResultRow, dose_gy: float, percent: float, which: str) -> go.Scatter:
    towards = "triangle-left" if row.relation == "<=" else "triangle-right"
    goal = row.ideal if which == "ideal" else row.limit
    words = [
        f"{row.number}. {row.structure} {row.metric}",
        f"{which} {threshold(row.relation, goal, row.unit)}",
        f"value {shown(row.value, row.unit, (row.ideal, row.limit))} {row.unit}: {row.verdict.value}",
    ]
    return go.Scatter(
        x=[dose_gy],
        y=[percent],
        mode="markers",
        cliponaxis=False,
        name=_as_text(row.structure),
        showlegend=False,
        marker={
            "symbol": towards if which == "limit" else f"{towards}-open",
            "size": 11,
            "color": _VERDICT_COLOURS[row.verdict],
            "line": {"width": 1.5, "color": _VERDICT_COLOURS[row.verdict]},
        },
        hovertemplate="<br>".join(_as_text(word) for word in words) + "<extra></extra>",
    )


def _as_text(words: str) -> str:
    # plotly reads a subset of HTML and %{} templates in names and hovers; a structure's name is text
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("%{", "%\u200b{")


def _layout(choice: str) -> dict[str, object]:
    axis = {"rangemode": "tozero", "zeroline": True, "ticks": "outside", "tickcolor": "#9aa7ae"}
    quantity = {ScopeKind.SUM_EQD2.value: "EQD2", ALL_DOSES: "Dose, or EQD2"}.get(choice, "Dose")
    return {
        "xaxis": {**axis, "title": {"text": f"{quantity} (Gy)"}},
        "yaxis": {**axis, "title": {"text": "Volume (%)"}, "range": [0, 103]},
        "autosize": True,
        "font": {"family": _FONT},
        "margin": {"l": 60, "r": 16, "t": 12, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": choice == ALL_DOSES,
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0.0, "itemdoubleclick": False},
        "modebar": {"bgcolor": "rgba(0,0,0,0)"},
        "hovermode": "closest",
        "hoverlabel": {"font": {"size": 13}},
        "uirevision": choice,
    }
