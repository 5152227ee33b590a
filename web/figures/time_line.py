"""The time line of a subject: a row for each course and event, a shape for each kind; plans are open."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go

from trial_core.domain.time_line_entries import EntryKind, Lane, TimeLine, TimeLineEntry
from web.components.time_line import entry_words, row_words
from web.figures.theme import COLOURS, GRADE_COLOURS, NEUTRAL, as_text, axis, layout
from web.words import t, word

ROW_PX = 38
_LEGEND_PX = 64
FRAME_PX = 90 + _LEGEND_PX
_LINE = 26
_DAYS_BESIDE = 7
_OPEN_DAYS = 4
"""How far a grade is drawn of which only one day is known, so that it can be seen."""

_BLUE, _RED, _GREEN, _PURPLE, _OCHRE = COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[6], COLOURS[4]
_LOOKS: Mapping[EntryKind, tuple[str, str]] = {
    EntryKind.CONSENT: ("circle-open", NEUTRAL),
    EntryKind.ENROLLED: ("diamond", _BLUE),
    EntryKind.RANDOMISED: ("star", _PURPLE),
    EntryKind.FRACTION: ("square", _BLUE),
    EntryKind.PARTIAL_FRACTION: ("diamond-tall", _OCHRE),
    EntryKind.MISSED_DAYS: ("x-thin-open", _RED),
    EntryKind.PLANNED_FRACTION: ("square-open", NEUTRAL),
    EntryKind.CYCLE_GIVEN: ("circle", _GREEN),
    EntryKind.CYCLE_OMITTED: ("x-thin-open", _RED),
    EntryKind.CYCLE_DUE: ("circle-open-dot", _OCHRE),
    EntryKind.CYCLE_PLANNED: ("circle-open", NEUTRAL),
    EntryKind.BASELINE: ("hexagon-open", _PURPLE),
    EntryKind.ASSESSMENT: ("hexagon", _PURPLE),
    EntryKind.PROGRESSION: ("triangle-down", _RED),
    EntryKind.CLINICAL_PROGRESSION: ("triangle-down-open", _RED),
    EntryKind.THERAPY: ("cross", _OCHRE),
    EntryKind.LEFT: ("triangle-right", _OCHRE),
    EntryKind.DEATH: ("cross-thin-open", _RED),
}
"""Symbol and colour of each kind; what is planned is open, and no two kinds of a lane have one symbol."""

_SIZES: Mapping[EntryKind, int] = {EntryKind.CONSENT: 16}
"""A consent is seen around the enrolment of the same day."""

_ANCHORS = {"left": "right", "right": "left"}
Row = tuple[Lane, str]


def time_line_figure(line: TimeLine) -> go.Figure:
    """Draw a time line; what has no day stands in its table alone."""
    dated = [each for each in line.entries if each.on is not None]
    rows = _rows(dated)
    figure = go.Figure(layout=_layout(line, dated, rows))
    for stretch in (*_gaps(dated, rows), *_stretches(line, dated, rows)):
        figure.add_trace(stretch)
    for kind, looks in _LOOKS.items():
        own = [each for each in dated if each.kind is kind]
        if own:
            figure.add_trace(_markers(kind, own, rows, looks))
    return figure


def height_px(line: TimeLine) -> int:
    """Give the height at which every row can be read."""
    return FRAME_PX + ROW_PX * len(_rows([each for each in line.entries if each.on is not None]))


def _rows(entries: Sequence[TimeLineEntry]) -> dict[Row, int]:
    """Give each row its place, the first one on top."""
    found = dict.fromkeys((each.lane, each.row) for each in entries)
    return {row: -number for number, row in enumerate(found)}


def _layout(line: TimeLine, entries: Sequence[TimeLineEntry], rows: Mapping[Row, int]) -> dict[str, Any]:
    names = {(each.lane, each.row): row_words(each) for each in entries}
    ticks = ["<br>".join(map(as_text, _in_lines(names[row]))) for row in rows]
    beside = timedelta(days=_DAYS_BESIDE)
    days = [each.on for each in entries if each.on is not None] or [line.known_until]
    marks = [(line.known_until, t("Today") if line.known_until == line.today else t("Known until"), "left")]
    if line.start is not None:
        marks.append((line.start, t("Start"), "right"))
    return layout(
        xaxis=axis(
            t("Date"),
            type="date",
            rangemode="normal",
            tickformat="%Y-%m-%d",
            nticks=7,
            range=[min(days) - beside, max(*days, line.known_until) + beside],
        ),
        yaxis={
            "tickvals": list(rows.values()),
            "ticktext": ticks,
            "range": [-len(rows) + 0.4, 0.6],
            "automargin": True,
            "zeroline": False,
            "fixedrange": True,
        },
        margin={"l": 20, "r": 16, "t": 30, "b": _LEGEND_PX + 40},
        legend={"orientation": "h", "y": 0.0, "yanchor": "bottom", "yref": "container", "x": 0.0},
        shapes=[_at(on) for on, _, _ in marks],
        annotations=[_said(*each) for each in marks],
    )


def _at(on: date) -> dict[str, Any]:
    line = {"color": NEUTRAL, "width": 1.5, "dash": "dot"}
    return {"type": "line", "x0": on, "x1": on, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _said(on: date, words: str, beside: str) -> dict[str, Any]:
    """Give the word of a line, on its left or right: two lines of one day can be told apart."""
    place = {"x": on, "xanchor": _ANCHORS[beside], "yref": "paper", "y": 1, "yanchor": "bottom"}
    return {**place, "showarrow": False, "text": as_text(words), "font": {"size": 12}}


def _in_lines(words: str) -> list[str]:
    """Break a name into two lines at most; the second ends in an ellipsis where there is more."""
    return textwrap.wrap(words, _LINE, max_lines=2, placeholder="…")


def _markers(
    kind: EntryKind, entries: Sequence[TimeLineEntry], rows: Mapping[Row, int], looks: tuple[str, str]
) -> go.Scatter:
    symbol, colour = looks
    shown = [each.response.value if each.response is not None else "" for each in entries]
    return go.Scatter(
        name=as_text(word(kind)),
        x=[each.on for each in entries],
        y=[rows[each.lane, each.row] for each in entries],
        mode="markers+text" if any(shown) else "markers",
        text=shown,
        textposition="top center",
        textfont={"size": 11},
        marker={
            "symbol": symbol,
            "color": colour,
            "size": _SIZES.get(kind, 10),
            "line": {"width": 2, "color": colour},
        },
        customdata=[as_text(entry_words(each)) for each in entries],
        hovertemplate="%{customdata}<br>%{x|%Y-%m-%d}<extra></extra>",
    )


def _gaps(entries: Sequence[TimeLineEntry], rows: Mapping[Row, int]) -> Iterator[go.Scatter]:
    """Join the first and the last of missed days in a row."""
    for each in entries:
        if each.kind is EntryKind.MISSED_DAYS and each.until is not None:
            yield go.Scatter(
                x=[each.on, each.until],
                y=[rows[each.lane, each.row]] * 2,
                mode="lines",
                line={"color": _RED, "width": 2, "dash": "dot"},
                showlegend=False,
                hoverinfo="skip",
            )


def _stretches(
    line: TimeLine, entries: Sequence[TimeLineEntry], rows: Mapping[Row, int]
) -> Iterator[go.Scatter]:
    """Give a bar for each stretch of a grade, its number above its beginning."""
    for each in entries:
        if each.grade is None or each.on is None:
            continue
        last = each.until or line.known_until
        until = last if last > each.on else each.on + timedelta(days=_OPEN_DAYS)
        words = as_text(entry_words(each))
        yield go.Scatter(
            x=[each.on, until],
            y=[rows[each.lane, each.row]] * 2,
            mode="lines+markers+text",
            line={"color": GRADE_COLOURS[each.grade], "width": 11, "dash": _dash(each)},
            marker={"size": 12, "color": "rgba(0,0,0,0)"},  # seen by none: it lifts the number off the bar
            showlegend=False,
            text=[str(each.grade), ""],
            textposition="top right",
            textfont={"size": 11},
            customdata=[words, words],
            hovertemplate="%{customdata}<extra></extra>",
        )


def _dash(entry: TimeLineEntry) -> str:
    """What goes on is broken at its end: it is drawn up to today, and ends nowhere."""
    return "solid" if entry.until is not None else "8px,3px"
