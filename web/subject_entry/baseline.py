"""Form of the tumour assessment before treatment, with the lesions that are followed from then on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Permission
from trial_core.domain.clinical_forms import BaselineForm, ClinicalForm
from trial_core.domain.lesions import Lesion, LesionRole
from trial_core.domain.pfs_history import Baseline
from trial_core.services import follow_up
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
    number_text,
    options_of,
    yes_no,
)
from web.subject_entry.follow_up import take_back_as
from web.words import Later, later, t

MOST_LESIONS = 15
_TRAITS: Mapping[str, Later] = {
    "node": later("Lymph node (short axis)"),
    "primary": later("Oesophageal primary"),
    "irradiated_on_study": later("In the LDRT or CFRT of the trial"),
    "irradiated_before": later("Irradiated before"),
    "grown_since": later("Has grown since"),
}
"""What can be so of a lesion, each by the name of its field in `Lesion`."""


def fields(context: Context) -> tuple[Field, ...]:
    """Ask for the scan, and for as many lesions as there are."""
    on_record = content_shown(context, BaselineForm)
    scan = on_record.assessment if on_record else None
    lesions = on_record.lesions if on_record else ()
    adequate = yes_no(scan.adequate) if scan else ""
    return (
        day_field("on", t("Day of the baseline scan"), scan.on if scan else None),
        Field("adequate", t("Adequate"), FieldKind.YES_NO, required=True, value=adequate),
        Field(
            "why",
            t("Why it is not adequate"),
            required=True,
            longest=500,
            value=scan.reason if scan else "",
            shown_when=("adequate", ("no",)),
        ),
        Field(
            "lesions",
            t("Number of lesions"),
            FieldKind.CHOICE,
            required=True,
            options=tuple(Option(str(number), str(number)) for number in range(1, MOST_LESIONS + 1)),
            value=str(max(1, len(lesions))),
            hint=_rules(),
        ),
        *(field for number in range(MOST_LESIONS) for field in _lesion(number, lesions)),
    )


def _rules() -> str:
    rules = conduct().response
    return t(
        "At most {most} targets, {organ} an organ; a target has {long} mm long axis, a node {node} mm short.",
        most=rules.most_targets,
        organ=rules.most_targets_an_organ,
        long=f"{rules.long_axis_mm:g}",
        node=f"{rules.node_target_mm:g}",
    )


def _lesion(number: int, lesions: tuple[Lesion, ...]) -> Iterator[Field]:
    lesion = lesions[number] if number < len(lesions) else None
    counts = tuple(str(each) for each in range(number + 1, MOST_LESIONS + 1))
    title = t("Lesion {number}", number=number + 1)
    place: dict[str, Any] = {"section": title, "shown_when": ("lesions", counts)}
    length: dict[str, Any] = {"kind": FieldKind.NUMBER, "unit": "mm", "least": 0.1, "most": 500, **place}
    name = lesion.id if lesion else ""
    yield Field(f"name-{number}", t("Name"), required=True, longest=32, value=name, **place)
    organ = lesion.organ if lesion else ""
    yield Field(f"organ-{number}", t("Organ"), required=True, longest=64, value=organ, **place)
    yield Field(
        f"role-{number}",
        t("Followed as"),
        FieldKind.CHOICE,
        required=True,
        options=options_of(LesionRole),
        value=lesion.role.value if lesion else "",
        **place,
    )
    yield Field(
        f"mm-{number}", t("Diameter"), value=number_text(lesion.baseline_mm if lesion else None), **length
    )
    thickness = number_text(lesion.slice_thickness_mm if lesion else None)
    yield Field(f"slice-{number}", t("Slice thickness"), value=thickness, **length)
    yield Field(
        f"is-{number}",
        t("It is"),
        FieldKind.CHOICES,
        options=tuple(Option(each, str(label)) for each, label in _TRAITS.items()),
        value=tuple(each for each in _TRAITS if lesion is not None and getattr(lesion, each)),
        **place,
    )


def save(context: Context, answers: Answers) -> FormVersion:
    """Enter the baseline assessment."""
    adequate = answers.yes("adequate") is True
    form = BaselineForm(
        assessment=Baseline(on=given_day(answers, "on"), adequate=adequate, reason=answers.text("why")),
        lesions=tuple(_lesion_of(answers, number) for number in range(answers.whole("lesions") or 0)),
    )
    return follow_up.enter_baseline(
        house().db, conduct(), actor(), code=context["code"], baseline=form, **changing(context, answers)
    )


def _lesion_of(answers: Answers, number: int) -> Lesion:
    ticked = answers.choices(f"is-{number}")
    return Lesion(
        id=answers.text(f"name-{number}"),
        organ=answers.text(f"organ-{number}"),
        role=LesionRole(answers.text(f"role-{number}")),
        baseline_mm=answers.number(f"mm-{number}"),
        slice_thickness_mm=answers.number(f"slice-{number}"),
        **{each: each in ticked for each in _TRAITS},
    )


ENTRIES = (
    Entry(
        slug="baseline",
        title=later("Baseline scan and lesions"),
        kind=ClinicalForm.BASELINE,
        group=Group.TUMOUR,
        permission=Permission.ENTER_CLINICAL,
        form=entry_form("baseline", fields, save),
        before_enrolment=True,
        only_one=True,
        take_back=take_back_as(ClinicalForm.BASELINE),
    ),
)
