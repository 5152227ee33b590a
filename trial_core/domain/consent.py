"""Consent: which version a subject consented to, when, and whether a new version asks for it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, order=True)
class Consent:
    """Consent of a subject to one version of the form."""

    on: date
    version: str


@dataclass(frozen=True, kw_only=True)
class ConsentForm:
    """A version of the form and the day from which it is to be used."""

    version: str
    from_on: date


def consent_problem(
    given: Sequence[Consent], new: Consent, forms: Sequence[ConsentForm], *, today: date
) -> str | None:
    """Say why a consent cannot be entered, or None when it can."""
    form = next((each for each in forms if each.version == new.version), None)
    if form is None:
        return f"there is no form of version {new.version}. Choose one of the versions in use."
    if new.on > today:
        return f"{new.on} lies in the future. Correct the date."
    if new.on < form.from_on:
        return f"version {form.version} was in use from {form.from_on} on. Correct the date or the version."
    if any(each.version == new.version for each in given):
        return f"consent to version {new.version} is there already. Correct it with a reason."
    if given and new.on < max(given).on:
        return f"an earlier consent is of {max(given).on}. Correct the date that is wrong."
    return None


def needs_consent_again(given: Sequence[Consent], forms: Sequence[ConsentForm], *, today: date) -> bool:
    """Whether the form in use today is newer than the one the subject last consented to."""
    in_use = [form for form in forms if form.from_on <= today]
    if not in_use or not given:
        return bool(in_use)
    newest = max(in_use, key=lambda form: (form.from_on, form.version))
    return newest.version not in {each.version for each in given}


def had_consented(given: Sequence[Consent], on: date) -> bool:
    """Whether the subject had consented by a day, that day included."""
    return any(each.on <= on for each in given)
