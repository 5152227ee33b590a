"""Parts of a subject's screening: consent, signature, strata, screening failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import dash_mantine_components as dmc
from dash import dcc, html

from trial_core.domain.conduct import Stratum
from trial_core.domain.consent import Consent, ConsentForm
from trial_core.domain.screening import ScreeningFailure, StrataForm
from trial_core.domain.signing import Meaning, SignedState
from web.components.frame import Content
from web.components.notices import Tone, notice
from web.components.tables import facts, table
from web.words import name_words, t, word


class Ids(StrEnum):
    """Components of the page."""

    CODE = "screening-code"
    SEEN = "screening-seen"
    CONSENT = "screening-consent"
    CONSENT_ON = "screening-consent-on"
    CONSENT_VERSION = "screening-consent-version"
    CONSENT_REASON = "screening-consent-reason"
    CONSENT_ADD = "screening-consent-add"
    CONSENT_ANSWER = "screening-consent-answer"
    REASON = "screening-reason"
    SAVE = "screening-save"
    SAVE_ANSWER = "screening-save-answer"
    PASSWORD = "screening-password"  # noqa: S105 - the name of a field
    SIGN = "screening-sign"
    SIGN_ANSWER = "screening-sign-answer"
    STRATA = "screening-strata"
    STRATA_SEEN = "screening-strata-seen"
    STRATA_REASON = "screening-strata-reason"
    STRATA_SAVE = "screening-strata-save"
    STRATA_ANSWER = "screening-strata-answer"
    FAIL_ON = "screening-fail-on"
    FAIL_WORDS = "screening-fail-words"
    FAIL = "screening-fail"
    FAIL_ANSWER = "screening-fail-answer"
    REOPEN_REASON = "screening-reopen-reason"
    REOPEN = "screening-reopen"
    REOPEN_ANSWER = "screening-reopen-answer"


def field(
    label: str, name: str, *, hint: str = "", kind: str = "text", longest: int = 2000, shown: bool = True
) -> Content:
    """Give a labelled field; one that is not shown is there all the same, for its callback needs it."""
    return html.Div(
        [
            html.Label(label, htmlFor=name),
            dcc.Input(id=name, type=kind, maxLength=longest, autoComplete="off", debounce=False, value=""),
            html.Span(hint, className="hint"),
        ],
        className="field",
        hidden=not shown,
    )


def button(name: str, label: str, *, danger: bool = False) -> Content:
    """Give a button of the page."""
    return html.Button(
        label, id=name, className="button button-danger" if danger else "button", type="button"
    )


def day_field(label: str, name: str) -> Content:
    """Give a field for a date."""
    return field(label, name, hint=t("Year, month, day: as in 2026-01-31."), longest=10)


def consent_body(
    given: Sequence[Consent], seen: Mapping[str, int], forms: Sequence[ConsentForm], *, may_enter: bool
) -> Content:
    """Give the consents on record, and the fields for a further one or for a date that was wrong.

    Parameters
    ----------
    seen
        Version of each consent's entry, by the version of the consent form.
    """
    rows = [html.Tr([html.Td(each.version), html.Td(each.on.isoformat())]) for each in given]
    known: Content = html.P(t("No consent is on record."), className="muted")
    if rows:
        known = table(t("Consents on record"), (t("Version of the form"), t("Date")), rows)
    if not may_enter:
        return known
    if not forms:
        words = t("No version of the consent form is in use yet. Ask the trial office to put one in use.")
        return [known, html.P(words, className="muted")]
    return [known, _consent_fields(seen, forms)]


def consent_choice(version: str, seen: int | None) -> str:
    """Name a version of the consent form, and the version of its entry that the person sees, 0 for none."""
    return f"{seen or 0} {version}"


def _consent_fields(seen: Mapping[str, int], forms: Sequence[ConsentForm]) -> Content:
    group = dmc.RadioGroup(
        dmc.Stack([_consent_option(form, seen.get(form.version)) for form in forms], gap=6, mt=4),
        id=Ids.CONSENT_VERSION,
        label=t("Version of the consent form"),
        size="sm",
        mb="md",
    )
    return html.Div(
        [
            group,
            day_field(t("Date of consent"), Ids.CONSENT_ON),
            field(t("Reason, where a date is corrected"), Ids.CONSENT_REASON, shown=bool(seen)),
            button(Ids.CONSENT_ADD, t("Enter the consent")),
        ]
    )


def _consent_option(form: ConsentForm, seen: int | None) -> Content:
    label = t("{version} (in use from {day})", version=form.version, day=form.from_on)
    if seen is not None:
        label = t("{form}: correct its date", form=label)
    return dmc.Radio(label=label, value=consent_choice(form.version, seen))


def signatures_list(states: Sequence[SignedState]) -> Content:
    """Give who signed, when and what; a void signature says so."""
    if not states:
        return html.P(t("Nobody has signed."), className="muted")
    return [notice(Tone.GOOD if each.valid else Tone.WARN, _standing(each), each.words) for each in states]


def _standing(state: SignedState) -> str:
    return t("Signature stands") if state.valid else t("Signature is void")


def sign_fields(version: int) -> Content:
    """Give what the signature states, and the field for the password."""
    return html.Div(
        [
            html.P(t("By signing version {version} of the form you state:", version=version)),
            html.Blockquote(word(Meaning.ELIGIBLE)),
            field(t("Your password, again"), Ids.PASSWORD, kind="password", longest=1024),
            button(Ids.SIGN, t("Sign")),
            html.Div(id=Ids.SIGN_ANSWER),
        ]
    )


def strata_fields(
    factors: Sequence[Stratum], entered: StrataForm | None, *, site: str, may_enter: bool
) -> Content:
    """Give the factors of stratification: the centre, and the levels that the site enters or has entered."""
    given = {each.factor: each.level for each in (entered.levels if entered else ())}
    known = [(name_words(each.label), given.get(each.id, "–") if each.levels else site) for each in factors]
    asked = entered_factors(factors)
    if not may_enter or not asked:
        return facts(known)
    return html.Div(
        [
            facts([pair for pair, factor in zip(known, factors, strict=True) if not factor.levels]),
            *(_factor(number, factor, given.get(factor.id)) for number, factor in enumerate(asked)),
            field(t("Reason for the correction"), Ids.STRATA_REASON, shown=entered is not None),
            button(Ids.STRATA_SAVE, t("Save the strata")),
        ]
    )


def entered_factors(factors: Sequence[Stratum]) -> list[Stratum]:
    """Give the factors that the site enters; one without levels is the centre."""
    return [factor for factor in factors if factor.levels]


def factor_id(number: int) -> str:
    """Name the component of a factor's level, by its place among those that are entered."""
    return f"screening-factor-{number}"


def _factor(number: int, factor: Stratum, level: str | None) -> Content:
    options = [dmc.Radio(label=name_words(each), value=each) for each in factor.levels]
    return dmc.RadioGroup(
        dmc.Group(options, mt=4),
        id=factor_id(number),
        label=name_words(factor.label),
        value=level,
        size="sm",
        mb="md",
    )


def failure_fields() -> Content:
    """Give the fields that end a screening."""
    hint = t("Needed where no criterion of the saved form is failed.")
    return html.Div(
        [
            day_field(t("Date of the screening failure"), Ids.FAIL_ON),
            field(t("Why, in words"), Ids.FAIL_WORDS, hint=hint),
            button(Ids.FAIL, t("End the screening"), danger=True),
            html.Div(id=Ids.FAIL_ANSWER),
        ]
    )


def failure_on_record(failure: ScreeningFailure, *, may_reopen: bool) -> Content:
    """Give why the screening ended, and the way back."""
    known = facts(
        [
            (t("Date"), failure.on.isoformat()),
            (t("Criteria"), ", ".join(failure.criteria) or t("none")),
            (t("In words"), failure.words or "–"),
        ]
    )
    if not may_reopen:
        return known
    again = [
        field(t("Why the failure is taken back"), Ids.REOPEN_REASON),
        button(Ids.REOPEN, t("Take the failure back")),
        html.Div(id=Ids.REOPEN_ANSWER),
    ]
    return [known, *again]
