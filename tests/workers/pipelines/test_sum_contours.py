"""Whose contours a sum is judged by, where several structure sets show the organs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from imaging.findings import FindingCode
from tests.workers.pipelines.checked import EQD2, PHYSICAL, PLAN, SET, asking, codes, part, rows, said
from tests.workers.pipelines.courses import (
    SMALL_ANATOMY,
    Box,
    cfrt,
    course,
    dose,
    ldrt,
    linked,
    plan,
    structure_set,
    target,
)
from trial_core.domain.criteria import Verdict
from trial_core.domain.report import CourseReport
from workers.pipelines.plan_check import check_course

MOVED_HEART: Mapping[str, Box | None] = {**SMALL_ANATOMY, "Heart": (0.0, -36.0, 0.0, 12.0)}
"""The same heart, 6 mm further forward."""
LEAN = asking("PTV_Primary", "PTV_Metastasis", "Heart", "Bowel_Large")


def _adaptive(second: Mapping[str, Box | None], *, front_gy: float = 14.4) -> CourseReport:
    """20 fractions on one structure set, 8 on another; the second gives `front_gy` to a strip in front."""
    structures = structure_set(second, uid="second")
    hot = {(0.0, -48.0, 0.0, 9.0): front_gy, SMALL_ANATOMY["PTVp"]: 14.4}
    given = dose(1.0, hot, uid="dose second")
    again = linked(plan("CFRT", 8, [target(2, 14.4)], uid="b"), given, structures)
    return check_course(course(ldrt(SET), part("a", 20, 36.0), again), LEAN)


@pytest.fixture(scope="module")
def moved() -> CourseReport:
    return _adaptive(MOVED_HEART)


def test_sum__on_two_structure_sets_judges_an_organ_with_the_contours_of_each(moved: CourseReport) -> None:
    means = [row for row in rows(moved, "Heart", PHYSICAL) if row.metric == "Mean[Gy]"]
    assert [row.scope for row in means] == ["sum, physical", "sum, physical, contours of second.dcm"]
    first, second = (row.value or 0.0 for row in means)
    assert second > first + 1.0
    assert "with the contours of 'second.dcm'" in means[1].reason
    assert len({row.number for row in means} & set(_counted_rows(moved, "Heart", "Mean[Gy]"))) == 2


def test_sum__on_two_structure_sets_is_never_below_one_of_its_parts(moved: CourseReport) -> None:
    for metric in ("Mean[Gy]", "V30Gy[%]"):
        own = [row for row in rows(moved, "Heart", PHYSICAL) if row.metric == metric]
        parts = [row for row in rows(moved, "Heart", PLAN) if row.metric == metric]
        assert max(row.value or 0.0 for row in own) >= max(row.value or 0.0 for row in parts)


def test_sum__on_two_structure_sets_is_said_and_names_the_file_and_what_differs(moved: CourseReport) -> None:
    (finding,) = said(moved, FindingCode.STRUCTURE_SETS_SEVERAL)
    assert (finding["severity"], finding["file"]) == ("warning", "second.dcm")
    assert "judged with both: Heart" in (finding["message"] or "")
    assert "'set.dcm'" in (finding["message"] or "")


def test_sum__with_contours_that_were_copied_has_one_row_and_is_said_all_the_same() -> None:
    report = _adaptive(SMALL_ANATOMY)
    assert len([row for row in rows(report, "Heart", EQD2) if row.metric == "Mean[Gy]"]) == 1
    (finding,) = said(report, FindingCode.STRUCTURE_SETS_SEVERAL)
    assert "no structure that is judged" in (finding["message"] or "")


def test_sum__counts_an_organ_that_only_the_smaller_plans_set_shows() -> None:
    report = _adaptive({**SMALL_ANATOMY, "Bowel_Large": (0.0, -48.0, 0.0, 6.0)}, front_gy=46.0)
    own = rows(report, "Bowel_Large", PHYSICAL)
    assert [row.verdict for row in own] == [Verdict.NOT_CONTOURED, Verdict.UNACCEPTABLE_DEVIATION]
    assert report.verdict is Verdict.UNACCEPTABLE_DEVIATION


def test_sum__tells_each_structure_and_curve_of_both_sets(moved: CourseReport) -> None:
    scope = "sum, physical, contours of second.dcm"
    assert [each.name for each in moved.structures if each.scope == scope] == ["Heart"]
    assert [each.structure for each in moved.curves if each.scope == scope] == ["Heart"]


def test_sum__says_an_organ_that_only_the_other_regimens_set_shows() -> None:
    with_bowel = structure_set({**SMALL_ANATOMY, "Colon": (-30.0, -30.0, 0.0, 6.0)}, uid="ldrt set")
    report = check_course(course(ldrt(with_bowel), cfrt(SET)), LEAN)
    assert rows(report, "Bowel_Large", PHYSICAL)[0].verdict is Verdict.NOT_CONTOURED
    (finding,) = said(report, FindingCode.STRUCTURE_ELSEWHERE)
    assert (finding["severity"], finding["file"], finding["structure"]) == (
        "warning",
        "ldrt set.dcm",
        "Colon",
    )
    assert "Bowel_Large is not contoured in 'set.dcm'" in (finding["message"] or "")


@pytest.mark.parametrize("box", [SMALL_ANATOMY["Heart"], None])
def test_sum__says_a_required_organ_that_only_the_other_regimens_set_shows(box: Box | None) -> None:
    without: dict[str, Box | None] = {name: each for name, each in SMALL_ANATOMY.items() if name != "Heart"}
    other = structure_set({**without, "Heart": box}, uid="ldrt set")
    report = check_course(course(ldrt(other), cfrt(structure_set(without))), LEAN)
    assert [each["structure"] for each in said(report, FindingCode.STRUCTURE_ELSEWHERE)] == ["Heart"]
    assert report.verdict is Verdict.NOT_EVALUABLE


def test_sum__in_one_structure_set_has_nothing_to_say_about_it() -> None:
    report = check_course(course(ldrt(SET), cfrt(SET)), LEAN)
    assert not codes(report) & {FindingCode.STRUCTURE_SETS_SEVERAL, FindingCode.STRUCTURE_ELSEWHERE}


def _counted_rows(report: CourseReport, structure: str, metric: str) -> tuple[int, ...]:
    return next(item.rows for item in report.counted if (item.structure, item.metric) == (structure, metric))
