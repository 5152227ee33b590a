"""Targets in the whole check: unknown, untreated, in two structure sets, judged by nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dosimetry.structure import Structure
from imaging.findings import FindingCode
from tests.workers.pipelines.checked import (
    PLAN,
    SET,
    asking,
    check,
    check_of,
    codes,
    plan_of,
    rows,
    said,
)
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
    with_plan,
)
from trial_core.domain.criteria import Verdict
from trial_core.domain.report import CheckStatus
from workers.pipelines.plan_check import check_course

TWO_METASTASES: dict[str, Box | None] = {**SMALL_ANATOMY, "PTV_Met2": (-30.0, -30.0, 0.0, 8.0)}


def test_check_course__a_plan_whose_target_is_unknown_is_not_evaluable() -> None:
    anatomy: dict[str, Box | None] = {name: box for name, box in SMALL_ANATOMY.items() if name != "PTVp"}
    structures = structure_set(anatomy)
    report = check(course(ldrt(structures), cfrt(structures)))
    assert plan_of(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert FindingCode.TARGET_MISSING in codes(report)
    assert all(row.value is None for row in rows(report, "Heart", PLAN))


@pytest.mark.parametrize("second", [(-30.0, -30.0, 0.0, 8.0), None])
def test_check_course__a_metastasis_that_no_plan_treats_is_never_passed(second: Box | None) -> None:
    structures = structure_set({**TWO_METASTASES, "PTV_Met2": second})
    report = check(course(ldrt(structures), cfrt(structures)))
    assert report.verdict is Verdict.NOT_EVALUABLE
    (found,) = [each for each in report.findings if each["code"] == FindingCode.TARGET_UNTREATED]
    assert (found["severity"], found["structure"], found["file"]) == ("error", "PTV_Met2", "set.dcm")
    chosen = [row for row in report.results if row.counts_as == "PTV_Met2"]
    assert {row.metric for row in chosen} == {"D95%[%]", "D0.03cc[%]"}
    assert {(row.value, row.verdict) for row in chosen} == {(None, Verdict.NOT_EVALUABLE)}
    assert all("no plan treats it" in row.reason for row in chosen)
    assert not any(each.evaluable for each in report.sums)
    assert plan_of(report, "LDRT").verdict is Verdict.PER_PROTOCOL


def test_check_course__a_metastasis_that_only_the_other_regimens_set_shows_is_never_passed() -> None:
    report = check(course(ldrt(structure_set(uid="ldrt")), cfrt(structure_set(TWO_METASTASES, uid="cfrt"))))
    (found,) = [each for each in report.findings if each["code"] == FindingCode.TARGET_UNTREATED]
    assert (found["structure"], found["file"]) == ("PTV_Met2", "cfrt.dcm")
    assert report.verdict is Verdict.NOT_EVALUABLE


def test_check_course__a_metastasis_of_the_same_name_elsewhere_is_another() -> None:
    moved = {**SMALL_ANATOMY, "PTV_Met1": (-30.0, -30.0, 0.0, 8.0)}
    report = check(course(ldrt(structure_set(uid="ldrt")), cfrt(structure_set(moved, uid="cfrt"))))
    assert FindingCode.TARGET_UNTREATED in codes(report)
    assert report.verdict is Verdict.NOT_EVALUABLE


def test_check_course__a_metastasis_both_sets_show_is_treated_once() -> None:
    report = check(course(ldrt(structure_set(uid="ldrt")), cfrt(structure_set(uid="cfrt"))))
    assert FindingCode.TARGET_UNTREATED not in codes(report)
    assert report.verdict is Verdict.PER_PROTOCOL


def test_check_course__a_ptv_that_nothing_judges_is_said() -> None:
    node: dict[str, Box | None] = {**SMALL_ANATOMY, "PTV_Node": (-30.0, -30.0, 0.0, 8.0)}
    structures = structure_set({**node, "PTV_opt": (0.0, 0.0, 0.0, 9.0)})
    report = check(course(ldrt(structures), cfrt(structures)))
    names = [each["structure"] for each in report.findings if each["code"] == FindingCode.TARGET_NOT_JUDGED]
    assert names == ["PTV_Node"]


def test_check_course__metastases_may_be_treated_by_one_plan_each() -> None:
    first = ldrt(structure_set(TWO_METASTASES, uid="first"))
    again = structure_set(TWO_METASTASES, uid="again")
    number = next(each.number for each in again.rois if each.name == "PTV_Met2")
    hot = {(-30.0, -30.0, 0.0, 8.0): 10.0}
    second = linked(plan("LDRT 2", 5, [target(number, 10.0)]), dose(0.2, hot, uid="dose 2"), again)
    report = check(course(first, second, cfrt(again)))
    assert FindingCode.TARGET_UNTREATED not in codes(report)
    assert report.verdict is Verdict.PER_PROTOCOL


def test_check_course__a_target_number_that_the_structure_set_lacks_fails_the_references() -> None:
    given = linked(plan("CFRT", 28, [target(99, 50.4)]), cfrt(SET).dose, SET)
    report = check(course(ldrt(SET), given))
    assert check_of(report, "CFRT", "references") is CheckStatus.FAILED
    assert report.verdict is Verdict.ACCEPTABLE_VARIATION
    (found,) = [each for each in report.findings if each["code"] == FindingCode.REFERENCE_CONTRADICTORY]
    assert found["severity"] == "error"


def test_check_course__a_prescription_to_what_is_no_target_is_not_called_absent() -> None:
    given = linked(plan("CFRT", 28, [target(3, 50.4)]), cfrt(SET).dose, SET)
    report = check(course(ldrt(SET), given))
    checks = {each.id: each.message for each in plan_of(report, "CFRT").checks}
    for name in ("prescription", "dose per fraction"):
        assert "for no known target of the protocol" in checks[name]


def test_check_course__targets_that_cannot_be_told_apart_leave_the_course_not_evaluable() -> None:
    first = ldrt(SET)
    boxes = {("PTV_Metastasis" if name == "PTV_Met1" else name): box for name, box in SMALL_ANATOMY.items()}
    again = replace(first, structure_set=structure_set(boxes, uid="second"))
    second = with_plan(again, label="LDRT 2", sop_instance_uid="second")
    report = check(course(first, second, cfrt(SET)))
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert FindingCode.TARGET_AMBIGUOUS in codes(report)
    assert not any(each.evaluable for each in report.sums)


def test_check_course__plans_that_name_no_target_are_not_evaluable_never_unacceptable() -> None:
    three: dict[str, Box | None] = {**TWO_METASTASES, "PTV_Met3": (-30.0, 30.0, 0.0, 8.0)}
    structures = structure_set(three)
    hot = [{box: 10.0} for name, box in three.items() if name.startswith("PTV_Met") and box]
    each_one = [
        linked(plan(f"LDRT {number}", 5), dose(0.1, one, uid=f"dose {number}"), structures)
        for number, one in enumerate(hot, start=1)
    ]
    report = check_course(course(*each_one, cfrt(structures)), asking("PTV_Metastasis", "PTV_Primary"))
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert {each.verdict for each in report.plans if each.regimen == "LDRT"} == {Verdict.NOT_EVALUABLE}
    assert "do not all name their targets" in " ".join(report.reasons)


@pytest.mark.parametrize(
    ("second", "verdict"),
    [
        ((-30.0, -30.0, 0.0, 8.0), Verdict.NOT_EVALUABLE),  # elsewhere: a part of the primary left out?
        ((2.0, 0.0, 0.0, 14.0), Verdict.PER_PROTOCOL),  # another drawing of the one that is treated
        (None, Verdict.PER_PROTOCOL),
    ],
)
def test_check_course__a_second_primary_that_no_plan_treats_is_never_passed_where_it_lies_elsewhere(
    second: Box | None, verdict: Verdict
) -> None:
    structures = structure_set({**SMALL_ANATOMY, "PTVp_2": second})
    given = course(ldrt(structures), cfrt(structures))
    report = check_course(given, asking("PTV_Primary", "PTV_Metastasis"))
    assert report.verdict is verdict
    untreated = [each["structure"] for each in said(report, FindingCode.TARGET_UNTREATED)]
    beside = [each["structure"] for each in said(report, FindingCode.TARGET_NOT_JUDGED)]
    assert untreated == (["PTVp_2"] if verdict is Verdict.NOT_EVALUABLE else [])
    assert beside == (["PTVp_2"] if second and not untreated else [])


def test_check_course__a_second_primary_in_the_other_regimens_set_is_found_as_well() -> None:
    more = structure_set({**SMALL_ANATOMY, "PTVp_2": (-30.0, -30.0, 0.0, 8.0)}, uid="ldrt")
    report = check_course(course(ldrt(more), cfrt(SET)), asking("PTV_Primary", "PTV_Metastasis"))
    (found,) = said(report, FindingCode.TARGET_UNTREATED)
    assert (found["structure"], found["file"]) == ("PTVp_2", "ldrt.dcm")


@pytest.mark.parametrize(("half_mm", "is_left_out"), [(5.0, True), (9.0, False)])
def test_check_course__a_lesion_in_the_hollow_of_a_treated_one_is_another(
    half_mm: float, is_left_out: bool
) -> None:
    """The treated target is a square ring; the box around it holds what lies in its hollow of 12 mm."""
    x, y, z, half = SMALL_ANATOMY["PTV_Met1"]
    treated = structure_set(uid="ldrt")
    ring = [
        contour
        for each in treated.rois
        if each.name == "PTV_Met1" and each.structure is not None
        for outer in each.structure.contours
        for contour in (outer, (outer - (x, y, 0)) * (6.0 / half, 6.0 / half, 1.0) + (x, y, 0))
    ]
    rois = tuple(
        replace(each, structure=Structure("PTV_Met1", ring)) if each.name == "PTV_Met1" else each
        for each in treated.rois
    )
    beside = {**SMALL_ANATOMY, "PTV_Met1": (x, y, z, half_mm)}
    report = check(course(ldrt(replace(treated, rois=rois)), cfrt(structure_set(beside, uid="cfrt"))))
    left_out = [each["structure"] for each in said(report, FindingCode.TARGET_UNTREATED)]
    assert left_out == ["PTV_Met1"] * is_left_out
