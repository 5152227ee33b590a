"""The form of a week of radiotherapy: a treatment chart's days of one plan, typed in at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from trial_core.domain.access import Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.delivered_fractions import DeliveredFraction
from trial_core.review_errors import FractionOfWeekImpossible
from trial_core.services.delivery import delivery_view
from trial_core.services.delivery_week import DayGiven, enter_week
from web.forms import Answers, Context, Field, FieldKind, Form, Saved
from web.house import actor, house
from web.reading.study_protocol import conduct
from web.subject_entry.delivery import chosen_plan, which_plan
from web.subject_entry.entry import Entry, Group, day_field, today
from web.words import later, t, tn

DAYS = 5


def week_fields(context: Context) -> tuple[Field, ...]:
    """Ask for the plan, the first number and up to five days; those that are likely stand there already."""
    view = delivery_view(house().db, conduct(), actor(), code=context["code"])
    plan, name, first = which_plan(view)
    likely = likely_days(view.fractions, plan.value, until=today())
    rows = [field for at in range(DAYS) for field in _day(at + 1, likely[at] if at < len(likely) else None)]
    return (plan, name, replace(first, label=t("Number of the first fraction")), *rows)


def _day(place: int, likely: date | None) -> tuple[Field, Field]:
    section = t("Day {n}", n=place)
    hint = t("Empty: no fraction.") if place > 1 else ""
    return (
        day_field(f"day-{place}", t("Date"), likely, required=place == 1, hint=hint, section=section),
        Field(f"partial-{place}", t("Delivered in part only"), FieldKind.TICK, section=section),
    )


def likely_days(fractions: Iterable[DeliveredFraction], plan: object, *, until: date) -> list[date]:
    """Give the days of treatment since the plan's last fraction; none before there is one."""
    given = [each.on for each in fractions if each.plan == plan and each.on is not None]
    last = max(given, default=until)
    days = [last + timedelta(days=n) for n in range(1, 1 + (until - last).days)]
    return [day for day in days if conduct().delivery.is_treatment_day(day)][:DAYS]


def save_week(context: Context, answers: Answers) -> Saved:
    """Type in every day that has a date, and go back to the subject."""
    places = [place for place in range(1, DAYS + 1) if answers.day(f"day-{place}") is not None]
    try:
        found = enter_week(
            house().db,
            conduct(),
            actor(),
            code=context["code"],
            plan=chosen_plan(answers),
            first=answers.whole("fraction") or 0,
            days=[_given(answers, place) for place in places],
        )
    except FractionOfWeekImpossible as refusal:
        place = places[refusal.place - 1] if refusal.place <= len(places) else refusal.place
        raise FractionOfWeekImpossible(place, refusal.problem) from refusal
    said = tn("{n} fraction", "{n} fractions", len(found))
    return Saved(said, go=f"/subjects/{context['code']}")


def _given(answers: Answers, place: int) -> DayGiven:
    on = answers.day(f"day-{place}")
    assert on is not None  # noqa: S101 - only places with a day are asked for; this tells the type checker
    return DayGiven(on=on, partial=answers.ticked(f"partial-{place}"))


ENTRIES = (
    Entry(
        slug="fraction-week",
        title=later("Fractions of a week"),
        kind=ClinicalForm.FRACTION,
        group=Group.TREATMENT,
        permission=Permission.ENTER_CLINICAL,
        form=Form("fraction-week", week_fields, save_week),
    ),
)
