"""What leaves a dose grid is said, and judged at both bounds where there are any; never 0 Gy in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from tests.workers.pipelines.courses import SMALL_ANATOMY, Box, cfrt, course, ldrt, structure_set
from trial_core.domain.criteria import Scope, ScopeKind, Verdict
from trial_core.domain.report import CourseReport, ResultRow
from trial_core.protocols.reader import read_protocol
from workers.pipelines.plan_check import check_course

SCR = read_protocol("SCR-ESCC-01")
LDRT_FROM = 10
"""The LDRT grid starts at z = -30 mm and reaches half a voxel further, the CFRT grid at -60 mm."""
HEART_BELOW: Box = (0.0, -30.0, -45.0, 12.0)
HEART_ACROSS: Box = (0.0, -30.0, -31.5, 12.0)
HEART_NOWHERE: Box = (0.0, -200.0, 0.0, 12.0)


@cache
def _check(heart: Box, *, from_plane: int = LDRT_FROM) -> CourseReport:
    structures = structure_set({**SMALL_ANATOMY, "Heart": heart})
    return check_course(course(ldrt(structures, from_plane=from_plane), cfrt(structures)), SCR)


def _said(report: CourseReport, code: str, structure: str = "Heart") -> list[Mapping[str, Any]]:
    return [each for each in report.findings if (each["code"], each["structure"]) == (code, structure)]


def _heart_mean(report: CourseReport, kind: ScopeKind) -> ResultRow:
    rows = [row for row in report.results if row.structure == "Heart" and row.metric == "Mean[Gy]"]
    return next(row for row in rows if row.scope_kind is kind)


def test_check__a_structure_within_all_grids_gives_no_finding() -> None:
    report = _check(SMALL_ANATOMY["Heart"], from_plane=0)
    assert not _said(report, "structure-outside-grid")
    assert not _said(report, "structure-beyond-grid")


def test_check__a_structure_partly_outside_the_grid_of_one_plan_of_the_sum_is_a_finding() -> None:
    report = _check(HEART_ACROSS)
    (found,) = _said(report, "structure-outside-grid")
    assert (found["severity"], found["file"]) == ("warning", "dose LDRT.dcm")
    numbers = re.search(r"outside the dose grid of plan 'LDRT': ([0-9.]+) of ([0-9.]+) cc", found["message"])
    assert numbers
    assert float(numbers[1]) == pytest.approx(24 * 24 * 12 / 1000, rel=1e-3)
    assert float(numbers[2]) == pytest.approx(24**3 / 1000, rel=1e-3)
    assert "grid" in found["action"]


def test_check__the_plan_whose_grid_holds_the_structure_is_not_blamed() -> None:
    assert not [each for each in _check(HEART_BELOW).findings if "grid of plan 'CFRT'" in each["message"]]


def test_check__wholly_outside_one_grid_of_the_sum_is_judged_at_both_bounds_and_shows_them() -> None:
    report = _check(HEART_BELOW)
    (found,) = _said(report, "structure-outside-grid")
    assert "wholly outside the dose grid of plan 'LDRT'" in found["message"]
    total = _heart_mean(report, ScopeKind.SUM_PHYSICAL)
    assert (total.value, total.verdict) == (None, Verdict.PER_PROTOCOL)
    assert total.if_uncovered_zero == pytest.approx(4.0)
    assert total.if_uncovered_max == pytest.approx(4.5)
    assert "4 Gy with them at 0 Gy, 4.5 at the highest dose on the face they cross" in total.reason
    assert _heart_mean(report, ScopeKind.PLAN).value == pytest.approx(4.0)


def test_check__wholly_outside_all_grids_is_not_evaluable_anywhere() -> None:
    report = _check(HEART_NOWHERE)
    rows = [row for row in report.results if row.structure == "Heart"]
    assert {(row.verdict, row.value, row.if_uncovered_zero) for row in rows} == {
        (Verdict.NOT_EVALUABLE, None, None)
    }
    found = _said(report, "structure-outside-grid")
    assert {each["severity"] for each in found} == {"error"}
    assert {each["file"] for each in found} == {"dose LDRT.dcm", "dose CFRT.dcm"}
    assert report.verdict is Verdict.NOT_EVALUABLE


def test_check__up_to_half_a_voxel_past_the_centres_is_a_note_that_tells_contours_from_volume() -> None:
    half_voxel = (
        0.0,
        -30.0,
        -60.0 + 12.0 - 1.5,
        12.0,
    )  # contours on the outermost plane, 1.5 mm of volume past it
    report = _check(half_voxel, from_plane=0)
    found = _said(report, "structure-beyond-grid")
    assert {each["severity"] for each in found} == {"info"}
    assert len(found) == 2  # each plan's grid
    assert "its contours do not, its volume does by 1.50 mm" in found[0]["message"]
    numbers = re.search(r"([0-9.]+) cc in all", found[0]["message"])
    assert numbers
    assert float(numbers[1]) == pytest.approx(24 * 24 * 1.5 / 1000, rel=1e-2)
    assert _heart_mean(report, ScopeKind.SUM_PHYSICAL).value == pytest.approx(4.5)


def test_check__body_outside_the_grid_is_a_note_as_nothing_is_judged_by_it() -> None:
    structures = structure_set({**SMALL_ANATOMY, "BODY": (0.0, 0.0, 0.0, 72.0)})
    report = check_course(course(ldrt(structures), cfrt(structures)), SCR)
    assert {each["severity"] for each in _said(report, "structure-outside-grid", "BODY minus targets")} == {
        "info"
    }


def test_check__wholly_outside_a_plan_that_judges_it_and_in_the_sum_do_not_contradict_each_other() -> None:
    structures = structure_set({**SMALL_ANATOMY, "Heart": HEART_BELOW})
    scopes = {"Heart": (Scope(kind=ScopeKind.PLAN, regimen="LDRT"), Scope(kind=ScopeKind.SUM_PHYSICAL))}
    criteria = [replace(each, scopes=scopes.get(each.structure, each.scopes)) for each in SCR.criteria]
    lean = [each for each in criteria if each.structure in ("Heart", "PTV_Primary", "PTV_Metastasis")]
    given = course(ldrt(structures, from_plane=LDRT_FROM), cfrt(structures))
    report = check_course(given, replace(SCR, criteria=tuple(lean)))
    alone, summed = (each["message"] for each in _said(report, "structure-outside-grid"))
    assert "Nothing of it is evaluable by this dose alone" in alone
    assert "in the sum each metric is taken with them at 0 Gy" in summed
