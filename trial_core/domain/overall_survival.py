"""Overall survival: death, or the last day on which the subject was known to be alive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from trial_core.domain.pfs_history import Origin
from trial_core.domain.queries import Query, QueryCode, in_order

_CORRECT = "Correct the date that is wrong."


@dataclass(frozen=True, kw_only=True)
class SurvivalResult:
    """Overall survival of one subject; `event` is death, else censored when last known to be alive."""

    origin: Origin
    start: date
    on: date
    event: bool
    queries: tuple[Query, ...]

    @property
    def days(self) -> int:
        """Days from start, the start itself being day 1."""
        return (self.on - self.start).days + 1


def overall_survival(
    start: date, origin: Origin, *, died_on: date | None, alive_on: Iterable[date]
) -> SurvivalResult:
    """Derive one subject's overall survival.

    Parameters
    ----------
    alive_on
        Days on which the subject was seen or known to be alive: visits, treatment, contacts.

    What is dated before the start is left out; contact after death leaves the death as it is; both are
    queries.
    """
    known = sorted(set(alive_on))
    queries = [_before_start(start, on, "contact") for on in known if on < start]
    if died_on is not None and died_on < start:
        queries.append(_before_start(start, died_on, "death"))
        died_on = None
    if died_on is not None:
        queries += [_after_death(died_on, on) for on in known if on > died_on]
    last = max((on for on in known if on >= start), default=start)
    return SurvivalResult(
        origin=origin,
        start=start,
        on=last if died_on is None else died_on,
        event=died_on is not None,
        queries=in_order(queries),
    )


def _before_start(start: date, on: date, what: str) -> Query:
    code = QueryCode.DEATH_BEFORE_START if what == "death" else QueryCode.BEFORE_START
    message = f"of {on} lies before the start, {start}, and is left out"
    return Query(code=code, about=what, message=message, action=_CORRECT)


def _after_death(died_on: date, on: date) -> Query:
    message = f"of {on} lies after the death of {died_on}"
    return Query(code=QueryCode.AFTER_DEATH, about="contact", message=message, action=_CORRECT)
