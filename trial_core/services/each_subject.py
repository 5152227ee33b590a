"""Something derived of each enrolled subject, kept in memory until the subject's record grows.

What is derived stays until the subject's forms, plans or allocation change, or what was asked does, as the
day: the record only ever grows, so how much of it there is, and when it last grew, tells whether it is the
same. Of each subject the newest alone is kept, so memory does not grow with the days.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection

from trial_core.db.repositories import growth, subjects
from trial_core.db.session import Database
from trial_core.domain.subject import Phase, Subject

T = TypeVar("T")

_MOST_KEPT = 20_000
_kept: dict[Hashable, tuple[Hashable, Any]] = {}
_lock = Lock()


def each_enrolled(
    connection: Connection,
    db: Database,
    reach: str | None,
    asked: Hashable,
    derive: Callable[[Connection, str, Subject], T],
) -> Iterator[T]:
    """Derive of every enrolled subject in reach, by site and code.

    Parameters
    ----------
    reach
        The one site; None for all.
    asked
        All that the result depends on beside the subject's record.
    derive
        A function with a name of its own: what is kept is known by it.
    """
    grown = growth.of_subjects(connection)
    found = [one for phase in Phase for one in subjects.of_phase(connection, phase)]
    for subject_id, subject in sorted(found, key=lambda one: (one[1].site_code, one[1].code)):
        if reach in (None, subject.site_code):
            key = (derive.__module__, derive.__qualname__, str(db.engine.url), subject_id)
            stamp = (subject, grown.get(subject_id), asked)
            yield _remembered(key, stamp, lambda: derive(connection, subject_id, subject))  # noqa: B023 - called at once


def _remembered(key: Hashable, stamp: Hashable, derive: Callable[[], T]) -> T:
    with _lock:
        known = _kept.get(key)
    if known is not None and known[0] == stamp:
        value: T = known[1]
        return value
    new = derive()
    with _lock:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[key] = (stamp, new)
    return new
