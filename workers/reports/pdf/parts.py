"""What a printed page is made of: tables of cells, named facts, bands; plain data for the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from workers.reports.gauge import Gauge
from workers.reports.marks import Mark

LONGEST_NAME = 200
"""Characters of a name from a file that are printed; DICOM allows 64 (PS3.5 6.2, LO)."""


@dataclass(frozen=True)
class Cell:
    """One cell: a text, lines in small print under it, a mark before it, a scale in its place.

    Attributes
    ----------
    mono
        Set in the font for hashes.
    flag
        A word in a dashed frame under the text.
    """

    text: str = ""
    sub: Sequence[str] = ()
    strong: bool = False
    mark: Mark | None = None
    gauge: Gauge | None = None
    mono: bool = False
    flag: str = ""


@dataclass(frozen=True)
class Column:
    """A column: its heading, its share of the width, its side."""

    label: str
    width: float
    right: bool = False


@dataclass(frozen=True)
class Row:
    """A row; `tint` is the shape whose colour lies under it, `note` a line across all its columns."""

    cells: Sequence[Cell]
    tint: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table whose headings are repeated on every page that it runs over.

    `title` stands above them on every page, `continued` on all but the first: a heading stands there.
    `dense`: many rows of one line, close together.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    title: str = ""
    continued: str = ""
    dense: bool = False


@dataclass(frozen=True)
class Fact:
    """A named fact."""

    name: str
    value: str
    mono: bool = False


@dataclass(frozen=True)
class Box:
    """A block that stays together: a title, a mark, facts, and sentences under them."""

    title: str
    mark: Mark | None
    facts: Sequence[Fact] = ()
    lines: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Band:
    """What every page says at its top; `shape` gives sign and colour."""

    shape: str
    words: str


def name(text: str) -> str:
    """Give a name from a file, cut off where no honest file has so much of one."""
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}… ({len(text)})"


def names(texts: Sequence[str]) -> str:
    """Give several names from a file in a line."""
    return ", ".join(map(name, texts))


def tint(shape: str) -> str:
    """Give the colour of a row by its mark: none for what is as it should be."""
    return shape if shape in ("unacceptable", "unknown", "variation") else ""
