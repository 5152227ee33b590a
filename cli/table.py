"""Aligned text tables for a terminal, with colour where it is wanted and control characters made harmless."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO


class Colour(StrEnum):
    """SGR codes (ECMA-48) of the few colours used."""

    GREEN = "32"
    YELLOW = "33"
    RED = "31"
    GREY = "90"
    BOLD = "1"


@dataclass(frozen=True)
class Cell:
    """One text of a table; `right` for numbers."""

    text: str
    colour: Colour | None = None
    right: bool = False


def wants_colour(stream: TextIO) -> bool:
    """Tell whether to colour: on a terminal that can, unless NO_COLOR is set (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def lay_out(rows: Sequence[Sequence[Cell]], *, colour: bool, gap: str = "  ") -> list[str]:
    """Align the cells of equally long rows into lines."""
    shown = [[Cell(harmless(cell.text), cell.colour, cell.right) for cell in row] for row in rows]
    widths = [max(_width(cell.text) for cell in column) for column in zip(*shown, strict=True)]
    return [
        gap.join(_padded(cell, width, colour) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in shown
    ]


def painted(text: str, colour: Colour | None, *, wanted: bool) -> str:
    """Give the text in a colour, or as it is."""
    return f"\x1b[{colour.value}m{text}\x1b[0m" if wanted and colour and text else text


def harmless(text: str) -> str:
    """Write out what would steer the terminal (a name in a file may hold escape codes)."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def _padded(cell: Cell, width: int, colour: bool) -> str:
    space = " " * (width - _width(cell.text))
    text = painted(cell.text, cell.colour, wanted=colour)
    return space + text if cell.right else text + space


def _width(text: str) -> int:
    # East Asian wide and full-width characters take two columns; combining marks take none.
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
