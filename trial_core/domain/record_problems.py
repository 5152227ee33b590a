"""What cannot be in a subject's record: refused on entry, while what is merely unclear becomes a query."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from trial_core.domain.clinical_record import ClinicalRecord, examination_days
from trial_core.domain.ctcae import CtcaeCatalogue
from trial_core.domain.lesions import RecistRules, lesion_problems
from trial_core.domain.systemic import Cycle
from trial_core.domain.toxicity import event_problems

_CORRECT = "Correct the date that is wrong."


@dataclass(frozen=True, kw_only=True, order=True)
class RecordProblem:
    """One thing that cannot be: which form and field, what is wrong, and what to do."""

    about: str
    message: str
    action: str


@dataclass(frozen=True, kw_only=True)
class _Dated:
    """A day on record; `tumour` says that it is a tumour assessment after the start."""

    about: str
    on: date
    tumour: bool = False


def record_problems(
    record: ClinicalRecord, catalogue: CtcaeCatalogue, rules: RecistRules, *, today: date
) -> tuple[RecordProblem, ...]:
    """All that cannot be; empty for a record that may stand."""
    found = [
        *_about_days(record, today),
        *_about_death(record, today),
        *_about_lesions(record, rules),
        *_about_responses(record),
        *_about_cycles(record),
        *_about_events(record, catalogue, today),
    ]
    return tuple(sorted(set(found)))


def _days(record: ClinicalRecord) -> Iterator[_Dated]:
    """What is dated and cannot lie after death, in order of kind."""
    for visit in record.visits:
        for on in examination_days(visit):
            yield _Dated(about=f"visit {visit.label}", on=on, tumour=True)
    for therapy in record.therapies:
        if therapy.started_on is not None:
            yield _Dated(about=f"therapy {therapy.label}", on=therapy.started_on)
    for contact in record.contacts:
        yield _Dated(about="contact", on=contact.on)
    for progression in record.clinical_progressions:
        yield _Dated(about="clinical progression", on=progression.on, tumour=True)
    for cycle in record.cycles:
        if cycle.given_on is not None:
            yield _Dated(about=f"cycle {cycle.number}", on=cycle.given_on, tumour=True)
    for on in record.fraction_days:
        yield _Dated(about="fraction", on=on, tumour=True)
    if record.baseline is not None and record.baseline.assessment.on is not None:
        yield _Dated(about="baseline assessment", on=record.baseline.assessment.on)
    for violation in record.violations:
        yield _Dated(about=f"violation of {violation.criterion}", on=violation.found_on)


def _about_days(record: ClinicalRecord, today: date) -> Iterator[RecordProblem]:
    start = record.subject.start
    since = start[0] if start is not None else record.subject.enrolled_on
    for each in _days(record):
        if each.on > today:
            yield _problem(each.about, f"{each.on} lies in the future", _CORRECT)
        if record.died_on is not None and each.on > record.died_on:
            yield _problem(each.about, f"{each.on} lies after the death of {record.died_on}", _CORRECT)
        if not each.tumour:
            continue
        if since is None:
            yield _problem(each.about, "the subject is not enrolled", "Enrol the subject first.")
        elif each.on < since:
            yield _problem(each.about, f"{each.on} lies before the start, {since}", _CORRECT)


def _about_death(record: ClinicalRecord, today: date) -> Iterator[RecordProblem]:
    died_on, enrolled_on = record.died_on, record.subject.enrolled_on
    if died_on is None:
        return
    if died_on > today:
        yield _problem("death", f"{died_on} lies in the future", _CORRECT)
    if record.death is not None and any(each.on > died_on for each in record.leavings):
        last = max(each.on for each in record.leavings)
        yield _problem("death", f"{died_on} lies before a leaving of {last}", _CORRECT)
    if enrolled_on is None:
        yield _problem("death", "the subject is not enrolled", "Enrol the subject first.")
    elif died_on < enrolled_on:
        yield _problem("death", f"{died_on} lies before the enrolment of {enrolled_on}", _CORRECT)


def _about_lesions(record: ClinicalRecord, rules: RecistRules) -> Iterator[RecordProblem]:
    if record.baseline is None:
        return
    assessment = record.baseline.assessment
    if not assessment.adequate and not assessment.reason.strip():
        yield _problem("baseline assessment", "is not adequate, and nobody says why", "Enter the reason.")
    for each in lesion_problems(record.baseline.lesions, rules):
        about = f"lesion {each.lesion}" if each.lesion else "baseline lesions"
        yield _problem(about, each.message, each.action)


def _about_responses(record: ClinicalRecord) -> Iterator[RecordProblem]:
    labels = {visit.label for visit in record.visits}
    for each in record.by_hand:
        if each.visit not in labels:
            yield _problem(
                f"response of visit {each.visit}",
                "is set by hand, but there is no such visit",
                "Enter the visit first, or take the response back.",
            )


def _about_cycles(record: ClinicalRecord) -> Iterator[RecordProblem]:
    for cycle in record.cycles:
        for message, action in _of_cycle(cycle):
            yield _problem(f"cycle {cycle.number}", message, action)


def _of_cycle(cycle: Cycle) -> Iterator[tuple[str, str]]:
    if cycle.number < 1:
        yield "has no such number", "Number cycles from 1."
    if cycle.omitted and cycle.given_on is not None:
        yield "is both given and omitted", "Correct the one that is wrong."
    if cycle.given_on is None and any(agent.given for agent in cycle.agents):
        yield "has a given dose, but no day on which it was given", "Enter the day."
    names = Counter(agent.agent.strip().casefold() for agent in cycle.agents)
    if "" in names or any(not agent.unit.strip() for agent in cycle.agents):
        yield "has an agent without name or unit", "Enter both."
    for name, count in sorted(names.items()):
        if count > 1:
            yield f"has {name} {count} times", "Keep one."
    for agent in cycle.agents:
        doses = [agent.planned, *([] if agent.given is None else [agent.given])]
        if not all(math.isfinite(dose) and dose >= 0 for dose in doses):
            yield f"has a dose of {agent.agent} that none can be", "Enter a number of 0 or more."


def _about_events(record: ClinicalRecord, catalogue: CtcaeCatalogue, today: date) -> Iterator[RecordProblem]:
    for event in record.events:
        about = f"adverse event {event.term}"
        for each in event_problems(event, catalogue, died_on=record.died_on):
            yield _problem(f"{about}, {each.field}", each.message, each.action)
        days = [each.on for each in event.grades] + ([] if event.ended_on is None else [event.ended_on])
        for on in sorted(set(days)):
            if on > today:
                yield _problem(about, f"{on} lies in the future", _CORRECT)


def _problem(about: str, message: str, action: str) -> RecordProblem:
    return RecordProblem(about=about, message=message, action=action)
