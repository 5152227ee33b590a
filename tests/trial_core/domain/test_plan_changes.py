"""What changed between two versions: every field that did, and nothing that did not."""

from __future__ import annotations

from dataclasses import replace

from tests.trial_core.domain.rows import a_check
from tests.trial_core.reviewing import a_report
from trial_core.domain.criteria import Verdict
from trial_core.domain.plan_changes import Change, ChangeKind, plan_changes
from trial_core.domain.report import (
    CheckStatus,
    CheckWeight,
    CourseReport,
    StructureReport,
    StructureStatus,
    TargetReport,
)

HEART = StructureReport(
    name="Heart",
    scope="plan CFRT",
    site_names=("Heart",),
    status=StructureStatus.FOUND,
    volume_cc=600.0,
    uncovered_cc=0.0,
)
TARGET = TargetReport(
    name="PTV_Primary",
    site_structure="PTVp",
    prescription_gy=50.4,
    plan_prescription_gy=50.4,
    median_gy=50.5,
    plausible=True,
)


def _report(**plan_fields: object) -> CourseReport:
    report = a_report(b"plan")
    plan = replace(report.plans[0], targets=(TARGET,), **plan_fields)  # type: ignore[arg-type]
    rows = tuple(replace(row, value=12.0) for row in report.results[:1])
    return replace(report, plans=(plan,), results=rows, structures=(HEART,))


def _told(changes: tuple[Change, ...]) -> set[tuple[str, str, object, object]]:
    return {(each.about, each.field, each.before, each.after) for each in changes}


def test_plan_changes__of_the_same_report_are_none() -> None:
    assert plan_changes(_report(), _report()) == ()


def test_plan_changes__names_metrics_volumes_and_tags() -> None:
    before = _report()
    after = _report(label="CFRT 2", sop_instance_uid="1.9", planned_fractions=25, machine="B")
    after = replace(
        after,
        results=tuple(
            replace(row, value=13.5, verdict=Verdict.ACCEPTABLE_VARIATION, scope="plan CFRT 2")
            for row in after.results
        ),
        structures=(replace(HEART, scope="plan CFRT 2", volume_cc=650.0),),
    )
    changes = plan_changes(before, after)
    assert _told(changes) == {
        ("plan CFRT 2", "label", "CFRT", "CFRT 2"),
        ("plan CFRT 2", "sop_instance_uid", "1.2.826.1", "1.9"),
        ("plan CFRT 2", "planned_fractions", 28, 25),
        ("plan CFRT 2", "machine", None, "B"),
        ("Heart Mean[Gy], plan CFRT 2", "value", 12.0, 13.5),
        ("Heart Mean[Gy], plan CFRT 2", "verdict", "per protocol", "acceptable variation"),
        ("Heart, plan CFRT 2", "volume_cc", 600.0, 650.0),
    }
    (metric,) = [each for each in changes if each.kind is ChangeKind.METRIC and each.field == "value"]
    assert (metric.difference, metric.unit) == (1.5, "Gy")


def test_plan_changes__names_prescriptions_and_checks() -> None:
    passed = replace(a_check(CheckStatus.PASSED, CheckWeight.VARIATION), found="6 MV")
    failed = replace(passed, status=CheckStatus.FAILED, found="10 MV")
    before, after = _report(checks=(passed,)), _report(checks=(failed,), prescription_gy=40.0)
    other = replace(TARGET, plan_prescription_gy=40.0)
    after = replace(after, plans=(replace(after.plans[0], targets=(other,)),))
    told = _told(plan_changes(before, after))
    assert ("plan CFRT", "prescription_gy", 50.4, 40.0) in told
    assert ("plan CFRT, target PTVp", "plan_prescription_gy", 50.4, 40.0) in told
    assert ("plan CFRT", passed.label, "passed: 6 MV", "failed: 10 MV") in told


def test_plan_changes__names_plans_rows_and_structures_that_came_or_went() -> None:
    before = _report()
    plan = replace(before.plans[0], key="plan-2", regimen="LDRT", label="LDRT", sop_instance_uid="2")
    after = replace(before, plans=(*before.plans, plan), results=(), structures=())
    assert _told(plan_changes(before, after)) == {
        ("course", "plan", None, "LDRT"),
        ("Heart Mean[Gy], plan CFRT", "value", 12.0, None),
        ("Heart Mean[Gy], plan CFRT", "verdict", "per protocol", None),
        ("Heart, plan CFRT", "volume_cc", 600.0, None),
        ("Heart, plan CFRT", "uncovered_cc", 0.0, None),
        ("Heart, plan CFRT", "status", "found", None),
    }
    assert ("course", "plan", "LDRT", None) in _told(plan_changes(after, before))


def test_plan_changes__pairs_plans_by_uid_before_label() -> None:
    one = _report().plans[0]
    first = replace(one, key="plan-1", label="A", sop_instance_uid="1", machine="M1")
    second = replace(one, key="plan-2", label="B", sop_instance_uid="2", machine="M2")
    before = replace(_report(), plans=(first, second), results=(), structures=())
    swapped = (replace(first, label="B"), replace(second, label="A"))
    told = _told(plan_changes(before, replace(before, plans=swapped)))
    assert told == {("plan B", "label", "A", "B"), ("plan A", "label", "B", "A")}
