"""Survival by group, as a data cut is analysed: curves, tests, hazard ratio, restricted means, landmarks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trial_core.statistics.cox import CoxFit, CoxObstacle, cox
from trial_core.statistics.cox_checks import (
    ProportionalHazards,
    clock_of_survival,
    proportional_hazards,
    robust_standard_error,
)
from trial_core.statistics.follow_up import BoolArray, FollowUp, IndexArray
from trial_core.statistics.kaplan_meier import (
    Estimate,
    SurvivalCurve,
    kaplan_meier,
    median_days,
    number_at_risk,
    survival_at,
)
from trial_core.statistics.log_rank import LogRank, log_rank
from trial_core.statistics.restricted_mean import (
    Difference,
    RestrictedMean,
    difference,
    restricted_mean,
)
from trial_core.statistics.risk_table import risk_table

NO_STRATUM = -1


@dataclass(frozen=True)
class SurvivalData:
    """Follow-up of n subjects with their groups and strata.

    Attributes
    ----------
    keys
        The groups' names, in sort order.
    groups
        shape (n,): each subject's place in `keys`.
    strata
        shape (n,): a number for each stratum, -1 where a subject lacks it; None without strata.
    """

    follow_up: FollowUp
    keys: tuple[str, ...]
    groups: IndexArray
    strata: IndexArray | None


@dataclass(frozen=True)
class GroupSurvival:
    """One group by itself: Kaplan-Meier, and how long it was followed (reverse Kaplan-Meier)."""

    n: int
    events: int
    curve: SurvivalCurve
    median: Estimate
    follow_up_median: Estimate


@dataclass(frozen=True)
class LogRankResult:
    """A log-rank test and how many subjects it rests on."""

    n: int
    test: LogRank


@dataclass(frozen=True)
class CoxResult:
    """Hazard ratio of the other group against the reference, or why there is none."""

    n: int
    reference: str
    fit: CoxFit | CoxObstacle
    proportional_hazards: ProportionalHazards | None
    robust_standard_error: float | None


@dataclass(frozen=True)
class RestrictedMeans:
    """Restricted means up to tau; the difference is the other group's minus the reference's."""

    tau_days: float
    groups: Mapping[str, RestrictedMean | None]
    difference: Difference | None


@dataclass(frozen=True)
class Landmark:
    """Survival of each group at one day, and how many of it were still at risk there."""

    day: float
    groups: Mapping[str, Estimate]
    at_risk: Mapping[str, int]


@dataclass(frozen=True)
class SurvivalAnalysis:
    """Everything about one endpoint; None is what needs exactly two groups, or strata, without them."""

    data: SurvivalData
    reference: str | None
    groups: Mapping[str, GroupSurvival]
    log_rank: LogRankResult | None
    stratified_log_rank: LogRankResult | None
    cox: CoxResult | None
    stratified_cox: CoxResult | None
    restricted_means: RestrictedMeans
    landmarks: tuple[Landmark, ...]


def survival_data(
    follow_up: FollowUp, groups: Sequence[str], strata: Sequence[Hashable | None] | None = None
) -> SurvivalData:
    """Number the groups in sort order of their names, and the strata; a stratum of None is missing."""
    keys = tuple(sorted(set(groups)))
    place = {key: number for number, key in enumerate(keys)}
    of_subject = np.array([place[key] for key in groups], dtype=np.int64)
    return SurvivalData(follow_up, keys, of_subject, None if strata is None else _numbered(strata))


def analyse_survival(
    data: SurvivalData,
    *,
    reference: str | None = None,
    tau_days: float | None = None,
    landmark_days: Sequence[float] = (),
) -> SurvivalAnalysis:
    """Analyse one endpoint by group.

    Parameters
    ----------
    data
        Of one or more groups.
    reference
        The group that the other one is compared with; the first in sort order where None.
    tau_days
        Horizon of the restricted means; the smallest of the groups' largest times where None.
    landmark_days
        Days at which survival is read off.
    """
    chosen = (reference or data.keys[0]) if len(data.keys) == 2 else None
    followed = {key: data.follow_up.of(data.groups == place) for place, key in enumerate(data.keys)}
    groups = {key: _group(each) for key, each in followed.items()}
    complete, strata = _with_stratum(data)
    return SurvivalAnalysis(
        data=data,
        reference=chosen,
        groups=groups,
        log_rank=_log_rank(data, _all(data), _one_stratum(data)),
        stratified_log_rank=None if strata is None else _log_rank(data, complete, strata),
        cox=_cox(data, _all(data), _one_stratum(data), chosen),
        stratified_cox=None if strata is None else _cox(data, complete, strata, chosen),
        restricted_means=_restricted_means(
            groups, chosen, common_follow_up(data) if tau_days is None else tau_days
        ),
        landmarks=tuple(_landmark(day, groups, followed) for day in landmark_days),
    )


def common_follow_up(data: SurvivalData) -> float:
    """The smallest of the groups' largest times, in days."""
    return min(data.follow_up.of(data.groups == place).largest_days for place in range(len(data.keys)))


def _numbered(strata: Sequence[Hashable | None]) -> IndexArray:
    numbers: dict[Hashable, int] = {}
    return np.array(
        [NO_STRATUM if each is None else numbers.setdefault(each, len(numbers)) for each in strata],
        dtype=np.int64,
    )


def _all(data: SurvivalData) -> BoolArray:
    return np.ones(data.groups.size, dtype=np.bool_)


def _one_stratum(data: SurvivalData) -> IndexArray:
    return np.zeros_like(data.groups)


def _with_stratum(data: SurvivalData) -> tuple[BoolArray, IndexArray | None]:
    if data.strata is None:
        return _all(data), None
    return data.strata != NO_STRATUM, data.strata


def _group(follow_up: FollowUp) -> GroupSurvival:
    curve = kaplan_meier(follow_up)
    return GroupSurvival(
        n=follow_up.events.size,
        events=int(follow_up.events.sum()),
        curve=curve,
        median=median_days(curve),
        follow_up_median=median_days(kaplan_meier(follow_up.reversed())),
    )


def _log_rank(data: SurvivalData, subjects: BoolArray, strata: IndexArray) -> LogRankResult | None:
    if len(data.keys) < 2:
        return None
    table = risk_table(
        data.follow_up.of(subjects), data.groups[subjects], strata[subjects], group_count=len(data.keys)
    )
    return LogRankResult(int(subjects.sum()), log_rank(table))


def _cox(
    data: SurvivalData, subjects: BoolArray, strata: IndexArray, reference: str | None
) -> CoxResult | None:
    if reference is None:
        return None
    follow_up, within = data.follow_up.of(subjects), strata[subjects]
    other = (data.groups[subjects] != data.keys.index(reference)).astype(np.int64)
    table = risk_table(follow_up, other, within, group_count=2)
    fit, n = cox(table), int(subjects.sum())
    if isinstance(fit, CoxObstacle):
        return CoxResult(n, reference, fit, None, None)
    clock = clock_of_survival(follow_up, table.times_days)
    drift = proportional_hazards(table, clock, fit.coefficient)
    robust = robust_standard_error(follow_up, other, within, fit.coefficient)
    return CoxResult(n, reference, fit, drift, robust)


def _restricted_means(
    groups: Mapping[str, GroupSurvival], reference: str | None, tau_days: float
) -> RestrictedMeans:
    means = {key: restricted_mean(group.curve, tau_days) for key, group in groups.items()}
    if reference is None:
        return RestrictedMeans(tau_days, means, None)
    (other,) = (means[key] for key in means if key != reference)
    against = means[reference]
    known = None if other is None or against is None else difference(other, against)
    return RestrictedMeans(tau_days, means, known)


def _landmark(day: float, groups: Mapping[str, GroupSurvival], followed: Mapping[str, FollowUp]) -> Landmark:
    return Landmark(
        day,
        {key: survival_at(group.curve, day) for key, group in groups.items()},
        {key: number_at_risk(each, day) for key, each in followed.items()},
    )
