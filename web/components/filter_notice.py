"""Says that a filter hides rows of a list: one that was set last week is easily forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from web.components.frame import Content
from web.components.notices import Tone, notice
from web.words import t


def filtered_columns(columns: Sequence[Mapping[str, Any]], filter_model: Mapping[str, Any]) -> list[str]:
    """Name the columns by which a filter hides rows.

    Parameters
    ----------
    columns, filter_model
        As AG Grid has `columnDefs` and `filterModel`.
    """
    return [str(column["headerName"]) for column in columns if column["field"] in filter_model]


def filter_notice(filtered: Sequence[str], says: str, *, show_all_id: str) -> Content:
    """Give the notice with its way back, or None where no column hides a row.

    Parameters
    ----------
    says
        That not every row is shown, in the words of the list.
    """
    if not filtered:
        return None
    button = html.Button(
        t("Show all"), id=show_all_id, className="button button-quiet button-small", type="button"
    )
    words = t("Filtered by {columns}. ", columns=", ".join(filtered))
    return notice(Tone.INFO, says, [words, button])
