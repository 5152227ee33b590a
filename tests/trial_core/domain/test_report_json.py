"""The report as bytes: canonical, unrounded, and the same after a round trip."""

import math
from dataclasses import replace

import pytest

from tests.trial_core.domain.rows import a_check, a_row
from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.report import (
    CourseReport,
    Curve,
    InputFile,
    PlanReport,
    ProtocolReference,
    SumReport,
)
from trial_core.domain.report_json import report_from_json, report_to_json


def a_report() -> CourseReport:
    plan = PlanReport(
        key="plan-1",
        label="CFRT",
        regimen="CFRT",
        regimen_label="Primary",
        targets=(),
        prescription_gy=50.4,
        planned_fractions=28,
        dose_per_fraction_gy=50.4 / 28,
        share_fractions=28,
        regimen_fractions=28,
        verdict=Verdict.PER_PROTOCOL,
        reasons=(),
        checks=(a_check(),),
        indices=(),
        machine=None,
        energy="6 MV",
        technique=None,
        approval="APPROVED",
        dose_summation="PLAN",
    )
    return CourseReport(
        protocol=ProtocolReference(id="X", version="1", title="Ö", sha256="ab", assumed=("doses: ours",)),
        code_version="0.1.0+abc",
        inputs=(InputFile(name="a.dcm", sha256="cd", size_bytes=1, kind="ct", used=True, reason=""),),
        verdict=Verdict.PER_PROTOCOL,
        reasons=(),
        plans=(plan,),
        results=(a_row(1, Verdict.PER_PROTOCOL),),
        counted=(),
        sums=(
            SumReport(
                scope_kind=ScopeKind.SUM_PHYSICAL,
                alpha_beta_gy=None,
                evaluable=True,
                reason="",
                layers=(),
                needs_review=False,
            ),
        ),
        structures=(),
        delivery=(),
        findings=({"code": "x", "severity": "info", "file": None},),
        curves=(
            Curve(
                structure="Heart",
                scope_kind=ScopeKind.PLAN,
                scope="plan CFRT",
                plan_key="plan-1",
                dose_gy=(0.0, 0.1),
                volume_percent=(100.0, 1 / 3),
            ),
        ),
    )


def test_report_to_json__reads_back_as_the_same_report_and_the_same_bytes() -> None:
    report = a_report()
    data = report_to_json(report)
    assert report_from_json(data) == report
    assert report_to_json(report_from_json(data)) == data


def test_report_to_json__keeps_every_digit() -> None:
    assert b"0.3333333333333333" in report_to_json(a_report())


def test_report_to_json__refuses_nan() -> None:
    row = replace(a_row(1, Verdict.PER_PROTOCOL), value=math.nan)
    with pytest.raises(ValueError, match="JSON compliant"):
        report_to_json(replace(a_report(), results=(row,)))


def test_report__tells_whether_anything_must_stop_a_reader() -> None:
    report = a_report()
    assert not report.has_unacceptable_or_not_evaluable
    for verdict in (Verdict.UNACCEPTABLE_DEVIATION, Verdict.NOT_EVALUABLE):
        assert replace(report, verdict=verdict).has_unacceptable_or_not_evaluable
        assert replace(report, results=(a_row(1, verdict),)).has_unacceptable_or_not_evaluable
    assert not replace(report, results=(a_row(1, Verdict.NOT_CONTOURED),)).has_unacceptable_or_not_evaluable
