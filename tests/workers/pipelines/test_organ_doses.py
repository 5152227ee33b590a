"""Organ doses of each plan for the models: from the rows where these are there; EDIC by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest

from imaging.course import Course
from tests.workers.pipelines.checked import SCR, asking, check, plan_of
from tests.workers.pipelines.courses import SMALL_ANATOMY, Box, cfrt, course, ldrt, structure_set
from trial_core.domain.dose_metrics import metrics_of
from trial_core.domain.report import CourseReport, PlanIndex
from trial_core.services.dose_models import BODY, EDIC, INTEGRAL, LYMAN, MEAN, QUANTEC, predictions
from workers.pipelines.plan_check import check_course

WITH_LIVER: Mapping[str, Box | None] = {**SMALL_ANATOMY, "Liver": (-30.0, -30.0, 0.0, 8.0)}
BODY_CC = 102.0 * 100.0 * 100.0 / 1000.0
"""34 planes of 100 mm x 100 mm at 3 mm."""
TARGETS_ALONE = asking("PTV_Primary", "PTV_Metastasis")


@pytest.fixture(scope="module")
def report() -> CourseReport:
    return check(_course())


def _course(anatomy: Mapping[str, Box | None] = WITH_LIVER) -> Course:
    structures = structure_set(anatomy)
    return course(ldrt(structures), cfrt(structures))


def _doses(report: CourseReport, regimen: str) -> dict[str, PlanIndex]:
    found = plan_of(report, regimen).indices
    return {each.structure: each for each in found if each.id in (MEAN, INTEGRAL)}


def test_organ_doses__of_a_plan_without_organ_criteria_are_measured(report: CourseReport) -> None:
    doses = _doses(report, "LDRT")
    assert list(doses) == ["Lungs", "Heart", "Liver", "BODY"]
    assert doses["Heart"].value == pytest.approx(0.5)
    assert doses["Liver"].value == pytest.approx(0.5)
    hot_cc = 20.0**3 / 1000.0  # the hot cube is one voxel wider than the target on each side, and fades
    assert doses["BODY"].value == pytest.approx(0.5 * BODY_CC + 9.5 * hot_cc, rel=0.05)
    assert {each.reason for each in doses.values()} == {""}


def test_organ_doses__are_those_of_the_rows_where_a_criterion_asks(report: CourseReport) -> None:
    key = plan_of(report, "CFRT").key
    rows = {row.structure: row.value for row in report.results if (row.plan_key, row.metric) == (key, MEAN)}
    doses = _doses(report, "CFRT")
    assert {name: doses[name].value for name in rows} == rows
    assert set(rows) == {"Lungs", "Heart", "Liver"}


def test_organ_doses__make_no_rows_no_verdicts_and_no_curves(report: CourseReport) -> None:
    assert "BODY" not in {row.structure for row in report.results}
    assert {each.structure for each in report.curves if each.scope == "plan LDRT"} == {"PTV_Met1"}


def test_organ_doses__make_edic_of_the_course_evaluable_and_it_is_the_one_by_hand(
    report: CourseReport,
) -> None:
    expected = 0.0
    for regimen, fractions in (("LDRT", 5), ("CFRT", 28)):
        lungs, heart, liver, body = (each.value or 0.0 for each in _doses(report, regimen).values())
        circulating = 0.85 * math.sqrt(fractions / 45)
        expected += 0.12 * lungs + 0.08 * heart + 0.15 * circulating * liver
        expected += (0.45 + 0.35 * circulating) * body / 62_000
    found = {each.metric: each for each in predictions(metrics_of(report))}
    assert found[EDIC].value == pytest.approx(expected, rel=1e-12)
    assert found[EDIC].reason == ""
    assert found[QUANTEC].value is not None
    assert found[LYMAN].value is not None


def test_organ_doses__of_what_is_not_contoured_have_no_value_and_edic_says_what_it_lacks() -> None:
    report = check_course(_course(SMALL_ANATOMY), TARGETS_ALONE)
    liver = _doses(report, "LDRT")["Liver"]
    assert (liver.value, liver.reason) == (None, "no ROI is named Liver or an alias")
    (edic,) = [each for each in predictions(metrics_of(report)) if each.metric == EDIC]
    assert edic.value is None
    assert edic.reason == "CFRT lacks Mean[Gy] of Liver; LDRT lacks Mean[Gy] of Liver"


def test_organ_doses__of_an_implausible_dose_have_no_value() -> None:
    structures = structure_set(WITH_LIVER)
    report = check_course(course(ldrt(structures, dose_gy=2.0), cfrt(structures)), TARGETS_ALONE)
    doses = _doses(report, "LDRT")
    assert {each.value for each in doses.values()} == {None}
    assert all("median" in each.reason for each in doses.values())


def test_organ_doses__of_a_body_that_the_dose_grid_cuts_have_no_value_and_both_readings() -> None:
    structures = structure_set(WITH_LIVER)
    report = check_course(course(ldrt(structures, from_plane=14), cfrt(structures)), TARGETS_ALONE)
    body = _doses(report, "LDRT")["BODY"]
    assert body.value is None
    assert "outside the dose grid" in body.reason


def test_organ_doses__of_a_protocol_that_names_no_such_structure_have_no_value() -> None:
    known = tuple(each for each in SCR.structures if each.name not in ("Liver", BODY))
    bare = replace(TARGETS_ALONE, body=None, structures=known)
    doses = _doses(check_course(_course(), bare), "CFRT")
    assert doses["Liver"].reason == "the protocol has no structure Liver"
    assert doses["BODY"].reason == "the protocol has no structure BODY"
