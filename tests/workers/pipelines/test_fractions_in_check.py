"""Fractions, prescriptions and approval in the whole check, of one plan and of plans that share a regimen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imaging.findings import FindingCode
from tests.workers.pipelines.checked import (
    PHYSICAL,
    PLAN,
    SET,
    asking,
    check,
    check_of,
    codes,
    part,
    plan_of,
    rows,
)
from tests.workers.pipelines.courses import (
    SMALL_ANATOMY,
    cfrt,
    course,
    ldrt,
    linked,
    plan,
    structure_set,
    target,
    with_plan,
)
from trial_core.domain.criteria import Verdict
from trial_core.domain.report import CheckStatus, CheckWeight, CourseReport
from workers.pipelines.plan_check import check_course


def _differing(report: CourseReport) -> list[str]:
    return [
        each["message"] or "" for each in report.findings if each["code"] == FindingCode.PRESCRIPTION_DIFFERS
    ]


@pytest.mark.parametrize(
    ("fractions", "stated_gy", "verdict"),
    [
        (25, 50.4, Verdict.UNACCEPTABLE_DEVIATION),  # 2.016 Gy a fraction
        (28, 54.0, Verdict.ACCEPTABLE_VARIATION),  # permitted: 1.93 Gy a fraction
        (28, 45.0, Verdict.UNACCEPTABLE_DEVIATION),  # 1.6 Gy a fraction
        (28, None, Verdict.PER_PROTOCOL),
    ],
)
def test_check_course__a_wrong_fractionation_is_never_per_protocol(
    fractions: int, stated_gy: float | None, verdict: Verdict
) -> None:
    given = cfrt(SET)
    changed = linked(plan("CFRT", fractions, [target(2, stated_gy)]), given.dose, SET)
    report = check(course(ldrt(SET), changed))
    assert plan_of(report, "CFRT").verdict is verdict
    assert report.verdict is verdict
    if stated_gy not in (None, 50.4):
        assert FindingCode.PRESCRIPTION_DIFFERS in codes(report)


@pytest.mark.parametrize(("fractions", "dose_gy"), [(5, 15.0), (8, 8.0), (10, 30.0)])
def test_check_course__ldrt_is_judged_by_its_own_prescription_where_that_is_permitted(
    fractions: int, dose_gy: float
) -> None:
    given = ldrt(SET, dose_gy=dose_gy)
    number = given.plan.dose_references[0].roi_number
    changed = linked(plan("LDRT", fractions, [target(number, dose_gy)]), given.dose, SET)
    report = check(course(changed, cfrt(SET)))
    row = rows(report, "PTV_Metastasis", PLAN)[0]
    assert row.metric == "D95%[%]"
    assert row.value == pytest.approx(100.0)
    assert plan_of(report, "LDRT").verdict is Verdict.PER_PROTOCOL
    assert plan_of(report, "LDRT").prescription_gy == dose_gy
    assert FindingCode.PRESCRIPTION_DIFFERS in codes(
        report
    )  # from the default: said, and judged all the same


@pytest.mark.parametrize(("fractions", "dose_gy"), [(5, 16.0), (12, 12.0), (5, 4.0)])
def test_check_course__ldrt_outside_what_is_permitted_is_never_per_protocol(
    fractions: int, dose_gy: float
) -> None:
    given = ldrt(SET, dose_gy=dose_gy)
    number = given.plan.dose_references[0].roi_number
    changed = linked(plan("LDRT", fractions, [target(number, dose_gy)]), given.dose, SET)
    report = check(course(changed, cfrt(SET)))
    assert plan_of(report, "LDRT").verdict in (Verdict.UNACCEPTABLE_DEVIATION, Verdict.NOT_EVALUABLE)
    assert FindingCode.PRESCRIPTION_DIFFERS in codes(report)


@pytest.mark.parametrize("status", ["REJECTED", "rejected", "NONSENSE"])
def test_check_course__a_rejected_plan_is_unacceptable(status: str) -> None:
    lean = asking("PTV_Primary", "PTV_Metastasis")
    report = check_course(course(ldrt(SET), with_plan(cfrt(SET), approval=status)), lean)
    assert check_of(report, "CFRT", "approval") is CheckStatus.FAILED
    assert plan_of(report, "CFRT").verdict is Verdict.UNACCEPTABLE_DEVIATION
    assert report.verdict is Verdict.UNACCEPTABLE_DEVIATION


@pytest.mark.parametrize(
    ("status", "outcome", "weight", "verdict"),
    [
        ("REJECTED", CheckStatus.FAILED, CheckWeight.UNACCEPTABLE, Verdict.UNACCEPTABLE_DEVIATION),
        ("rejected", CheckStatus.FAILED, CheckWeight.UNACCEPTABLE, Verdict.UNACCEPTABLE_DEVIATION),
        ("UNAPPROVED", CheckStatus.FAILED, CheckWeight.NOTE, Verdict.PER_PROTOCOL),
        (None, CheckStatus.UNKNOWN, CheckWeight.NOTE, Verdict.PER_PROTOCOL),
        ("APPROVED", CheckStatus.PASSED, CheckWeight.UNACCEPTABLE, Verdict.PER_PROTOCOL),
    ],
)
def test_check_course__a_rejected_structure_set_is_unacceptable_and_any_other_status_is_said(
    status: str | None, outcome: CheckStatus, weight: CheckWeight, verdict: Verdict
) -> None:
    given = replace(SET, approval=status)
    report = check_course(course(ldrt(given), cfrt(given)), asking("PTV_Primary", "PTV_Metastasis"))
    (found,) = (each for each in plan_of(report, "CFRT").checks if each.id == "approval of structures")
    assert (found.status, found.weight, found.found) == (outcome, weight, status or "")
    assert found.message or status == "APPROVED"
    assert plan_of(report, "LDRT").verdict is verdict
    assert report.verdict is verdict


def test_check_course__an_unapproved_plan_is_a_variation() -> None:
    report = check(course(ldrt(SET), with_plan(cfrt(SET), approval="UNAPPROVED")))
    assert check_of(report, "CFRT", "approval") is CheckStatus.FAILED
    assert report.verdict is Verdict.ACCEPTABLE_VARIATION


def test_check_course__plans_that_share_the_fractions_are_judged_by_their_share() -> None:
    report = check(course(ldrt(SET), part("a", 20, 36.0), part("b", 8, 14.4)))
    parts = [each for each in report.plans if each.regimen == "CFRT"]
    assert [each.prescription_gy for each in parts] == pytest.approx([36.0, 14.4])
    assert report.verdict is Verdict.PER_PROTOCOL
    assert rows(report, "SpinalCord", PHYSICAL)[0].value == pytest.approx(4.5)


def test_check_course__a_successor_takes_the_fractions_from_its_predecessor() -> None:
    report = check(course(ldrt(SET), part("a", 28, 50.4), part("b", 8, 14.4, "a")))
    parts = {each.key: each for each in report.plans if each.regimen == "CFRT"}
    assert sorted(each.share_fractions or 0 for each in parts.values()) == [8, 20]
    assert report.verdict is Verdict.PER_PROTOCOL
    assert rows(report, "SpinalCord", PHYSICAL)[0].value == pytest.approx(4.5)
    assert FindingCode.PLAN_REPLACED in codes(report)


def test_check_course__the_same_regimen_twice_has_no_sum() -> None:
    report = check(course(ldrt(SET), part("a", 28, 50.4), part("b", 28, 50.4)))
    assert report.verdict is Verdict.UNACCEPTABLE_DEVIATION  # 56 fractions
    assert FindingCode.FRACTIONS_DIFFER in codes(report)
    assert not any(each.evaluable for each in report.sums)


def test_check_course__a_replan_shares_the_fractions_also_where_the_target_has_another_alias() -> None:
    boxes = {("PTV_Primary_2" if name == "PTVp" else name): box for name, box in SMALL_ANATOMY.items()}
    second = part("b", 8, 14.4, structures=structure_set(boxes, uid="second"))
    report = check(course(ldrt(SET), part("a", 20, 36.0), second))
    assert sorted(each.share_fractions or 0 for each in report.plans if each.regimen == "CFRT") == [8, 20]
    assert report.verdict is Verdict.PER_PROTOCOL


@pytest.mark.parametrize(
    ("references", "verdict", "said"),
    [
        ([(2, None), (3, 54.0)], Verdict.ACCEPTABLE_VARIATION, "54 Gy to 'GTVp'"),
        ([(2, None), (None, 54.0)], Verdict.ACCEPTABLE_VARIATION, "54 Gy"),
        ([(2, 50.4), (3, 60.0)], Verdict.PER_PROTOCOL, "60 Gy to 'GTVp'"),  # a boost: said, and not judged
        ([(2, 50.4), (2, 45.0)], Verdict.PER_PROTOCOL, "45 Gy to 'PTVp'"),
    ],
)
def test_check_course__every_prescription_that_differs_is_said(
    references: list[tuple[int | None, float | None]], verdict: Verdict, said: str
) -> None:
    rois = tuple(
        replace(each, interpreted_type="GTV") if each.name.startswith("GTV") else each for each in SET.rois
    )
    structures = replace(SET, rois=rois)
    named = [target(number, gy, kind="VOLUME" if number else "SITE") for number, gy in references]
    given = linked(plan("CFRT", 28, named), cfrt(SET).dose, structures)
    report = check(course(ldrt(structures), given))
    assert [said in message for message in _differing(report)] == [True]
    assert report.verdict is verdict
    assert rows(report, "PTV_Primary", PLAN)[0].value == pytest.approx(100.0)  # of the protocol's 50.4 Gy


def test_check_course__a_boost_of_the_gtv_changes_no_prescription_of_a_metastasis() -> None:
    structures = replace(SET, rois=tuple(replace(each, interpreted_type=each.name[:3]) for each in SET.rois))
    given = linked(plan("LDRT", 5, [target(5, 12.0)]), ldrt(SET).dose, structures)  # GTV_Met1 alone
    report = check(course(given, cfrt(structures)))
    assert rows(report, "PTV_Metastasis", PLAN)[0].value == pytest.approx(100.0)  # of 10 Gy
    assert "12 Gy to 'GTV_Met1'" in _differing(report)[0]
    assert report.verdict is Verdict.ACCEPTABLE_VARIATION
