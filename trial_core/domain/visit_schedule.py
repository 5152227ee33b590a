"""The schedule of tumour assessments, and how long a subject may go without one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Visits every so many days up to a day after start; `until_day` None goes on without end."""

    every_days: int
    until_day: int | None = None


@dataclass(frozen=True, kw_only=True)
class VisitSchedule:
    """When tumours are assessed, counted from the start (registration or randomisation).

    Attributes
    ----------
    stretches
        In order; only the last one has no end. Each ends where the next begins.
    window_days
        How far before or after its day a visit may lie.
    """

    stretches: tuple[Stretch, ...]
    window_days: int

    def visit_days(self) -> Iterator[int]:
        """Days after start of all visits, the start itself (0) first, without end."""
        day = 0
        yield day
        for stretch in self.stretches:
            while stretch.until_day is None or day + stretch.every_days <= stretch.until_day:
                day += stretch.every_days
                yield day

    def longest_gap_days(self, day: int) -> int:
        """Days that may pass after an assessment: the two scheduled intervals after it, plus the window.

        An assessment belongs to the last visit whose window had opened by then: one of week 47 is that of
        week 48, and the next two visits after it are those of weeks 60 and 72.

        Parameters
        ----------
        day
            Days from start to the assessment; 0 is the start itself.
        """
        visits = self.visit_days()
        belongs_to, first, second = next(visits), next(visits), next(visits)
        while first - self.window_days <= day:
            belongs_to, first, second = first, second, next(visits)
        return second - belongs_to + self.window_days
