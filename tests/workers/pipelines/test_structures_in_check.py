"""Structures in the whole check: absent, empty, ambiguous, unreadable, doubtful."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imaging.findings import FindingCode, error, info, warning
from tests.workers.pipelines.checked import (
    SET,
    check,
    check_of,
    codes,
)
from tests.workers.pipelines.courses import (
    SMALL_ANATOMY,
    Box,
    cfrt,
    course,
    ldrt,
    structure_set,
)
from trial_core.domain.criteria import Verdict
from trial_core.domain.report import CheckStatus


def test_check_course__a_missing_required_organ_is_not_evaluable_an_optional_one_not_contoured() -> None:
    anatomy: dict[str, Box | None] = {name: box for name, box in SMALL_ANATOMY.items() if name != "Heart"}
    structures = structure_set(anatomy)
    report = check(course(ldrt(structures), cfrt(structures)))
    assert {row.verdict for row in report.results if row.structure == "Heart"} == {Verdict.NOT_EVALUABLE}
    assert {row.verdict for row in report.results if row.structure == "Liver"} == {Verdict.NOT_CONTOURED}
    assert report.verdict is Verdict.NOT_EVALUABLE


def test_check_course__an_empty_structure_is_not_evaluable_never_zero() -> None:
    structures = structure_set({**SMALL_ANATOMY, "Heart": None, "Liver": None})
    report = check(course(ldrt(structures), cfrt(structures)))
    chosen = [row for row in report.results if row.structure in ("Heart", "Liver")]
    assert {(row.verdict, row.value) for row in chosen} == {(Verdict.NOT_EVALUABLE, None)}


def test_check_course__an_ambiguous_name_is_not_evaluable() -> None:
    structures = structure_set({**SMALL_ANATOMY, "Cord": SMALL_ANATOMY["SpinalCord"]})
    report = check(course(ldrt(structures), cfrt(structures)))
    assert {row.verdict for row in report.results if row.structure == "SpinalCord"} == {Verdict.NOT_EVALUABLE}
    assert FindingCode.STRUCTURE_AMBIGUOUS in codes(report)


def test_check_course__an_unreadable_gtv_is_not_left_out_of_the_lungs_silently() -> None:
    structures = structure_set({**SMALL_ANATOMY, "GTV_Met1": None})
    empty = course(ldrt(structures), cfrt(structures))
    assert check(empty).verdict is Verdict.PER_PROTOCOL
    fault = error(FindingCode.CONTOUR_INVALID, "unusable", file="set.dcm", structure="GTV_Met1")
    report = check(replace(empty, findings=(fault,)))
    lungs = [row for row in report.results if row.structure == "Lungs"]
    assert {(row.value, row.verdict) for row in lungs} == {(None, Verdict.NOT_EVALUABLE)}
    assert "'GTV_Met1' could not be read" in lungs[0].reason
    assert report.verdict is Verdict.NOT_EVALUABLE


@pytest.mark.parametrize(
    "code",
    [
        FindingCode.CONTOUR_SPACING_IRREGULAR,
        FindingCode.CONTOUR_DUPLICATED,
        FindingCode.CONTOUR_CROSSING,
        FindingCode.CONTOUR_SELF_CROSSING,
        FindingCode.CONTOUR_WALL_THIN,
        FindingCode.CONTOUR_TYPE_SET_ASIDE,
    ],
)
def test_check_course__doubtful_contours_of_a_judged_structure_fail_their_check(code: FindingCode) -> None:
    fault = warning(code, "at z = 3 mm", file="set.dcm", structure="Heart")
    report = check(replace(course(ldrt(SET), cfrt(SET)), findings=(fault,)))
    assert check_of(report, "CFRT", "structures complete") is CheckStatus.FAILED
    assert report.verdict is Verdict.ACCEPTABLE_VARIATION


def test_check_course__points_beside_contours_are_no_fault() -> None:
    said = info(FindingCode.CONTOUR_TYPE_SET_ASIDE, "1 POINT", file="set.dcm", structure="Heart")
    report = check(replace(course(ldrt(SET), cfrt(SET)), findings=(said,)))
    assert check_of(report, "CFRT", "structures complete") is CheckStatus.PASSED
