"""What a data cut's figures by subject and by stratum are drawn from: forest, swimmer and waterfall plot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np

from trial_core.db.columns import canonical_json
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission, may
from trial_core.domain.best_change import best_change_percent
from trial_core.domain.leaving import follow_up_exit
from trial_core.domain.pfs import PfsVariant
from trial_core.domain.screening import levels_of
from trial_core.domain.subject import Arm, Phase
from trial_core.services.cut_content import Cut
from trial_core.services.cut_outcomes import REFERENCE, Derived, analysed, derive
from trial_core.services.data_cuts import open_cut
from trial_core.services.dose_models import pneumonitis_curves
from trial_core.statistics.cox import CoxFit
from trial_core.statistics.follow_up import follow_up
from trial_core.statistics.subgroups import Subgroup, subgroup_ratios
from trial_core.store import Store

Ended = Callable[[Derived], tuple[int, bool] | None]
"""Days and event of a subject; None where its clock has not started."""


def pictures_of_cut(db: Database, store: Store, actor: Actor, *, label: str) -> bytes:
    """Give them as canonical JSON, by phase.

    Subjects have their codes for the statistician alone; for everybody else they are numbered.

    Raises
    ------
    NotAuthorised, UnknownDataCut, StoredBytesMissing, StoredBytesChanged, CutBroken
    """
    with db.read() as connection:
        cut = open_cut(connection, store, actor, label=label)
    named = may(actor.role, Permission.SEE_OUTCOME_BY_ARM)
    return canonical_json(pictures_to_json(cut, named=named)).encode("ascii")


def pictures_to_json(cut: Cut, *, named: bool) -> dict[str, Any]:
    """Compute them from an opened cut, of the population that the phase is analysed in."""
    subjects = [each for each in derive(cut) if not each.record.data_use_withdrawn]
    return {
        "phases": {
            phase.value: _phase(analysed(subjects, phase), cut.manifest.cut_on, named=named)
            for phase in Phase
        },
        "pneumonitis_curves": pneumonitis_curves(),
    }


def _phase(subjects: Sequence[Derived], cut_on: date, *, named: bool) -> dict[str, Any]:
    lanes = [_lane(each, cut_on) for each in sorted(subjects, key=_order)]
    for number, lane in enumerate(lanes, start=1):
        lane["subject"] = lane["subject"] if named else str(number)
    return {
        "forest": {
            "progression_free_survival": _forest(subjects, _pfs),
            "overall_survival": _forest(subjects, _os),
        },
        "subjects": lanes,
    }


def _order(each: Derived) -> tuple[str, int, str]:
    """By group, the longest first; the code decides between equals only where codes are shown anyway."""
    days = 0 if each.outcome.survival is None else each.outcome.survival.days
    return each.record.subject.group, -days, each.record.subject.label


def _lane(each: Derived, cut_on: date) -> dict[str, Any]:
    """One subject in days from its start, the start itself being day 1."""
    record, outcome = each.record, each.outcome
    started = record.subject.start
    start = cut_on if started is None else started[0]

    def days(found: Iterable[date | None]) -> list[int]:
        return sorted({(on - start).days + 1 for on in found if on is not None and start <= on <= cut_on})

    pfs = outcome.pfs_of(PfsVariant.PRIMARY)
    return {
        "subject": record.subject.label,
        "group": record.subject.group,
        "days": None if outcome.survival is None else outcome.survival.days,
        "died": outcome.survival is not None and outcome.survival.event,
        "followed": follow_up_exit(record.leavings) is None and record.died_on is None,
        "radiotherapy": days(record.fraction_days),
        "cycles": days(cycle.given_on for cycle in record.cycles),
        "other_therapy": days(one.started_on for one in record.therapies if not one.per_protocol),
        "responses": [
            {"day": (one.on - start).days + 1, "response": one.overall.value}
            for one in outcome.responses
            if one.on is not None and start <= one.on <= cut_on
        ],
        "pfs": None if pfs is None else {"days": pfs.days, "event": pfs.event, "reason": pfs.reason.value},
        "best_response": None if outcome.best is None else outcome.best.value,
        "best_change_percent": best_change_percent(outcome.responses, start, cut_on),
    }


def _forest(subjects: Sequence[Derived], ended: Ended) -> list[dict[str, Any]]:
    """Hazard ratios of arm A against B by level of each factor; none without both arms."""
    with_clock = [(each, found) for each in subjects if (found := ended(each)) is not None]
    groups = [each.record.subject.group for each, _ in with_clock]
    if set(groups) != {arm.value for arm in Arm}:
        return []
    days = np.array([found[0] for _, found in with_clock], dtype=np.float64)
    events = np.array([found[1] for _, found in with_clock])
    levels = [levels_of(each.subject.stratum or "") for each, _ in with_clock]
    factors = {name: [each.get(name) for each in levels] for name in {key for each in levels for key in each}}
    rows = subgroup_ratios(follow_up(days, events), groups, factors, reference=REFERENCE)
    return [_row(each) for each in rows]


def _row(each: Subgroup) -> dict[str, Any]:
    fit = each.fit if isinstance(each.fit, CoxFit) else None
    lower, upper = (None, None) if fit is None else fit.limits
    return {
        "factor": each.factor,
        "level": each.level,
        "subjects": dict(each.subjects),
        "events": dict(each.events),
        "hazard_ratio": None if fit is None else fit.hazard_ratio,
        "lower": lower,
        "upper": upper,
        "why_none": "" if isinstance(each.fit, CoxFit) else each.fit.value,
    }


def _pfs(each: Derived) -> tuple[int, bool] | None:
    found = each.outcome.pfs_of(PfsVariant.PRIMARY)
    return None if found is None else (found.days, found.event)


def _os(each: Derived) -> tuple[int, bool] | None:
    found = each.outcome.survival
    return None if found is None else (found.days, found.event)
