"""Every version of a subject's forms, for who reads them: who entered what, when, and why it was changed.

Adjudicators judge independently: who has not decided on an event finds no decision of another on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from trial_core.db.repositories import forms
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission, may
from trial_core.domain.subject_forms import SubjectForm
from trial_core.follow_up_errors import UnknownForm
from trial_core.services.authorise import require, subject_in_reach


def form_history(db: Database, actor: Actor, *, code: str, form_id: str) -> tuple[FormVersion, ...]:
    """Give all versions of the form that one version belongs to, oldest first.

    Parameters
    ----------
    form_id
        Of any version of the form.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites, UnknownForm
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, _subject = subject_in_reach(connection, actor, code)
        decided = _decided(actor, forms.newest(connection, subject_id=subject_id))
        named = next(iter(forms.by_ids(connection, [form_id])), None)
        if named is None or named.subject_id != subject_id:
            raise UnknownForm(form_id)
        place = {"kind": named.kind, "occasion": named.occasion}
        versions = _shown(actor, forms.history(connection, subject_id=subject_id, **place), decided)
        if not versions:
            raise UnknownForm(form_id)
        return versions


def newest_forms(db: Database, actor: Actor, *, code: str) -> tuple[FormVersion, ...]:
    """Give the newest version of each of a subject's forms, also of those taken back, by kind and occasion.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, _subject = subject_in_reach(connection, actor, code)
        found = forms.newest(connection, subject_id=subject_id)
        return _shown(actor, found, _decided(actor, found))


def _decided(actor: Actor, found: Iterable[FormVersion]) -> frozenset[tuple[str, str]]:
    """Events, each as it was, on which the actor has decided."""
    return frozenset(
        _judged(each)
        for each in found
        if each.kind == SubjectForm.ADJUDICATION and each.entered_by == actor.login
    )


def _shown(
    actor: Actor, found: Iterable[FormVersion], decided: frozenset[tuple[str, str]]
) -> tuple[FormVersion, ...]:
    if not may(actor.role, Permission.ADJUDICATE):
        return tuple(found)
    return tuple(
        each
        for each in found
        if each.kind != SubjectForm.ADJUDICATION or each.entered_by == actor.login or _judged(each) in decided
    )


def _judged(form: FormVersion) -> tuple[str, str]:
    return form.content["event_id"], form.content["event_sha256"]
