"""From when to when a plan was accepted: decisions, re-checks and later versions in the order they came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from trial_core.domain.delivery_deviations import Acceptance, PlanStanding


class StandingEventKind(StrEnum):
    """What happens to a submitted version."""

    HANDED_OVER = "handed over"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    VOID = "decision void"


@dataclass(frozen=True, kw_only=True)
class StandingEvent:
    """One event of one version.

    Attributes
    ----------
    at
        By the trial's calendar: its day is the day of the event.
    plans
        Plans of the version: SOP Instance UID -> hash of the file.
    """

    at: datetime
    version: int
    kind: StandingEventKind
    plans: Mapping[str, str] = field(hash=False)


def plan_standings(events: Iterable[StandingEvent]) -> dict[str, PlanStanding]:
    """Fold the events into the standing of every submitted plan, by SOP Instance UID.

    A plan is accepted from the decision on a version that holds it. That ends with a rejection of a version
    that holds it, with the acceptance of a later version without it, when a re-check makes the decision
    void, and when a later version brings other bytes under its UID. A later version that waits for its
    decision ends nothing: treatment goes on as accepted meanwhile.
    """
    ordered = sorted(events, key=lambda each: (each.at, each.version))
    uids = sorted({uid for event in ordered for uid in event.plans})
    return {uid: PlanStanding(plan=uid, accepted=_acceptances(uid, ordered)) for uid in uids}


@dataclass(frozen=True)
class _Open:
    """An acceptance that goes on: from which day, by which version, of which bytes."""

    from_on: date
    version: int
    sha256: str


def _acceptances(uid: str, events: Iterable[StandingEvent]) -> tuple[Acceptance, ...]:
    done: list[Acceptance] = []
    current: _Open | None = None
    for event in events:
        sha256 = event.plans.get(uid)
        if event.kind is StandingEventKind.ACCEPTED and sha256 is not None:
            from_on = current.from_on if current else event.at.date()
            current = _Open(from_on, event.version, sha256)
        elif current is not None and _ends(current, event, sha256):
            done.append(Acceptance(from_on=current.from_on, until_on=event.at.date()))
            current = None
    if current is not None:
        done.append(Acceptance(from_on=current.from_on, until_on=None))
    return tuple(done)


def _ends(current: _Open, event: StandingEvent, sha256: str | None) -> bool:
    match event.kind:
        case StandingEventKind.ACCEPTED:
            return event.version > current.version
        case StandingEventKind.REJECTED:
            return sha256 is not None and event.version >= current.version
        case StandingEventKind.VOID:
            return event.version == current.version
        case StandingEventKind.HANDED_OVER:
            return sha256 is not None and sha256 != current.sha256
