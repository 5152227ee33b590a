"""The small synthetic course, from its files to the verdict, without and with each planted fault."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from imaging.findings import FindingCode
from imaging.synthetic.faults import Fault
from tests.support.small_course import write_small_course
from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import CheckStatus, CourseReport
from trial_core.domain.report_json import report_to_dict, report_to_json
from trial_core.protocols.reader import read_protocol
from workers.pipelines.plan_check import check_paths

SCR = read_protocol("SCR-ESCC-01")
_ASKED = ("PTV_Primary", "PTV_Metastasis", "Heart")
LEAN = replace(SCR, criteria=tuple(each for each in SCR.criteria if each.structure in _ASKED))
"""For faults of a plan: half the time, and the same plan checks."""
Checked = Callable[..., CourseReport]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """Writes a course with faults and checks it."""

    def check(*faults: Fault, protocol: Protocol = SCR) -> CourseReport:
        folder = tmp_path_factory.mktemp("course")
        write_small_course(folder, faults=faults)
        return check_paths([folder], protocol, tmp_path_factory.mktemp("scratch"))

    return check


@pytest.fixture(scope="module")
def healthy(checked: Checked) -> CourseReport:
    return checked()


def _plan_verdict(report: CourseReport, regimen: str) -> Verdict:
    return next(each.verdict for each in report.plans if each.regimen == regimen)


def _failed(report: CourseReport) -> set[str]:
    return {check.id for each in report.plans for check in each.checks if check.status is CheckStatus.FAILED}


def test_synthetic_course__without_faults_every_criterion_is_evaluable_and_per_protocol(
    healthy: CourseReport,
) -> None:
    assert {row.verdict for row in healthy.results} == {Verdict.PER_PROTOCOL}
    assert healthy.verdict is Verdict.PER_PROTOCOL
    assert not healthy.has_unacceptable_or_not_evaluable
    assert _failed(healthy) == set()
    assert not [finding for finding in healthy.findings if finding["severity"] == "error"]


def test_synthetic_course__every_index_has_a_value_or_a_reason(healthy: CourseReport) -> None:
    indices = [index for each in healthy.plans for index in each.indices]
    beside = {"conformity", "gradient", "homogeneity", "outside", "Mean[Gy]", "Integral[Gy cc]"}
    assert {index.id for index in indices} == beside
    assert all((index.value is None) is bool(index.reason) for index in indices)
    conformity = [index.value for index in indices if index.id == "conformity" and index.value is not None]
    assert all(0 < value <= 1 for value in conformity)


def test_synthetic_course__records_and_inputs_are_in_the_report(healthy: CourseReport) -> None:
    assert {fact.delivered_fractions for fact in healthy.delivery} == {5, 12}
    assert {file.kind for file in healthy.inputs} >= {"ct", "plan", "dose", "structure-set"}
    assert all(len(file.sha256) == 64 for file in healthy.inputs)


def test_synthetic_course__the_same_input_gives_the_same_bytes(
    healthy: CourseReport, checked: Checked
) -> None:
    assert report_to_json(checked()) == report_to_json(healthy)


def test_synthetic_course__no_report_shows_the_patient(healthy: CourseReport, tmp_path: Path) -> None:
    write_small_course(tmp_path)
    plan = dcmread(tmp_path / "RP.CFRT.dcm")
    words = list(_texts(report_to_dict(healthy)))
    for secret in (str(plan.PatientName), plan.PatientID, plan.PatientBirthDate):
        assert secret
        assert not [word for word in words if secret in word]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(
    ("fault", "protocol", "course", "cfrt"),
    [
        (Fault.VIOLATED_LIMIT, SCR, Verdict.UNACCEPTABLE_DEVIATION, Verdict.UNACCEPTABLE_DEVIATION),
        (Fault.MISSING_ORGAN, SCR, Verdict.NOT_EVALUABLE, Verdict.NOT_EVALUABLE),
        (Fault.WRONG_FRACTION_COUNT, LEAN, Verdict.UNACCEPTABLE_DEVIATION, Verdict.UNACCEPTABLE_DEVIATION),
        (Fault.ANOTHER_PRESCRIPTION, LEAN, Verdict.UNACCEPTABLE_DEVIATION, Verdict.UNACCEPTABLE_DEVIATION),
        (Fault.DOSE_PER_FRACTION, LEAN, Verdict.NOT_EVALUABLE, Verdict.NOT_EVALUABLE),
        (Fault.RELATIVE_DOSE, LEAN, Verdict.NOT_EVALUABLE, Verdict.NOT_EVALUABLE),
        pytest.param(  # it searches a registration of two whole CTs: without one of them below
            Fault.FOREIGN_FRAME,
            LEAN,
            Verdict.NOT_EVALUABLE,
            Verdict.PER_PROTOCOL,
            marks=pytest.mark.long,
        ),
        (Fault.NOT_APPROVED, LEAN, Verdict.ACCEPTABLE_VARIATION, Verdict.ACCEPTABLE_VARIATION),
    ],
    ids=lambda value: value.value if isinstance(value, Fault) else "",
)
def test_synthetic_course__a_planted_fault_is_found(
    checked: Checked, fault: Fault, protocol: Protocol, course: Verdict, cfrt: Verdict
) -> None:
    report = checked(fault, protocol=protocol)
    assert report.verdict is course
    assert _plan_verdict(report, "CFRT") is cfrt
    assert _plan_verdict(report, "LDRT") is Verdict.PER_PROTOCOL


def test_synthetic_course__plans_of_two_frames_stand_by_themselves_and_have_no_sum(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    write_small_course(tmp_path / "course", faults=[Fault.FOREIGN_FRAME])
    shutil.rmtree(tmp_path / "course" / "CT.repositioned")
    report = check_paths([tmp_path / "course"], LEAN, tmp_path / "scratch")
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert {each.verdict for each in report.plans} == {Verdict.PER_PROTOCOL}
    assert not any(each.evaluable for each in report.sums)


def test_synthetic_course__a_registration_makes_the_sum_evaluable(checked: Checked) -> None:
    report = checked(Fault.REGISTERED_FRAME)
    assert report.verdict is Verdict.PER_PROTOCOL
    assert all(each.evaluable and each.needs_review for each in report.sums)


def test_synthetic_course__an_organ_below_the_grid_is_judged_both_ways(checked: Checked) -> None:
    report = checked(Fault.STRUCTURE_LEAVES_GRID)
    kidneys = [
        row
        for row in report.results
        if row.structure.startswith("Kidney") and row.scope_kind is ScopeKind.SUM_PHYSICAL
    ]
    assert all(row.verdict is not Verdict.NOT_EVALUABLE for row in kidneys)
    assert all(
        each.uncovered_cc
        for each in report.structures
        if each.scope.startswith("sum") and "Kidney" in each.name
    )


def test_synthetic_course__missing_ct_slices_are_a_variation_of_the_plan(checked: Checked) -> None:
    assert "CT complete" in _failed(checked(Fault.MISSING_CT_SLICES, protocol=LEAN))


def test_synthetic_course__missing_contours_and_an_empty_structure_are_a_variation(checked: Checked) -> None:
    assert "structures complete" in _failed(checked(Fault.MISSING_SLICES, Fault.EMPTY_STRUCTURE))


def test_synthetic_course__two_patients_are_not_judged_together(checked: Checked) -> None:
    report = checked(Fault.TWO_PATIENTS)
    assert report.verdict is Verdict.NOT_EVALUABLE
    found = {finding["code"] for finding in report.findings}
    assert FindingCode.PATIENT_MISMATCH in found
    assert FindingCode.REGIMEN_WITHOUT_PLAN not in found  # the plans are there; they were not linked
    assert {row.reason for row in report.results} == {"the files belong to more than one patient"}
