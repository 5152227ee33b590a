"""A subject's time line in words: the same for the figure, the table behind it, and the file."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from trial_core.domain.delivered_fractions import DeliverySource
from trial_core.domain.leaving import LeavingKind
from trial_core.domain.time_line_entries import EntryKind, Lane, TimeLine, TimeLineEntry
from web.components.frame import Content
from web.components.tables import table
from web.components.verdict import sentence_case
from web.downloads.csv_files import Cell
from web.words import apart, name_words, t, tn, word, word_from

CSV_COLUMNS = (
    "lane",
    "row",
    "kind",
    "about",
    "on",
    "until",
    "days_after_start",
    "grade",
    "response",
    "source",
)


def row_words(entry: TimeLineEntry) -> str:
    """Name the row that an entry stands in."""
    match entry.lane:
        case Lane.RADIOTHERAPY:
            return name_words(entry.row)
        case Lane.TOXICITY:
            return entry.about
        case _:
            return sentence_case(word(entry.lane))


def entry_words(entry: TimeLineEntry) -> str:
    """Say what an entry is, without its day."""
    match entry.kind:
        case EntryKind.GRADE:
            until = _until(entry)
            return t("{term}, grade {grade}: {until}", term=entry.about, grade=entry.grade, until=until)
        case EntryKind.LEFT:
            return sentence_case(word_from(LeavingKind, entry.about))
        case _:
            return f"{sentence_case(word(entry.kind))} {apart(entry.about)}{_more(entry)}".strip()


def _more(entry: TimeLineEntry) -> str:
    match entry.kind:
        case EntryKind.ASSESSMENT if entry.response is not None:
            return t(": {response}", response=word(entry.response))
        case EntryKind.MISSED_DAYS:
            return _last(entry)
        case EntryKind.CYCLE_GIVEN:
            return _delay(entry.delay_days)
        case EntryKind.FRACTION | EntryKind.PARTIAL_FRACTION if entry.source is DeliverySource.TYPED_IN:
            return t(" ({source})", source=word(DeliverySource.TYPED_IN))
        case _:
            return ""


def _until(entry: TimeLineEntry) -> str:
    since = "–" if entry.on is None else entry.on.isoformat()
    if entry.until is None:
        return t("since {day}, goes on", day=since)
    return t("{first} to {last}", first=since, last=entry.until.isoformat())


def _last(entry: TimeLineEntry) -> str:
    if entry.until is None or entry.until == entry.on:
        return ""
    return t(", the last on {day}", day=entry.until.isoformat())


def _delay(days: int | None) -> str:
    if not days:
        return ""
    if days < 0:
        return t(", {n} d early", n=-days)
    return t(", {n} d late", n=days)


def time_line_table(line: TimeLine) -> Content:
    """Give every entry as a row, also those that have no day."""
    rows = [_row(line, each) for each in line.entries]
    caption = tn("{n} entry of the time line", "{n} entries of the time line", len(rows))
    columns = (t("Lane"), t("What"), t("Date"), t("Days after start"))
    return html.Details(
        [html.Summary(t("The time line as a table")), table(caption, columns, rows, numeric=columns[3:])],
        className="behind",
    )


def _row(line: TimeLine, entry: TimeLineEntry) -> Content:
    after = line.days_after_start(entry.on)
    return html.Tr(
        [
            html.Td(row_words(entry)),
            html.Td(entry_words(entry)),
            html.Td(t("no date") if entry.on is None else entry.on.isoformat(), className="nowrap"),
            html.Td("–" if after is None else str(after), className="number"),
        ]
    )


def csv_rows(line: TimeLine) -> Sequence[Sequence[Cell]]:
    """Give the entries for a file: values as they are kept, in English whatever the page's language."""
    return [
        (
            each.lane.value,
            each.row,
            each.kind.value,
            each.about,
            None if each.on is None else each.on.isoformat(),
            None if each.until is None else each.until.isoformat(),
            line.days_after_start(each.on),
            each.grade,
            None if each.response is None else each.response.value,
            None if each.source is None else each.source.value,
        )
        for each in line.entries
    ]
