"""Long lists of the study as grids: what a row holds, and that it is one row for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.callbacks import post_callback
from trial_core.domain.populations import Membership, Population
from web.components.paged_grid import ROWS_PER_PAGE, paged_grid
from web.pages.populations import _member


def _grids(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for each in node:
            yield from _grids(each)
    elif isinstance(node, dict):
        if node.get("type") == "AgGrid":
            yield node["props"]
        for each in node.values():
            yield from _grids(each)


def _grid(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    (grid,) = _grids(answer.get_json())
    return grid


def test_populations__has_a_row_for_each_enrolled_subject_with_every_population(
    sign_in: Callable[[str], FlaskClient],
) -> None:
    grid = _grid(sign_in("statistician"), "/study/populations")
    assert [each["field"] for each in grid["columnDefs"]] == ["subject", *map(str, Population)]
    assert grid["rowData"]
    for row in grid["rowData"]:
        assert row["id"] == row["subject"]
        assert row["subject_href"].startswith("/subjects/")
        for one in Population:
            assert row[one] in ("In", "Out")
            assert row[f"{one}_reasons"]


def test_membership__names_its_reasons_and_marks_what_has_no_words_here_as_english() -> None:
    one = Membership(population=Population.SAFETY, member=False, reasons=("received no study treatment",))
    assert _member(one) == {
        "safety": "Out",
        "safety_tone": "not_contoured",
        "safety_reasons": [{"words": "received no study treatment"}],
    }


@pytest.mark.parametrize(("rows", "paged"), [(ROWS_PER_PAGE, False), (ROWS_PER_PAGE + 1, True)])
def test_grid__has_pages_once_its_rows_need_them(rows: int, paged: bool) -> None:
    grid = paged_grid("g", [{"field": "id"}], [{"id": str(n)} for n in range(rows)])
    assert grid.dashGridOptions["pagination"] is paged


def test_subjects__are_a_grid_whose_filter_is_kept_for_the_person_and_said(
    sign_in: Callable[[str], FlaskClient],
) -> None:
    mine, other = sign_in("oncologist"), sign_in("physicist")
    grid = _grid(mine, "/subjects")
    assert [each["field"] for each in grid["columnDefs"]] == ["subject", "site", "state", "phase", "arm"]
    assert (grid["filterModel"], len({row["id"] for row in grid["rowData"]})) == ({}, len(grid["rowData"]))
    model = {"state": {"filterType": "text", "type": "contains", "filter": "screening"}}
    said = post_callback(mine, "subjects-filtered.children", {"subjects-grid.filterModel": model})
    assert "Filtered by State" in said.get_data(as_text=True)
    assert _grid(mine, "/subjects")["filterModel"] == model
    assert _grid(mine, "/plans")["filterModel"] == {}
    assert _grid(other, "/subjects")["filterModel"] == {}
