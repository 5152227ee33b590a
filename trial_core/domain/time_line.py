"""One subject's course as dated entries in lanes: what its page draws, lists and gives as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.consent import Consent
from trial_core.domain.delivered_fractions import DeliveredFraction
from trial_core.domain.delivery import DeliveryRules, DeliverySummary
from trial_core.domain.leaving import follow_up_exit
from trial_core.domain.pfs_history import Therapy
from trial_core.domain.response import OverallResponse, VisitResponse
from trial_core.domain.systemic import Cycle, CycleStatus
from trial_core.domain.time_line_entries import EntryKind, Lane, TimeLine, TimeLineEntry
from trial_core.domain.toxicity import AdverseEvent


def time_line(
    record: ClinicalRecord,
    *,
    consents: Sequence[Consent],
    courses: Sequence[DeliverySummary],
    fractions: Sequence[DeliveredFraction],
    responses: Sequence[VisitResponse],
    calendar: DeliveryRules,
    today: date,
) -> TimeLine:
    """Put a record in the order of time.

    Parameters
    ----------
    courses, fractions
        What was planned, and all that was delivered, also on plans that no course has.
    calendar
        On which days planned fractions that are still to come would be given.
    """
    started = record.subject.start
    found = [
        *_trial(record, consents),
        *_radiotherapy(courses, fractions, calendar, today),
        *(_cycle(each, today) for each in sorted(record.cycles, key=lambda one: one.number)),
        *(entry for event in _by_onset(record.events) for entry in _grades(event)),
        *_responses(record, responses),
        *_ending(record),
    ]
    lanes = list(Lane)
    found.sort(key=lambda each: lanes.index(each.lane))  # stable: rows stay together, days in order
    return TimeLine(
        start=started[0] if started else None,
        today=today,
        known_until=_known_until(record, today),
        entries=tuple(found),
    )


def _known_until(record: ClinicalRecord, today: date) -> date:
    left = follow_up_exit(record.leavings)
    return min([on for on in (record.died_on, None if left is None else left.on) if on], default=today)


def _trial(record: ClinicalRecord, consents: Sequence[Consent]) -> Iterator[TimeLineEntry]:
    for each in sorted(consents):
        yield TimeLineEntry(lane=Lane.TRIAL, kind=EntryKind.CONSENT, on=each.on, about=each.version)
    subject = record.subject
    if subject.enrolled_on is not None:
        about = "" if subject.phase is None else subject.phase.value
        yield TimeLineEntry(lane=Lane.TRIAL, kind=EntryKind.ENROLLED, on=subject.enrolled_on, about=about)
    if subject.randomised_on is not None:
        about = "" if subject.arm is None else subject.arm.value
        yield TimeLineEntry(lane=Lane.TRIAL, kind=EntryKind.RANDOMISED, on=subject.randomised_on, about=about)


def _radiotherapy(
    courses: Sequence[DeliverySummary],
    fractions: Sequence[DeliveredFraction],
    calendar: DeliveryRules,
    today: date,
) -> Iterator[TimeLineEntry]:
    planned = {plan for course in courses for plan in course.course.plans}
    for course in courses:
        own = [each for each in fractions if each.plan in course.course.plans]
        dated = [*(_fraction(each, course.course.regimen) for each in own), *_missed(course)]
        yield from sorted(dated, key=lambda each: each.on or date.max)
        yield from _to_come(course, calendar, today)
    yield from (_fraction(each, each.plan) for each in fractions if each.plan not in planned)


def _fraction(fraction: DeliveredFraction, row: str) -> TimeLineEntry:
    kind = EntryKind.PARTIAL_FRACTION if fraction.partial else EntryKind.FRACTION
    return TimeLineEntry(
        lane=Lane.RADIOTHERAPY,
        kind=kind,
        on=fraction.on,
        row=row,
        about=str(fraction.fraction),
        source=fraction.source,
    )


def _missed(course: DeliverySummary) -> Iterator[TimeLineEntry]:
    """One entry for each gap between fractions, however long it is."""
    for gap in course.gaps:
        days = [on for on in course.missed_days if on > gap.after and (gap.until is None or on < gap.until)]
        yield TimeLineEntry(
            lane=Lane.RADIOTHERAPY,
            kind=EntryKind.MISSED_DAYS,
            on=days[0],
            until=days[-1],
            row=course.course.regimen,
            about=str(len(days)),
        )


def _to_come(course: DeliverySummary, calendar: DeliveryRules, today: date) -> Iterator[TimeLineEntry]:
    """Fractions still to come, on the next treatment days; without a first one nobody knows the days."""
    left = course.course.fractions - course.delivered_fractions
    over = course.deviation is not None
    if over or left < 1:
        return
    on: date | None = max(today, course.last_on) if course.last_on is not None else None
    for number in range(left):
        on = None if on is None else _next_treatment_day(on, calendar)
        yield TimeLineEntry(
            lane=Lane.RADIOTHERAPY,
            kind=EntryKind.PLANNED_FRACTION,
            on=on,
            row=course.course.regimen,
            about=str(course.delivered_fractions + number + 1),
        )


def _next_treatment_day(after: date, calendar: DeliveryRules) -> date:
    on = after + timedelta(days=1)
    while not calendar.is_treatment_day(on):
        on += timedelta(days=1)
    return on


_OF_CYCLES = {
    CycleStatus.GIVEN: EntryKind.CYCLE_GIVEN,
    CycleStatus.OMITTED: EntryKind.CYCLE_OMITTED,
    CycleStatus.DUE: EntryKind.CYCLE_DUE,
    CycleStatus.PLANNED: EntryKind.CYCLE_PLANNED,
}


def _cycle(cycle: Cycle, today: date) -> TimeLineEntry:
    return TimeLineEntry(
        lane=Lane.SYSTEMIC,
        kind=_OF_CYCLES[cycle.status(today)],
        on=cycle.given_on or cycle.planned_on,
        about=str(cycle.number),
        delay_days=cycle.delay_days,
    )


def _by_onset(events: Iterable[AdverseEvent]) -> list[AdverseEvent]:
    return sorted((each for each in events if each.grades), key=lambda each: (each.onset, each.term, each.id))


def _grades(event: AdverseEvent) -> Iterator[TimeLineEntry]:
    """One entry for each stretch of one grade, up to the day of the next."""
    stretches = [*sorted(event.grades), None]
    for now, following in pairwise(stretches):
        if now is not None:
            yield TimeLineEntry(
                lane=Lane.TOXICITY,
                kind=EntryKind.GRADE,
                on=now.on,
                until=event.ended_on if following is None else following.on,
                row=event.id,
                about=event.term,
                grade=now.grade,
            )


def _responses(record: ClinicalRecord, responses: Sequence[VisitResponse]) -> Iterator[TimeLineEntry]:
    if record.baseline is not None:
        yield TimeLineEntry(
            lane=Lane.RESPONSE, kind=EntryKind.BASELINE, on=record.baseline.assessment.on, about="baseline"
        )
    for each in responses:
        yield TimeLineEntry(
            lane=Lane.RESPONSE,
            kind=EntryKind.ASSESSMENT,
            on=each.on,
            about=each.label,
            response=each.overall,
        )
    progressions = [each for each in responses if each.overall is OverallResponse.PD]
    if progressions:
        first = progressions[0]
        yield TimeLineEntry(
            lane=Lane.RESPONSE,
            kind=EntryKind.PROGRESSION,
            on=first.progression_on or first.on,
            about=first.label,
        )


def _ending(record: ClinicalRecord) -> Iterator[TimeLineEntry]:
    for progression in record.clinical_progressions:
        yield TimeLineEntry(lane=Lane.RESPONSE, kind=EntryKind.CLINICAL_PROGRESSION, on=progression.on)
    for therapy in sorted(record.therapies, key=_by_day):
        yield TimeLineEntry(
            lane=Lane.SYSTEMIC, kind=EntryKind.THERAPY, on=therapy.started_on, about=therapy.label
        )
    for leaving in sorted(record.leavings, key=lambda each: each.on):
        yield TimeLineEntry(lane=Lane.TRIAL, kind=EntryKind.LEFT, on=leaving.on, about=leaving.kind.value)
    if record.death is not None:
        yield TimeLineEntry(lane=Lane.TRIAL, kind=EntryKind.DEATH, on=record.death.on)


def _by_day(therapy: Therapy) -> tuple[date, str]:
    return therapy.started_on or date.max, therapy.label
