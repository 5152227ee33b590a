"""The safety rule of the run-in: which subjects count with a treatment-related death, and what is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trial_core.domain.ctcae import DISEASE_PROGRESSION, HIGHEST_GRADE
from trial_core.domain.toxicity import AdverseEvent, Attribution, Treatment

ADJUDICATORS_NEEDED = 2


@dataclass(frozen=True, kw_only=True, order=True)
class Adjudication:
    """What one adjudicator decided of one event; `number` orders what the same person decided again."""

    adjudicator: str
    number: int
    related: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class DeathEvent:
    """A grade 5 event of a run-in subject.

    Attributes
    ----------
    term
        CTCAE term; 'Disease progression' never counts.
    attribution
        The site's; a treatment that is not in it has not been assessed.
    adjudications
        Each adjudicator's last one stands.
    """

    id: str
    subject: str
    term: str
    attribution: Mapping[Treatment, Attribution] = field(default_factory=dict)
    adjudications: tuple[Adjudication, ...] = ()

    @property
    def is_progression(self) -> bool:
        """Whether the subject died of the disease itself."""
        return self.term.strip().casefold() == DISEASE_PROGRESSION.casefold()

    @property
    def settled(self) -> bool | None:
        """What the adjudicators agree on: related or not; None while they do not.

        Two different people decide. If they disagree, the event stays open until more of them are of one
        opinion than of the other, and at least two.
        """
        last = {each.adjudicator: each for each in sorted(self.adjudications)}
        related = sum(1 for each in last.values() if each.related)
        others = len(last) - related
        if max(related, others) < ADJUDICATORS_NEEDED or related == others:
            return None
        return related > others

    @property
    def counts(self) -> bool:
        """Whether it counts now: settled as related; while open, related by the site or not assessed."""
        if self.is_progression:
            return False
        if self.settled is not None:
            return self.settled
        related = any(each.is_related for each in self.attribution.values())
        return related or set(self.attribution) != set(Treatment)


@dataclass(frozen=True, kw_only=True)
class SafetyCount:
    """Where the safety rule stands.

    Attributes
    ----------
    counted
        Subjects that count, in order; each once, however many events it has.
    settled
        Those of them that count by an event on which the adjudicators agree.
    open_events
        Events without agreement; a death by progression needs none.
    explained
        Subjects with any grade 5 event, disease progression included.
    limit
        So many subjects hold the study.
    """

    counted: tuple[str, ...]
    settled: tuple[str, ...]
    open_events: tuple[str, ...]
    explained: tuple[str, ...]
    limit: int

    @property
    def holds(self) -> bool:
        """Whether so many subjects count that the study is held."""
        return len(self.counted) >= self.limit

    @property
    def terminates(self) -> bool:
        """Whether so many remain after adjudication that the study is terminated."""
        return len(self.settled) >= self.limit


def count_deaths(events: Iterable[DeathEvent], *, limit: int) -> SafetyCount:
    """Count subjects, not events.

    Parameters
    ----------
    events
        All grade 5 events of run-in subjects, whenever recorded, in any order.
    limit
        Subjects that hold the study (2 in SCR-ESCC-01).
    """
    recorded = tuple(events)
    known = [event for event in recorded if not event.is_progression]
    return SafetyCount(
        counted=tuple(sorted({event.subject for event in known if event.counts})),
        settled=tuple(sorted({event.subject for event in known if event.settled})),
        open_events=tuple(sorted(event.id for event in known if event.settled is None)),
        explained=tuple(sorted({event.subject for event in recorded})),
        limit=limit,
    )


def death_event(event: AdverseEvent, adjudications: Iterable[Adjudication] = ()) -> DeathEvent | None:
    """An adverse event of grade 5 as the safety rule takes it; None for any other."""
    if event.worst_grade < HIGHEST_GRADE:
        return None
    return DeathEvent(
        id=event.id,
        subject=event.subject,
        term=event.term,
        attribution=event.attribution,
        adjudications=tuple(adjudications),
    )
