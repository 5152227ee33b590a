"""What a subject's screening is told by its buttons: each a service, and its refusal in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from dash import Dash, Input, Output, State, dcc, no_update

from trial_core.domain.consent import Consent
from trial_core.domain.eligibility import GivenAnswer
from trial_core.domain.screening import FactorLevel, StrataForm
from trial_core.enrolment_errors import FormRefused
from trial_core.errors import TrialError
from trial_core.services import screening
from trial_core.services.screening_record import screening_record
from web.components.frame import Content
from web.components.notices import Tone, notice
from web.components.screening_parts import Ids, entered_factors, factor_id
from web.components.screening_questions import answer_id, measured, read_answers, same_answers, value_id
from web.house import actor, house
from web.pages.subject_screening import consent_of, strata_of, view_of
from web.reading.study_protocol import conduct, protocol
from web.words import refusal_words, t


def register(app: Dash) -> None:
    """Enter each part by its button."""
    answers = _answer_states()
    consent = _values(Ids.CONSENT_ON, Ids.CONSENT_VERSION, Ids.CONSENT_REASON)
    seen = State(Ids.SEEN, "data")
    _button(app, Ids.CONSENT_ADD, (Ids.CONSENT_ANSWER, Ids.CONSENT), consent, enter_consent)
    _button(app, Ids.SAVE, (Ids.SAVE_ANSWER,), (seen, *_values(Ids.REASON), *answers), save)
    _button(app, Ids.SIGN, (Ids.SIGN_ANSWER,), (seen, *_values(Ids.PASSWORD), *answers), sign)
    _button(app, Ids.FAIL, (Ids.FAIL_ANSWER,), (*_values(Ids.FAIL_ON, Ids.FAIL_WORDS), *answers), fail)
    _button(app, Ids.REOPEN, (Ids.REOPEN_ANSWER,), _values(Ids.REOPEN_REASON), reopen)
    if factors := entered_factors(conduct().strata):
        levels = _values(*(factor_id(number) for number in range(len(factors))))
        strata = (State(Ids.STRATA_SEEN, "data"), *_values(Ids.STRATA_REASON), *levels)
        _button(app, Ids.STRATA_SAVE, (Ids.STRATA_ANSWER, Ids.STRATA), strata, save_strata)


def _values(*names: str) -> list[State]:
    return [State(name, "value") for name in names]


def _button(
    app: Dash,
    button: str,
    outputs: Sequence[str],
    states: Sequence[State],
    step: Callable[..., Any],
) -> None:
    given = [Output(each, "children") for each in outputs]
    app.callback(
        given if len(given) > 1 else given[0],
        Input(button, "n_clicks"),
        State(Ids.CODE, "data"),
        *states,
        running=[(Output(button, "disabled"), True, False)],
        prevent_initial_call=True,
    )(step)


def enter_consent(
    clicks: int | None, code: str, on: str | None, choice: str | None, reason: str | None
) -> tuple[Content, Content]:
    """Enter a consent and show it, or say why not; what is typed elsewhere on the page stays."""
    if not clicks:
        return no_update, no_update
    seen, _, version = (choice or "").partition(" ")
    try:
        if not version:
            raise FormRefused("consent", "the version of the form is missing. Choose it.")
        screening.enter_consent(
            house().db,
            actor(),
            code=code,
            consent=Consent(on=_day("consent", on), version=version),
            reason=_reason(reason),
            seen_version=_version(seen) or None,
        )
    except TrialError as refusal:
        return _refused(t("Not entered. "), refusal), no_update
    return notice(Tone.GOOD, t("Consent entered. "), f"{version}, {on}"), consent_of(view_of(code))


def save_strata(
    clicks: int | None, code: str, seen: str | None, reason: str | None, *levels: str | None
) -> tuple[Content, Content]:
    """Save the levels of the factors and show them, or say why not."""
    if not clicks:
        return no_update, no_update
    factors = entered_factors(conduct().strata)
    given = zip(factors, levels, strict=True)
    form = StrataForm(
        levels=tuple(FactorLevel(factor=each.id, level=level) for each, level in given if level)
    )
    try:
        screening.enter_strata(
            house().db,
            actor(),
            code=code,
            protocol=protocol(),
            strata=form,
            reason=_reason(reason),
            seen_version=_version(seen),
        )
    except TrialError as refusal:
        return _refused(t("Not saved. "), refusal), no_update
    return notice(Tone.GOOD, t("Strata saved. ")), strata_of(view_of(code))


def save(clicks: int | None, code: str, seen: str | None, reason: str | None, *fields: str | None) -> Content:
    """Save the answers as a version of the form and load the page anew, or say why not."""
    if not clicks:
        return no_update
    try:
        screening.enter_eligibility(
            house().db,
            actor(),
            code=code,
            protocol=protocol(),
            answers=_read(fields),
            reason=_reason(reason),
            seen_version=_version(seen),
        )
    except TrialError as refusal:
        return _refused(t("Not saved. "), refusal)
    return _anew(code)


def sign(
    clicks: int | None, code: str, seen: str | None, password: str | None, *fields: str | None
) -> Content:
    """Sign the version that the page shows and load it anew, or say why not."""
    if not clicks:
        return no_update
    try:
        _require_saved(code, fields)
        screening.sign_eligibility(
            house().db,
            actor(),
            code=code,
            protocol=protocol(),
            password=password or "",
            seen_version=_version(seen) or 0,  # no form has version 0: whoever saw none signs none
        )
    except TrialError as refusal:
        return _refused(t("Not signed. "), refusal)
    return _anew(code)


def fail(clicks: int | None, code: str, on: str | None, words: str | None, *fields: str | None) -> Content:
    """End the screening and load the page anew, or say why not."""
    if not clicks:
        return no_update
    try:
        _require_saved(code, fields)
        day = _day("screening failure", on)
        screening.fail_screening(
            house().db, actor(), code=code, protocol=protocol(), on=day, words=words or ""
        )
    except TrialError as refusal:
        return _refused(t("Screening not ended. "), refusal)
    return _anew(code)


def reopen(clicks: int | None, code: str, reason: str | None) -> Content:
    """Take a screening failure back and load the page anew, or say why not."""
    if not clicks:
        return no_update
    try:
        screening.reopen_screening(house().db, actor(), code=code, reason=reason or "")
    except TrialError as refusal:
        return _refused(t("Not taken back. "), refusal)
    return _anew(code)


def _answer_states() -> list[State]:
    questions = conduct().questions
    chosen = [State(answer_id(number), "value") for number in range(len(questions))]
    return chosen + [State(value_id(number), "value") for number in measured(questions)]


def _read(fields: Sequence[str | None]) -> tuple[GivenAnswer, ...]:
    questions = conduct().questions
    return read_answers(questions, fields[: len(questions)], fields[len(questions) :])


def _require_saved(code: str, fields: Sequence[str | None]) -> None:
    """Refuse to act on the saved form while the page shows other answers: nobody signs what is not seen."""
    record = screening_record(house().db, actor(), code=code, protocol=protocol())
    if not same_answers(conduct().questions, _read(fields), record.answers):
        words = "the answers on this page are not those on record. Save them, or reload the page."
        raise FormRefused("eligibility", words)


def _day(form: str, text: str | None) -> date:
    typed = (text or "").strip()
    if not typed:
        raise FormRefused(form, "the date is missing. Enter it.")
    try:
        return date.fromisoformat(typed)
    except ValueError as problem:
        words = "what stands there is no date. Write year, month and day as in 2026-01-31."
        raise FormRefused(form, words) from problem


def _reason(typed: str | None) -> str | None:
    return (typed or "").strip() or None


def _version(seen: str | None) -> int | None:
    text = (seen or "")[:9]
    return int(text) if text.isascii() and text.isdigit() else None


def _refused(title: str, refusal: TrialError) -> Content:
    return notice(Tone.STOP, title, refusal_words(refusal), alert=True)


def _anew(code: str) -> Content:
    return dcc.Location(id="screening-anew", href=f"/subjects/{code}/screening", refresh=True)
