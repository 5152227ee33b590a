"""The sum of the plans of a course: which doses, with which weight, in whose frame, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dosimetry.accumulation.point_sum import Dose, DoseLayer
from imaging.course import Course
from imaging.findings import Finding, FindingCode, error, warning
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import SumLayer, SumReport
from workers.pipelines.placement import Place, structure_frame
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.reviewed_placement import Placing
from workers.pipelines.structure_lookup import StructureLookup


@dataclass(frozen=True, eq=False)
class CourseSum:
    """The sum of all plans at the points of one structure set.

    Attributes
    ----------
    lookup
        The structures it is measured in; None where there is no plan whose structures they are.
    layers
        One dose for each plan, placed; empty where `reason` says why there is no sum.
    reason, eqd2_reason
        Why neither sum, or only the sum in EQD2, can be evaluated; empty where it can.
    beside
        The same sum at the points of the other structure sets of the regimen whose organs it takes: an
        adaptive replan may have drawn them again.
    """

    lookup: StructureLookup | None
    layers: tuple[DoseLayer, ...]
    described: tuple[SumLayer, ...]
    reason: str
    eqd2_reason: str
    beside: tuple[CourseSum, ...] = ()

    @property
    def file(self) -> str:
        """The file of the structure set; empty where there is none."""
        structure_set = self.lookup.structure_set if self.lookup else None
        return structure_set.file if structure_set else ""

    def dose(self, alpha_beta_gy: float | None) -> Dose | None:
        """The physical sum, or that in EQD2; None where it is not evaluable."""
        return None if self.why_not(alpha_beta_gy) else Dose(self.layers, alpha_beta_gy)

    def why_not(self, alpha_beta_gy: float | None) -> str:
        """Why this sum cannot be evaluated; empty where it can."""
        return self.reason or (self.eqd2_reason if alpha_beta_gy is not None else "")

    def report(self, alpha_beta_gy: float | None) -> SumReport:
        """The sum as the report tells it."""
        why = self.why_not(alpha_beta_gy)
        return SumReport(
            scope_kind=ScopeKind.SUM_PHYSICAL if alpha_beta_gy is None else ScopeKind.SUM_EQD2,
            alpha_beta_gy=alpha_beta_gy,
            evaluable=not why,
            reason=why,
            layers=self.described,
            needs_review=any(layer.needs_review for layer in self.described),
        )


def sum_of_course(
    course: Course,
    protocol: Protocol,
    plans: Sequence[PreparedPlan],
    *,
    doubts: Mapping[str, str],
    obstacles: Sequence[str],
    placing: Placing | None = None,
) -> tuple[CourseSum | None, list[Finding]]:
    """Build the sum.

    Parameters
    ----------
    course, protocol, plans
        What was read, what it is judged by, the plans.
    doubts
        By key of plan: why its dose is not to be believed (the guard's word); such a plan makes no sum.
    obstacles
        Why the course as a whole has no sum (a required regimen has no plan, files of two patients).
    placing
        Where doses of other frames lie, with what people accepted; default: nothing was.

    Returns
    -------
    The sum, None where the protocol asks for none; and findings.
    """
    if protocol.sum_rule is None:
        return None, []
    lookups = _lookups(plans, protocol.sum_rule.structures_from)
    if not lookups:
        reason = (*obstacles, f"no structure set of a {protocol.sum_rule.structures_from} plan")[0]
        return CourseSum(None, (), (), reason, reason), [_incomplete(reason)]
    where = placing or Placing(course, (), protocol.sum_rule)
    made = [_sum_in(lookup, where, plans, doubts, obstacles) for lookup in lookups]
    (total, findings), *others = made
    said = [finding for _, each in others for finding in each]
    return replace(total, beside=tuple(each for each, _ in others)), list(dict.fromkeys(findings + said))


def _lookups(plans: Sequence[PreparedPlan], regimen: str) -> list[StructureLookup]:
    """The structures of the regimen's plans, each set once, that of the plan with most fractions first."""
    own = [plan for plan in plans if plan.assigned.regimen and plan.assigned.regimen.id == regimen]
    own.sort(key=lambda plan: -plan.share.fractions if plan.share else 0)
    return list(dict.fromkeys(plan.lookup for plan in own if plan.lookup.structure_set is not None))


def _sum_in(
    lookup: StructureLookup,
    placing: Placing,
    plans: Sequence[PreparedPlan],
    doubts: Mapping[str, str],
    obstacles: Sequence[str],
) -> tuple[CourseSum, list[Finding]]:
    """The sum at the points of one structure set."""
    frame = structure_frame(lookup.structure_set) if lookup.structure_set else None
    places = [(plan, placing.place(plan, frame)) for plan in plans]
    reason = _first_reason(places, doubts, obstacles)
    layers = () if reason else tuple(_placed(plan, where) for plan, where in places)
    described = tuple(_described(plan, where) for plan, where in places)
    total = CourseSum(lookup, layers, described, reason, _eqd2_reason(plans))
    return total, _findings(places, total)


def _first_reason(
    places: Sequence[tuple[PreparedPlan, Place]], doubts: Mapping[str, str], obstacles: Sequence[str]
) -> str:
    reasons = list(obstacles)
    for plan, where in places:
        problem = plan.share.problem if plan.share else ""
        words = (plan.obstacle, problem, doubts.get(plan.key, ""), where.reason)
        reasons += [f"plan '{plan.label}': {word}" for word in words if word]
    return reasons[0] if reasons else ""


def _placed(plan: PreparedPlan, where: Place) -> DoseLayer:
    assert plan.layer is not None  # noqa: S101 - `_first_reason` has looked
    assert where.matrix is not None  # noqa: S101
    return replace(plan.layer, region_to_dose_mm=where.matrix)


def _described(plan: PreparedPlan, where: Place) -> SumLayer:
    return SumLayer(
        plan_key=plan.key,
        label=plan.label,
        fractions=plan.share.fractions if plan.share else None,
        weight=plan.share.weight if plan.share else 1.0,
        placed_by=where.placed_by,
        needs_review=where.needs_review,
        surface_distance_mm=where.surface_distance_mm,
        displacement_mm=where.displacement_mm,
    )


def _eqd2_reason(plans: Sequence[PreparedPlan]) -> str:
    unknown = [f"'{plan.label}'" for plan in plans if plan.assigned.planned_fractions is None]
    return f"the number of fractions is not known: plan {', '.join(unknown)}" if unknown else ""


def _findings(places: Sequence[tuple[PreparedPlan, Place]], total: CourseSum) -> list[Finding]:
    findings = [_unplaced(plan, where) for plan, where in places if where.reason and plan.layer is not None]
    findings += [_review(plan, where) for plan, where in places if where.needs_review or where.accepted]
    if total.reason and not findings:
        findings.append(_incomplete(total.reason))
    return findings


def _unplaced(plan: PreparedPlan, where: Place) -> Finding:
    ask_for_it = "Hand over the spatial registration of the two image sets."
    look = "Look at the registration and accept it with the reason, or hand over the right one."
    return error(
        FindingCode.SUM_WITHOUT_REGISTRATION,
        f"plan '{plan.label}' is not in the sum: {where.reason}",
        action=look if where.waits else ask_for_it,
        file=plan.assigned.plan.file,
        element="FrameOfReferenceUID",
    )


def _review(plan: PreparedPlan, where: Place) -> Finding:
    return warning(
        FindingCode.LINKED_BY_FRAME,
        f"plan '{plan.label}' is in the sum by {where.placed_by}: {where.accepted or 'needs review'}",
        action="Look at the registration before the sum is relied on.",
        file=plan.assigned.plan.file,
    )


def _incomplete(reason: str) -> Finding:
    return error(
        FindingCode.SUM_INCOMPLETE,
        f"the sum of the course is not evaluable: {reason}",
        action="Hand over what is missing, or have it explained.",
    )
