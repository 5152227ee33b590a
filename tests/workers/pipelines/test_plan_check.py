"""A course in memory through the whole check: rows, sums, stages, and the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dosimetry.fractionation import eqd2_gy
from imaging.findings import FindingCode
from tests.support import hostile
from tests.workers.pipelines.checked import (
    EQD2,
    PHYSICAL,
    PLAN,
    SCR,
    SET,
    check,
    codes,
    plan_of,
    rows,
)
from tests.workers.pipelines.courses import (
    cfrt,
    course,
    ldrt,
)
from trial_core.domain.criteria import Verdict
from trial_core.domain.jobs import Stage
from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_from_json, report_to_json
from workers.pipelines.plan_check import check_course, check_paths


@pytest.fixture(scope="module")
def healthy() -> CourseReport:
    return check(course(ldrt(SET), cfrt(SET)))


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
    row = rows(healthy, "PTV_Primary", PLAN)[0]
    assert (row.metric, row.unit) == ("D95%[%]", "%")
    assert row.value == pytest.approx(100.0)
    assert row.site_structures == ("PTVp",)


def test_check_course__sums_physical_dose_and_eqd2_voxel_by_voxel(healthy: CourseReport) -> None:
    (cord,) = rows(healthy, "SpinalCord", PHYSICAL)
    assert cord.value == pytest.approx(4.5)
    (cord,) = rows(healthy, "SpinalCord", EQD2)
    assert cord.alpha_beta_gy == 2.0
    assert cord.value == pytest.approx(eqd2_gy(0.5, 5, 2.0) + eqd2_gy(4.0, 28, 2.0))
    (heart,) = [row for row in rows(healthy, "Heart", EQD2) if row.metric == "Mean[Gy]"]
    assert heart.value == pytest.approx(eqd2_gy(0.5, 5, 3.0) + eqd2_gy(4.0, 28, 3.0))


def test_check_course__lungs_are_measured_without_the_gtv(healthy: CourseReport) -> None:
    lungs = next(each for each in healthy.structures if each.name == "Lungs")
    assert lungs.site_names == ("Lung_L", "Lung_R", "GTVp", "GTV_Met1")
    whole_cc = 2 * 28**3 / 1000
    assert lungs.volume_cc is not None
    assert lungs.volume_cc < whole_cc - 0.4


def test_check_course__the_same_course_in_any_order_gives_the_same_bytes(healthy: CourseReport) -> None:
    again = check(course(cfrt(SET), ldrt(SET)))
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


def test_check_course__mentions_what_is_assumed(healthy: CourseReport) -> None:
    assert any("50.4 Gy in 28" in sentence for sentence in healthy.protocol.assumed)
    assert healthy.protocol.sha256 == SCR.sha256
    assert healthy.code_version.count("+") == 1


def test_check_course__a_missing_regimen_makes_the_course_not_evaluable_and_not_the_plan() -> None:
    report = check(course(cfrt(SET)))
    assert plan_of(report, "CFRT").verdict is Verdict.PER_PROTOCOL
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert FindingCode.REGIMEN_WITHOUT_PLAN in codes(report)
    assert all(row.value is None for row in report.results if row.scope_kind is not PLAN)
    assert not any(sum_.evaluable for sum_ in report.sums)


def test_check_course__no_plan_at_all_is_not_evaluable() -> None:
    report = check(course())
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert report.plans == ()


def test_check_course__an_optional_regimen_without_a_plan_keeps_no_course_from_its_verdict() -> None:
    regimens = tuple(replace(each, required=each.id != "LDRT") for each in SCR.regimens)
    report = check_course(course(cfrt(SET)), replace(SCR, regimens=regimens))
    assert report.verdict is Verdict.PER_PROTOCOL
    chosen = rows(report, "PTV_Metastasis", PLAN)
    assert {(row.value, row.verdict) for row in chosen} == {(None, Verdict.NOT_CONTOURED)}
    assert {row.reason for row in chosen} == {"there is no plan of the optional regimen LDRT"}
    assert all(each.evaluable for each in report.sums)


def test_check_course__a_violated_limit_of_the_sum_alone_is_unacceptable() -> None:
    report = check(course(ldrt(SET, background_gy=2.0), cfrt(SET, background_gy=44.0)))
    assert rows(report, "SpinalCord", PLAN)[0].verdict is Verdict.PER_PROTOCOL
    assert rows(report, "SpinalCord", PHYSICAL)[0].verdict is Verdict.UNACCEPTABLE_DEVIATION
    assert report.verdict is Verdict.UNACCEPTABLE_DEVIATION
    cord = next(item for item in report.counted if item.structure == "SpinalCord")
    assert len(cord.rows) == 3


def test_check_course__a_value_on_the_limit_meets_it() -> None:
    report = check(course(ldrt(SET, background_gy=0.0), cfrt(SET, background_gy=45.0)))
    (row,) = rows(report, "SpinalCord", PHYSICAL)
    assert row.value == 45.0
    assert row.verdict is Verdict.PER_PROTOCOL


def test_check_course__a_sum_keeps_no_last_bit_that_would_carry_it_past_a_limit() -> None:
    assert 30.1 + 3.2 > 33.3
    report = check(course(ldrt(SET, background_gy=3.2), cfrt(SET, background_gy=30.1)))
    (row,) = rows(report, "SpinalCord", PHYSICAL)
    assert row.value == 33.3


@pytest.mark.parametrize("make", [hostile.zip_climbing_out, hostile.broken_zip, hostile.text_named_dcm])
def test_check_paths__where_nothing_could_be_read_the_refusal_alone_speaks(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    given, scratch = tmp_path / "given", tmp_path / "scratch"
    given.mkdir()
    scratch.mkdir()
    suffix = ".dcm" if make is hostile.text_named_dcm else ".zip"
    report = check_paths([make(given / f"course{suffix}")], SCR, scratch)
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert [(each["file"] or "").split("/")[0] for each in report.findings] == [f"course{suffix}"]
