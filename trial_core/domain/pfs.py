"""Progression-free survival by the protocol's ordered rules (FDA guidance, table A; assumed)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from trial_core.domain.pfs_history import (
    Assessment,
    Baseline,
    ExitKind,
    Origin,
    PfsHistory,
    Therapy,
    TherapyKind,
)
from trial_core.domain.pfs_queries import usable_history
from trial_core.domain.queries import Query
from trial_core.domain.visit_schedule import VisitSchedule


class NewTherapy(StrEnum):
    """What new anticancer therapy before progression means."""

    CENSORS = "censors"
    EVENT = "event"


@dataclass(frozen=True, kw_only=True)
class PfsRules:
    """Settings of the ordered rules.

    Attributes
    ----------
    new_therapy, missed_visits
        The two variants: new therapy as an event; the missed-visit rule (4) off.
    radiotherapy_without_plan_is_new
        Radiotherapy to a tumour lesion in an arm that gets none (arm B) counts as new therapy.
    """

    schedule: VisitSchedule
    new_therapy: NewTherapy = NewTherapy.CENSORS
    missed_visits: bool = True
    radiotherapy_without_plan_is_new: bool = True


class PfsVariant(StrEnum):
    """The analyses that stand beside one another."""

    PRIMARY = "primary"
    NEW_THERAPY_AS_EVENT = "new therapy as event"
    MISSED_VISITS_OFF = "missed-visit rule off"


class PfsReason(StrEnum):
    """Why a subject's PFS is what it is; the number is that of the rule."""

    NO_BASELINE = "1 no adequate baseline"
    NEW_THERAPY = "3 new anticancer therapy"
    MISSED_BEFORE_PROGRESSION = "4 progression after missed assessments"
    MISSED_BEFORE_DEATH = "4 death after missed assessments"
    MISSED_BEFORE_THERAPY = "4 new therapy as event after missed assessments"
    PROGRESSION = "5 progression"
    DEATH = "5 death"
    THERAPY_AS_EVENT = "5 new therapy as event"
    NO_EVENT = "6 no event"
    WITHDRAWAL = "6 no event, withdrawal from follow-up"
    LOST = "6 no event, lost to follow-up"
    NO_ASSESSMENT = "6 no event, no adequate assessment"


@dataclass(frozen=True, kw_only=True)
class PfsResult:
    """Progression-free survival of one subject.

    Attributes
    ----------
    on, days
        The day of event or censoring; days = on - start + 1, so censored at the start is day 1.
    queries
        What is unclear in the history. The result was derived without what could not be used, and stays
        provisional until they are answered.
    """

    origin: Origin
    start: date
    on: date
    event: bool
    reason: PfsReason
    queries: tuple[Query, ...]

    @property
    def days(self) -> int:
        """Days from start, the start itself being day 1."""
        return (self.on - self.start).days + 1

    @property
    def rule(self) -> int:
        """The number of the rule that decided."""
        return int(self.reason.value[0])

    @property
    def provisional(self) -> bool:
        """Whether queries are open."""
        return bool(self.queries)


class OriginsMixed(ValueError):  # noqa: N818 - a refusal, named for what is so
    """PFS from registration and from randomisation in one analysis, without anybody having said so."""

    def __init__(self, origins: Iterable[Origin]) -> None:
        self.origins = tuple(sorted(set(origins)))
        super().__init__(
            f"PFS is counted from {' and from '.join(self.origins)} here. "
            "Analyse them apart, or say that they are pooled."
        )


def progression_free_survival(history: PfsHistory, rules: PfsRules) -> PfsResult:
    """Derive one subject's PFS by the ordered rules.

    1 no adequate baseline: day 1, censored. 2 The earliest of PD and death is the event. 3 New therapy
    before it (or without any event): censored at the last adequate assessment on or before its start.
    4 More than two scheduled intervals plus window since the last adequate assessment: censored there.
    5 Otherwise the event counts. 6 No event: censored at the last adequate assessment. Where there is no
    such assessment, at the start. As a variant, new therapy is an event of rule 2 beside PD and death.
    """
    history, queries = usable_history(history)
    on, event, reason = _decide(history, rules)
    return PfsResult(
        origin=history.origin, start=history.start, on=on, event=event, reason=reason, queries=queries
    )


def rules_of(variant: PfsVariant, rules: PfsRules) -> PfsRules:
    """The protocol's rules as a variant has them."""
    match variant:
        case PfsVariant.PRIMARY:
            return rules
        case PfsVariant.NEW_THERAPY_AS_EVENT:
            return replace(rules, new_therapy=NewTherapy.EVENT)
        case PfsVariant.MISSED_VISITS_OFF:
            return replace(rules, missed_visits=False)


def require_one_origin(results: Sequence[PfsResult]) -> None:
    """Refuse to pool IIa and IIb silently.

    Raises
    ------
    OriginsMixed
        if results are counted from different origins.
    """
    origins = {result.origin for result in results}
    if len(origins) > 1:
        raise OriginsMixed(origins)


def new_therapies(history: PfsHistory, rules: PfsRules) -> tuple[Therapy, ...]:
    """The therapies that count as new anticancer therapy, earliest first."""
    counting = [each for each in history.therapies if _is_new(each, history, rules)]
    return tuple(sorted(counting, key=lambda each: (each.started_on or date.max, each.label)))


def has_adequate_baseline(baseline: Baseline | None) -> bool:
    """Whether there is a dated baseline assessment that was found adequate."""
    return baseline is not None and baseline.adequate and baseline.on is not None


Decision = tuple[date, bool, PfsReason]


def _decide(history: PfsHistory, rules: PfsRules) -> Decision:
    if not has_adequate_baseline(history.baseline):
        return history.start, False, PfsReason.NO_BASELINE
    event = _first_event(history, rules)
    therapy_on = _first_therapy(history, rules)
    if rules.new_therapy is NewTherapy.CENSORS and therapy_on and (event is None or therapy_on < event[0]):
        return _last_adequate(history, until=therapy_on), False, PfsReason.NEW_THERAPY
    if event is None:
        return _without_event(history)
    on, reason = event
    if rules.missed_visits and _has_missed_too_many(history, on, rules.schedule):
        return _last_adequate(history, until=on), False, _MISSED[reason]
    return on, True, reason


def _first_event(history: PfsHistory, rules: PfsRules) -> tuple[date, PfsReason] | None:
    """Rule 2; on one day progression goes before death, and death before therapy."""
    events = [(each.event_on, 0, PfsReason.PROGRESSION) for each in history.assessments]
    events.append((history.death_on, 1, PfsReason.DEATH))
    if rules.new_therapy is NewTherapy.EVENT:
        events.append((_first_therapy(history, rules), 2, PfsReason.THERAPY_AS_EVENT))
    dated = [(on, order, reason) for on, order, reason in events if on is not None]
    if not dated:
        return None
    on, _order, reason = min(dated)
    return on, reason


def _first_therapy(history: PfsHistory, rules: PfsRules) -> date | None:
    return min((each.started_on for each in new_therapies(history, rules) if each.started_on), default=None)


def _is_new(therapy: Therapy, history: PfsHistory, rules: PfsRules) -> bool:
    if therapy.kind is not TherapyKind.RADIOTHERAPY:
        return not therapy.per_protocol
    if not history.arm_has_radiotherapy:
        # No radiotherapy is per protocol here, whatever it is called.
        return therapy.to_tumour and rules.radiotherapy_without_plan_is_new
    return therapy.to_tumour and not therapy.per_protocol


def _last_adequate(history: PfsHistory, *, until: date) -> date:
    """The last adequate assessment without progression up to a day; the start where there is none."""
    days = [each.on for each in history.assessments if _is_adequate_before_progression(each)]
    return max((on for on in days if on is not None and on <= until), default=history.start)


def _is_adequate_before_progression(assessment: Assessment) -> bool:
    return assessment.is_adequate and not assessment.is_progression


def _has_missed_too_many(history: PfsHistory, on: date, schedule: VisitSchedule) -> bool:
    last = _last_adequate(history, until=on)
    return (on - last).days > schedule.longest_gap_days((last - history.start).days)


def _without_event(history: PfsHistory) -> Decision:
    if not any(_is_adequate_before_progression(each) for each in history.assessments):
        return history.start, False, PfsReason.NO_ASSESSMENT
    reason = _LEFT[history.left.kind] if history.left else PfsReason.NO_EVENT
    return _last_adequate(history, until=date.max), False, reason


_LEFT = {ExitKind.WITHDRAWAL: PfsReason.WITHDRAWAL, ExitKind.LOST: PfsReason.LOST}
_MISSED = {
    PfsReason.PROGRESSION: PfsReason.MISSED_BEFORE_PROGRESSION,
    PfsReason.DEATH: PfsReason.MISSED_BEFORE_DEATH,
    PfsReason.THERAPY_AS_EVENT: PfsReason.MISSED_BEFORE_THERAPY,
}
