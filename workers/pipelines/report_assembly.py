"""Puts the parts of a checked course together as the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imaging.course import Course
from imaging.findings import Finding
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import (
    Curve,
    InputFile,
    PlanCheckResult,
    PlanIndex,
    PlanReport,
    StructureReport,
    TargetReport,
)
from trial_core.domain.verdict import Judgement
from workers.pipelines.criterion_results import RowScope, contours_words, plan_scope, scope_key, sum_scope
from workers.pipelines.display_curve import Points
from workers.pipelines.measuring import Measured, Measurer
from workers.pipelines.plan_facts import plan_facts
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.structure_lookup import FoundStructure, StructureLookup
from workers.pipelines.sum_contours import drawn_otherwise
from workers.pipelines.sums import CourseSum
from workers.pipelines.unused_objects import unused_objects

_MeasuredByName = Mapping[tuple[str, str, tuple[str, ...]], Measured]


def input_files(course: Course) -> tuple[InputFile, ...]:
    """Every file that was handed over, in the order of its name and hash."""
    unused = unused_objects(course)
    files = [
        InputFile(
            name=file.name,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            kind=file.kind.value,
            used=file.used and file.name not in unused,
            reason=file.reason or unused.get(file.name, ""),
        )
        for file in course.files
    ]
    return tuple(sorted(files, key=lambda file: (file.name, file.sha256)))


def plan_report(
    plan: PreparedPlan,
    targets: tuple[TargetReport, ...],
    checks: tuple[PlanCheckResult, ...],
    indices: tuple[PlanIndex, ...],
    judgement: Judgement,
) -> PlanReport:
    """One plan as the report tells it."""
    regimen, facts = plan.assigned.regimen, plan_facts(plan.assigned.plan)
    dose = plan.assigned.linked.dose
    return PlanReport(
        key=plan.key,
        label=plan.label,
        regimen=regimen.id if regimen else None,
        regimen_label=regimen.label if regimen else "",
        targets=targets,
        prescription_gy=plan.plan_prescription_gy,
        planned_fractions=plan.assigned.planned_fractions,
        dose_per_fraction_gy=regimen.prescription.dose_per_fraction_gy if regimen else None,
        share_fractions=plan.share.fractions if plan.share else None,
        regimen_fractions=regimen.prescription.fractions if regimen else None,
        verdict=judgement.verdict,
        reasons=judgement.reasons,
        checks=checks,
        indices=indices,
        machine=facts.machine,
        energy=facts.energy,
        technique=facts.technique,
        approval=plan.assigned.plan.approval,
        dose_summation=dose.summation.value if dose else None,
        sop_instance_uid=plan.assigned.plan.sop_instance_uid,
    )


def structure_reports(
    protocol: Protocol, plans: Sequence[PreparedPlan], total: CourseSum | None, measurer: Measurer
) -> tuple[StructureReport, ...]:
    """Every structure that a criterion or a target asks for, in each plan and in the sum."""
    measured = {
        (scope, each.structure.name, each.structure.site_names): each
        for scope, each in measurer.all_measured()
    }
    reports: list[StructureReport] = []
    for plan in plans:
        found = [
            *(target.structure for target in plan.targets),
            *_organs(protocol, plan.lookup, ScopeKind.PLAN, plan),
        ]
        reports += [_structure(each, plan_scope(plan), measured) for each in found]
    if total is not None and total.lookup is not None:
        organs = _organs(protocol, total.lookup, ScopeKind.SUM_PHYSICAL, None)
        reports += [_structure(each, sum_scope(None), measured) for each in organs]
        reports += _drawn_otherwise(total, organs, measured)
    return tuple(reports)


def curves(
    plans: Sequence[PreparedPlan], protocol: Protocol, total: CourseSum | None, measurer: Measurer
) -> tuple[Curve, ...]:
    """The DVH of every structure of the protocol that was measured, thinned for display."""
    betas = [None, *{rule.alpha_beta_gy for rule in protocol.structures}]
    words = ["", *(contours_words(each) for each in (total.beside if total else ()))]
    scopes = [*map(plan_scope, plans), *(sum_scope(beta, contours) for beta in betas for contours in words)]
    by_key = {scope_key(scope): scope for scope in scopes}
    names = {rule.name for rule in protocol.structures}
    return tuple(
        _curve(by_key[key], each.structure, each.readings.curve, protocol)
        for key, each in measurer.all_measured()
        if each.readings is not None and each.structure.name in names
    )


def findings_as_json(findings: Sequence[Finding]) -> tuple[Mapping[str, str | None], ...]:
    """Each finding once, in the order they were made."""
    return tuple(finding.as_json() for finding in dict.fromkeys(findings))


def _drawn_otherwise(
    total: CourseSum, organs: Sequence[FoundStructure], measured: _MeasuredByName
) -> list[StructureReport]:
    """The structures of the sum as another structure set shows them."""
    return [
        _structure(other.lookup.find(organ.name), sum_scope(None, contours_words(other)), measured)
        for other in total.beside
        for organ in organs
        if other.lookup is not None and other in drawn_otherwise(total, organ.name)
    ]


def _organs(
    protocol: Protocol, lookup: StructureLookup, kind: ScopeKind, plan: PreparedPlan | None
) -> list[FoundStructure]:
    regimen = plan.assigned.regimen.id if plan and plan.assigned.regimen else None
    names = [
        criterion.structure
        for criterion in protocol.criteria
        if not protocol.is_target(criterion.structure)
        and any(scope.kind is kind and scope.regimen == regimen for scope in criterion.scopes)
    ]
    return [lookup.find(name) for name in dict.fromkeys(names)]


def _structure(found: FoundStructure, scope: RowScope, measured: _MeasuredByName) -> StructureReport:
    each = measured.get((scope_key(scope), found.name, found.site_names))
    in_grid = each.readings.in_grid if each and each.readings else None
    return StructureReport(
        name=found.name,
        scope=scope.words,
        site_names=found.site_names,
        status=found.status,
        volume_cc=in_grid.volume_cc if in_grid else None,
        uncovered_cc=in_grid.uncovered_cc if in_grid else None,
    )


def _curve(scope: RowScope, structure: FoundStructure, shown: Points, protocol: Protocol) -> Curve:
    is_one_of_several = protocol.is_target(structure.name) and structure.site_names
    dose_gy, volume_percent = shown
    return Curve(
        structure=structure.site_names[0] if is_one_of_several else structure.name,
        scope_kind=scope.kind,
        scope=scope.words,
        plan_key=scope.plan_key,
        dose_gy=tuple(dose_gy.tolist()),
        volume_percent=tuple(volume_percent.tolist()),
    )
