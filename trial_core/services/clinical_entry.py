"""Put a clinical form on record: allowed, judged on the whole record, written with its audit entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from trial_core.db.form_content import to_plain
from trial_core.db.repositories import forms
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.conduct import Conduct
from trial_core.domain.names import is_label
from trial_core.domain.record_problems import record_problems
from trial_core.follow_up_errors import EntryImpossible, NotEnrolled, TextUnusable
from trial_core.services import forms as form_service
from trial_core.services.authorise import require, subject_at_site
from trial_core.services.clinical_reading import record_of, standing_record
from trial_core.services.ctcae_terms import known_terms
from trial_core.services.readable import require_readable
from trial_core.services.subject_facts import facts_of

LONGEST_OCCASION = 200
Judge = Callable[[Connection, str, ClinicalRecord], None]
"""Refuses an entry that the record as a whole would take: connection, subject's id, record as it stands."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a form goes, and what the person who enters it saw and says.

    Attributes
    ----------
    occasion
        Which one of the forms of its kind.
    reason
        Needed from the second version on.
    seen_version
        The version before the person's eyes; None where they saw none.
    """

    code: str
    kind: ClinicalForm
    occasion: str
    reason: str | None = None
    seen_version: int | None = None


def put(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    place: Place,
    content: object,
    *,
    permission: Permission = Permission.ENTER_CLINICAL,
    judges: Iterable[Judge] = (),
    then: Callable[[Connection], None] | None = None,
) -> FormVersion:
    """Enter or correct a form of a subject of the actor's site, in one transaction.

    Parameters
    ----------
    judges
        Refuse what the record as a whole would take.
    then
        What has to happen in the same transaction once the form is written.

    Raises
    ------
    NotAuthorised, UnknownSubject, TextUnusable, EntryImpossible, ReasonMissing, FormChangedMeanwhile
    """
    require(actor, permission)
    with db.transaction() as connection:
        form = put_within(connection, db, conduct, actor, place=place, content=content, judges=judges)
        if then is not None:
            then(connection)
        return form


def put_within(
    connection: Connection,
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    place: Place,
    content: object,
    judges: Iterable[Judge] = (),
) -> FormVersion:
    """Enter or correct a form within the transaction of a use case that has asked who may.

    Raises
    ------
    UnknownSubject, TextUnusable, EntryImpossible, ReasonMissing, FormChangedMeanwhile
    """
    plain = to_plain(content)
    _require_texts(place, plain)
    subject_id, _subject = subject_at_site(connection, actor, place.code)
    _require_possible(connection, db, conduct, subject_id, replaced=(place, plain), judges=judges)
    return form_service.enter(
        connection,
        db,
        actor,
        subject_id=subject_id,
        kind=place.kind.value,
        occasion=place.occasion,
        content=content,
        reason=place.reason,
        seen_version=place.seen_version,
    )


def remove(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    place: Place,
    *,
    permission: Permission = Permission.ENTER_CLINICAL,
    then: Callable[[Connection], None] | None = None,
) -> FormVersion:
    """Take a form back; `place.reason` says why.

    Raises
    ------
    NotAuthorised, UnknownSubject, TextUnusable, EntryImpossible, ReasonMissing, NothingToTakeBack
    """
    require(actor, permission)
    _require_texts(place, {})
    with db.transaction() as connection:
        subject_id, _subject = subject_at_site(connection, actor, place.code)
        _require_possible(connection, db, conduct, subject_id, replaced=(place, None))
        form = form_service.take_back(
            connection,
            db,
            actor,
            subject_id=subject_id,
            kind=place.kind.value,
            occasion=place.occasion,
            reason=place.reason or "",
        )
        if then is not None:
            then(connection)
        return form


class Enrolled:
    """A judge: refuses an entry about a subject that was never enrolled."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __call__(self, _connection: Connection, _subject_id: str, record: ClinicalRecord) -> None:
        """Refuse it.

        Raises
        ------
        NotEnrolled
        """
        if record.subject.enrolled_on is None:
            raise NotEnrolled(record.subject.code, self._what)


def require_texts(kind: str, plain: Mapping[str, Any], reason: str | None) -> None:
    """Refuse a form with a text that nobody can read, or that is too long.

    Raises
    ------
    TextUnusable
    """
    for field, text in (*_texts("reason", reason), *_texts(kind, plain)):
        require_readable(field, text)


@dataclass(frozen=True)
class _Form:
    """A form as it would stand."""

    kind: str
    occasion: str
    content: dict[str, Any]


def _require_possible(
    connection: Connection,
    db: Database,
    conduct: Conduct,
    subject_id: str,
    *,
    replaced: tuple[Place, Mapping[str, Any] | None],
    judges: Iterable[Judge] = (),
) -> None:
    """Refuse what makes the record worse; what was wrong before the entry is not its fault."""
    before = standing_record(connection, subject_id)
    for judge in judges:
        judge(connection, subject_id, before)
    standing = forms.standing(connection, subject_id=subject_id)
    facts = facts_of(connection, subject_id)
    after = record_of(facts, _with(standing, *replaced), before.fraction_days)
    terms, today = known_terms(connection), db.today()
    problems = partial(record_problems, catalogue=terms, rules=conduct.response, today=today)
    new = sorted(set(problems(after)) - set(problems(before)))
    if new:
        raise EntryImpossible(new)


def _with(standing: Iterable[FormVersion], place: Place, plain: Mapping[str, Any] | None) -> Iterator[_Form]:
    for form in standing:
        if (form.kind, form.occasion) != (place.kind.value, place.occasion):
            yield _Form(form.kind, form.occasion, form.content)
    if plain is not None:
        yield _Form(place.kind.value, place.occasion, dict(plain))


def _require_texts(place: Place, plain: Mapping[str, Any]) -> None:
    if not is_label(place.occasion):
        raise TextUnusable(place.kind.value, LONGEST_OCCASION)
    require_texts(place.kind.value, plain, place.reason)


def _texts(field: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts(str(name), each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(field, each)
