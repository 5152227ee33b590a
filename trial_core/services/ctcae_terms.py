"""CTCAE terms in use: those that come with Dosegate, and the lists that were imported since."""

from __future__ import annotations

import hashlib
from threading import Lock

from sqlalchemy import Connection

from trial_core.db.repositories import term_lists as rows
from trial_core.db.repositories.term_lists import TermList
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.ctcae import CtcaeCatalogue, CtcaeTerm, TermContradicted
from trial_core.domain.names import LABEL_RULE, is_label
from trial_core.errors import NotAName
from trial_core.follow_up_errors import TermListUnusable
from trial_core.protocols.ctcae_csv import CtcaeFileError, shipped_terms, terms_from_csv
from trial_core.services.authorise import require
from trial_core.services.journal import note

__all__ = ["import_terms", "known_terms", "terms_of_version"]

_parsed: dict[tuple[str, ...], CtcaeCatalogue] = {}
_parsing = Lock()
_MOST_PARSED = 8


def import_terms(db: Database, actor: Actor, *, data: bytes, file: str) -> tuple[CtcaeTerm, ...]:
    """Take a list of terms, as `protocols/ctcae/README.md` describes it; the same bytes again change nothing.

    Raises
    ------
    NotAuthorised, NotAName, TermListUnusable
        The whole list is refused, with every problem and its line; also one that contradicts a checked term.
    """
    require(actor, Permission.IMPORT_TERMS)
    if not is_label(file):
        raise NotAName("file", file, LABEL_RULE)
    terms = _read(data, file)
    new = TermList(file=file, sha256=hashlib.sha256(data).hexdigest(), content=data.decode("utf-8"))
    with db.transaction() as connection:
        if new.sha256 in rows.hashes(connection):
            return terms
        _require_no_contradiction(known_terms(connection), terms)
        at = db.now()
        rows.add(connection, new, user_id=actor.user_id, at=at)
        note(
            connection,
            db,
            actor,
            action="import CTCAE terms",
            entity="list of terms",
            entity_id=new.sha256,
            file=file,
            terms=len(terms),
            at=at,
        )
    return terms


def known_terms(connection: Connection) -> CtcaeCatalogue:
    """Give every term that can be chosen now."""
    hashes = rows.hashes(connection)
    with _parsing:
        found = _parsed.get(hashes)
    if found is not None:
        return found
    catalogue = shipped_terms()
    for sha256 in hashes:
        stored = rows.by_hash(connection, sha256)
        catalogue = catalogue.with_terms(terms_from_csv(stored.content.encode("utf-8"), stored.file))
    with _parsing:
        if len(_parsed) >= _MOST_PARSED:
            _parsed.clear()
        _parsed[hashes] = catalogue
    return catalogue


def terms_of_version(db: Database, version: str) -> tuple[CtcaeTerm, ...]:
    """List the terms of a version to choose from; they are no secret."""
    with db.read() as connection:
        return known_terms(connection).of_version(version)


def _read(data: bytes, file: str) -> tuple[CtcaeTerm, ...]:
    try:
        return terms_from_csv(data, file)
    except CtcaeFileError as error:
        raise TermListUnusable(str(error)) from error


def _require_no_contradiction(known: CtcaeCatalogue, terms: tuple[CtcaeTerm, ...]) -> None:
    try:
        known.with_terms(terms)
    except TermContradicted as error:
        raise TermListUnusable(str(error)) from error
