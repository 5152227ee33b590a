"""Treatment records joined into delivered fractions: each (plan, fraction) once, whatever was sent twice."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial_core.domain.queries import Query, QueryCode, in_order

PARTIAL_SHARE = 0.005
"""Less than specified by this share is partial: machines stop within a fraction of a monitor unit."""
_ASK_MACHINE = "Compare with the record-and-verify system."


class DeliverySource(StrEnum):
    """Where a record is from; a typed-in one is marked as such wherever it shows."""

    DICOM = "DICOM"
    TYPED_IN = "typed in"


class DeliveryType(StrEnum):
    """Treatment Delivery Type (300A,00CE); only the first two deliver planned dose."""

    TREATMENT = "TREATMENT"
    CONTINUATION = "CONTINUATION"
    SETUP = "SETUP"
    OPEN_PORTFILM = "OPEN_PORTFILM"
    TRMT_PORTFILM = "TRMT_PORTFILM"


COUNTED = (DeliveryType.TREATMENT, DeliveryType.CONTINUATION)


@dataclass(frozen=True, kw_only=True)
class BeamRecord:
    """One beam of one treatment record; a fraction typed in without beams is one such beam.

    Attributes
    ----------
    record
        What makes the record one: its SOP Instance UID, or the id of the typed entry.
    delivery_type
        As recorded; None: not given.
    termination
        Treatment Termination Status (3008,002A).
    specified, delivered
        Metersets in the beam's own unit.
    began_at
        Treatment Time (3008,0251) in ISO 8601; None: not given. With the day it tells a record that was
        written anew from another one.
    repeat
        Which one it is of the items in its record that say the same: one record does not repeat itself.
    """

    record: str
    plan: str
    fraction: int | None
    beam: int | None
    on: date | None
    delivery_type: str | None = DeliveryType.TREATMENT
    termination: str | None = "NORMAL"
    specified: float | None = None
    delivered: float | None = None
    source: DeliverySource = DeliverySource.DICOM
    began_at: str | None = None
    repeat: int = 0


@dataclass(frozen=True, kw_only=True)
class DeliveredFraction:
    """A fraction that was delivered, at least in part.

    Attributes
    ----------
    on
        Its first day; None where no record has a date.
    share
        Delivered over specified meterset, all beams; None where that of a beam is not known.
    """

    plan: str
    fraction: int
    on: date | None
    partial: bool
    share: float | None
    source: DeliverySource


def delivered_fractions(
    records: Iterable[BeamRecord], planned_beams: Mapping[str, Collection[int]] | None = None
) -> tuple[tuple[DeliveredFraction, ...], tuple[Query, ...]]:
    """Join records into fractions, in the order of their days.

    TREATMENT and CONTINUATION count, SETUP and port films never do, another type is a query. A record sent
    twice changes nothing; a CONTINUATION adds its meterset to its fraction. A fraction of which no
    meterset at all was delivered is none.

    Parameters
    ----------
    planned_beams
        By plan: numbers of the beams that every fraction consists of; one that the machine's records leave
        out makes the fraction partial, and one that the plan lacks counts for nothing and is a query. Of a
        plan that is not in it, or of which no beam is known, neither is said.
    """
    queries: list[Query] = []
    groups: dict[tuple[str, int], list[BeamRecord]] = defaultdict(list)
    for record in sorted(set(records), key=_order):
        problem = _problem(record)
        if problem is not None:
            queries.append(problem)
        elif record.delivery_type in COUNTED and record.fraction is not None:
            groups[record.plan, record.fraction].append(record)
    fractions = []
    for (plan, number), beams in sorted(groups.items()):
        planned = frozenset((planned_beams or {}).get(plan, ()))
        fraction, doubts = _fraction(plan, number, beams, planned)
        queries += doubts
        if fraction is not None:
            fractions.append(fraction)
    fractions.sort(key=lambda each: (each.on or date.max, each.plan, each.fraction))
    return tuple(fractions), in_order(queries)


def _order(record: BeamRecord) -> tuple[str, int, str, int, str]:
    number = -1 if record.fraction is None else record.fraction
    beam = -1 if record.beam is None else record.beam
    return record.plan, number, record.record, beam, str(record)


def _problem(record: BeamRecord) -> Query | None:
    about = f"treatment record {record.record}"
    if record.delivery_type not in list(DeliveryType):
        message = f"delivery type {record.delivery_type or 'missing'} counts for nothing"
        return Query(code=QueryCode.DELIVERY_TYPE, about=about, message=message, action=_ASK_MACHINE)
    if any(not (math.isfinite(each) and each >= 0) for each in _metersets(record)):
        message = "a meterset that is no number of at least 0; the beam counts for nothing"
        return Query(code=QueryCode.METERSET, about=about, message=message, action=_ASK_MACHINE)
    if record.delivery_type in COUNTED and (record.fraction is None or record.fraction < 1):
        message = "a delivered beam without fraction number counts for no fraction"
        return Query(code=QueryCode.FRACTION_NUMBER, about=about, message=message, action=_ASK_MACHINE)
    return None


def _metersets(record: BeamRecord) -> list[float]:
    return [each for each in (record.specified, record.delivered) if each is not None]


def _leading(records: Sequence[BeamRecord]) -> Sequence[BeamRecord]:
    """What the machine recorded goes before what was typed in for the same fraction."""
    return [each for each in records if each.source is DeliverySource.DICOM] or records


def _fraction(
    plan: str, number: int, records: Sequence[BeamRecord], planned: frozenset[int]
) -> tuple[DeliveredFraction | None, list[Query]]:
    about = f"plan {plan}, fraction {number}"
    own, queries = _of_the_plan(about, records, planned)
    if not own:
        return None, queries
    records = _leading(own)
    by_beam: dict[int | None, list[BeamRecord]] = defaultdict(list)
    for record in records:
        by_beam[record.beam].append(record)
    beams = [_beam(each) for _beam_number, each in sorted(by_beam.items(), key=lambda item: str(item[0]))]
    queries += [*_about_days(about, records), *_about_metersets(about, beams)]
    specified = [beam.specified for beam in beams if beam.specified is not None]
    delivered = [beam.delivered for beam in beams if beam.delivered is not None]
    if len(delivered) == len(beams) and sum(delivered) <= 0:
        message = "a record without any delivered meterset is no fraction"
        queries.append(Query(code=QueryCode.METERSET, about=about, message=message, action=_ASK_MACHINE))
        return None, queries
    missing = records[0].source is DeliverySource.DICOM and not planned <= set(by_beam)
    measured = len(specified) == len(delivered) == len(beams) and sum(specified) > 0 and not missing
    fraction = DeliveredFraction(
        plan=plan,
        fraction=number,
        on=min((record.on for record in records if record.on is not None), default=None),
        partial=missing or any(beam.partial for beam in beams),
        share=sum(delivered) / sum(specified) if measured else None,
        source=records[0].source,
    )
    return fraction, queries


def _of_the_plan(
    about: str, records: Sequence[BeamRecord], planned: frozenset[int]
) -> tuple[Sequence[BeamRecord], list[Query]]:
    """Without beams that the plan lacks: what they gave nobody has planned, and no dose of it is known."""
    other = sorted({each.beam for each in records if _is_unplanned(each, planned) and each.beam is not None})
    if not other:
        return records, []
    own = [each for each in records if not _is_unplanned(each, planned)]
    numbers = ", ".join(map(str, other))
    message = f"beam {numbers} is none of the plan's; what was given with it counts for nothing"
    if not own:
        message += ", and no beam of the plan was delivered"
    return own, [Query(code=QueryCode.BEAM_NOT_PLANNED, about=about, message=message, action=_ASK_MACHINE)]


def _is_unplanned(record: BeamRecord, planned: frozenset[int]) -> bool:
    from_machine = record.source is DeliverySource.DICOM and record.beam is not None
    return from_machine and bool(planned) and record.beam not in planned


@dataclass(frozen=True)
class _Beam:
    specified: float | None
    delivered: float | None
    partial: bool
    contradicts: bool


def _beam(records: Sequence[BeamRecord]) -> _Beam:
    """One beam of a fraction: the largest of what was sent as TREATMENT, plus each CONTINUATION."""
    first = [each for each in records if each.delivery_type == DeliveryType.TREATMENT]
    further = _each_once(each for each in records if each.delivery_type == DeliveryType.CONTINUATION)
    specified = max((each.specified for each in records if each.specified is not None), default=None)
    metersets = {each.delivered for each in first if each.delivered is not None}
    given = [max(metersets)] if metersets else []
    given += [each.delivered for each in further if each.delivered is not None]
    delivered = sum(given) if given else None
    too_much = specified is not None and delivered is not None and delivered > specified * (1 + PARTIAL_SHARE)
    if specified is None or delivered is None:
        partial = not any(each.termination == "NORMAL" for each in (further or first))
    else:
        partial = delivered < specified * (1 - PARTIAL_SHARE)
    return _Beam(specified, delivered, partial, contradicts=len(metersets) > 1 or too_much)


def _each_once(records: Iterable[BeamRecord]) -> list[BeamRecord]:
    """Without those written anew: what one machine gave at one moment is one, whatever the record's UID.

    Several items of one record that say the same are as many deliveries.
    """
    return list({_moment(each): each for each in records}.values())


def _moment(record: BeamRecord) -> object:
    known = record.on is not None and record.began_at is not None
    when = (record.on, record.began_at, record.specified, record.delivered) if known else record.record
    return when, record.repeat


def _about_days(about: str, records: Sequence[BeamRecord]) -> list[Query]:
    treated = [each for each in records if each.delivery_type == DeliveryType.TREATMENT]
    days = sorted({each.on for each in treated if each.on is not None})
    if len(days) > 1:
        message = f"was recorded as treatment on {' and '.join(str(day) for day in days)}; it counts once"
        return [Query(code=QueryCode.FRACTION_DAYS, about=about, message=message, action=_ASK_MACHINE)]
    if not any(each.on is not None for each in records):
        message = "has no date; it counts, but not for the calendar"
        return [Query(code=QueryCode.DATE_MISSING, about=about, message=message, action="Enter its date.")]
    return []


def _about_metersets(about: str, beams: Sequence[_Beam]) -> list[Query]:
    if not any(beam.contradicts for beam in beams):
        return []
    message = "its records disagree on the meterset, or give more than was specified"
    return [Query(code=QueryCode.METERSET, about=about, message=message, action=_ASK_MACHINE)]
