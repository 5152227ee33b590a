"""Systemic cycles: planned and given, delay, dose, and a reason for what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from trial_core.domain.queries import Query, QueryCode, in_order


class CycleStatus(StrEnum):
    """Where a cycle stands."""

    GIVEN = "given"
    OMITTED = "omitted"
    DUE = "due"
    PLANNED = "planned"


@dataclass(frozen=True, kw_only=True)
class AgentDose:
    """An agent of a cycle: planned and given dose in one unit; `given` None: not yet, 0: left out."""

    agent: str
    unit: str
    planned: float
    given: float | None = None


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """One cycle; `omitted` says that it will never be given, `reason` why anything differs from plan."""

    number: int
    planned_on: date
    given_on: date | None = None
    agents: tuple[AgentDose, ...] = ()
    omitted: bool = False
    reason: str = ""

    @property
    def delay_days(self) -> int | None:
        """Days after the planned one; negative: early; None while not given."""
        return None if self.given_on is None else (self.given_on - self.planned_on).days

    def status(self, today: date) -> CycleStatus:
        """Where the cycle stands on a day."""
        if self.given_on is not None:
            return CycleStatus.GIVEN
        if self.omitted:
            return CycleStatus.OMITTED
        return CycleStatus.DUE if self.planned_on <= today else CycleStatus.PLANNED

    @property
    def deviates(self) -> bool:
        """Whether it was moved, left out, or given at another dose."""
        changed = any(each.given is not None and each.given != each.planned for each in self.agents)
        return self.omitted or changed or (self.delay_days or 0) != 0


def cycle_queries(cycles: Sequence[Cycle], *, today: date, died_on: date | None = None) -> tuple[Query, ...]:
    """What is unclear in the cycles of a subject."""
    return in_order([*_about_each(cycles, today, died_on), *_about_order(cycles)])


def _about_each(cycles: Sequence[Cycle], today: date, died_on: date | None) -> Iterator[Query]:
    counts = Counter(cycle.number for cycle in cycles)
    for cycle in cycles:
        if counts[cycle.number] > 1:
            yield _query(cycle, "is entered twice", "Keep one.")
        if cycle.deviates and not cycle.reason.strip():
            yield _query(cycle, "was moved, changed or left out without a reason", "Enter the reason.")
        if cycle.omitted and cycle.given_on is not None:
            yield _query(cycle, "is both given and omitted", "Correct the entry.")
        if cycle.given_on is not None and cycle.given_on > today:
            yield _query(cycle, f"is given in the future, {cycle.given_on}", "Correct the date.")
        if cycle.given_on is not None and any(each.given is None for each in cycle.agents):
            yield _query(cycle, "is given, but not every dose is entered", "Enter the doses.")
        if cycle.given_on is not None and died_on is not None and cycle.given_on > died_on:
            yield _query(cycle, f"is given after the death of {died_on}", "Correct the date.")


def _about_order(cycles: Sequence[Cycle]) -> Iterator[Query]:
    given = sorted((each for each in cycles if each.given_on is not None), key=lambda each: each.number)
    for before, after in pairwise(given):
        if after.number > before.number and (after.given_on or date.max) <= (before.given_on or date.min):
            yield _query(after, f"is not given after cycle {before.number}", "Correct the wrong date.")


def _query(cycle: Cycle, message: str, action: str) -> Query:
    return Query(code=QueryCode.CYCLE, about=f"cycle {cycle.number}", message=message, action=action)
