"""What the tests of the whole check share: the protocol, the anatomy, and ways to read a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from imaging.course import Course, LinkedPlan
from imaging.dicom.rt_structure import StructureSet
from imaging.findings import FindingCode
from tests.workers.pipelines.courses import (
    SMALL_ANATOMY,
    dose,
    linked,
    plan,
    structure_set,
    target,
)
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import CheckStatus, CourseReport, PlanReport, ResultRow
from trial_core.protocols.reader import read_protocol
from workers.pipelines.plan_check import check_course

SCR = read_protocol("SCR-ESCC-01")
SET = structure_set()
PHYSICAL, EQD2, PLAN = ScopeKind.SUM_PHYSICAL, ScopeKind.SUM_EQD2, ScopeKind.PLAN


def asking(*structures: str) -> Protocol:
    """SCR-ESCC-01 with the criteria of these structures alone: faster."""
    return replace(SCR, criteria=tuple(each for each in SCR.criteria if each.structure in structures))


def check(given: Course) -> CourseReport:
    """Check a course by SCR-ESCC-01."""
    return check_course(given, SCR)


def codes(report: CourseReport) -> set[str]:
    """The codes of all findings."""
    return {finding["code"] for finding in report.findings}


def said(report: CourseReport, code: FindingCode) -> list[Mapping[str, str | None]]:
    """The findings of one code."""
    return [each for each in report.findings if each["code"] == code]


def plan_of(report: CourseReport, regimen: str) -> PlanReport:
    """The first plan of a regimen."""
    return next(each for each in report.plans if each.regimen == regimen)


def rows(report: CourseReport, structure: str, kind: ScopeKind) -> list[ResultRow]:
    """The rows of a structure of the protocol in one kind of scope."""
    return [row for row in report.results if row.structure == structure and row.scope_kind is kind]


def check_of(report: CourseReport, regimen: str, identifier: str) -> CheckStatus:
    """The outcome of one check of a plan."""
    return next(each.status for each in plan_of(report, regimen).checks if each.id == identifier)


def part(
    uid: str, fractions: int, dose_gy: float, *predecessors: str, structures: StructureSet = SET
) -> LinkedPlan:
    """One of several CFRT plans that share the regimen."""
    hot = {SMALL_ANATOMY["PTVp"]: dose_gy}
    rt_plan = plan("CFRT", fractions, [target(2, dose_gy)], uid=uid, predecessors=predecessors)
    return linked(rt_plan, dose(4.0 * dose_gy / 50.4, hot, uid=f"dose {uid}"), structures)
