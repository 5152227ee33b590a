"""Structures that the protocol requires and a structure set does not draw: said once for each set."""

from __future__ import annotations

from collections.abc import Sequence

from imaging.findings import Finding, FindingCode, error
from trial_core.domain.criteria import Requirement, ScopeKind
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import StructureStatus
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.structure_lookup import FoundStructure, StructureLookup


def missing_structures(plans: Sequence[PreparedPlan], protocol: Protocol) -> list[Finding]:
    """An error for each structure set that lacks what a required criterion is measured in.

    Notes
    -----
    An ROI that is there and has no contours, or that fits twice, is said by a finding of its own.
    """
    missing: dict[StructureLookup, dict[str, FoundStructure]] = {}
    for plan in plans:
        for name in _required(plan, protocol):
            found = plan.lookup.find(name)
            if plan.lookup.structure_set and found.status is StructureStatus.NOT_CONTOURED:
                missing.setdefault(plan.lookup, {})[name] = found
    return [_finding(lookup, list(found.values())) for lookup, found in missing.items()]


def _required(plan: PreparedPlan, protocol: Protocol) -> list[str]:
    """Organs of the required criteria that the contours of this plan are measured for, each once."""
    regimen = plan.assigned.regimen.id if plan.assigned.regimen else None
    gives_sum = protocol.sum_rule is not None and protocol.sum_rule.structures_from == regimen
    names = [
        criterion.structure
        for criterion in protocol.criteria
        if criterion.requirement is Requirement.REQUIRED
        and not protocol.is_target(criterion.structure)
        and any(
            gives_sum if scope.kind is not ScopeKind.PLAN else scope.regimen == regimen
            for scope in criterion.scopes
        )
    ]
    return list(dict.fromkeys(names)) if regimen else []


def _finding(lookup: StructureLookup, missing: Sequence[FoundStructure]) -> Finding:
    words = "; ".join(f"{each.name} ({each.reason})" for each in missing)
    return error(
        FindingCode.STRUCTURE_MISSING,
        f"The structure set lacks what the protocol requires: {words}",
        action="Contour what is missing, or give the ROI a name that the protocol knows.",
        file=lookup.structure_set.file if lookup.structure_set else None,
        structure=missing[0].name if len(missing) == 1 else None,
    )
