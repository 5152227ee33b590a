"""Tables as CSV files that a spreadsheet opens and never computes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain

from flask import Response

Cell = str | int | float | None

_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Give a table as a file to be kept: UTF-8 with a mark by which spreadsheets know it.

    Parameters
    ----------
    name
        Of the file, without its ending; what no file name should have becomes a hyphen.
    """
    return named_csv(name, csv_text(columns, rows).encode("utf-8-sig"))


def csv_stream(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Give a long table as such a file, row by row: it is never in memory as a whole."""
    body = (csv_text(row, ()).encode() for row in rows)
    return named_csv(name, chain([csv_text(columns, ()).encode("utf-8-sig")], body))


def named_csv(name: str, body: bytes | Iterable[bytes]) -> Response:
    """Give bytes that are CSV already as such a file."""
    response = Response(body, content_type="text/csv; charset=utf-8")
    safe = _SAFE_NAME.sub("-", name).strip("-.") or "table"
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}.csv"'
    return response


def csv_text(columns: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> str:
    """Give a table as CSV (RFC 4180); a missing value is empty, a number is written in full."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_cell(cell) for cell in row] for row in chain([columns], rows))
    return text.getvalue()


def _cell(value: Cell) -> str | int | float:
    """Give a cell; a text that a spreadsheet would compute has an apostrophe before it, a number has none."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return f"'{value}" if value.lstrip(" \u00a0\ufeff\u200b").startswith(_COMPUTED) else value
