"""How the plans of one regimen share its fractions: alone, side by side, or replacing one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from imaging.findings import Finding, FindingCode, error, warning
from workers.pipelines.regimen_assignment import AssignedPlan

PREDECESSOR = "PREDECESSOR"
"""RTPlanRelationship of a plan that this one was derived from (PS3.3 C.8.8.9)."""


@dataclass(frozen=True)
class Share:
    """A plan's part in its regimen.

    Attributes
    ----------
    fractions
        Fractions of the regimen that this plan is to give; 0: another plan replaced it altogether.
    weight
        Part of its planned dose that counts: 1, or less where a later plan took over.
    alone
        No other plan of the regimen has a target of this one.
    problem
        Why the share is not known (then a sum is not evaluable); empty where it is.
    """

    fractions: int
    weight: float
    problem: str = ""
    alone: bool = False


def share_fractions(
    plans: Sequence[AssignedPlan], target_names: Mapping[str, frozenset[str]]
) -> tuple[dict[str, Share], list[Finding]]:
    """Share the fractions of one regimen among its plans.

    Parameters
    ----------
    plans
        The plans of one regimen.
    target_names
        By key of plan: the names of its targets' ROIs; empty where they are not known.

    Returns
    -------
    The share of each plan by key, and findings.
    """
    shares: dict[str, Share] = {}
    findings: list[Finding] = []
    for group in _side_by_side(plans, target_names):
        given, said = _share_one_target(group)
        shares |= given
        findings += said
    return shares, findings


def _side_by_side(
    plans: Sequence[AssignedPlan], target_names: Mapping[str, frozenset[str]]
) -> list[list[AssignedPlan]]:
    """Plans with a target in common belong together; one whose targets are unknown belongs to all."""
    if any(not target_names[plan.key] for plan in plans):
        return [list(plans)]
    groups: list[list[AssignedPlan]] = []
    for plan in plans:
        touching = [group for group in groups if _touches(plan, group, target_names)]
        merged = [member for group in touching for member in group] + [plan]
        groups = [group for group in groups if group not in touching] + [merged]
    return groups


def _touches(
    plan: AssignedPlan, group: Sequence[AssignedPlan], target_names: Mapping[str, frozenset[str]]
) -> bool:
    return any(target_names[plan.key] & target_names[member.key] for member in group)


def _share_one_target(group: Sequence[AssignedPlan]) -> tuple[dict[str, Share], list[Finding]]:
    regimen = group[0].regimen
    assert regimen is not None  # noqa: S101 - the caller groups by regimen
    wanted = regimen.prescription.fractions
    if len(group) == 1:
        return {group[0].key: Share(wanted, 1.0, alone=True)}, []
    planned = [plan.planned_fractions for plan in group]
    if None not in planned and sum(count or 0 for count in planned) == wanted:
        return {plan.key: Share(plan.planned_fractions or 0, 1.0) for plan in group}, []
    chain = _chain(group)
    return _shortened(chain, wanted) if chain else _unclear(group, wanted)


def _chain(group: Sequence[AssignedPlan]) -> list[AssignedPlan]:
    """The plans from first to last by their predecessor relation; nothing where that is no chain."""
    by_uid = {plan.plan.sop_instance_uid: plan for plan in group}
    predecessors = {plan.key: [by_uid[uid] for uid in _predecessors(plan) if uid in by_uid] for plan in group}
    ends = [plan for plan in group if not any(plan in before for before in predecessors.values())]
    chain = ends[:1]
    while chain and len(predecessors[chain[0].key]) == 1 and len(chain) <= len(group):
        chain = [predecessors[chain[0].key][0], *chain]
    complete = len(ends) == 1 and {plan.key for plan in chain} == {plan.key for plan in group}
    return chain if complete and len(chain) == len(group) else []


def _predecessors(plan: AssignedPlan) -> list[str]:
    return [
        related.sop_instance_uid
        for related in plan.plan.related_plans
        if (related.relationship or "").upper() == PREDECESSOR
    ]


def _shortened(chain: Sequence[AssignedPlan], wanted: int) -> tuple[dict[str, Share], list[Finding]]:
    """Each plan gives what its successor does not: of 28, a successor planned for 8 leaves 20."""
    planned = [plan.planned_fractions or 0 for plan in chain]
    given = [now - later for now, later in zip(planned, [*planned[1:], 0], strict=True)]
    if planned[0] != wanted or planned[-1] == 0 or min(given) < 0:
        return _unclear(chain, wanted)
    shares = {
        plan.key: Share(part, part / whole) for plan, part, whole in zip(chain, given, planned, strict=True)
    }
    findings = [_replaced(plan, shares[plan.key].fractions, successor) for plan, successor in pairwise(chain)]
    return shares, findings


def _unclear(group: Sequence[AssignedPlan], wanted: int) -> tuple[dict[str, Share], list[Finding]]:
    words = " + ".join(str(plan.planned_fractions or "unknown") for plan in group)
    labels = ", ".join(f"'{plan.label}'" for plan in group)
    problem = f"plans {labels} share a target, and their fractions ({words}) do not add up to {wanted}"
    finding = error(
        FindingCode.FRACTIONS_DIFFER,
        f"{problem}: which of them gives which fractions is not known",
        action="Hand over only the plans that are treated, or plans that name their predecessor.",
        file=group[0].plan.file,
        element="NumberOfFractionsPlanned",
    )
    return {plan.key: Share(plan.planned_fractions or 0, 1.0, problem) for plan in group}, [finding]


def _replaced(plan: AssignedPlan, fractions: int, successor: AssignedPlan) -> Finding:
    return warning(
        FindingCode.PLAN_REPLACED,
        f"plan '{plan.label}' counts with {fractions} of its {plan.planned_fractions} fractions: "
        f"'{successor.label}' names it as predecessor and gives the other {successor.planned_fractions}",
        action="Compare with the treatment records.",
        file=plan.plan.file,
    )
