"""Forms of adverse events: the term is searched first, so that its form offers the grades that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.ctcae import HIGHEST_GRADE, CtcaeTerm
from trial_core.domain.toxicity import AdverseEvent, Attribution, GradeFrom, Outcome, Treatment, asks_what
from trial_core.services import toxicity
from trial_core.services.ctcae_terms import terms_of_version
from web.forms import Answers, Context, Field, FieldKind, Form, Option, Saved
from web.house import actor, house
from web.reading.study_protocol import conduct, protocol
from web.subject_entry.entry import (
    Entry,
    Group,
    content_shown,
    day_field,
    entry_form,
    given_day,
    options_of,
)
from web.subject_entry.refusals import HalfAGrade, NoTerm
from web.subject_entry.serious import serious_card
from web.words import later, t, word

_MOST_SLUG = 60
_NEW_CHANGES = 2
"""Changes of the grade that one can add at a time."""


def term_slug(term: CtcaeTerm) -> str:
    """Give a term as it stands in an address."""
    return re.sub(r"[^a-z0-9]+", "-", term.term.casefold()).strip("-")[:_MOST_SLUG]


def term_of(slug: str) -> CtcaeTerm:
    """Give the term of an address.

    Raises
    ------
    NoTerm
    """
    found = next((each for each in _terms() if term_slug(each) == slug), None)
    if found is None:
        raise NoTerm
    return found


def _terms(version: str | None = None) -> tuple[CtcaeTerm, ...]:
    return terms_of_version(house().db, version or conduct().toxicity.ctcae_version)


def term_fields(_context: Context) -> tuple[Field, ...]:
    """Ask for the term: one types a part of it, or of its organ class."""
    options = tuple(Option(term_slug(each), f"{each.term} · {each.organ_class}") for each in _terms())
    hint = _search_hint()
    return (Field("term", t("Term"), FieldKind.CHOICE, required=True, options=options, hint=hint),)


def _search_hint() -> str:
    version = conduct().toxicity.ctcae_version
    return t("CTCAE v{version}. Type a part of the term or of its organ class.", version=version)


def choose_term(context: Context, answers: Answers) -> Saved:
    """Go on to the form of the term."""
    return Saved("", go=f"/subjects/{context['code']}/adverse-event/{answers.text('term')}")


TERM = Form("adverse-event-term", term_fields, choose_term)


def event_fields(context: Context) -> tuple[Field, ...]:
    """Ask for an event of one term."""
    event = content_shown(context, AdverseEvent)
    term = _term_shown(context, event)
    return (
        *_specified(event, term),
        *_grades(event, term),
        day_field("ended", t("Ended on"), event.ended_on if event else None, required=False, hint=_goes_on()),
        Field(
            "baseline",
            t("Grade at baseline"),
            FieldKind.CHOICE,
            required=True,
            options=(Option("0", t("0: not there")), *_offered(term, most=HIGHEST_GRADE - 1)),
            value=str(event.baseline_grade) if event else "0",
        ),
        *(_attribution(each, event) for each in Treatment),
        Field(
            "serious",
            t("Serious: death, life-threatening, hospital stay, disability"),
            FieldKind.TICK,
            value="yes" if event and event.serious else "",
            hint=t("A clock of 24 hours runs from when the site knew of it."),
        ),
        Field(
            "outcome",
            t("Outcome"),
            FieldKind.CHOICE,
            required=True,
            options=options_of(Outcome),
            value=event.outcome.value if event else Outcome.UNKNOWN.value,
        ),
    )


def _specified(event: AdverseEvent | None, term: CtcaeTerm) -> Iterator[Field]:
    if asks_what(term.term):
        given = event.specified if event else ""
        yield Field("specified", t("What it was"), FieldKind.TEXT, required=True, value=given)


def _goes_on() -> str:
    return t("Empty: it goes on.")


def _term_shown(context: Context, event: AdverseEvent | None) -> CtcaeTerm:
    if event is None:
        return term_of(context["term"])
    known = {each.term.casefold(): each for each in _terms(event.version)}
    found = known.get(event.term.casefold())
    if found is None:
        raise NoTerm
    return found


def _offered(term: CtcaeTerm, *, most: int = HIGHEST_GRADE) -> tuple[Option, ...]:
    return tuple(Option(str(each), str(each)) for each in term.allowed_grades if each <= most)


def _grades(event: AdverseEvent | None, term: CtcaeTerm) -> Iterator[Field]:
    known = sorted(event.grades) if event else []
    yield from _grade(0, known[0] if known else None, term, required=True, title=t("Onset"))
    for number in range(1, max(1, len(known)) + _NEW_CHANGES):
        given = known[number] if number < len(known) else None
        title = t("Change {number} of the grade", number=number)
        yield from _grade(number, given, term, required=False, title=title)


def _grade(
    number: int, given: GradeFrom | None, term: CtcaeTerm, *, required: bool, title: str
) -> Iterator[Field]:
    place: dict[str, Any] = {"section": title, "required": required}
    yield day_field(f"on-{number}", t("Date"), given.on if given else None, **place)
    grade = str(given.grade) if given else ""
    yield Field(f"grade-{number}", t("Grade"), FieldKind.CHOICE, options=_offered(term), value=grade, **place)


def _attribution(treatment: Treatment, event: AdverseEvent | None) -> Field:
    given = event.attribution.get(treatment) if event else None
    return Field(
        f"by-{treatment.name.lower()}",
        word(treatment),
        FieldKind.CHOICE,
        options=options_of(Attribution),
        value=given.value if given else "",
        section=t("Caused by (empty: not assessed)"),
    )


def save_event(context: Context, answers: Answers) -> FormVersion:
    """Record or correct an event."""
    on_record = content_shown(context, AdverseEvent)
    term = _term_shown(context, on_record)
    event = AdverseEvent(
        id=on_record.id if on_record else "",
        subject=context["code"],
        version=term.version,
        term=term.term,
        grades=tuple(_given_grades(answers)),
        ended_on=answers.day("ended"),
        baseline_grade=answers.whole("baseline") or 0,
        attribution=_given_attribution(answers),
        serious=answers.ticked("serious"),
        outcome=Outcome(answers.text("outcome")),
        specified=answers.text("specified") if asks_what(term.term) else "",
    )
    to_service = partial(toxicity.record_event, house().db, protocol(), actor(), code=context["code"])
    if on_record is None:
        return to_service(event=event)
    return toxicity.correct_event(
        house().db,
        protocol(),
        actor(),
        code=context["code"],
        event=event,
        reason=answers.reason or "",
        seen_version=context.seen_version,
    )


def _given_grades(answers: Answers) -> Iterator[GradeFrom]:
    number = 0
    while f"on-{number}" in answers.given:
        on, grade = answers.day(f"on-{number}"), answers.whole(f"grade-{number}")
        if (on is None) != (grade is None):
            raise HalfAGrade(f"on-{number}" if on is None else f"grade-{number}")
        if grade is not None:
            yield GradeFrom(on=given_day(answers, f"on-{number}"), grade=grade)
        number += 1


def _given_attribution(answers: Answers) -> dict[Treatment, Attribution]:
    given = {each: answers.text(f"by-{each.name.lower()}") for each in Treatment}
    return {treatment: Attribution(text) for treatment, text in given.items() if text}


def _take_back(code: str, occasion: str, reason: str) -> FormVersion:
    return toxicity.take_back_event(
        house().db, protocol(), actor(), code=code, event_id=occasion, reason=reason
    )


ENTRIES = (
    Entry(
        slug="adverse-event",
        title=later("Adverse event"),
        kind=ClinicalForm.ADVERSE_EVENT,
        group=Group.SAFETY,
        permission=Permission.REPORT_SAFETY,
        form=entry_form("adverse-event", event_fields, save_event),
        take_back=_take_back,
        beside=serious_card,
        first=TERM,
    ),
)
