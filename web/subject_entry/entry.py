"""A form of a subject's record: where it stands in the menu, who fills it in, how it is taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from trial_core.db.form_content import from_plain
from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Permission
from trial_core.errors import TrialError
from trial_core.services.form_history import form_history
from web.components.frame import Content
from web.forms import Answers, Context, Field, FieldKind, Form, Option, Saved
from web.forms.fields import REASON
from web.house import actor, house
from web.subject_entry.refusals import NoTime
from web.words import Later, later, t, word

T = TypeVar("T")


class Group(StrEnum):
    """Groups of the menu, in their order."""

    TREATMENT = "treatment"
    SAFETY = "safety"
    TUMOUR = "tumour"
    FOLLOW_UP = "follow-up"


GROUP_TITLES: Mapping[Group, Later] = {
    Group.TREATMENT: later("Treatment"),
    Group.SAFETY: later("Safety"),
    Group.TUMOUR: later("Tumour and response"),
    Group.FOLLOW_UP: later("Survival and leaving"),
}


def _nothing_beside(_code: str, _version: FormVersion) -> Content:
    return None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One kind of form.

    Attributes
    ----------
    slug
        In the address of its page.
    kind
        Of the forms on record.
    permission
        Who may fill it in; the service asks for the same.
    before_enrolment
        Whether it is filled in during screening, too.
    only_one
        A subject has one: the menu leads to the one on record.
    take_back
        Calls the service with the subject's code, the form's occasion and the reason; None: not from here.
    beside
        What the form's page shows beside it, derived from it.
    first
        A form that comes before a new one, and leads to it.
    """

    slug: str
    title: Later
    kind: StrEnum
    group: Group
    permission: Permission
    form: Form
    before_enrolment: bool = False
    only_one: bool = False
    take_back: Callable[[str, str, str], FormVersion] | None = None
    beside: Callable[[str, FormVersion], Content] = _nothing_beside
    first: Form | None = None


def entry_form(
    slug: str,
    fields: Callable[[Context], Sequence[Field]],
    save: Callable[[Context, Answers], FormVersion],
    refused_at: Mapping[type[TrialError], str] | None = None,
) -> Form:
    """Give the form of an entry: once it is saved, its own page shows it with its versions."""

    def saved(context: Context, answers: Answers) -> Saved:
        version = save(context, answers)
        return Saved("", go=form_href(context["code"], version.id))

    def asked(context: Context) -> Sequence[Field]:
        return [*fields(context), *_again(context)]

    return Form(slug, asked, saved, refused_at=refused_at or {})


def form_href(code: str, form_id: str) -> str:
    """Give the address of a form's page."""
    return f"/subjects/{code}/forms/{form_id}"


def context_of(code: str, version: FormVersion) -> Context:
    """Give the context in which a form on record is corrected, or entered again after it was taken back."""
    facts = {"code": code, "form": version.id}
    return Context(facts, 0 if version.void else version.version)


def shown(context: Context) -> FormVersion | None:
    """Give the version of the form that the page shows; None where it is a new one."""
    if not context["form"]:
        return None
    versions = form_history(house().db, actor(), code=context["code"], form_id=context["form"])
    return next(each for each in versions if each.id == context["form"])


def content_shown(context: Context, kind: type[T]) -> T | None:
    """Give what the version that the page shows holds; None where it is a new one."""
    version = shown(context)
    return None if version is None else from_plain(version.content, kind)


def changing(context: Context, answers: Answers) -> dict[str, Any]:
    """Give reason and version for a service that corrects."""
    return {"reason": answers.reason, "seen_version": context.seen_version or None}


def today() -> date:
    """Give the day of the record's clock: what lies after it is refused."""
    return house().db.today()


def day_field(name: str, label: str, value: date | None = None, **more: Any) -> Field:
    """Ask for a day that has come."""
    return Field(
        name,
        label,
        FieldKind.DATE,
        **{"required": True, "latest": today(), **more},
        value="" if value is None else value.isoformat(),
    )


def given_day(answers: Answers, name: str) -> date:
    """Give the answer of a day that the form requires."""
    day = answers.day(name)
    assert day is not None  # noqa: S101 - a required field that is empty sends no form; tells the type checker
    return day


def options_of(kind: type[StrEnum]) -> tuple[Option, ...]:
    """Offer every member of a closed set."""
    return tuple(Option(each.value, word(each)) for each in kind)


def number_text(value: float | None) -> str:
    """Give a number as one would type it."""
    return "" if value is None else f"{value:.12g}"


def yes_no(value: bool | None) -> str:
    """Give yes or no as a field has it; empty where it is not answered."""
    return "" if value is None else "yes" if value else "no"


def moment(on: date, at: str) -> datetime:
    """Give a moment in UTC of a day and a time as it was typed.

    Raises
    ------
    NoTime
    """
    try:
        read = datetime.strptime(at, "%H:%M").time()  # noqa: DTZ007 - a time of day; its zone is set below
    except ValueError:
        raise NoTime(at) from None
    return datetime.combine(on, read, UTC)


def _again(context: Context) -> tuple[Field, ...]:
    """A form that was taken back and is entered again has an earlier version, so it needs a reason, too."""
    version = shown(context)
    if version is None or not version.void:
        return ()
    hint = t("This form was taken back. It is entered again as a new version.")
    return (Field(REASON, t("Reason for entering it again"), hint=hint, required=True, longest=500),)
