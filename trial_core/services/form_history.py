"""Every version of a subject's forms, for who reads them: who entered what, when, and why it was changed."""

from __future__ import annotations

from trial_core.db.repositories import forms
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
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
        named = next(iter(forms.by_ids(connection, [form_id])), None)
        if named is None or named.subject_id != subject_id:
            raise UnknownForm(form_id)
        return forms.history(connection, subject_id=subject_id, kind=named.kind, occasion=named.occasion)


def newest_forms(db: Database, actor: Actor, *, code: str) -> tuple[FormVersion, ...]:
    """Give the newest version of each of a subject's forms, also of those taken back, by kind and occasion.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, _subject = subject_in_reach(connection, actor, code)
        return forms.newest(connection, subject_id=subject_id)
