"""Forms beside the derived response: one set by hand with its reason, and progression without imaging."""

from __future__ import annotations

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Permission
from trial_core.domain.clinical_forms import ClinicalForm, ClinicalProgression
from trial_core.domain.response import OverallResponse, SetByHand
from trial_core.follow_up_errors import EntryImpossible
from trial_core.services import follow_up, outcomes
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
from web.subject_entry.follow_up import take_back_as, words_field
from web.words import later, t


def by_hand_fields(context: Context) -> tuple[Field, ...]:
    """Ask which response stands in place of the derived one, and why."""
    on_record = content_shown(context, SetByHand)
    view = outcomes.clinical_view(house().db, conduct(), actor(), code=context["code"])
    derived = {each.label: each.derived.value for each in view.outcome.responses}
    options = tuple(Option(label, f"{label}: {given}") for label, given in derived.items())
    which = Field(
        "visit",
        t("Assessment, and its derived response"),
        FieldKind.CHOICE,
        required=True,
        options=options,
    )
    return (
        *(() if on_record else (which,)),
        Field(
            "response",
            t("Response that counts"),
            FieldKind.CHOICE,
            required=True,
            options=options_of(OverallResponse),
            value=on_record.response.value if on_record else "",
        ),
        words_field(
            t("Why the derived response does not stand"),
            on_record.reason if on_record else "",
            required=True,
            hint=t("The derived response stays beside it."),
        ),
    )


def save_by_hand(context: Context, answers: Answers) -> FormVersion:
    """Set a response by hand."""
    on_record = content_shown(context, SetByHand)
    response = SetByHand(
        visit=on_record.visit if on_record else answers.text("visit"),
        response=OverallResponse(answers.text("response")),
        reason=answers.text("words"),
    )
    return follow_up.set_response(
        house().db, conduct(), actor(), code=context["code"], response=response, **changing(context, answers)
    )


def progression_fields(context: Context) -> tuple[Field, ...]:
    """Ask for a progression that was seen without imaging."""
    on_record = content_shown(context, ClinicalProgression)
    hint = t("It is no progression by itself, and stays a query until imaging answers it.")
    return (
        *(() if on_record else (day_field("on", t("Seen on"), hint=hint),)),
        words_field(t("What was seen"), on_record.words if on_record else ""),
    )


def save_progression(context: Context, answers: Answers) -> FormVersion:
    """Enter a clinical progression."""
    on_record = content_shown(context, ClinicalProgression)
    on = on_record.on if on_record else given_day(answers, "on")
    return follow_up.enter_clinical_progression(
        house().db,
        conduct(),
        actor(),
        code=context["code"],
        progression=ClinicalProgression(on=on, words=answers.text("words")),
        **changing(context, answers),
    )


ENTRIES = (
    Entry(
        slug="response",
        title=later("Response set by hand"),
        kind=ClinicalForm.RESPONSE_BY_HAND,
        group=Group.TUMOUR,
        permission=Permission.SET_RESPONSE,
        form=entry_form("response", by_hand_fields, save_by_hand),
        take_back=take_back_as(ClinicalForm.RESPONSE_BY_HAND),
    ),
    Entry(
        slug="clinical-progression",
        title=later("Clinical progression without imaging"),
        kind=ClinicalForm.CLINICAL_PROGRESSION,
        group=Group.TUMOUR,
        permission=Permission.ENTER_CLINICAL,
        form=entry_form(
            "clinical-progression", progression_fields, save_progression, {EntryImpossible: "on"}
        ),
        take_back=take_back_as(ClinicalForm.CLINICAL_PROGRESSION),
    ),
)
