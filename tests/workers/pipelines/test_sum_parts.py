"""A sum that lies below one of its parts was measured in other contours: it is not evaluable, and said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imaging.findings import FindingCode
from tests.workers.pipelines.checked import EQD2, PHYSICAL, SCR, SET, asking, rows, said
from tests.workers.pipelines.courses import (
    SMALL_ANATOMY,
    cfrt,
    course,
    dose,
    ldrt,
    linked,
    plan,
    structure_set,
    target,
)
from trial_core.domain.criteria import Scope, ScopeKind, Verdict
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import CourseReport, ResultRow
from workers.pipelines.plan_check import check_course
from workers.pipelines.sum_parts import against_parts

HEART_OF_LDRT = (0.0, -48.0, 0.0, 9.0)


def _judging_ldrt_organs() -> Protocol:
    """The heart is judged in the LDRT plan as well."""
    lean = asking("PTV_Primary", "PTV_Metastasis", "Heart")
    own = Scope(kind=ScopeKind.PLAN, regimen="LDRT")
    criteria = [
        replace(each, scopes=(*each.scopes, own)) if each.structure == "Heart" else each
        for each in lean.criteria
    ]
    return replace(lean, criteria=tuple(criteria))


@pytest.fixture(scope="module")
def below() -> CourseReport:
    """12 Gy to the heart that the LDRT set shows, and 4.5 Gy in all to the one that the CFRT set shows."""
    structures = structure_set({**SMALL_ANATOMY, "Heart": HEART_OF_LDRT}, uid="ldrt set")
    given = dose(0.5, {HEART_OF_LDRT: 12.0, SMALL_ANATOMY["PTV_Met1"]: 10.0}, uid="dose LDRT")
    first = linked(plan("LDRT", 5, [target(4, 10.0)]), given, structures)
    low = structure_set({**SMALL_ANATOMY, "Heart": (-40.0, -40.0, 0.0, 9.0)})
    return check_course(course(first, cfrt(low)), _judging_ldrt_organs())


def test_sum__below_one_of_its_parts_is_not_evaluable(below: CourseReport) -> None:
    for kind in (PHYSICAL, EQD2):
        means = [row for row in rows(below, "Heart", kind) if row.metric == "Mean[Gy]"]
        assert {(row.value, row.verdict) for row in means} == {(None, Verdict.NOT_EVALUABLE)}
        assert "the sum lies below its part, the plan LDRT (12 Gy)" in means[0].reason
    assert below.verdict is Verdict.NOT_EVALUABLE


def test_sum__below_one_of_its_parts_is_said(below: CourseReport) -> None:
    (finding,) = said(below, FindingCode.SUM_BELOW_PART)
    assert finding["severity"] == "warning"
    assert (finding["message"] or "").startswith("Heart Mean[Gy]: ")


@pytest.fixture(scope="module")
def plain() -> CourseReport:
    return check_course(course(ldrt(SET), cfrt(SET)), asking("PTV_Primary", "PTV_Metastasis", "SpinalCord"))


def test_against_parts__leaves_what_fits_and_turns_the_side_of_a_complementary_volume(
    plain: CourseReport,
) -> None:
    assert against_parts(plain.results) == (plain.results, [])
    (part,) = (row for row in plain.results if row.structure == "SpinalCord" and row.plan_key)
    (whole,) = rows(plain, "SpinalCord", PHYSICAL)
    assert _doubted(part, 4.0, whole, 3.9)
    assert not _doubted(part, 3.9, whole, 4.0)
    cold = [replace(each, metric="CV10Gy[cc]") for each in (part, whole)]
    assert _doubted(cold[0], 3.9, cold[1], 4.0)
    assert not _doubted(cold[0], 4.0, cold[1], 3.9)


def test_against_parts__takes_the_uncertainty_of_both_and_the_bounds_into_account(
    plain: CourseReport,
) -> None:
    (part,) = (row for row in plain.results if row.structure == "SpinalCord" and row.plan_key)
    (whole,) = rows(plain, "SpinalCord", PHYSICAL)
    part, whole = replace(part, uncertainty=0.06), replace(whole, uncertainty=0.06)
    assert not _doubted(part, 4.0, whole, 3.9)
    assert _doubted(part, 4.0, whole, 3.8)
    assert against_parts([_of(part, 4.0), _of(whole, 3.8, at_most=5.0)])[1] == []


def _doubted(part: ResultRow, part_value: float, whole: ResultRow, value: float) -> bool:
    return bool(against_parts([_of(part, part_value), _of(whole, value)])[1])


def _of(row: ResultRow, value: float, at_most: float | None = None) -> ResultRow:
    return replace(row, value=value, if_uncovered_zero=value, if_uncovered_max=at_most or value)


def test_scr__asks_no_organ_of_a_plan_that_the_sum_takes_no_contours_from() -> None:
    scopes = {scope.regimen for each in SCR.criteria if each.structure == "Heart" for scope in each.scopes}
    assert scopes == {None, "CFRT"}
