"""Hazard ratios within the levels of the stratification factors: what a forest plot shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trial_core.statistics.cox import CoxFit, CoxObstacle, cox
from trial_core.statistics.follow_up import BoolArray, FollowUp
from trial_core.statistics.risk_table import one_stratum, risk_table


@dataclass(frozen=True)
class Subgroup:
    """The subjects of one level of one factor.

    Attributes
    ----------
    subjects, events
        By group.
    fit
        Of the other group against the reference, without strata; or why there is no hazard ratio.
    """

    factor: str
    level: str
    subjects: Mapping[str, int]
    events: Mapping[str, int]
    fit: CoxFit | CoxObstacle


def subgroup_ratios(
    follow_up: FollowUp,
    groups: Sequence[str],
    factors: Mapping[str, Sequence[str | None]],
    *,
    reference: str,
) -> tuple[Subgroup, ...]:
    """Compare two groups within every level of every factor, factors and levels in sort order.

    Parameters
    ----------
    groups
        Of n subjects, two names.
    factors
        Of each factor the n levels; None is missing, and in none of its subgroups.
    reference
        The group that the other one is compared with.
    """
    found = []
    for factor, levels in sorted(factors.items()):
        for level in sorted({each for each in levels if each is not None}):
            inside = np.array([each == level for each in levels])
            found.append(_subgroup((factor, level), follow_up, groups, inside, reference))
    return tuple(found)


def _subgroup(
    place: tuple[str, str], follow_up: FollowUp, groups: Sequence[str], inside: BoolArray, reference: str
) -> Subgroup:
    here, chosen = np.array(groups)[inside], follow_up.of(inside)
    names = sorted(set(groups))
    other = (here != reference).astype(np.int64)
    return Subgroup(
        factor=place[0],
        level=place[1],
        subjects={name: int((here == name).sum()) for name in names},
        events={name: int(chosen.events[here == name].sum()) for name in names},
        fit=cox(risk_table(chosen, other, one_stratum(chosen), group_count=2)),
    )
