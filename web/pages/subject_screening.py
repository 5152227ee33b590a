"""A subject's screening: consent, the eligibility questions, their signature, strata, screening failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update

from trial_core.domain.access import Permission, may
from trial_core.domain.conduct import Conduct, ConductPart
from trial_core.domain.consent import Consent
from trial_core.domain.eligibility import EligibilityStatus
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject import Subject, SubjectStatus
from trial_core.enrolment_errors import FormRefused
from trial_core.errors import TrialError
from trial_core.protocols.reader import read_protocol
from trial_core.services import screening, subjects
from trial_core.services.conduct_of import conduct_of
from trial_core.services.screening_record import ScreeningRecord, screening_record
from web.components import screening_parts as parts
from web.components.frame import Content, Page, Section, head
from web.components.notices import Tone, notice
from web.components.screening_parts import Ids
from web.components.screening_questions import (
    answer_id,
    answers_table,
    measured,
    question_fields,
    read_answers,
    same_answers,
    value_id,
)
from web.components.verdict import sentence_case
from web.house import actor, house

_OPEN = (SubjectStatus.SCREENING, SubjectStatus.ENROLLED)


@dataclass(frozen=True)
class _View:
    """What the page shows of one subject, and whether this person may enter it."""

    code: str
    subject: Subject
    record: ScreeningRecord

    @property
    def may_manage(self) -> bool:
        return may(actor().role, Permission.MANAGE_SUBJECTS)

    @property
    def may_enter(self) -> bool:
        return self.may_manage and self.subject.status in _OPEN


def page(code: str) -> Page:
    """Give the screening of one subject, to be entered or to be read."""
    view = _view(code)
    crumbs = [dcc.Link("Subjects", href="/subjects"), " / ", dcc.Link(code, href=f"/subjects/{code}")]
    seen = view.record.form_version
    body = [
        head("Screening", crumbs=crumbs),
        dcc.Store(id=Ids.CODE, data=code),
        dcc.Store(id=Ids.SEEN, data="" if seen is None else str(seen)),
        _card("Consent", html.Div(_consent(view), id=Ids.CONSENT), html.Div(id=Ids.CONSENT_ANSWER)),
        _card("Eligibility", *_eligibility(view)),
        _card("Signature of an investigator", *_signature(view)),
        _strata_card(view),
        _failure(view),
    ]
    return Page(f"Screening of {code}", Section.SUBJECTS, body)


def register(app: Dash) -> None:
    """Enter each part by its button."""
    answers = _answer_states()
    consent = (State(Ids.CONSENT_ON, "value"), State(Ids.CONSENT_VERSION, "value"))
    seen = State(Ids.SEEN, "data")
    _button(app, Ids.CONSENT_ADD, (Ids.CONSENT_ANSWER, Ids.CONSENT), consent, enter_consent)
    _button(app, Ids.SAVE, (Ids.SAVE_ANSWER,), (seen, State(Ids.REASON, "value"), *answers), save)
    _button(app, Ids.SIGN, (Ids.SIGN_ANSWER,), (seen, State(Ids.PASSWORD, "value"), *answers), sign)
    failure = (State(Ids.FAIL_ON, "value"), State(Ids.FAIL_WORDS, "value"))
    _button(app, Ids.FAIL, (Ids.FAIL_ANSWER,), (*failure, *answers), fail)
    _button(app, Ids.REOPEN, (Ids.REOPEN_ANSWER,), (State(Ids.REOPEN_REASON, "value"),), reopen)


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
    clicks: int | None, code: str, on: str | None, version: str | None
) -> tuple[Content, Content]:
    """Enter a consent and show it, or say why not; what is typed elsewhere on the page stays."""
    if not clicks:
        return no_update, no_update
    try:
        if not version:
            raise FormRefused("consent", "the version of the form is missing. Choose it.")
        consent = Consent(on=_day("consent", on), version=version)
        screening.enter_consent(house().db, actor(), code=code, consent=consent)
    except TrialError as refusal:
        return _refused("Not entered", refusal), no_update
    return notice(Tone.GOOD, "Consent entered", f"Version {version}, {on}."), _consent(_view(code))


def save(clicks: int | None, code: str, seen: str | None, reason: str | None, *fields: str | None) -> Content:
    """Save the answers as a version of the form and load the page anew, or say why not."""
    if not clicks:
        return no_update
    try:
        screening.enter_eligibility(
            house().db,
            actor(),
            code=code,
            protocol=_protocol(),
            answers=_read(fields),
            reason=(reason or "").strip() or None,
            seen_version=_version(seen),
        )
    except TrialError as refusal:
        return _refused("Not saved", refusal)
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
            protocol=_protocol(),
            password=password or "",
            seen_version=_version(seen) or 0,  # no form has version 0: whoever saw none signs none
        )
    except TrialError as refusal:
        return _refused("Not signed", refusal)
    return _anew(code)


def fail(clicks: int | None, code: str, on: str | None, words: str | None, *fields: str | None) -> Content:
    """End the screening and load the page anew, or say why not."""
    if not clicks:
        return no_update
    try:
        _require_saved(code, fields)
        day = _day("screening failure", on)
        screening.fail_screening(
            house().db, actor(), code=code, protocol=_protocol(), on=day, words=words or ""
        )
    except TrialError as refusal:
        return _refused("Screening not ended", refusal)
    return _anew(code)


def reopen(clicks: int | None, code: str, reason: str | None) -> Content:
    """Take a screening failure back and load the page anew, or say why not."""
    if not clicks:
        return no_update
    try:
        screening.reopen_screening(house().db, actor(), code=code, reason=reason or "")
    except TrialError as refusal:
        return _refused("Not taken back", refusal)
    return _anew(code)


@cache
def _protocol() -> Protocol:
    return read_protocol()


def _conduct() -> Conduct:
    return conduct_of(_protocol())


def _view(code: str) -> _View:
    db, who = house().db, actor()
    subject = subjects.subject_record(db, who, code=code).subject
    return _View(code, subject, screening_record(db, who, code=code, protocol=_protocol()))


def _answer_states() -> list[State]:
    questions = _conduct().questions
    chosen = [State(answer_id(number), "value") for number in range(len(questions))]
    return chosen + [State(value_id(number), "value") for number in measured(questions)]


def _read(fields: Sequence[str | None]) -> Any:
    questions = _conduct().questions
    return read_answers(questions, fields[: len(questions)], fields[len(questions) :])


def _require_saved(code: str, fields: Sequence[str | None]) -> None:
    """Refuse to act on the saved form while the page shows other answers: nobody signs what is not seen."""
    record = screening_record(house().db, actor(), code=code, protocol=_protocol())
    if not same_answers(_conduct().questions, _read(fields), record.answers):
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


def _version(seen: str | None) -> int | None:
    text = (seen or "")[:9]
    return int(text) if text.isascii() and text.isdigit() else None


def _refused(title: str, refusal: TrialError) -> Content:
    return notice(Tone.STOP, title, refusal.message, alert=True)


def _anew(code: str) -> Content:
    return dcc.Location(id="screening-anew", href=f"/subjects/{code}/screening", refresh=True)


def _card(title: str, *body: Content) -> Content:
    return html.Section([html.H2(title), *body], className="card")


def _consent(view: _View) -> Content:
    known = screening.list_consent_forms(house().db)
    return parts.consent_body(view.record.consents, known, may_enter=view.may_enter)


def _eligibility(view: _View) -> list[Content]:
    record, questions = view.record, _conduct().questions
    answers = {each.question: each for each in record.answers}
    if not view.may_enter:
        failed = record.eligibility.failed if record.eligibility else ()
        return [_judged(record), answers_table(questions, answers, failed)]
    return [
        _judged(record),
        *question_fields(questions, answers),
        parts.field("Reason for the correction", Ids.REASON, shown=record.form_version is not None),
        parts.button(Ids.SAVE, "Save the answers"),
        html.Div(id=Ids.SAVE_ANSWER),
    ]


def _judged(record: ScreeningRecord) -> Content:
    if record.form_version is None:
        return html.P("The questions have not been answered.", className="muted")
    title = f"Version {record.form_version} is on record"
    found = record.eligibility
    if found is None:
        return notice(Tone.WARN, title, "The protocol's questions have changed since; answer them again.")
    words = [f"{sentence_case(found.status.value)}."]
    words += [f" Criteria failed: {', '.join(found.failed)}."] if found.failed else []
    words += [f" Not answered: {', '.join(found.unanswered)}."] if found.unanswered else []
    tone = Tone.GOOD if found.status is EligibilityStatus.ELIGIBLE else Tone.WARN
    return notice(tone, title, "".join(words))


def _signature(view: _View) -> list[Content]:
    return [html.Div(parts.signatures_list(view.record.signatures)), _sign_step(view)]


def _sign_step(view: _View) -> Content:
    record = view.record
    if any(each.valid for each in record.signatures) or view.subject.status not in _OPEN:
        return None
    eligible = record.eligibility is not None and record.eligibility.status is EligibilityStatus.ELIGIBLE
    if record.form_version is None or not eligible:
        return html.P("To be signed once the saved answers say that the subject is eligible.")
    if view.may_enter and may(actor().role, Permission.SIGN_ELIGIBILITY):
        return parts.sign_fields(record.form_version)
    return html.P("An investigator of the site has to sign the saved answers.")


def _strata_card(view: _View) -> Content:
    factors = _conduct().strata
    if not factors:
        return None
    assumed = [
        html.P(words, className="muted small") for words in _conduct().assumed(ConductPart.RANDOMISATION)
    ]
    centre = [(each.label, view.subject.site_code) for each in factors if not each.levels]
    from_site = html.P([f"{label}: {site}, known without being entered." for label, site in centre])
    return _card("Strata", from_site, *assumed)


def _failure(view: _View) -> Content:
    failure = view.record.failure
    if failure is not None:
        ended = view.subject.status is SubjectStatus.SCREENING_FAILURE
        known = parts.failure_on_record(failure, may_reopen=view.may_manage and ended)
        return _card("Screening failure", html.Div(known))
    if view.subject.status is SubjectStatus.SCREENING and view.may_manage:
        return _card("Screening failure", parts.failure_fields())
    return None
