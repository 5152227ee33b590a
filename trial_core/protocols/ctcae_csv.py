"""Reads terms of CTCAE from CSV, as untrusted bytes: all that is wrong is listed, nothing is half read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from trial_core.domain.ctcae import HIGHEST_GRADE, CtcaeCatalogue, CtcaeTerm
from trial_core.protocols.errors import Problem

LARGEST_FILE_BYTES = 10_000_000
"""The whole of CTCAE v5.0 with its words is half a megabyte."""
LONGEST_NAME = 200
LONGEST_TEXT = 20_000
MOST_PROBLEMS = 50
_REQUIRED = ("version", "class", "term", "allowed_grades", "text")
_OPTIONAL = ("checked", "checked_against")
_VERSION = re.compile(r"[1-9][0-9]?\.[0-9]{1,2}")
_GRADES = re.compile(r"[1-5]( [1-5])*")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SHIPPED = Path(__file__).parent / "ctcae" / "ctcae.csv"


class CtcaeFileError(ValueError):
    """A list of terms that cannot be used; the message lists its problems, each with its line."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems))
        lines = [f"{file}:{each.line}: {each.field}: {each.message}" for each in self.problems]
        more = len(lines) - MOST_PROBLEMS
        shown = lines[:MOST_PROBLEMS] + ([f"... and {more} more"] if more > 0 else [])
        super().__init__("\n".join(shown))


@cache
def shipped_terms() -> CtcaeCatalogue:
    """The terms that come with Dosegate (`trial_core/protocols/ctcae/README.md` says where from)."""
    return CtcaeCatalogue.of(terms_from_csv(_SHIPPED.read_bytes(), _SHIPPED.name))


def terms_from_csv(data: bytes, file: str) -> tuple[CtcaeTerm, ...]:
    """Read a list of terms.

    Parameters
    ----------
    data
        UTF-8 CSV with columns version, class, term, allowed_grades, text and, if wanted, checked and
        checked_against.

    Raises
    ------
    CtcaeFileError
        if anything is wrong: all problems with their lines.
    """
    rows = _rows(_text(data, file), file)
    header = [name.strip() for name in next(rows, (1, []))[1]]
    problems = list(_about_header(header))
    if problems:
        raise CtcaeFileError(file, problems)
    terms: dict[tuple[str, str], CtcaeTerm] = {}
    for line, cells in rows:
        if any(cell.strip() for cell in cells):
            problems += _take(terms, line, header, cells)
    if problems or not terms:
        raise CtcaeFileError(file, problems or [Problem(1, "file", "has no terms")])
    return tuple(terms.values())


def _text(data: bytes, file: str) -> str:
    if len(data) > LARGEST_FILE_BYTES:
        raise CtcaeFileError(file, [Problem(1, "file", f"is larger than {LARGEST_FILE_BYTES:,} bytes")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CtcaeFileError(file, [Problem(line, "file", "is no UTF-8 text; save it as UTF-8")]) from error
    found = _UNPRINTABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise CtcaeFileError(file, [Problem(line, "file", "holds a control character; remove it")])
    return text


def _rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise CtcaeFileError(file, [Problem(line, "file", f"is no CSV: {error}")]) from error


def _about_header(header: Sequence[str]) -> Iterator[Problem]:
    missing = [name for name in _REQUIRED if name not in header]
    if missing:
        yield Problem(1, "heading", f"lacks {', '.join(missing)}; the columns are {', '.join(_REQUIRED)}")
    for name in header:
        if name not in (*_REQUIRED, *_OPTIONAL):
            known = ", ".join((*_REQUIRED, *_OPTIONAL))
            yield Problem(1, "heading", f"'{name[:40]}' is no known column ({known}); remove it")
        elif header.count(name) > 1:
            yield Problem(1, "heading", f"'{name}' is given twice")


def _take(
    terms: dict[tuple[str, str], CtcaeTerm], line: int, header: Sequence[str], cells: Sequence[str]
) -> list[Problem]:
    """Add the row's term, or say what is wrong with it."""
    if len(cells) != len(header):
        return [Problem(line, "row", f"has {len(cells)} cells, the heading {len(header)}")]
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    problems = list(_about_row(line, row))
    if problems:
        return problems
    term = _term(row)
    if term.key in terms:
        return [Problem(line, "term", f"'{term.term}' of v{term.version} is given twice")]
    terms[term.key] = term
    return []


def _about_row(line: int, row: dict[str, str]) -> Iterator[Problem]:
    if not _VERSION.fullmatch(row["version"]):
        yield Problem(line, "version", f"'{row['version'][:40]}' is no version such as 5.0")
    for name in ("class", "term"):
        if not row[name] or len(row[name]) > LONGEST_NAME or "\n" in row[name]:
            yield Problem(line, name, f"must be one line of 1 to {LONGEST_NAME} characters")
        elif row[name][0] in "=+-@":
            yield Problem(line, name, "begins with a character that a spreadsheet would compute")
    grades = row["allowed_grades"].split()
    if not _GRADES.fullmatch(row["allowed_grades"]) or grades != sorted(set(grades)):
        words = f"must be grades from 1 to {HIGHEST_GRADE} in order, as in '1 2 3'"
        yield Problem(line, "allowed_grades", f"'{row['allowed_grades'][:40]}' {words}")
    if len(row["text"]) > LONGEST_TEXT:
        yield Problem(line, "text", f"is longer than {LONGEST_TEXT:,} characters")
    if row.get("checked", "no") not in ("yes", "no"):
        yield Problem(line, "checked", "must be yes or no")
    if row.get("checked") == "yes" and not row.get("checked_against"):
        yield Problem(line, "checked_against", "must say what the grades were checked against")


def _term(row: dict[str, str]) -> CtcaeTerm:
    return CtcaeTerm(
        version=row["version"],
        organ_class=row["class"],
        term=row["term"],
        allowed_grades=tuple(int(grade) for grade in row["allowed_grades"].split()),
        text=row["text"],
        checked=row.get("checked") == "yes",
        checked_against=row.get("checked_against", ""),
    )
