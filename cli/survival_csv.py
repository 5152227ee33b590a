"""Follow-up from a CSV file, without a guess: what is not clear is refused with its line."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cli.errors import CommandError, RefusalCode
from cli.inputs import existing_paths

DELIMITERS = (",", ";", "\t")
LARGEST_BYTES = 256 * 1024 * 1024
LONGEST_DAYS = 1e6
"""2,700 years: what is longer is no follow-up in days."""
MOST_GROUPS = 50
MISSING = ("", "NA")
"""Cells without a value, blanks aside: what spreadsheets and R write."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_EVENTS = {"true": True, "false": False}


_Value = TypeVar("_Value")


class _CellError(Exception):
    """What is wrong with a cell and what to do, to follow its text."""


@dataclass(frozen=True)
class SurvivalColumns:
    """Which columns of the file are meant."""

    duration: str
    event: str
    group: str
    strata: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that is asked for."""
        return (self.duration, self.event, self.group, *self.strata)


@dataclass(frozen=True)
class FollowUpRows:
    """The rows that have a group, in the file's order.

    Attributes
    ----------
    durations, events, groups
        One a row; groups are the cells' text, character by character.
    strata
        One a row: the cells of all strata columns, None where one is missing; None without such columns.
    without_group
        Lines of the file that were left out because their group is missing.
    """

    durations: tuple[float, ...]
    events: tuple[bool, ...]
    groups: tuple[str, ...]
    strata: tuple[tuple[str, ...] | None, ...] | None
    without_group: tuple[int, ...]


@dataclass(frozen=True)
class _Row:
    line: int
    cells: tuple[str, ...]


def read_survival_csv(file: str, columns: SurvivalColumns) -> FollowUpRows:
    """Read the columns of a UTF-8 file separated by comma, semicolon or tab.

    Raises
    ------
    CommandError
        the file, a column or a cell cannot be used; nothing is skipped, save rows without a group.
    """
    _check_distinct(columns)
    rows = _asked_cells(_text(file), columns, file)
    grouped = [row for row in rows if not _is_missing(row.cells[2])]
    groups = tuple(row.cells[2] for row in grouped)
    _check_groups(groups, columns, file)
    return FollowUpRows(
        _column(grouped, 0, _duration, columns.duration, file),
        _column(grouped, 1, _event, columns.event, file),
        groups,
        tuple(_stratum(row.cells[3:]) for row in grouped) if columns.strata else None,
        tuple(row.line for row in rows if _is_missing(row.cells[2])),
    )


def _check_distinct(columns: SurvivalColumns) -> None:
    twice = next((name for name in columns.names if columns.names.count(name) > 1), None)
    if twice is not None:
        raise CommandError(
            f"The column {_quoted(twice)} is named twice: duration, event, group and strata differ."
        )


def _text(file: str) -> str:
    (path,) = existing_paths([file])
    if path.is_dir():
        raise _unusable(file, "this is a folder. Name one CSV file.")
    try:
        with path.open("rb") as source:
            data = source.read(LARGEST_BYTES + 1)
    except OSError as problem:
        raise _unusable(file, f"it could not be read ({problem.strerror}).") from problem
    return _decoded(data, file)


def _decoded(data: bytes, file: str) -> str:
    if len(data) > LARGEST_BYTES:
        raise _unusable(file, f"it is larger than {LARGEST_BYTES // 1024**2} MiB. Is this the right file?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _unusable(file, f"byte {problem.start + 1} is not UTF-8. Save it as CSV in UTF-8.") from problem
    if "\0" in text:
        raise _unusable(file, "it has zero bytes and is no text. Save it as CSV in UTF-8.")
    if not text.strip():
        raise _unusable(file, "it is empty.")
    return text


def _asked_cells(text: str, columns: SurvivalColumns, file: str) -> list[_Row]:
    delimiter, header = _layout(text, columns, file)
    places = [_place(header, name, file) for name in columns.names]
    rows = [
        _Row(line, tuple(cells[place] for place in places))
        for line, cells in _rows(text, delimiter, len(header), file)
    ]
    if not rows:
        raise _unusable(file, "it has a header and no rows.")
    return rows


def _layout(text: str, columns: SurvivalColumns, file: str) -> tuple[str, list[str]]:
    """Find the delimiter by which the header has every column that is asked for."""
    headers = {delimiter: _header(text, delimiter, file) for delimiter in DELIMITERS}
    for delimiter, header in headers.items():
        if set(columns.names) <= set(header):
            return delimiter, header
    header = max(headers.values(), key=len)
    missing = ", ".join(_quoted(name) for name in columns.names if name not in header)
    shown = ", ".join(_quoted(name) for name in header[:30]) + (", ..." if len(header) > 30 else "")
    raise _unusable(file, f"there is no column {missing}. Its columns are {shown}.")


def _header(text: str, delimiter: str, file: str) -> list[str]:
    # Quotes look broken by a delimiter that is not the file's; the rows are then read strictly.
    lines = _lines(text, delimiter, file, strict=False)
    return next((cells for _, cells in lines if any(cell.strip() for cell in cells)), [])


def _place(header: Sequence[str], name: str, file: str) -> int:
    if header.count(name) > 1:
        raise _unusable(file, f"{header.count(name)} columns are called {_quoted(name)}. Rename all but one.")
    return header.index(name)


def _rows(text: str, delimiter: str, width: int, file: str) -> Iterator[tuple[int, list[str]]]:
    lines = (each for each in _lines(text, delimiter, file) if any(cell.strip() for cell in each[1]))
    next(lines)
    for line, cells in lines:
        if len(cells) != width:
            raise _unusable(
                file,
                f"line {line} has {len(cells)} cells and the header {width}. Quote cells with a delimiter.",
            )
        yield line, cells


def _lines(text: str, delimiter: str, file: str, *, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as problem:
        raise _unusable(file, f"line {reader.line_num} is no CSV ({problem}). Check its quotes.") from problem


def _check_groups(groups: Sequence[str], columns: SurvivalColumns, file: str) -> None:
    count = len(set(groups))
    if not count:
        raise _unusable(file, f"no row has a group in column {_quoted(columns.group)}.")
    if count > MOST_GROUPS:
        raise _unusable(
            file,
            f"column {_quoted(columns.group)} has {count} different cells. At most {MOST_GROUPS} are groups.",
        )


def _column(
    rows: Sequence[_Row], place: int, read: Callable[[str], _Value], name: str, file: str
) -> tuple[_Value, ...]:
    values: list[_Value] = []
    for row in rows:
        try:
            values.append(read(row.cells[place].strip()))
        except _CellError as problem:
            raise _unusable(
                file, f"line {row.line}, column {_quoted(name)}: {_quoted(row.cells[place])} {problem}"
            ) from problem
    return tuple(values)


def _duration(text: str) -> float:
    value = _number(text)
    if value < 0:
        raise _CellError("is negative. A duration is 0 or more.")
    if value > LONGEST_DAYS:
        raise _CellError(f"is over {LONGEST_DAYS:,.0f} days. Durations are in days.")
    return value


def _event(text: str) -> bool:
    if text.lower() in _EVENTS:
        return _EVENTS[text.lower()]
    value = _number(text)
    if value not in (0, 1):
        raise _CellError(
            "is neither 1 (event) nor 0 (censored). Codings such as 1/2 do not say which is the event: "
            "recode them."
        )
    return value == 1


def _number(text: str) -> float:
    if text in MISSING:
        raise _CellError("is missing. Fill it in or take the row out.")
    if not _NUMBER.fullmatch(text):
        hint = " Write decimals with a point." if "," in text else ""
        raise _CellError(f"is not a number.{hint}")
    value = float(text)
    if not math.isfinite(value):
        raise _CellError("is too large for a number.")
    return value


def _stratum(cells: Sequence[str]) -> tuple[str, ...] | None:
    return None if any(_is_missing(cell) for cell in cells) else tuple(cells)


def _is_missing(cell: str) -> bool:
    return cell.strip() in MISSING


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}...")


def _unusable(file: str, problem: str) -> CommandError:
    return CommandError(f"{Path(file).name}: {problem}", code=RefusalCode.INPUT_UNUSABLE)
