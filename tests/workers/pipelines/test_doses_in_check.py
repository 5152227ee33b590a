"""Doses in the whole check: implausible, missing, beside the plans, in another frame, outside the grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from imaging.course import DoseWithoutPlan, LinkedBy
from imaging.dicom.registration import SpatialRegistration
from imaging.findings import FindingCode, error
from tests.workers.pipelines.checked import (
    EQD2,
    PHYSICAL,
    PLAN,
    SCR,
    SET,
    asking,
    check,
    codes,
    plan_of,
    rows,
    said,
)
from tests.workers.pipelines.courses import (
    FRAME,
    OTHER_FRAME,
    SMALL_ANATOMY,
    cfrt,
    course,
    dose,
    ldrt,
    structure_set,
    target,
    with_plan,
)
from trial_core.domain.criteria import Verdict
from trial_core.domain.persons_word import AcceptedWord
from workers.pipelines.plan_check import check_course


@pytest.mark.parametrize(
    ("dose_gy", "hint"),
    [
        (50.4 / 28, "one fraction"),
        (100.0, "percent"),
        (5040.0, "cGy"),
        (50.4 * 1.21, "another target"),
        (50.4 * 0.79, "another target"),
    ],
)
def test_check_course__an_implausible_dose_makes_everything_of_the_plan_not_evaluable(
    dose_gy: float, hint: str
) -> None:
    report = check(course(ldrt(SET), cfrt(SET, dose_gy=dose_gy)))
    own = [row for row in report.results if row.plan_key == plan_of(report, "CFRT").key]
    assert {row.verdict for row in own} <= {Verdict.NOT_EVALUABLE, Verdict.NOT_CONTOURED}
    assert all(row.value is None for row in own)
    assert all(
        row.verdict is not Verdict.PER_PROTOCOL for row in report.results if row.scope_kind is not PLAN
    )
    assert plan_of(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert plan_of(report, "LDRT").verdict is Verdict.PER_PROTOCOL
    assert report.verdict is Verdict.NOT_EVALUABLE
    messages = [each["message"] or "" for each in said(report, FindingCode.DOSE_IMPLAUSIBLE)]
    assert hint in messages[0]
    assert plan_of(report, "CFRT").targets[0].median_gy == pytest.approx(dose_gy)


@pytest.mark.parametrize("factor", [0.81, 1.19])
def test_check_course__a_plausible_dose_is_judged(factor: float) -> None:
    report = check(course(ldrt(SET), cfrt(SET, dose_gy=50.4 * factor)))
    assert plan_of(report, "CFRT").targets[0].plausible
    assert rows(report, "PTV_Primary", PLAN)[0].value == pytest.approx(100 * factor)


def test_check_course__a_plan_whose_doses_contradict_one_another_is_judged_once_a_person_explained_it() -> (
    None
):
    """PLAN beside BEAMs that give half of it: one of them is not the plan's dose, and it passed as PLAN."""
    words = "the PLAN dose differs from the sum of its BEAM doses by up to 25.2 Gy (50% of its maximum)"
    given = course(ldrt(SET), replace(cfrt(SET), dose_doubt=words))
    report = check(given)
    assert plan_of(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert plan_of(report, "LDRT").verdict is Verdict.PER_PROTOCOL
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert any(words in reason for reason in report.reasons)
    assert all(row.value is None for row in report.results if row.scope_kind is PHYSICAL)
    (item,) = report.open_items
    word = AcceptedWord(item=item.key, by="rev-phy", words="the beams were computed on another CT")
    assert check_course(given, SCR, accepted=[word]).verdict is Verdict.PER_PROTOCOL


def test_check_course__a_plan_without_usable_dose_says_why() -> None:
    given = replace(cfrt(SET), dose=None, why_no_dose="a beam is missing")
    report = check(course(ldrt(SET), given))
    assert plan_of(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert any("a beam is missing" in reason for reason in plan_of(report, "CFRT").reasons)
    assert report.verdict is Verdict.NOT_EVALUABLE


def test_check_course__says_once_that_there_is_no_usable_dose() -> None:
    given = replace(cfrt(SET), dose=None, why_no_dose="No usable dose was handed over for the plan.")
    report = check_course(course(ldrt(SET), given), asking("PTV_Primary"))
    assert plan_of(report, "CFRT").reasons[0] == "no usable dose was handed over for the plan"


def test_check_course__each_implausible_target_has_its_own_finding() -> None:
    anatomy = {**SMALL_ANATOMY, "PTV_Met2": (-30.0, -30.0, 0.0, 8.0)}
    structures = structure_set(anatomy)
    given = with_plan(ldrt(structures, dose_gy=1.0), dose_references=(target(4, 10.0), target(10, 10.0)))
    report = check_course(course(given, cfrt(structures)), asking("PTV_Metastasis"))
    implausible = said(report, FindingCode.DOSE_IMPLAUSIBLE)
    assert [each["structure"] for each in implausible] == ["PTV_Met1", "PTV_Met2"]
    assert all(f"'{each['structure']}'" in (each["message"] or "") for each in implausible)


def test_check_course__a_dose_beside_the_plans_leaves_no_sum_and_no_verdict() -> None:
    beside = DoseWithoutPlan(dose(30.0, uid="beside"), ("elsewhere",), SET, LinkedBy.STRUCTURE_SET)
    report = check(replace(course(ldrt(SET), cfrt(SET)), doses_without_plan=(beside,)))
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert all(row.value is None for row in report.results if row.scope_kind is not PLAN)
    assert {each.verdict for each in report.plans} == {Verdict.PER_PROTOCOL}
    (finding,) = [each for each in report.findings if each["code"] == FindingCode.DOSE_WITHOUT_PLAN]
    assert (finding["severity"], finding["file"]) == ("error", "beside.dcm")
    assert "leave the dose out" in (finding["action"] or "")


def test_check_course__a_plan_that_seems_to_be_there_twice_leaves_no_sum_and_no_verdict() -> None:
    twice = error(FindingCode.PLAN_TWICE, "The plan has exactly the dose of a.dcm.", file="b.dcm")
    report = check(replace(course(ldrt(SET), cfrt(SET)), findings=(twice,)))
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert report.reasons[0] == "b.dcm: The plan has exactly the dose of a.dcm"
    assert not any(each.evaluable for each in report.sums)


def test_check_course__a_structure_wholly_outside_the_grid_is_not_evaluable() -> None:
    structures = structure_set({**SMALL_ANATOMY, "Heart": (0.0, -200.0, 0.0, 12.0)})
    report = check(course(ldrt(structures), cfrt(structures)))
    chosen = [row for row in report.results if row.structure == "Heart"]
    assert {(row.verdict, row.value) for row in chosen} == {(Verdict.NOT_EVALUABLE, None)}
    assert "outside the dose grid" in chosen[0].reason


def test_check_course__a_structure_partly_outside_is_judged_both_ways() -> None:
    structures = structure_set({**SMALL_ANATOMY, "Heart": (0.0, -55.0, 0.0, 12.0)})
    report = check(course(ldrt(structures), cfrt(structures)))
    mean = next(row for row in rows(report, "Heart", PLAN) if row.metric == "Mean[Gy]")
    assert mean.verdict is Verdict.PER_PROTOCOL
    assert mean.if_uncovered_zero is not None
    assert mean.if_uncovered_max == pytest.approx(4.0)
    assert mean.if_uncovered_zero < 3.9
    heart = next(each for each in report.structures if each.name == "Heart")
    assert heart.uncovered_cc == pytest.approx(24 * 24 * (67 - 61.5) / 1000, rel=0.05)


def test_check_course__another_frame_without_a_registration_has_no_sum() -> None:
    away = structure_set(uid="other set", frame=OTHER_FRAME)
    report = check(course(ldrt(away), cfrt(SET)))
    assert plan_of(report, "LDRT").verdict is Verdict.PER_PROTOCOL
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert FindingCode.SUM_WITHOUT_REGISTRATION in codes(report)
    assert all(row.value is None for row in report.results if row.scope_kind is not PLAN)


def test_check_course__a_registration_that_links_the_frames_makes_a_sum_that_needs_review() -> None:
    away = structure_set(uid="other set", frame=OTHER_FRAME)
    shift = np.eye(4)
    shift[:3, 3] = (
        60.0,
        60.0,
        0.0,
    )
    link = SpatialRegistration(
        from_frame=FRAME, to_frame=OTHER_FRAME, matrix=np.eye(4), sop_instance_uid="r", file="reg.dcm"
    )
    report = check(course(ldrt(away), cfrt(SET), registrations=[link]))
    assert report.verdict is Verdict.PER_PROTOCOL
    assert all(sum_.needs_review for sum_ in report.sums)
    moved = check(course(ldrt(away), cfrt(SET), registrations=[replace(link, matrix=shift)]))
    assert moved.results != report.results


def test_check_course__structures_of_another_frame_than_the_dose_are_not_evaluable() -> None:
    away = structure_set(frame=OTHER_FRAME)
    given = cfrt(SET)
    report = check(course(ldrt(SET), replace(given, structure_set=away)))
    assert plan_of(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert all(row.value is None for row in rows(report, "Heart", PLAN))


def test_check_course__without_the_number_of_fractions_there_is_no_eqd2() -> None:
    given = with_plan(ldrt(SET), fraction_groups=())
    report = check(course(given, cfrt(SET)))
    assert rows(report, "SpinalCord", PHYSICAL)[0].value == pytest.approx(4.5)
    assert rows(report, "SpinalCord", EQD2)[0].verdict is Verdict.NOT_EVALUABLE
    assert "number of fractions" in rows(report, "SpinalCord", EQD2)[0].reason
    assert report.verdict is Verdict.NOT_EVALUABLE
