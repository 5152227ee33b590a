"""A long list as a grid that shows a page of it at a time, sorted and filtered as the person likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag

from web.components.frame import Content
from web.components.grid import CLASS, DEFAULT_COLUMN, grid_options
from web.words import t

ROWS_PER_PAGE = 25


def paged_grid(
    grid_id: str,
    columns: Sequence[dict[str, Any]],
    rows: Sequence[dict[str, Any]],
    *,
    filter_model: Mapping[str, Any] | None = None,
) -> Content:
    """Give the grid.

    Parameters
    ----------
    columns, rows
        As AG Grid has `columnDefs` and `rowData`; each row has an `id` of its own.
    filter_model
        As AG Grid has it; None shows every row.
    """
    paged = len(rows) > ROWS_PER_PAGE
    return dag.AgGrid(
        id=grid_id,
        rowData=list(rows),
        filterModel=dict(filter_model or {}),
        columnDefs=list(columns),
        getRowId="params.data.id",
        defaultColDef=DEFAULT_COLUMN,
        dashGridOptions=grid_options(
            nothing=t("Nothing to show."),
            domLayout="autoHeight",
            pagination=paged,
            paginationPageSize=ROWS_PER_PAGE,
            paginationPageSizeSelector=False,
        ),
        className=CLASS,
        style={"height": None},
    )


def subject_column(**more: Any) -> dict[str, Any]:
    """Give the column that leads to a subject: a row's `subject` by its `subject_href`."""
    return {
        "headerName": t("Subject"),
        "field": "subject",
        "cellRenderer": "DosegateLink",
        "cellRendererParams": {"href": "subject_href"},
        "minWidth": 120,
        "flex": 2,
        **more,
    }
