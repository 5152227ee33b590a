"""The readings of a visit put in order: one a lesion, and a query for what contradicts itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from trial_core.domain.lesions import Lesion, LesionRole
from trial_core.domain.queries import Query, QueryCode
from trial_core.domain.readings import (
    NewLesion,
    NonTargetReading,
    NonTargetStatus,
    Size,
    TargetReading,
    Visit,
)

Reading = TypeVar("Reading", TargetReading, NonTargetReading)


def settled_targets(
    visit: Visit, targets: Sequence[Lesion]
) -> tuple[dict[str, TargetReading], tuple[Query, ...]]:
    """One reading a target lesion; a lesion with two different ones counts as not assessed."""
    settled, queries = _settled(visit, visit.targets, [lesion.id for lesion in targets])
    for lesion, reading in settled.items():
        if reading is None:
            settled[lesion] = TargetReading(lesion=lesion, on=None, size=Size.NOT_ASSESSED)
    return {lesion: reading for lesion, reading in settled.items() if reading is not None}, queries


def settled_non_targets(
    visit: Visit, lesions: Sequence[Lesion]
) -> tuple[tuple[tuple[NonTargetStatus, date | None], ...], tuple[Query, ...]]:
    """Status and day of every non-target lesion; one without reading, or with two, was not assessed."""
    names = [lesion.id for lesion in lesions if lesion.role is LesionRole.NON_TARGET]
    settled, queries = _settled(visit, visit.non_targets, names)
    statuses = []
    for name in names:
        reading = settled.get(name)
        statuses.append((reading.status, reading.on) if reading else (NonTargetStatus.NOT_ASSESSED, None))
    return tuple(statuses), queries


def new_lesions_that_count(
    visit: Visit, visits: Sequence[Visit]
) -> tuple[tuple[NewLesion, ...], tuple[Query, ...]]:
    """New lesions that are certain, here or at any visit; the others are queries."""
    certain = {lesion.id for each in visits for lesion in each.new_lesions if lesion.certain}
    counting = tuple(lesion for lesion in visit.new_lesions if lesion.id in certain)
    unsure = tuple(
        Query(
            code=QueryCode.EQUIVOCAL_LESION,
            about=f"visit {visit.label}, new lesion {lesion.id}",
            message="seen, but not certain; it is no progression as long as no visit calls it certain",
            action="Call it certain or gone at the next examination.",
        )
        for lesion in visit.new_lesions
        if lesion.id not in certain
    )
    return counting, unsure


def _settled(
    visit: Visit, readings: Sequence[Reading], known: Sequence[str]
) -> tuple[dict[str, Reading | None], tuple[Query, ...]]:
    settled: dict[str, Reading | None] = {}
    queries = []
    for reading in readings:
        if reading.lesion not in known:
            queries.append(_unknown(visit, reading.lesion))
        elif settled.get(reading.lesion, reading) != reading:
            queries.append(_contradiction(visit, reading.lesion))
            settled[reading.lesion] = None
        else:
            settled[reading.lesion] = reading
    return settled, tuple(queries)


def _unknown(visit: Visit, lesion: str) -> Query:
    return Query(
        code=QueryCode.UNKNOWN_LESION,
        about=f"visit {visit.label}, lesion {lesion}",
        message="is no baseline lesion of this kind; the reading is left out",
        action="Correct the lesion's name, or enter it as a new lesion.",
    )


def _contradiction(visit: Visit, lesion: str) -> Query:
    return Query(
        code=QueryCode.CONTRADICTING_READINGS,
        about=f"visit {visit.label}, lesion {lesion}",
        message="has two different readings; it counts as not assessed",
        action="Keep the right reading.",
    )
