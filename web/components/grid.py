"""Grids: how every AG Grid of ours behaves, and its own words in the person's language."""

from __future__ import annotations

from typing import Any

from web.words import t

ROW_HEIGHT_PX = 42
CLASS = "worklist"
"""The class by which the style sheet gives a grid the colours of the page, light or dark."""

DEFAULT_COLUMN = {"sortable": True, "filter": True, "resizable": True, "minWidth": 90}


def grid_options(*, nothing: str, **more: Any) -> dict[str, Any]:
    """Give `dashGridOptions`; `nothing` is what an empty grid says, `more` goes over the rest."""
    return {
        "animateRows": False,
        "rowHeight": ROW_HEIGHT_PX,
        "suppressCellFocus": False,
        "localeText": {**_words(), "noRowsToShow": nothing},
        **more,
    }


def _words() -> dict[str, str]:
    """The grid's own words, by its keys (https://www.ag-grid.com/javascript-data-grid/localisation/)."""
    return {
        "page": t("Page"),
        "to": t("to"),
        "of": t("of"),
        "firstPage": t("First page"),
        "previousPage": t("Previous page"),
        "nextPage": t("Next page"),
        "lastPage": t("Last page"),
        "filterOoo": t("Filter..."),
        "equals": t("Equals"),
        "notEqual": t("Does not equal"),
        "contains": t("Contains"),
        "notContains": t("Does not contain"),
        "startsWith": t("Begins with"),
        "endsWith": t("Ends with"),
        "blank": t("Blank"),
        "notBlank": t("Not blank"),
        "lessThan": t("Less than"),
        "greaterThan": t("Greater than"),
        "lessThanOrEqual": t("Less than or equal to"),
        "greaterThanOrEqual": t("Greater than or equal to"),
        "inRange": t("Between"),
        "inRangeStart": t("From"),
        "inRangeEnd": t("To"),
        "before": t("Before"),
        "after": t("After"),
        "andCondition": t("And"),
        "orCondition": t("Or"),
        "loadingOoo": t("Loading..."),
        "ariaFilterValue": t("Filter Value"),
        "ariaFilterFromValue": t("Filter from value"),
        "ariaFilterToValue": t("Filter to value"),
        "ariaFilteringOperator": t("Filtering operator"),
        "ariaFilterMenuOpen": t("Open Filter Menu"),
        "ariaFilterInput": t("Filter Input"),
    }
