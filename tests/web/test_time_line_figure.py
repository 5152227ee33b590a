"""The time line's figure: every dated entry once, shapes that are told apart, and names that stay text."""

from __future__ import annotations

from datetime import date

from flask import Flask

from trial_core.domain.response import OverallResponse
from trial_core.domain.time_line_entries import EntryKind, Lane, TimeLine, TimeLineEntry
from web.components.time_line import csv_rows, entry_words
from web.downloads.csv_files import csv_text
from web.figures.time_line import _LOOKS, height_px, time_line_figure

START, TODAY = date(2026, 1, 5), date(2026, 3, 1)
HOSTILE = "=1+1<b>%{x}"


def _entry(kind: EntryKind, lane: Lane, on: date | None, **more: object) -> TimeLineEntry:
    return TimeLineEntry(kind=kind, lane=lane, on=on, **more)  # type: ignore[arg-type]


def _line(*entries: TimeLineEntry) -> TimeLine:
    return TimeLine(start=START, today=TODAY, known_until=TODAY, entries=entries)


LINE = _line(
    _entry(EntryKind.ENROLLED, Lane.TRIAL, START, about="IIa"),
    _entry(EntryKind.FRACTION, Lane.RADIOTHERAPY, date(2026, 1, 6), row=HOSTILE, about="1"),
    _entry(EntryKind.PLANNED_FRACTION, Lane.RADIOTHERAPY, None, row=HOSTILE, about="2"),
    _entry(EntryKind.GRADE, Lane.TOXICITY, TODAY, row="e", about="Fatigue", grade=2),
    _entry(
        EntryKind.ASSESSMENT,
        Lane.RESPONSE,
        date(2026, 2, 16),
        about="week 6",
        response=OverallResponse.PR,
    ),
)


def test_figure__has_a_row_for_each_course_and_event_and_draws_what_has_a_day() -> None:
    with Flask(__name__).test_request_context():
        figure = time_line_figure(LINE)
        names = [trace.name for trace in figure.data if trace.name]
    assert len(figure.layout.yaxis.tickvals) == 4
    assert names == ["enrolled", "fraction delivered", "tumour assessment"]
    assert height_px(LINE) > height_px(_line(*LINE.entries[:1]))


def test_figure__shows_names_as_text() -> None:
    with Flask(__name__).test_request_context():
        ticks = time_line_figure(LINE).layout.yaxis.ticktext
    assert "=1+1&lt;b&gt;%\u200b{x}" in ticks


def test_grade_that_began_today__can_be_seen() -> None:
    with Flask(__name__).test_request_context():
        grade = next(trace for trace in time_line_figure(LINE).data if trace.line.width == 11)
    assert grade.x[1] > grade.x[0]
    assert grade.text[0] == "2"


def test_kinds__have_each_a_symbol_of_its_own_but_those_of_different_lanes() -> None:
    assert set(_LOOKS) == set(EntryKind) - {EntryKind.GRADE}
    by_look: dict[str, list[EntryKind]] = {}
    for kind, look in _LOOKS.items():
        by_look.setdefault(look[0], []).append(kind)
    shared = [set(kinds) for kinds in by_look.values() if len(kinds) > 1]
    # a missed day is of radiotherapy, an omitted cycle of systemic therapy; a consent is grey and larger
    assert shared == [
        {EntryKind.CONSENT, EntryKind.CYCLE_PLANNED},
        {EntryKind.MISSED_DAYS, EntryKind.CYCLE_OMITTED},
    ]


def test_words_and_file__tell_every_entry_also_without_a_day() -> None:
    with Flask(__name__).test_request_context():
        words = [entry_words(each) for each in LINE.entries]
    assert words[2:] == [
        "Fraction planned 2",
        "Fatigue, grade 2: since 2026-03-01, goes on",
        "Tumour assessment week 6: PR",
    ]
    text = csv_text(("lane", "row"), [row[:2] for row in csv_rows(LINE)])
    assert f"radiotherapy,'{HOSTILE}" in text
    assert len(csv_rows(LINE)) == 5
