"""Forms of radiotherapy: a fraction without machine record, the end of a course, words to a deviation."""

from __future__ import annotations

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.delivery_forms import (
    DeviationAcknowledged,
    ListedDeviation,
    RadiotherapyEnd,
    TypedFraction,
)
from trial_core.services import delivery
from trial_core.services.delivery_reading import DeliveryView
from trial_core.services.follow_up import take_back_follow_up
from web.components.plan_names import plan_name
from web.components.verdict import sentence_case
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
    shown,
)
from web.words import later, name_words, t, word

_ANOTHER = "another"


def fraction_fields(context: Context) -> tuple[Field, ...]:
    """Ask for plan, number and day."""
    on_record = content_shown(context, TypedFraction)
    which = () if on_record is not None else which_plan(_view(context["code"]))
    partial = "yes" if on_record is not None and on_record.partial else ""
    hint = t("Only where there is no machine record. Where one comes later, that one counts.")
    return (
        *which,
        day_field("day", t("Day of the fraction"), on_record.on if on_record else None, hint=hint),
        Field("partial", t("Delivered in part only"), FieldKind.TICK, value=partial),
    )


def which_plan(view: DeliveryView) -> tuple[Field, Field, Field]:
    """Ask for a plan, its name where it was not submitted, and the number that comes next."""
    plans = dict.fromkeys([*(plan for each in view.courses for plan in each.course.plans), *_typed(view)])
    names = [Option(each, plan_name(each, view.courses)) for each in plans]
    options = (*names, Option(_ANOTHER, t("A plan that was not submitted")))
    first = options[0].value
    given = [each.fraction for each in view.fractions if each.plan == first]
    return (
        Field("plan", t("Plan"), FieldKind.CHOICE, required=True, options=options, value=first),
        Field(
            "name",
            t("Name of the plan"),
            required=True,
            longest=64,
            hint=t("As in the record-and-verify system; nothing that names a person."),
            shown_when=("plan", (_ANOTHER,)),
        ),
        Field(
            "fraction",
            t("Number of the fraction"),
            FieldKind.NUMBER,
            required=True,
            whole=True,
            least=1,
            most=99,
            value=str(max(given, default=0) + 1),
        ),
    )


def _typed(view: DeliveryView) -> list[str]:
    return [each.plan for each in view.other_fractions]


def save_fraction(context: Context, answers: Answers) -> FormVersion:
    """Type in a fraction."""
    on_record = content_shown(context, TypedFraction)
    fraction = TypedFraction(
        plan=on_record.plan if on_record else chosen_plan(answers),
        fraction=on_record.fraction if on_record else answers.whole("fraction") or 0,
        on=given_day(answers, "day"),
        partial=answers.ticked("partial"),
    )
    return delivery.enter_fraction(
        house().db, conduct(), actor(), code=context["code"], fraction=fraction, **changing(context, answers)
    )


def chosen_plan(answers: Answers) -> str:
    """Give the plan that was chosen, or the name of one that was not submitted."""
    return answers.text("name") if answers.text("plan") == _ANOTHER else answers.text("plan")


def _view(code: str) -> DeliveryView:
    return delivery.delivery_view(house().db, conduct(), actor(), code=code)


def _take_fraction_back(code: str, occasion: str, reason: str) -> FormVersion:
    plan, _, number = occasion.rpartition("/")
    return delivery.take_back_fraction(
        house().db, conduct(), actor(), code=code, plan=plan, fraction=int(number), reason=reason
    )


def end_fields(context: Context) -> tuple[Field, ...]:
    """Ask which course will not go on, since when and why."""
    on_record = content_shown(context, RadiotherapyEnd)
    regimens = dict.fromkeys(each.course.regimen for each in _view(context["code"]).courses)
    which = Field(
        "course",
        t("Course"),
        FieldKind.CHOICE,
        required=True,
        options=tuple(Option(each, name_words(each)) for each in regimens),
    )
    hint = t("From then on its dose is judged against the prescription.")
    return (
        *(() if on_record else (which,)),
        day_field("day", t("Ended on"), on_record.on if on_record else None, hint=hint),
        Field(
            "words",
            t("Why it will not go on"),
            FieldKind.LONG_TEXT,
            required=True,
            longest=500,
            value=on_record.words if on_record else "",
        ),
    )


def save_end(context: Context, answers: Answers) -> FormVersion:
    """Enter the end of a course."""
    on_record = content_shown(context, RadiotherapyEnd)
    end = RadiotherapyEnd(
        regimen=on_record.regimen if on_record else answers.text("course"),
        on=given_day(answers, "day"),
        words=answers.text("words"),
    )
    return delivery.end_radiotherapy(
        house().db, conduct(), actor(), code=context["code"], end=end, **changing(context, answers)
    )


def deviation_fields(context: Context) -> tuple[Field, ...]:
    """Ask why a deviation happened: one that nobody has said anything to yet, or the one on record."""
    on_record = content_shown(context, DeviationAcknowledged)
    view = _view(context["code"])
    waiting = [each for each in view.deviations if each.left]
    options = tuple(Option(each.key, deviation_words(each, view)) for each in waiting)
    which = Field("deviation", t("Deviation"), FieldKind.CHOICE, required=True, options=options)
    return (
        *(() if on_record else (which,)),
        Field(
            "words",
            t("Why it happened, and what was done"),
            FieldKind.LONG_TEXT,
            required=True,
            longest=500,
            value=on_record.words if on_record else "",
            hint=t("It counts for the fractions given so far. Later ones ask again."),
        ),
    )


def deviation_words(listed: ListedDeviation, view: DeliveryView) -> str:
    """Name a deviation: what, of which plan, which fractions."""
    numbers = ", ".join(str(each) for each in listed.deviation.fractions)
    return t(
        "{what}, {plan}: fractions {numbers}",
        what=sentence_case(word(listed.deviation.kind)),
        plan=plan_name(listed.deviation.plan, view.courses),
        numbers=numbers,
    )


def save_deviation(context: Context, answers: Answers) -> FormVersion:
    """Say why a deviation happened."""
    version = shown(context)
    return delivery.acknowledge_deviation(
        house().db,
        conduct(),
        actor(),
        code=context["code"],
        key=version.occasion if version else answers.text("deviation"),
        words=answers.text("words"),
        **changing(context, answers),
    )


def _take_end_back(code: str, occasion: str, reason: str) -> FormVersion:
    return take_back_follow_up(
        house().db,
        conduct(),
        actor(),
        code=code,
        kind=ClinicalForm.RADIOTHERAPY_END,
        occasion=occasion,
        reason=reason,
    )


ENTRIES = (
    Entry(
        slug="fraction",
        title=later("Fraction of radiotherapy"),
        kind=ClinicalForm.FRACTION,
        group=Group.TREATMENT,
        permission=Permission.ENTER_CLINICAL,
        form=entry_form("fraction", fraction_fields, save_fraction),
        take_back=_take_fraction_back,
    ),
    Entry(
        slug="end-of-radiotherapy",
        title=later("End of a radiotherapy course"),
        kind=ClinicalForm.RADIOTHERAPY_END,
        group=Group.TREATMENT,
        permission=Permission.ENTER_CLINICAL,
        form=entry_form("end-of-radiotherapy", end_fields, save_end),
        take_back=_take_end_back,
    ),
    Entry(
        slug="deviation",
        title=later("Reason of a deviation"),
        kind=ClinicalForm.DEVIATION,
        group=Group.TREATMENT,
        permission=Permission.ACKNOWLEDGE_DEVIATION,
        form=entry_form("deviation", deviation_fields, save_deviation),
    ),
)
