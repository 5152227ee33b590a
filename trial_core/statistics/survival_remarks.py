"""What a reader of a survival analysis has to know beside its numbers, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from trial_core.statistics.cox import CoxObstacle
from trial_core.statistics.survival import (
    NO_STRATUM,
    CoxResult,
    LogRankResult,
    SurvivalAnalysis,
)

DRIFT_P = 0.05
"""Below this p the proportional-hazards test is spoken about."""


class RemarkCode(StrEnum):
    """Kinds of remarks; codes are stable, messages are not."""

    NO_EVENTS = "no-events"
    GROUP_WITHOUT_EVENTS = "group-without-events"
    NOT_TWO_GROUPS = "not-two-groups"
    STRATUM_MISSING = "stratum-missing"
    STRATUM_OF_ONE_GROUP = "stratum-of-one-group"
    NOTHING_TO_TEST = "nothing-to-test"
    GROUPS_NOT_COMPARED = "groups-not-compared"
    HAZARD_RATIO_NOT_ESTIMABLE = "hazard-ratio-not-estimable"
    HAZARDS_NOT_PROPORTIONAL = "hazards-not-proportional"
    TAU_BEYOND_FOLLOW_UP = "tau-beyond-follow-up"
    NO_VARIANCE_BEFORE_TAU = "no-variance-before-tau"
    LANDMARK_BEYOND_FOLLOW_UP = "landmark-beyond-follow-up"


@dataclass(frozen=True)
class Remark:
    """One fact in words; `grave` where a number that was asked for is missing or must not be trusted."""

    code: RemarkCode
    message: str
    grave: bool = True


def remarks(analysis: SurvivalAnalysis) -> tuple[Remark, ...]:
    """List what stands behind every missing number, and what weakens one that is there."""
    return (
        *_about_groups(analysis),
        *_about_strata(analysis),
        *_about_tests(analysis),
        *_about_restricted_means(analysis),
        *_about_landmarks(analysis),
    )


def _about_groups(analysis: SurvivalAnalysis) -> Iterator[Remark]:
    if not analysis.data.follow_up.events.any():
        yield Remark(RemarkCode.NO_EVENTS, "Nobody had the event: no median, test or hazard ratio.")
    else:
        yield from _about_groups_without_events(analysis)
    if len(analysis.groups) != 2:
        yield Remark(
            RemarkCode.NOT_TWO_GROUPS,
            f"Hazard ratio and difference of restricted means need exactly two groups; there "
            f"{'is one' if len(analysis.groups) == 1 else f'are {len(analysis.groups)}'}.",
        )


def _about_groups_without_events(analysis: SurvivalAnalysis) -> Iterator[Remark]:
    for key, group in analysis.groups.items():
        if not group.events:
            yield Remark(
                RemarkCode.GROUP_WITHOUT_EVENTS,
                f"Group {key!r}: none of its {group.n} subjects had the event.",
            )


def _about_strata(analysis: SurvivalAnalysis) -> Iterator[Remark]:
    strata = analysis.data.strata
    if strata is None:
        return
    if missing := int(np.count_nonzero(strata == NO_STRATUM)):
        yield Remark(
            RemarkCode.STRATUM_MISSING,
            f"{missing} of {strata.size} rows lack a stratum and leave the stratified results, no others.",
        )
    alone = [
        each for each in np.unique(strata[strata != NO_STRATUM]) if _is_of_one_group(analysis, int(each))
    ]
    if alone and len(analysis.groups) > 1:
        subjects = int(np.isin(strata, alone).sum())
        yield Remark(
            RemarkCode.STRATUM_OF_ONE_GROUP,
            f"Strata of one group only, which add nothing to the stratified comparison: {len(alone)}, with "
            f"{subjects} subjects.",
            grave=False,
        )


def _is_of_one_group(analysis: SurvivalAnalysis, stratum: int) -> bool:
    data = analysis.data
    return bool(np.unique(data.groups[data.strata == stratum]).size == 1)


def _about_tests(analysis: SurvivalAnalysis) -> Iterator[Remark]:
    for name, test in (
        ("Log-rank test", analysis.log_rank),
        ("Stratified log-rank test", analysis.stratified_log_rank),
    ):
        yield from _about_log_rank(name, test, len(analysis.groups))
    for name, fit in (("Cox model", analysis.cox), ("Stratified Cox model", analysis.stratified_cox)):
        yield from _about_cox(name, fit)


def _about_log_rank(name: str, result: LogRankResult | None, groups: int) -> Iterator[Remark]:
    if result is None:
        return
    degrees = result.test.degrees_of_freedom
    if 0 < degrees < groups - 1:
        yield Remark(
            RemarkCode.GROUPS_NOT_COMPARED,
            f"{name}: {degrees} degrees of freedom for {groups} groups; no event tells the others apart.",
        )
    if result.test.chi2 is None:
        yield Remark(
            RemarkCode.NOTHING_TO_TEST, f"{name}: no event tells groups apart, so there is nothing to test."
        )


def _about_cox(name: str, result: CoxResult | None) -> Iterator[Remark]:
    if result is None:
        return
    if isinstance(result.fit, CoxObstacle):
        yield Remark(
            RemarkCode.HAZARD_RATIO_NOT_ESTIMABLE,
            f"{name}: {result.fit.value}, so no finite hazard ratio fits best, and none is given.",
        )
    drift = result.proportional_hazards
    if drift is not None and drift.p < DRIFT_P:
        yield Remark(
            RemarkCode.HAZARDS_NOT_PROPORTIONAL,
            f"{name}: the hazards do not look proportional (p = {drift.p:.2g}); the hazard ratio is an "
            "average over time that depends on the follow-up.",
        )


def _about_restricted_means(analysis: SurvivalAnalysis) -> Iterator[Remark]:
    means = analysis.restricted_means
    ends = {
        key: analysis.groups[key].curve.times_days[-1] for key, mean in means.groups.items() if mean is None
    }
    for key, last in ends.items():
        yield Remark(
            RemarkCode.TAU_BEYOND_FOLLOW_UP,
            f"Restricted mean: group {key!r} was followed to day {last:g} only, so nothing is known up to "
            f"tau = {means.tau_days:g}. The largest tau that every group allows is {min(ends.values()):g}.",
        )
    if means.difference is not None and means.difference.p is None:
        yield Remark(
            RemarkCode.NO_VARIANCE_BEFORE_TAU,
            f"Restricted mean: up to tau = {means.tau_days:g} nothing varies in either group, so the "
            "difference has no limits and no p.",
        )


def _about_landmarks(analysis: SurvivalAnalysis) -> Iterator[Remark]:
    for landmark in analysis.landmarks:
        for key in (key for key, estimate in landmark.groups.items() if estimate.value is None):
            last = analysis.groups[key].curve.times_days[-1]
            yield Remark(
                RemarkCode.LANDMARK_BEYOND_FOLLOW_UP,
                f"Survival at day {landmark.day:g}: group {key!r} was followed to day {last:g} only.",
            )
