"""Forms of follow-up: contacts, death, ways of leaving, and criteria found violated after enrolment."""

from __future__ import annotations

from collections.abc import Callable

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Permission
from trial_core.domain.clinical_forms import ClinicalForm, Contact, Death, EligibilityViolation
from trial_core.domain.leaving import EndOfTreatmentReason, Leaving, LeavingKind
from trial_core.domain.subject_forms import SubjectForm
from trial_core.enrolment_errors import FormRefused
from trial_core.follow_up_errors import EntryImpossible
from trial_core.services import follow_up, withdrawal
from web.forms import Answers, Context, Field, FieldKind, Option
from web.house import actor, house
from web.reading.study_protocol import conduct
from web.subject_entry.entry import (
    Entry,
    Group,
    changing,
    content_shown,
    day_field,
    entry_form,
    given_day,
    options_of,
)
from web.words import later, name_words, t


def words_field(label: str, value: str, *, required: bool = False, hint: str = "") -> Field:
    """Ask for words that name nobody."""
    return Field(
        "words",
        label,
        FieldKind.LONG_TEXT,
        required=required,
        longest=500,
        value=value,
        hint=hint or t("Nothing that names a person."),
    )


def take_back_as(kind: ClinicalForm) -> Callable[[str, str, str], FormVersion]:
    """Give how a form of follow-up is taken back."""

    def take_back(code: str, occasion: str, reason: str) -> FormVersion:
        return follow_up.take_back_follow_up(
            house().db, conduct(), actor(), code=code, kind=kind, occasion=occasion, reason=reason
        )

    return take_back


def contact_fields(context: Context) -> tuple[Field, ...]:
    """Ask for a day on which the subject was known to be alive."""
    on_record = content_shown(context, Contact)
    how = on_record.how if on_record else ""
    return (
        *(() if on_record else (day_field("on", t("Known to be alive on")),)),
        words_field(t("How it was known"), how, hint=t("As in: visit, telephone, letter of the physician.")),
    )


def save_contact(context: Context, answers: Answers) -> FormVersion:
    """Enter a contact."""
    on_record = content_shown(context, Contact)
    on = on_record.on if on_record else given_day(answers, "on")
    contact = Contact(on=on, how=answers.text("words"))
    return follow_up.enter_contact(
        house().db, conduct(), actor(), code=context["code"], contact=contact, **changing(context, answers)
    )


def death_fields(context: Context) -> tuple[Field, ...]:
    """Ask for day and cause."""
    on_record = content_shown(context, Death)
    hint = t("Enter the death first, then the adverse event of grade 5, if there was one.")
    return (
        day_field("on", t("Died on"), on_record.on if on_record else None, hint=hint),
        words_field(t("Cause"), on_record.cause if on_record else ""),
    )


def save_death(context: Context, answers: Answers) -> FormVersion:
    """Enter the death."""
    death = Death(on=given_day(answers, "on"), cause=answers.text("words"))
    return follow_up.enter_death(
        house().db, conduct(), actor(), code=context["code"], death=death, **changing(context, answers)
    )


def leaving_fields(context: Context) -> tuple[Field, ...]:
    """Ask how, when and why; each way ends only what its name says."""
    on_record = content_shown(context, Leaving)
    kind = on_record.kind if on_record else None
    which = Field(
        "kind", t("Way of leaving"), FieldKind.CHOICE, required=True, options=options_of(LeavingKind)
    )
    why = Field(
        "why",
        t("Why treatment ended"),
        FieldKind.CHOICE,
        required=True,
        options=options_of(EndOfTreatmentReason),
        value=on_record.reason.value if on_record and on_record.reason else "",
        shown_when=None if on_record else ("kind", (LeavingKind.END_OF_TREATMENT.value,)),
    )
    return (
        *(() if on_record else (which,)),
        day_field("on", t("Date"), on_record.on if on_record else None),
        *((why,) if kind in (None, LeavingKind.END_OF_TREATMENT) else ()),
        words_field(t("In words"), on_record.words if on_record else ""),
    )


def save_leaving(context: Context, answers: Answers) -> FormVersion:
    """Record one way of leaving."""
    on_record = content_shown(context, Leaving)
    why = answers.text("why")
    leaving = Leaving(
        kind=on_record.kind if on_record else LeavingKind(answers.text("kind")),
        on=given_day(answers, "on"),
        reason=EndOfTreatmentReason(why) if why else None,
        words=answers.text("words"),
    )
    return withdrawal.leave(
        house().db, actor(), code=context["code"], leaving=leaving, **changing(context, answers)
    )


def _take_leaving_back(code: str, occasion: str, reason: str) -> FormVersion:
    kind = LeavingKind(occasion)
    return withdrawal.take_leaving_back(house().db, actor(), code=code, kind=kind, reason=reason)


def violation_fields(context: Context) -> tuple[Field, ...]:
    """Ask which criterion was found violated after enrolment."""
    on_record = content_shown(context, EligibilityViolation)
    options = tuple(Option(each.id, name_words(each.text)) for each in conduct().questions)
    which = Field("criterion", t("Criterion"), FieldKind.CHOICE, required=True, options=options)
    return (
        *(() if on_record else (which,)),
        day_field("on", t("Found on"), on_record.found_on if on_record else None),
        words_field(t("How it was found"), on_record.words if on_record else "", required=True),
    )


def save_violation(context: Context, answers: Answers) -> FormVersion:
    """Enter a violation."""
    on_record = content_shown(context, EligibilityViolation)
    violation = EligibilityViolation(
        criterion=on_record.criterion if on_record else answers.text("criterion"),
        found_on=given_day(answers, "on"),
        words=answers.text("words"),
    )
    return follow_up.enter_violation(
        house().db,
        conduct(),
        actor(),
        code=context["code"],
        violation=violation,
        **changing(context, answers),
    )


ENTRIES = (
    Entry(
        slug="contact",
        title=later("Survival status: known to be alive"),
        kind=ClinicalForm.CONTACT,
        group=Group.FOLLOW_UP,
        permission=Permission.ENTER_CLINICAL,
        form=entry_form("contact", contact_fields, save_contact, {EntryImpossible: "on"}),
        take_back=take_back_as(ClinicalForm.CONTACT),
    ),
    Entry(
        slug="death",
        title=later("Death"),
        kind=ClinicalForm.DEATH,
        group=Group.FOLLOW_UP,
        permission=Permission.ENTER_CLINICAL,
        form=entry_form("death", death_fields, save_death, {EntryImpossible: "on"}),
        only_one=True,
        take_back=take_back_as(ClinicalForm.DEATH),
    ),
    Entry(
        slug="leaving",
        title=later("End of treatment, withdrawal or loss"),
        kind=SubjectForm.LEAVING,
        group=Group.FOLLOW_UP,
        permission=Permission.MANAGE_SUBJECTS,
        form=entry_form("leaving", leaving_fields, save_leaving, {FormRefused: "on"}),
        take_back=_take_leaving_back,
    ),
    Entry(
        slug="violation",
        title=later("Criterion found violated"),
        kind=ClinicalForm.VIOLATION,
        group=Group.FOLLOW_UP,
        permission=Permission.ENTER_CLINICAL,
        form=entry_form("violation", violation_fields, save_violation, {EntryImpossible: "on"}),
        take_back=take_back_as(ClinicalForm.VIOLATION),
    ),
)
