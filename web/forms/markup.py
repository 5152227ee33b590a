"""A form as markup: Mantine's inputs, which tie label, hint and error together for screen readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html

from web.components.frame import Content
from web.components.notices import Tone, notice
from web.forms.fields import PASSWORD, REASON, Context, Field, FieldKind
from web.forms.reading import Given, is_asked, rule_words
from web.words import t, word

if TYPE_CHECKING:
    from web.forms.sending import Form

SEARCHED_FROM = 9
"""Options from which on one types to find one."""


def part_id(kind: str, form: str, field: str | None = None) -> dict[str, str]:
    """Give the id of a part of a form; of one of its fields where `field` is given."""
    whole = {"type": f"form-{kind}", "form": form}
    return whole if field is None else {**whole, "field": field}


def form_card(form: Form, context: Context, *, title: str, submit: str | None = None) -> Content:
    """Give a form with its title and its button."""
    return html.Form(
        [
            html.H2(title),
            dcc.Store(id=part_id("looked-at", form.name)),
            html.Div(form_body(form, context, submit=submit), id=part_id("body", form.name)),
            html.Div(id=part_id("answer", form.name)),
        ],
        className="card form",
        **{"aria-label": title, "data-form": form.name},
    )


def form_body(form: Form, context: Context, *, submit: str | None = None) -> Content:
    """Give a form's fields and its button."""
    fields = all_fields(form, context)
    values = {each.name: each.value for each in fields}
    data = {"facts": dict(context.facts), "seen_version": context.seen_version, "submit": submit or ""}
    return [
        dcc.Store(id=part_id("context", form.name), data=data),
        *_sections(form.name, fields, values),
        html.Button(
            submit or (t("Sign") if form.meaning else t("Save")),
            id=part_id("submit", form.name),
            className="button",
            type="button",
            **{"data-submit": form.name},
        ),
    ]


def _sections(form: str, fields: Sequence[Field], values: Mapping[str, Given]) -> list[Content]:
    """Give the rows; those of a section in a group with its title, which is hidden with the last of them."""
    found: list[Content] = []
    for section, own in groupby(fields, key=lambda each: each.section):
        rows = [_row(form, each, asked=is_asked(each, values)) for each in own]
        legend = html.Legend(section)
        found += rows if not section else [html.Fieldset([legend, *rows], className="form-section")]
    return found


def all_fields(form: Form, context: Context) -> tuple[Field, ...]:
    """Give the form's own fields, the reason for a change, and the password of a signature."""
    found = tuple(form.fields(context))
    if context.seen_version:
        found += (_reason(context.seen_version),)
    return (*found, _password(word(form.meaning))) if form.meaning is not None else found


def _reason(version: int) -> Field:
    hint = t("Version {version} stays on record beside the new one.", version=version)
    return Field(REASON, t("Reason for the change"), hint=hint, required=True, longest=500)


def _password(meaning: str) -> Field:
    hint = t("Your signature says: {meaning}.", meaning=meaning)
    return Field(PASSWORD, t("Your password"), FieldKind.PASSWORD, hint=hint, required=True, longest=1024)


def _row(form: str, field: Field, *, asked: bool) -> Content:
    parts = [_input(form, field), dcc.Store(id=part_id("rules", form, field.name), data=rules_of(field))]
    if field.shown_when is None:
        return html.Div(parts, className="form-row")
    # only a row that can be hidden has an id: the script that hides rows looks at these alone
    return html.Div(parts, id=part_id("row", form, field.name), className="form-row", hidden=not asked)


def rules_of(field: Field) -> dict[str, Any]:
    """Give a field's limits and words as `assets/forms.js` reads them."""
    return {
        "kind": field.kind.value,
        "required": field.required,
        "least": field.least,
        "most": field.most,
        "whole": field.whole,
        "earliest": field.earliest.isoformat() if field.earliest else None,
        "latest": field.latest.isoformat() if field.latest else None,
        "longest": field.longest,
        "words": rule_words(field),
        "shown_when": field.shown_when,
    }


def _input(form: str, field: Field) -> Content:
    looks = {
        "label": f"{field.label} ({field.unit})" if field.unit else field.label,
        "description": field.hint or None,
        "required": field.required,
    }
    return _INPUTS[field.kind](form, field, looks)


def _line(form: str, field: Field, looks: dict[str, Any]) -> Content:
    return dmc.TextInput(
        id=part_id("field", form, field.name), value=field.value, inputProps=_typed(field), **looks
    )


def _lines(form: str, field: Field, looks: dict[str, Any]) -> Content:
    return dmc.Textarea(
        id=part_id("field", form, field.name), value=field.value, autosize=True, minRows=3, **looks
    )


def _secret(form: str, field: Field, looks: dict[str, Any]) -> Content:
    return dmc.PasswordInput(id=part_id("secret", form, field.name), value="", **looks)


def _tick(form: str, field: Field, looks: dict[str, Any]) -> Content:
    return dmc.Checkbox(
        id=part_id("tick", form, field.name),
        checked=field.value == "yes",
        label=looks["label"],
        description=looks["description"],
    )


def _typed(field: Field) -> dict[str, Any]:
    match field.kind:
        case FieldKind.NUMBER:
            return {"inputMode": "numeric" if field.whole else "decimal", "autoComplete": "off"}
        case FieldKind.DATE:
            limits = {"min": field.earliest, "max": field.latest}
            return {"type": "date", **{name: day.isoformat() for name, day in limits.items() if day}}
        case _:
            return {"maxLength": field.longest, "autoComplete": "off"}


def _choice(form: str, field: Field, looks: dict[str, Any]) -> Content:
    return dmc.Select(
        id=part_id("field", form, field.name),
        data=[{"value": each.value, "label": each.label} for each in field.options],
        value=field.value or None,
        clearable=not field.required,
        allowDeselect=not field.required,
        searchable=len(field.options) >= SEARCHED_FROM,
        nothingFoundMessage=t("Nothing is called that."),
        placeholder=t("Choose"),
        **looks,
    )


def _yes_no(form: str, field: Field, looks: dict[str, Any]) -> Content:
    answers = [("yes", t("Yes")), ("no", t("No"))]
    if not field.required:
        answers.append(("", t("Not answered")))
    radios = [dmc.Radio(label=label, value=value) for value, label in answers]
    return dmc.RadioGroup(
        dmc.Group(radios, gap="md", mt=4),
        id=part_id("field", form, field.name),
        value=field.value,
        **looks,
    )


def _choices(form: str, field: Field, looks: dict[str, Any]) -> Content:
    boxes = [dmc.Checkbox(label=each.label, value=each.value) for each in field.options]
    return dmc.CheckboxGroup(
        dmc.Stack(boxes, gap="xs", mt=4),
        id=part_id("ticks", form, field.name),
        value=list(field.value),
        **looks,
    )


_INPUTS: Mapping[FieldKind, Callable[[str, Field, dict[str, Any]], Content]] = {
    FieldKind.TEXT: _line,
    FieldKind.NUMBER: _line,
    FieldKind.DATE: _line,
    FieldKind.LONG_TEXT: _lines,
    FieldKind.PASSWORD: _secret,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.YES_NO: _yes_no,
    FieldKind.TICK: _tick,
}


def saved_notice(what: str, version: int | None) -> Content:
    """Say what was saved, and as which version."""
    words = t("Version {version} is on record.", version=version) if version else t("It is on record.")
    return notice(Tone.GOOD, t("Saved: {what}. ", what=what), words)
