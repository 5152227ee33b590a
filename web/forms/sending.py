"""Sending a form: its fields are read, its page's `save` is called, and what came of it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, no_update, set_props

from trial_core.domain.signing import Meaning
from trial_core.errors import TrialError
from web.components.frame import Content
from web.components.notices import Tone, notice
from web.door.kinds import Kind
from web.forms.fields import Answers, Context, Field, FieldKind
from web.forms.markup import all_fields, form_body, part_id, saved_notice
from web.forms.reading import read
from web.words import refusal_words, t

KINDS = {
    "form-context.data": Kind.SMALL_OBJECT,
    "form-ticks.value": Kind.TEXTS,
    "form-tick.checked": Kind.YES_NO,
}
_PARTS = (("field", "value"), ("ticks", "value"), ("tick", "checked"), ("secret", "value"))


@dataclass(frozen=True)
class Saved:
    """What was saved.

    Attributes
    ----------
    what
        As the person calls it.
    version
        The version that is on record now.
    go
        Where to go on to, in place of a notice: the page of something new, or this page once more.
    context
        Of what the form is now, where that changed; by default the same, with the new version.
    """

    what: str
    version: int | None = None
    go: str | None = None
    context: Context | None = None


@dataclass(frozen=True)
class Form:
    """A form: its name (one in the whole application), its fields, and what is done with the answers.

    Attributes
    ----------
    fields
        Gives the fields for a context, with the values on record.
    save
        Calls the service; a refusal of it is a `TrialError`.
    meaning
        What a signature says, where the form is signed.
    refused_at
        At which field a kind of refusal is shown, where the refusal does not name one itself.
    """

    name: str
    fields: Callable[[Context], Sequence[Field]]
    save: Callable[[Context, Answers], Saved]
    meaning: Meaning | None = None
    refused_at: Mapping[type[TrialError], str] = field(default_factory=dict)


def register_form(app: Dash, form: Form) -> None:
    """Have a form sent by its button."""
    states = [
        State(part_id(kind, form.name) | {"field": ALL}, prop)
        for kind, value in _PARTS
        for prop in (value, "id")
    ]
    submit = part_id("submit", form.name)
    app.callback(
        Output(part_id("answer", form.name), "children"),
        Output(part_id("body", form.name), "children"),
        Input(submit, "n_clicks"),
        State(part_id("context", form.name), "data"),
        *states,
        running=[(Output(submit, "disabled"), True, False)],
        prevent_initial_call=True,
    )(lambda clicks, data, *sent: send(form, clicks, data, sent))


def register_checks(app: Dash) -> None:
    """Have every form say what is wrong as one types and show what is asked for: in the browser alone."""
    one = {"type": "form-field", "form": MATCH, "field": MATCH}
    rules = {"type": "form-rules", "form": MATCH, "field": MATCH}
    app.clientside_callback(
        ClientsideFunction("dosegateForms", "check"),
        Output(one, "error"),
        Input(one, "value"),
        State(rules, "data"),
        prevent_initial_call=True,
    )
    every = {"form": MATCH, "field": ALL}
    app.clientside_callback(
        ClientsideFunction("dosegateForms", "hidden"),
        Output({"type": "form-row", **every}, "hidden"),
        Input({"type": "form-field", **every}, "value"),
        State({"type": "form-field", **every}, "id"),
        State({"type": "form-row", **every}, "id"),
        State({"type": "form-rules", **every}, "id"),
        State({"type": "form-rules", **every}, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("dosegateForms", "look"),
        Output({"type": "form-looked-at", "form": MATCH}, "data"),
        Input({"type": "form-answer", "form": MATCH}, "children"),
        State({"type": "form-answer", "form": MATCH}, "id"),
        prevent_initial_call=True,
    )


def send(form: Form, clicks: int | None, data: Any, sent: Sequence[Any]) -> tuple[Content, Content]:
    """Save what was sent and say so, or say what is wrong, at its field."""
    if not clicks:
        return no_update, no_update
    context = _context(data)
    fields = all_fields(form, context)
    answers, problems = read(fields, _by_name(sent))
    _show_at_fields(form, fields, problems)
    if problems:
        return _refused(t("Correct what is marked above, then send it again.")), no_update
    try:
        saved = form.save(context, answers)
    except TrialError as refusal:
        return _refusal_at_its_field(form, fields, refusal), no_update
    if saved.go is not None:
        return dcc.Location(id=f"form-{form.name}-saved", href=saved.go, refresh=True), no_update
    now = saved.context or Context(context.facts, saved.version or 0)
    return saved_notice(saved.what, saved.version), form_body(form, now, submit=_submit(data))


def _context(data: Any) -> Context:
    """Read the context as the browser gives it back: of the shape that a page put there, or empty."""
    given = data if isinstance(data, dict) else {}
    facts = given.get("facts")
    seen = given.get("seen_version")
    return Context(
        {str(k): v for k, v in facts.items() if isinstance(v, str)} if isinstance(facts, dict) else {},
        seen if isinstance(seen, int) and not isinstance(seen, bool) and 0 <= seen < 10**6 else 0,
    )


def _submit(data: Any) -> str | None:
    words = data.get("submit") if isinstance(data, dict) else None
    return words if isinstance(words, str) and words else None


def _by_name(sent: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for values, ids in zip(sent[::2], sent[1::2], strict=True):
        found |= {name["field"]: value for value, name in zip(values or [], ids or [], strict=False)}
    return found


def _show_at_fields(form: Form, fields: Sequence[Field], problems: dict[str, str]) -> None:
    for each in fields:
        kind = _KIND_OF_ID.get(each.kind, "field")
        set_props(part_id(kind, form.name, each.name), {"error": problems.get(each.name)})


def _refusal_at_its_field(form: Form, fields: Sequence[Field], refusal: TrialError) -> Content:
    named = form.refused_at.get(type(refusal)) or getattr(refusal, "field", None)
    if named in {each.name for each in fields}:
        _show_at_fields(form, fields, {named: refusal_words(refusal)})
    return _refused(refusal_words(refusal))


def _refused(words: str) -> Content:
    return notice(Tone.STOP, t("Not saved. "), words, alert=True)


_KIND_OF_ID = {FieldKind.CHOICES: "ticks", FieldKind.TICK: "tick", FieldKind.PASSWORD: "secret"}
