"""Worst grades by term as stacked bars: of all subjects, or the arms on either side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from web.figures.theme import GRADE_COLOURS, as_text, axis, layout
from web.words import t

ROW_PX = 30
GRADES = (1, 2, 3, 4, 5)
_PATTERNS = ("", "", "", "/", "x")


@dataclass(frozen=True)
class TermGrades:
    """One term in one group: subjects by worst grade 1 to 5, and how many were at risk."""

    term: str
    group: str
    subjects: int
    with_grade: tuple[int, ...]

    @property
    def severe(self) -> int:
        """Subjects with grade 3 or higher."""
        return sum(self.with_grade[2:])

    def share_percent(self, grade: int) -> float:
        """Subjects with this worst grade in percent of those at risk."""
        return 100 * self.with_grade[grade - 1] / self.subjects if self.subjects else 0.0


def toxicity_figure(rows: Sequence[TermGrades], sides: Sequence[tuple[str, str]]) -> go.Figure:
    """Draw the terms, those with most severe grades on top.

    Parameters
    ----------
    sides
        One or two groups with their names; the first of two is drawn to the left.
    """
    terms = ordered_terms(rows)
    places = {term: -place for place, term in enumerate(terms)}
    figure = go.Figure(layout=_layout(places, sides))
    for number, (group, name) in enumerate(sides):
        own = [each for each in rows if each.group == group]
        sign = -1 if len(sides) == 2 and number == 0 else 1
        for grade in GRADES:
            figure.add_trace(_bars(own, places, grade, sign, name, legend=number == 0))
    return figure


def ordered_terms(rows: Sequence[TermGrades]) -> list[str]:
    """List the terms by how many had grade 3 or higher, then by how many had any."""
    severe: dict[str, tuple[int, int]] = {}
    for each in rows:
        before = severe.get(each.term, (0, 0))
        severe[each.term] = before[0] + each.severe, before[1] + sum(each.with_grade)
    return sorted(severe, key=lambda term: (-severe[term][0], -severe[term][1], term))


def height_px(rows: Sequence[TermGrades]) -> int:
    """Give the height at which every term can be read."""
    return 130 + ROW_PX * max(len({each.term for each in rows}), 3)


def _bars(
    rows: Sequence[TermGrades], places: dict[str, int], grade: int, sign: int, name: str, *, legend: bool
) -> go.Bar:
    title = t("Grade {grade}", grade=grade)
    return go.Bar(
        x=[sign * each.share_percent(grade) for each in rows],
        y=[places[each.term] for each in rows],
        orientation="h",
        name=as_text(title),
        legendgroup=str(grade),
        showlegend=legend,
        marker={
            "color": GRADE_COLOURS[grade],
            "pattern": {"shape": _PATTERNS[grade - 1], "size": 5, "solidity": 0.3, "fgcolor": "#ffffff"},
        },
        customdata=[
            as_text(f"{name}, {each.term}, {title}: {each.with_grade[grade - 1]}/{each.subjects}")
            for each in rows
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _layout(places: dict[str, int], sides: Sequence[tuple[str, str]]) -> dict[str, Any]:
    names = " | ".join(name for _, name in sides)
    ticks = [-100, -75, -50, -25, 0, 25, 50, 75, 100] if len(sides) == 2 else [0, 25, 50, 75, 100]
    return layout(
        barmode="relative",
        bargap=0.3,
        margin={"l": 10, "r": 16, "t": 40, "b": 48},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0.0, "traceorder": "normal"},
        xaxis=axis(
            t("{groups}: subjects by worst grade (%)", groups=names),
            tickvals=ticks,
            ticktext=[str(abs(each)) for each in ticks],
            range=[ticks[0] or -1, 101],
            rangemode="normal",
        ),
        yaxis={
            "tickvals": list(places.values()),
            "ticktext": [as_text(each) for each in places],
            "range": [-len(places) + 0.4, 0.6],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        },
    )
