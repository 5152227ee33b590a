"""How the plans of one regimen share its fractions: alone, side by side, or replacing one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from imaging.findings import Finding, FindingCode, error, warning
from workers.pipelines.plan_aims import Aims
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
    unclear
        The problem lies in the targets: whether the fractions are wrong cannot be told.
    """

    fractions: int
    weight: float
    problem: str = ""
    alone: bool = False
    unclear: bool = False


def share_fractions(
    plans: Sequence[AssignedPlan], aims: Mapping[str, Aims]
) -> tuple[dict[str, Share], list[Finding]]:
    """Share the fractions of one regimen among its plans.

    Parameters
    ----------
    plans
        The plans of one regimen.
    aims
        By key of plan: what it aims at.

    Returns
    -------
    The share of each plan by key, and findings.
    """
    groups = _side_by_side(plans, aims)
    doubtful = [group for group in groups if any(_may_be_one(group, each, aims) for each in groups)]
    if doubtful:
        problem = "lie on different structure sets, and their targets' names do not tell which are the same"
        shares, findings = _targets_unclear([plan for group in doubtful for plan in group], problem)
    else:
        shares, findings = {}, []
    for group in groups:
        if group not in doubtful:
            given, said = _share_one_target(group, aims)
            shares |= given
            findings += said
    return shares, findings


def _side_by_side(plans: Sequence[AssignedPlan], aims: Mapping[str, Aims]) -> list[list[AssignedPlan]]:
    """Plans with a target in common, or one the predecessor of the other, belong together.

    One whose targets are unknown belongs to all.
    """
    if any(not aims[plan.key].targets for plan in plans):
        return [list(plans)]
    groups: list[list[AssignedPlan]] = []
    for plan in plans:
        touching = [group for group in groups if any(_touch(plan, member, aims) for member in group)]
        merged = [member for group in touching for member in group] + [plan]
        groups = [group for group in groups if group not in touching] + [merged]
    return groups


def _touch(one: AssignedPlan, other: AssignedPlan, aims: Mapping[str, Aims]) -> bool:
    first, second = aims[one.key], aims[other.key]
    return (bool(first.targets & second.targets) and not first.lie_apart(second)) or _related(one, other)


def _related(one: AssignedPlan, other: AssignedPlan) -> bool:
    """Whether one of the two names the other as its predecessor."""
    uids = one.plan.sop_instance_uid, other.plan.sop_instance_uid
    return uids[1] in _predecessors(one) or uids[0] in _predecessors(other)


def _may_be_one(
    group: Sequence[AssignedPlan], other: Sequence[AssignedPlan], aims: Mapping[str, Aims]
) -> bool:
    return other is not group and any(
        aims[plan.key].may_be_those_of(aims[member.key]) for plan in group for member in other
    )


def _treat_the_same(group: Sequence[AssignedPlan], aims: Mapping[str, Aims]) -> bool:
    """Whether all plans of a group treat the same targets; a new structure set may have renamed them."""
    for one, other in combinations(group, 2):
        first, second = aims[one.key], aims[other.key]
        renamed = first.structure_set != second.structure_set and len(first.targets) == len(second.targets)
        replanned = all(any(_related(plan, member) for member in group) for plan in (one, other))
        if first.targets != second.targets and not (renamed and replanned):
            return False
    return True


def _share_one_target(
    group: Sequence[AssignedPlan], aims: Mapping[str, Aims]
) -> tuple[dict[str, Share], list[Finding]]:
    regimen = group[0].regimen
    assert regimen is not None  # noqa: S101 - the caller groups by regimen
    wanted = regimen.prescription.fractions
    if len(group) == 1:
        return {group[0].key: Share(wanted, 1.0, alone=True)}, []
    if all(aims[plan.key].targets for plan in group) and not _treat_the_same(group, aims):
        return _targets_unclear(group, "share a target and not all: which fractions each gets is not known")
    planned = [plan.planned_fractions for plan in group]
    if None not in planned and sum(count or 0 for count in planned) == wanted:
        return {plan.key: Share(plan.planned_fractions or 0, 1.0) for plan in group}, []
    chain = _chain(group)
    if not chain and not all(aims[plan.key].targets for plan in group):
        return _targets_unclear(group, "may share a target, for what one of them aims at is not known")
    if not chain and any(aims[plan.key].guessed for plan in group):
        return _targets_unclear(group, "do not all name their targets: which of them share one is not known")
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


def _targets_unclear(group: Sequence[AssignedPlan], words: str) -> tuple[dict[str, Share], list[Finding]]:
    labels = ", ".join(f"'{plan.label}'" for plan in group)
    problem = f"plans {labels} {words}"
    finding = error(
        FindingCode.TARGET_AMBIGUOUS,
        problem,
        action="Let each plan's target dose reference name its targets, the sets name these alike, "
        "or let the later plan name its predecessor.",
        file=group[0].plan.file,
        element="ReferencedRTPlanSequence",
    )
    shares = {plan.key: Share(plan.planned_fractions or 0, 1.0, problem, unclear=True) for plan in group}
    return shares, [finding]


def _replaced(plan: AssignedPlan, fractions: int, successor: AssignedPlan) -> Finding:
    return warning(
        FindingCode.PLAN_REPLACED,
        f"plan '{plan.label}' counts with {fractions} of its {plan.planned_fractions} fractions: "
        f"'{successor.label}' names it as predecessor and gives the other {successor.planned_fractions}",
        action="Compare with the treatment records.",
        file=plan.plan.file,
    )
