"""A course in memory through the whole check: what is measured, what is not, and what is said about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dosimetry.fractionation import eqd2_gy
from imaging.course import Course, DoseWithoutPlan, LinkedBy, LinkedPlan
from imaging.dicom.registration import SpatialRegistration
from imaging.dicom.rt_structure import StructureSet
from imaging.findings import FindingCode, error, warning
from tests.workers.pipelines.courses import (
    FRAME,
    OTHER_FRAME,
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
from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.report import CheckStatus, CourseReport, PlanReport, ResultRow
from trial_core.domain.report_json import report_from_json, report_to_json
from trial_core.protocols.reader import read_protocol
from workers.pipelines.plan_check import Stage, check_course

SCR = read_protocol("SCR-ESCC-01")
SET = structure_set()
PHYSICAL, EQD2, PLAN = ScopeKind.SUM_PHYSICAL, ScopeKind.SUM_EQD2, ScopeKind.PLAN


def _check(given: Course) -> CourseReport:
    return check_course(given, SCR)


def _codes(report: CourseReport) -> set[str]:
    return {finding["code"] for finding in report.findings}


def _plan(report: CourseReport, regimen: str) -> PlanReport:
    return next(each for each in report.plans if each.regimen == regimen)


def _rows(report: CourseReport, structure: str, kind: ScopeKind) -> list[ResultRow]:
    return [row for row in report.results if row.structure == structure and row.scope_kind is kind]


@pytest.fixture(scope="module")
def healthy() -> CourseReport:
    return _check(course(ldrt(SET), cfrt(SET)))


def test_check_course__without_faults_is_per_protocol(healthy: CourseReport) -> None:
    assert healthy.verdict is Verdict.PER_PROTOCOL
    assert {each.regimen: each.verdict for each in healthy.plans} == {
        "LDRT": Verdict.PER_PROTOCOL,
        "CFRT": Verdict.PER_PROTOCOL,
    }
    assert not healthy.has_unacceptable_or_not_evaluable
    assert healthy.reasons == ()


def test_check_course__every_criterion_has_a_row_in_each_of_its_scopes(healthy: CourseReport) -> None:
    expected = sum(len(criterion.scopes) for criterion in SCR.criteria)
    assert len(healthy.results) == expected  # one metastasis: one row for each LDRT criterion
    assert [row.number for row in healthy.results] == list(range(1, expected + 1))


def test_check_course__percent_is_of_the_protocols_prescription(healthy: CourseReport) -> None:
    row = _rows(healthy, "PTV_Primary", PLAN)[0]
    assert (row.metric, row.unit) == ("D95%[%]", "%")
    assert row.value == pytest.approx(100.0)
    assert row.site_structures == ("PTVp",)


def test_check_course__sums_physical_dose_and_eqd2_voxel_by_voxel(healthy: CourseReport) -> None:
    (cord,) = _rows(healthy, "SpinalCord", PHYSICAL)
    assert cord.value == pytest.approx(4.5)
    (cord,) = _rows(healthy, "SpinalCord", EQD2)
    assert cord.alpha_beta_gy == 2.0
    assert cord.value == pytest.approx(eqd2_gy(0.5, 5, 2.0) + eqd2_gy(4.0, 28, 2.0))
    (heart,) = [row for row in _rows(healthy, "Heart", EQD2) if row.metric == "Mean[Gy]"]
    assert heart.value == pytest.approx(eqd2_gy(0.5, 5, 3.0) + eqd2_gy(4.0, 28, 3.0))


def test_check_course__lungs_are_measured_without_the_gtv(healthy: CourseReport) -> None:
    lungs = next(each for each in healthy.structures if each.name == "Lungs")
    assert lungs.site_names == ("Lung_L", "Lung_R", "GTVp", "GTV_Met1")
    whole_cc = 2 * 28**3 / 1000
    assert lungs.volume_cc is not None
    assert lungs.volume_cc < whole_cc - 0.4


def test_check_course__the_same_course_in_any_order_gives_the_same_bytes(healthy: CourseReport) -> None:
    again = _check(course(cfrt(SET), ldrt(SET)))
    assert report_to_json(again) == report_to_json(healthy)
    assert report_from_json(report_to_json(again)) == again


def test_check_course__tells_its_stages_and_steps() -> None:
    told: list[tuple[str, int, int]] = []
    check_course(course(ldrt(SET), cfrt(SET)), SCR, progress=lambda *each: told.append(each))
    assert list(dict.fromkeys(each[0] for each in told)) == [Stage.MEASURING, Stage.JUDGING]
    measuring = [each for each in told if each[0] == Stage.MEASURING]
    assert all(0 <= done <= total for _, done, total in measuring)
    assert [done for _, done, _ in measuring] == sorted(done for _, done, _ in measuring)
    assert measuring[-1][1] == measuring[-1][2]


@pytest.mark.parametrize(
    ("dose_gy", "hint"),
    [
        (50.4 / 28, "one fraction"),
        (100.0, "percent"),
        (50.4 * 1.21, "another target"),
        (50.4 * 0.79, "another target"),
    ],
)
def test_check_course__an_implausible_dose_makes_everything_of_the_plan_not_evaluable(
    dose_gy: float, hint: str
) -> None:
    report = _check(course(ldrt(SET), cfrt(SET, dose_gy=dose_gy)))
    own = [row for row in report.results if row.plan_key == _plan(report, "CFRT").key]
    assert {row.verdict for row in own} <= {Verdict.NOT_EVALUABLE, Verdict.NOT_CONTOURED}
    assert all(row.value is None for row in own)
    assert all(
        row.verdict is not Verdict.PER_PROTOCOL for row in report.results if row.scope_kind is not PLAN
    )
    assert _plan(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert _plan(report, "LDRT").verdict is Verdict.PER_PROTOCOL
    assert report.verdict is Verdict.NOT_EVALUABLE
    said = [each["message"] for each in report.findings if each["code"] == FindingCode.DOSE_IMPLAUSIBLE]
    assert hint in said[0]
    assert _plan(report, "CFRT").targets[0].median_gy == pytest.approx(dose_gy)


@pytest.mark.parametrize("factor", [0.81, 1.19])
def test_check_course__a_plausible_dose_is_judged(factor: float) -> None:
    report = _check(course(ldrt(SET), cfrt(SET, dose_gy=50.4 * factor)))
    assert _plan(report, "CFRT").targets[0].plausible
    assert _rows(report, "PTV_Primary", PLAN)[0].value == pytest.approx(100 * factor)


def test_check_course__a_plan_whose_target_is_unknown_is_not_evaluable() -> None:
    anatomy: dict[str, Box | None] = {name: box for name, box in SMALL_ANATOMY.items() if name != "PTVp"}
    structures = structure_set(anatomy)
    report = _check(course(ldrt(structures), cfrt(structures)))
    assert _plan(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert FindingCode.TARGET_MISSING in _codes(report)
    assert all(row.value is None for row in _rows(report, "Heart", PLAN))


def test_check_course__a_missing_regimen_makes_the_course_not_evaluable_and_not_the_plan() -> None:
    report = _check(course(cfrt(SET)))
    assert _plan(report, "CFRT").verdict is Verdict.PER_PROTOCOL
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert FindingCode.REGIMEN_WITHOUT_PLAN in _codes(report)
    assert all(row.value is None for row in report.results if row.scope_kind is not PLAN)
    assert not any(sum_.evaluable for sum_ in report.sums)


def test_check_course__no_plan_at_all_is_not_evaluable() -> None:
    report = _check(course())
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert report.plans == ()


def test_check_course__a_missing_required_organ_is_not_evaluable_an_optional_one_not_contoured() -> None:
    anatomy: dict[str, Box | None] = {name: box for name, box in SMALL_ANATOMY.items() if name != "Heart"}
    structures = structure_set(anatomy)
    report = _check(course(ldrt(structures), cfrt(structures)))
    assert {row.verdict for row in report.results if row.structure == "Heart"} == {Verdict.NOT_EVALUABLE}
    assert {row.verdict for row in report.results if row.structure == "Liver"} == {Verdict.NOT_CONTOURED}
    assert report.verdict is Verdict.NOT_EVALUABLE


def test_check_course__an_empty_structure_is_not_evaluable_never_zero() -> None:
    structures = structure_set({**SMALL_ANATOMY, "Heart": None, "Liver": None})
    report = _check(course(ldrt(structures), cfrt(structures)))
    rows = [row for row in report.results if row.structure in ("Heart", "Liver")]
    assert {(row.verdict, row.value) for row in rows} == {(Verdict.NOT_EVALUABLE, None)}


def test_check_course__an_ambiguous_name_is_not_evaluable() -> None:
    structures = structure_set({**SMALL_ANATOMY, "Cord": SMALL_ANATOMY["SpinalCord"]})
    report = _check(course(ldrt(structures), cfrt(structures)))
    assert {row.verdict for row in report.results if row.structure == "SpinalCord"} == {Verdict.NOT_EVALUABLE}
    assert FindingCode.STRUCTURE_AMBIGUOUS in _codes(report)


def test_check_course__a_structure_wholly_outside_the_grid_is_not_evaluable() -> None:
    structures = structure_set({**SMALL_ANATOMY, "Heart": (0.0, -200.0, 0.0, 12.0)})
    report = _check(course(ldrt(structures), cfrt(structures)))
    rows = [row for row in report.results if row.structure == "Heart"]
    assert {(row.verdict, row.value) for row in rows} == {(Verdict.NOT_EVALUABLE, None)}
    assert "outside the dose grid" in rows[0].reason


def test_check_course__a_structure_partly_outside_is_judged_both_ways() -> None:
    structures = structure_set({**SMALL_ANATOMY, "Heart": (0.0, -55.0, 0.0, 12.0)})
    report = _check(course(ldrt(structures), cfrt(structures)))
    mean = next(row for row in _rows(report, "Heart", PLAN) if row.metric == "Mean[Gy]")
    assert mean.verdict is Verdict.PER_PROTOCOL
    assert mean.if_uncovered_zero is not None
    assert mean.if_uncovered_max == pytest.approx(4.0)
    assert mean.if_uncovered_zero < 3.9
    heart = next(each for each in report.structures if each.name == "Heart")
    assert heart.uncovered_cc == pytest.approx(24 * 24 * (67 - 61.5) / 1000, rel=0.05)


def test_check_course__another_frame_without_a_registration_has_no_sum() -> None:
    away = structure_set(uid="other set", frame=OTHER_FRAME)
    report = _check(course(ldrt(away), cfrt(SET)))
    assert _plan(report, "LDRT").verdict is Verdict.PER_PROTOCOL
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert FindingCode.SUM_WITHOUT_REGISTRATION in _codes(report)
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
    report = _check(course(ldrt(away), cfrt(SET), registrations=[link]))
    assert report.verdict is Verdict.PER_PROTOCOL
    assert all(sum_.needs_review for sum_ in report.sums)
    moved = _check(course(ldrt(away), cfrt(SET), registrations=[replace(link, matrix=shift)]))
    assert moved.results != report.results


def test_check_course__structures_of_another_frame_than_the_dose_are_not_evaluable() -> None:
    away = structure_set(frame=OTHER_FRAME)
    given = cfrt(SET)
    report = _check(course(ldrt(SET), replace(given, structure_set=away)))
    assert _plan(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert all(row.value is None for row in _rows(report, "Heart", PLAN))


def test_check_course__without_the_number_of_fractions_there_is_no_eqd2() -> None:
    given = with_plan(ldrt(SET), fraction_groups=())
    report = _check(course(given, cfrt(SET)))
    assert _rows(report, "SpinalCord", PHYSICAL)[0].value == pytest.approx(4.5)
    assert _rows(report, "SpinalCord", EQD2)[0].verdict is Verdict.NOT_EVALUABLE
    assert "number of fractions" in _rows(report, "SpinalCord", EQD2)[0].reason
    assert report.verdict is Verdict.NOT_EVALUABLE


def _check_of(report: CourseReport, regimen: str, identifier: str) -> CheckStatus:
    return next(each.status for each in _plan(report, regimen).checks if each.id == identifier)


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
    report = _check(course(ldrt(SET), changed))
    assert _plan(report, "CFRT").verdict is verdict
    assert report.verdict is verdict
    if stated_gy not in (None, 50.4):
        assert FindingCode.PRESCRIPTION_DIFFERS in _codes(report)


@pytest.mark.parametrize(("fractions", "dose_gy"), [(5, 15.0), (8, 8.0), (10, 30.0)])
def test_check_course__ldrt_is_judged_by_its_own_prescription_where_that_is_permitted(
    fractions: int, dose_gy: float
) -> None:
    given = ldrt(SET, dose_gy=dose_gy)
    number = given.plan.dose_references[0].roi_number
    changed = linked(plan("LDRT", fractions, [target(number, dose_gy)]), given.dose, SET)
    report = _check(course(changed, cfrt(SET)))
    row = _rows(report, "PTV_Metastasis", PLAN)[0]
    assert row.metric == "D95%[%]"
    assert row.value == pytest.approx(100.0)
    assert _plan(report, "LDRT").verdict is Verdict.PER_PROTOCOL
    assert _plan(report, "LDRT").prescription_gy == dose_gy
    assert FindingCode.PRESCRIPTION_DIFFERS in _codes(
        report
    )  # from the default: said, and judged all the same


@pytest.mark.parametrize(("fractions", "dose_gy"), [(5, 16.0), (12, 12.0), (5, 4.0)])
def test_check_course__ldrt_outside_what_is_permitted_is_never_per_protocol(
    fractions: int, dose_gy: float
) -> None:
    given = ldrt(SET, dose_gy=dose_gy)
    number = given.plan.dose_references[0].roi_number
    changed = linked(plan("LDRT", fractions, [target(number, dose_gy)]), given.dose, SET)
    report = _check(course(changed, cfrt(SET)))
    assert _plan(report, "LDRT").verdict in (Verdict.UNACCEPTABLE_DEVIATION, Verdict.NOT_EVALUABLE)
    assert FindingCode.PRESCRIPTION_DIFFERS in _codes(report)


def test_check_course__an_unapproved_plan_is_a_variation() -> None:
    report = _check(course(ldrt(SET), with_plan(cfrt(SET), approval="UNAPPROVED")))
    assert _check_of(report, "CFRT", "approval") is CheckStatus.FAILED
    assert report.verdict is Verdict.ACCEPTABLE_VARIATION


def test_check_course__a_plan_without_usable_dose_says_why() -> None:
    given = replace(cfrt(SET), dose=None, why_no_dose="a beam is missing")
    report = _check(course(ldrt(SET), given))
    assert _plan(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert any("a beam is missing" in reason for reason in _plan(report, "CFRT").reasons)
    assert report.verdict is Verdict.NOT_EVALUABLE


def _part(
    uid: str, fractions: int, dose_gy: float, *predecessors: str, structures: StructureSet = SET
) -> LinkedPlan:
    hot = {SMALL_ANATOMY["PTVp"]: dose_gy}
    rt_plan = plan("CFRT", fractions, [target(2, dose_gy)], uid=uid, predecessors=predecessors)
    return linked(rt_plan, dose(4.0 * dose_gy / 50.4, hot, uid=f"dose {uid}"), structures)


def test_check_course__plans_that_share_the_fractions_are_judged_by_their_share() -> None:
    report = _check(course(ldrt(SET), _part("a", 20, 36.0), _part("b", 8, 14.4)))
    parts = [each for each in report.plans if each.regimen == "CFRT"]
    assert [each.prescription_gy for each in parts] == pytest.approx([36.0, 14.4])
    assert report.verdict is Verdict.PER_PROTOCOL
    assert _rows(report, "SpinalCord", PHYSICAL)[0].value == pytest.approx(4.5)


def test_check_course__a_successor_takes_the_fractions_from_its_predecessor() -> None:
    report = _check(course(ldrt(SET), _part("a", 28, 50.4), _part("b", 8, 14.4, "a")))
    parts = {each.key: each for each in report.plans if each.regimen == "CFRT"}
    assert sorted(each.share_fractions or 0 for each in parts.values()) == [8, 20]
    assert report.verdict is Verdict.PER_PROTOCOL
    assert _rows(report, "SpinalCord", PHYSICAL)[0].value == pytest.approx(4.5)
    assert FindingCode.PLAN_REPLACED in _codes(report)


def test_check_course__the_same_regimen_twice_has_no_sum() -> None:
    report = _check(course(ldrt(SET), _part("a", 28, 50.4), _part("b", 28, 50.4)))
    assert report.verdict is Verdict.UNACCEPTABLE_DEVIATION  # 56 fractions
    assert FindingCode.FRACTIONS_DIFFER in _codes(report)
    assert not any(each.evaluable for each in report.sums)


def test_check_course__a_violated_limit_of_the_sum_alone_is_unacceptable() -> None:
    report = _check(course(ldrt(SET, background_gy=2.0), cfrt(SET, background_gy=44.0)))
    assert _rows(report, "SpinalCord", PLAN)[0].verdict is Verdict.PER_PROTOCOL
    assert _rows(report, "SpinalCord", PHYSICAL)[0].verdict is Verdict.UNACCEPTABLE_DEVIATION
    assert report.verdict is Verdict.UNACCEPTABLE_DEVIATION
    cord = next(item for item in report.counted if item.structure == "SpinalCord")
    assert len(cord.rows) == 3


def test_check_course__a_value_on_the_limit_meets_it() -> None:
    report = _check(course(ldrt(SET, background_gy=0.0), cfrt(SET, background_gy=45.0)))
    (row,) = _rows(report, "SpinalCord", PHYSICAL)
    assert row.value == 45.0
    assert row.verdict is Verdict.PER_PROTOCOL


def test_check_course__mentions_what_is_assumed(healthy: CourseReport) -> None:
    assert any("50.4 Gy in 28" in sentence for sentence in healthy.protocol.assumed)
    assert healthy.protocol.sha256 == SCR.sha256
    assert healthy.code_version.count("+") == 1


TWO_METASTASES: dict[str, Box | None] = {**SMALL_ANATOMY, "PTV_Met2": (-30.0, -30.0, 0.0, 8.0)}


@pytest.mark.parametrize("second", [(-30.0, -30.0, 0.0, 8.0), None])
def test_check_course__a_metastasis_that_no_plan_treats_is_never_passed(second: Box | None) -> None:
    structures = structure_set({**TWO_METASTASES, "PTV_Met2": second})
    report = _check(course(ldrt(structures), cfrt(structures)))
    assert report.verdict is Verdict.NOT_EVALUABLE
    (said,) = [each for each in report.findings if each["code"] == FindingCode.TARGET_UNTREATED]
    assert (said["severity"], said["structure"], said["file"]) == ("error", "PTV_Met2", "set.dcm")
    rows = [row for row in report.results if row.counts_as == "PTV_Met2"]
    assert {row.metric for row in rows} == {"D95%[%]", "D0.03cc[%]"}
    assert {(row.value, row.verdict) for row in rows} == {(None, Verdict.NOT_EVALUABLE)}
    assert all("no plan treats it" in row.reason for row in rows)
    assert not any(each.evaluable for each in report.sums)
    assert _plan(report, "LDRT").verdict is Verdict.PER_PROTOCOL


def test_check_course__a_metastasis_that_only_the_other_regimens_set_shows_is_never_passed() -> None:
    report = _check(course(ldrt(structure_set(uid="ldrt")), cfrt(structure_set(TWO_METASTASES, uid="cfrt"))))
    (said,) = [each for each in report.findings if each["code"] == FindingCode.TARGET_UNTREATED]
    assert (said["structure"], said["file"]) == ("PTV_Met2", "cfrt.dcm")
    assert report.verdict is Verdict.NOT_EVALUABLE


def test_check_course__a_metastasis_of_the_same_name_elsewhere_is_another() -> None:
    moved = {**SMALL_ANATOMY, "PTV_Met1": (-30.0, -30.0, 0.0, 8.0)}
    report = _check(course(ldrt(structure_set(uid="ldrt")), cfrt(structure_set(moved, uid="cfrt"))))
    assert FindingCode.TARGET_UNTREATED in _codes(report)
    assert report.verdict is Verdict.NOT_EVALUABLE


def test_check_course__a_metastasis_both_sets_show_is_treated_once() -> None:
    report = _check(course(ldrt(structure_set(uid="ldrt")), cfrt(structure_set(uid="cfrt"))))
    assert FindingCode.TARGET_UNTREATED not in _codes(report)
    assert report.verdict is Verdict.PER_PROTOCOL


def test_check_course__a_ptv_that_nothing_judges_is_said() -> None:
    node: dict[str, Box | None] = {**SMALL_ANATOMY, "PTV_Node": (-30.0, -30.0, 0.0, 8.0)}
    structures = structure_set({**node, "PTV_opt": (0.0, 0.0, 0.0, 9.0)})
    report = _check(course(ldrt(structures), cfrt(structures)))
    said = [each["structure"] for each in report.findings if each["code"] == FindingCode.TARGET_NOT_JUDGED]
    assert said == ["PTV_Node"]


def test_check_course__metastases_may_be_treated_by_one_plan_each() -> None:
    first = ldrt(structure_set(TWO_METASTASES, uid="first"))
    again = structure_set(TWO_METASTASES, uid="again")
    number = next(each.number for each in again.rois if each.name == "PTV_Met2")
    hot = {(-30.0, -30.0, 0.0, 8.0): 10.0}
    second = linked(plan("LDRT 2", 5, [target(number, 10.0)]), dose(0.2, hot, uid="dose 2"), again)
    report = _check(course(first, second, cfrt(again)))
    assert FindingCode.TARGET_UNTREATED not in _codes(report)
    assert report.verdict is Verdict.PER_PROTOCOL


def _differing(report: CourseReport) -> list[str]:
    return [
        each["message"] or "" for each in report.findings if each["code"] == FindingCode.PRESCRIPTION_DIFFERS
    ]


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
    report = _check(course(ldrt(structures), given))
    assert [said in message for message in _differing(report)] == [True]
    assert report.verdict is verdict
    assert _rows(report, "PTV_Primary", PLAN)[0].value == pytest.approx(100.0)  # of the protocol's 50.4 Gy


def test_check_course__a_boost_of_the_gtv_changes_no_prescription_of_a_metastasis() -> None:
    structures = replace(SET, rois=tuple(replace(each, interpreted_type=each.name[:3]) for each in SET.rois))
    given = linked(plan("LDRT", 5, [target(5, 12.0)]), ldrt(SET).dose, structures)  # GTV_Met1 alone
    report = _check(course(given, cfrt(structures)))
    assert _rows(report, "PTV_Metastasis", PLAN)[0].value == pytest.approx(100.0)  # of 10 Gy
    assert "12 Gy to 'GTV_Met1'" in _differing(report)[0]
    assert report.verdict is Verdict.ACCEPTABLE_VARIATION


def test_check_course__a_target_number_that_the_structure_set_lacks_fails_the_references() -> None:
    given = linked(plan("CFRT", 28, [target(99, 50.4)]), cfrt(SET).dose, SET)
    report = _check(course(ldrt(SET), given))
    assert _check_of(report, "CFRT", "references") is CheckStatus.FAILED
    assert report.verdict is Verdict.ACCEPTABLE_VARIATION
    (said,) = [each for each in report.findings if each["code"] == FindingCode.REFERENCE_CONTRADICTORY]
    assert said["severity"] == "error"


def test_check_course__a_dose_beside_the_plans_leaves_no_sum_and_no_verdict() -> None:
    beside = DoseWithoutPlan(dose(30.0, uid="beside"), ("elsewhere",), SET, LinkedBy.STRUCTURE_SET)
    report = _check(replace(course(ldrt(SET), cfrt(SET)), doses_without_plan=(beside,)))
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert all(row.value is None for row in report.results if row.scope_kind is not PLAN)
    assert {each.verdict for each in report.plans} == {Verdict.PER_PROTOCOL}
    (said,) = [each for each in report.findings if each["code"] == FindingCode.DOSE_WITHOUT_PLAN]
    assert (said["severity"], said["file"]) == ("error", "beside.dcm")
    assert "leave the dose out" in (said["action"] or "")


def test_check_course__a_plan_that_seems_to_be_there_twice_leaves_no_sum_and_no_verdict() -> None:
    twice = error(FindingCode.PLAN_TWICE, "The plan has exactly the dose of a.dcm.", file="b.dcm")
    report = _check(replace(course(ldrt(SET), cfrt(SET)), findings=(twice,)))
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert report.reasons[0] == "b.dcm: The plan has exactly the dose of a.dcm"
    assert not any(each.evaluable for each in report.sums)


def test_check_course__a_replan_shares_the_fractions_also_where_the_target_has_another_alias() -> None:
    boxes = {("PTV_Primary_2" if name == "PTVp" else name): box for name, box in SMALL_ANATOMY.items()}
    second = _part("b", 8, 14.4, structures=structure_set(boxes, uid="second"))
    report = _check(course(ldrt(SET), _part("a", 20, 36.0), second))
    assert sorted(each.share_fractions or 0 for each in report.plans if each.regimen == "CFRT") == [8, 20]
    assert report.verdict is Verdict.PER_PROTOCOL


def test_check_course__targets_that_cannot_be_told_apart_leave_the_course_not_evaluable() -> None:
    first = ldrt(SET)
    boxes = {("PTV_Metastasis" if name == "PTV_Met1" else name): box for name, box in SMALL_ANATOMY.items()}
    again = replace(first, structure_set=structure_set(boxes, uid="second"))
    second = with_plan(again, label="LDRT 2", sop_instance_uid="second")
    report = _check(course(first, second, cfrt(SET)))
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert FindingCode.TARGET_AMBIGUOUS in _codes(report)
    assert not any(each.evaluable for each in report.sums)


def test_check_course__an_optional_regimen_without_a_plan_keeps_no_course_from_its_verdict() -> None:
    regimens = tuple(replace(each, required=each.id != "LDRT") for each in SCR.regimens)
    report = check_course(course(cfrt(SET)), replace(SCR, regimens=regimens))
    assert report.verdict is Verdict.PER_PROTOCOL
    rows = _rows(report, "PTV_Metastasis", PLAN)
    assert {(row.value, row.verdict) for row in rows} == {(None, Verdict.NOT_CONTOURED)}
    assert {row.reason for row in rows} == {"there is no plan of the optional regimen LDRT"}
    assert all(each.evaluable for each in report.sums)


def test_check_course__an_unreadable_gtv_is_not_left_out_of_the_lungs_silently() -> None:
    structures = structure_set({**SMALL_ANATOMY, "GTV_Met1": None})
    empty = course(ldrt(structures), cfrt(structures))
    assert _check(empty).verdict is Verdict.PER_PROTOCOL
    fault = error(FindingCode.CONTOUR_INVALID, "unusable", file="set.dcm", structure="GTV_Met1")
    report = _check(replace(empty, findings=(fault,)))
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
    ],
)
def test_check_course__doubtful_contours_of_a_judged_structure_fail_their_check(code: FindingCode) -> None:
    fault = warning(code, "at z = 3 mm", file="set.dcm", structure="Heart")
    report = _check(replace(course(ldrt(SET), cfrt(SET)), findings=(fault,)))
    assert _check_of(report, "CFRT", "structures complete") is CheckStatus.FAILED
    assert report.verdict is Verdict.ACCEPTABLE_VARIATION
