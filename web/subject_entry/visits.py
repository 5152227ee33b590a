"""Form of a tumour assessment: one reading of each lesion of the baseline, and the lesions that are new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.lesions import Lesion, LesionRole
from trial_core.domain.readings import (
    NewLesion,
    NonTargetReading,
    NonTargetStatus,
    Size,
    TargetReading,
    Visit,
)
from trial_core.domain.visit_plan import ScheduledVisit, VisitStanding
from trial_core.follow_up_errors import EntryImpossible
from trial_core.services import follow_up, outcomes
from trial_core.services.outcomes import ClinicalView
from web.forms import Answers, Context, Field, FieldKind, Option
from web.house import actor, house
from web.reading.study_protocol import conduct
from web.subject_entry.derived import response_card
from web.subject_entry.entry import (
    Entry,
    Group,
    changing,
    content_shown,
    day_field,
    entry_form,
    given_day,
    number_text,
    options_of,
    yes_no,
)
from web.subject_entry.follow_up import take_back_as
from web.subject_entry.refusals import NoBaseline
from web.words import later, t

MOST_NEW = 5
R = TypeVar("R", TargetReading, NonTargetReading)
_OTHER_DAYS = ("other-days", ("yes",))


def _view(code: str) -> ClinicalView:
    return outcomes.clinical_view(house().db, conduct(), actor(), code=code)


def _lesions(code: str) -> tuple[Lesion, ...]:
    baseline = _view(code).record.baseline
    if baseline is None:
        raise NoBaseline
    return baseline.lesions


def visit_fields(context: Context) -> tuple[Field, ...]:
    """Ask for each lesion of the baseline, and for new ones."""
    on_record = content_shown(context, Visit)
    lesions = _lesions(context["code"])
    days = _days(on_record)
    common = max(days, default=None)
    scattered = any(day != common for day in days)
    new = on_record.new_lesions if on_record else ()
    return (
        *(() if on_record else (_label(context["code"]),)),
        day_field("on", t("Day of the examination"), common),
        Field(
            "other-days",
            t("Were parts of it examined on other days?"),
            FieldKind.YES_NO,
            value=yes_no(scattered),
        ),
        *(
            field
            for number, each in enumerate(lesions)
            for field in _reading(number, each, on_record, common)
        ),
        Field(
            "new",
            t("New lesions"),
            FieldKind.CHOICE,
            required=True,
            options=tuple(Option(str(number), str(number)) for number in range(MOST_NEW + 1)),
            value=str(len(new)),
        ),
        *(field for number in range(MOST_NEW) for field in _new_lesion(number, new, common)),
    )


def _days(visit: Visit | None) -> list[date]:
    if visit is None:
        return []
    days = [
        *(each.on for each in visit.targets),
        *(each.on for each in visit.non_targets),
        *(each.on for each in visit.new_lesions),
    ]
    return [each for each in days if each is not None]


def _label(code: str) -> Field:
    hint = t("What this assessment is called, as in: week 12.")
    return Field("label", t("Assessment"), required=True, longest=64, hint=hint, value=_next_label(code))


def _next_label(code: str) -> str:
    """Name the next visit of the schedule by its week."""
    view = _view(code)
    start = view.record.subject.start
    waiting = [each for each in view.visits if each.standing is not VisitStanding.DONE]
    return "" if start is None or not waiting else _week(waiting, start[0])


def _week(waiting: Sequence[ScheduledVisit], start: date) -> str:
    due = next((each for each in waiting if each.standing is VisitStanding.OPEN), waiting[-1])
    return f"week {(due.on - start).days // 7}"


def _reading(number: int, lesion: Lesion, visit: Visit | None, common: date | None) -> Iterator[Field]:
    title = f"{lesion.id} · {lesion.organ}"
    place: dict[str, Any] = {"section": title}
    if lesion.role is LesionRole.TARGET:
        given = _of_lesion(visit.targets if visit else (), lesion)
        yield from _target(number, lesion, given, place)
        own = given.on if given else None
    else:
        status = (
            next((each for each in visit.non_targets if each.lesion == lesion.id), None) if visit else None
        )
        yield Field(
            f"status-{number}",
            t("Non-target"),
            FieldKind.CHOICE,
            required=True,
            options=options_of(NonTargetStatus),
            value=status.status.value if status else "",
            **place,
        )
        own = status.on if status else None
    yield day_field(
        f"on-{number}",
        t("Examined on"),
        own if own != common else None,
        required=False,
        shown_when=_OTHER_DAYS,
        hint=t("Empty: the day above."),
        **place,
    )


def _of_lesion(readings: Sequence[R], lesion: Lesion) -> R | None:
    return next((each for each in readings if each.lesion == lesion.id), None)


def _target(
    number: int, lesion: Lesion, given: TargetReading | None, place: dict[str, Any]
) -> Iterator[Field]:
    hint = t("Baseline {mm} mm", mm=number_text(lesion.baseline_mm))
    yield Field(
        f"size-{number}",
        t("Target"),
        FieldKind.CHOICE,
        required=True,
        options=options_of(Size),
        value=given.size.value if given else Size.MEASURED.value,
        **place,
    )
    yield Field(
        f"mm-{number}",
        t("Short axis") if lesion.node else t("Long axis"),
        FieldKind.NUMBER,
        required=True,
        unit="mm",
        least=0.1,
        most=500,
        hint=hint,
        value=number_text(given.mm) if given else "",
        shown_when=(f"size-{number}", (Size.MEASURED.value,)),
        **place,
    )


def _new_lesion(number: int, new: tuple[NewLesion, ...], common: date | None) -> Iterator[Field]:
    lesion = new[number] if number < len(new) else None
    counts = tuple(str(each) for each in range(number + 1, MOST_NEW + 1))
    title = t("New lesion {number}", number=number + 1)
    place: dict[str, Any] = {"section": title, "shown_when": ("new", counts)}
    name = lesion.id if lesion else ""
    yield Field(f"new-{number}", t("Name"), required=True, longest=32, value=name, **place)
    certain = yes_no(lesion.certain if lesion else None)
    yield Field(f"certain-{number}", t("Certain"), FieldKind.YES_NO, required=True, value=certain, **place)
    own = lesion.on if lesion and lesion.on != common else None
    hint = t("Empty: the day above.")
    yield day_field(f"new-on-{number}", t("Examined on"), own, hint=hint, **{**place, "required": False})


def save_visit(context: Context, answers: Answers) -> FormVersion:
    """Enter what an assessment found."""
    on_record = content_shown(context, Visit)
    lesions = _lesions(context["code"])
    targets = [each for each in enumerate(lesions) if each[1].role is LesionRole.TARGET]
    others = [each for each in enumerate(lesions) if each[1].role is not LesionRole.TARGET]
    visit = Visit(
        label=on_record.label if on_record else answers.text("label"),
        targets=tuple(_target_of(answers, *each) for each in targets),
        non_targets=tuple(_non_target_of(answers, *each) for each in others),
        new_lesions=tuple(_new_of(answers, number) for number in range(answers.whole("new") or 0)),
    )
    return follow_up.enter_visit(
        house().db, conduct(), actor(), code=context["code"], visit=visit, **changing(context, answers)
    )


def _target_of(answers: Answers, number: int, lesion: Lesion) -> TargetReading:
    size = Size(answers.text(f"size-{number}"))
    on = None if size is Size.NOT_ASSESSED else _examined(answers, f"on-{number}")
    return TargetReading(lesion=lesion.id, on=on, size=size, mm=answers.number(f"mm-{number}"))


def _non_target_of(answers: Answers, number: int, lesion: Lesion) -> NonTargetReading:
    status = NonTargetStatus(answers.text(f"status-{number}"))
    on = None if status is NonTargetStatus.NOT_ASSESSED else _examined(answers, f"on-{number}")
    return NonTargetReading(lesion=lesion.id, on=on, status=status)


def _new_of(answers: Answers, number: int) -> NewLesion:
    certain = answers.yes(f"certain-{number}") is True
    on = _examined(answers, f"new-on-{number}")
    return NewLesion(id=answers.text(f"new-{number}"), on=on, certain=certain)


def _examined(answers: Answers, name: str) -> date:
    return answers.day(name) or given_day(answers, "on")


ENTRIES = (
    Entry(
        slug="visit",
        title=later("Tumour assessment"),
        kind=ClinicalForm.VISIT,
        group=Group.TUMOUR,
        permission=Permission.ENTER_CLINICAL,
        form=entry_form("visit", visit_fields, save_visit, {EntryImpossible: "on"}),
        take_back=take_back_as(ClinicalForm.VISIT),
        beside=response_card,
    ),
)
