"""Versions of the protocol: put on record before anything is judged by them, listed, and compared."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.repositories import protocol_versions as rows
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Permission
from trial_core.domain.protocol import Protocol
from trial_core.domain.protocol_changes import ProtocolChange, protocol_changes
from trial_core.domain.protocol_record import Judged, RecordedProtocol
from trial_core.protocol_errors import ProtocolUnusable, ProtocolVersionTaken, UnknownProtocolVersion
from trial_core.protocols.errors import ProtocolError
from trial_core.protocols.reader import DEFAULT_PROTOCOL, protocol_file, protocol_from_bytes
from trial_core.services.authorise import require
from trial_core.services.journal import note


@dataclass(frozen=True)
class ProtocolVersion:
    """A version on record, and how many plan checks it judged: in all, and of those that stand."""

    recorded: RecordedProtocol
    results: int
    standing: int


@dataclass(frozen=True)
class ProtocolVersions:
    """Every version, the newest first; `unrecorded` judged plans before files were kept."""

    versions: tuple[ProtocolVersion, ...]
    unrecorded: tuple[Judged, ...]


@dataclass(frozen=True)
class ComparedProtocols:
    """Two versions and what changed from the earlier to the later."""

    before: RecordedProtocol
    after: RecordedProtocol
    changes: tuple[ProtocolChange, ...]


def record_own_protocol(db: Database) -> RecordedProtocol:
    """Put the protocol that comes with this program on record, when it starts.

    Raises
    ------
    ProtocolVersionTaken
        Nothing may be judged by it.
    """
    path = protocol_file(DEFAULT_PROTOCOL)
    return record_protocol(db, SYSTEM, data=path.read_bytes(), file=path.name)


def record_protocol(db: Database, actor: Actor, *, data: bytes, file: str) -> RecordedProtocol:
    """Put a version of the protocol on record with its file; the same bytes again change nothing.

    Raises
    ------
    NotAuthorised, ProtocolUnusable, ProtocolVersionTaken
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    protocol, content = _read(data, file)
    with db.read() as connection:  # each start asks, and a writer would wait for others
        known = _known(connection, protocol)
    if known is not None:
        return known
    with db.transaction() as connection:
        return _known(connection, protocol) or _add(connection, db, actor, protocol, content)


def list_protocol_versions(db: Database, actor: Actor) -> ProtocolVersions:
    """List the versions, each with what it judged.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    with db.read() as connection:
        recorded, judged = rows.every(connection), rows.judged(connection)
    by_hash = {one.sha256: one for one in judged}
    found = (
        ProtocolVersion(one, of.results if of else 0, of.standing if of else 0)
        for one in reversed(recorded)
        for of in (by_hash.get(one.sha256),)
    )
    known = {one.sha256 for one in recorded}
    return ProtocolVersions(tuple(found), tuple(one for one in judged if one.sha256 not in known))


def compare_protocol_versions(db: Database, actor: Actor, *, before: int, after: int) -> ComparedProtocols:
    """Say what changed from one version to another, each by its number on record.

    Raises
    ------
    NotAuthorised, UnknownProtocolVersion
    """
    old, old_data = protocol_of_version(db, actor, number=before)
    new, new_data = protocol_of_version(db, actor, number=after)
    changes = protocol_changes(
        protocol_from_bytes(old_data, old.file), protocol_from_bytes(new_data, new.file)
    )
    return ComparedProtocols(old, new, changes)


def protocol_of_version(db: Database, actor: Actor, *, number: int) -> tuple[RecordedProtocol, bytes]:
    """Give a version with its file, byte for byte.

    Raises
    ------
    NotAuthorised, UnknownProtocolVersion
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    with db.read() as connection:
        found = rows.with_content(connection, number)
    if found is None:
        raise UnknownProtocolVersion(number)
    return found


def _read(data: bytes, file: str) -> tuple[Protocol, str]:
    try:
        return protocol_from_bytes(data, file), data.decode("utf-8")
    except (ProtocolError, UnicodeDecodeError) as error:
        raise ProtocolUnusable(str(error)) from error


def _known(connection: Connection, protocol: Protocol) -> RecordedProtocol | None:
    known = rows.find(connection, protocol_id=protocol.id, version=protocol.version)
    if known is not None and known.sha256 != protocol.sha256:
        raise ProtocolVersionTaken(
            protocol.id, protocol.version, known.sha256, protocol.sha256, known.installed_at
        )
    return known


def _add(
    connection: Connection, db: Database, actor: Actor, protocol: Protocol, content: str
) -> RecordedProtocol:
    at = db.now()
    number = rows.add(
        connection,
        protocol_id=protocol.id,
        version=protocol.version,
        sha256=protocol.sha256,
        file=protocol.file,
        content=content,
        installed_by=actor.login,
        at=at,
    )
    note(
        connection,
        db,
        actor,
        action="install protocol version",
        entity="protocol",
        entity_id=protocol.id,
        version=protocol.version,
        sha256=protocol.sha256,
        file=protocol.file,
        at=at,
    )
    return RecordedProtocol(
        number, protocol.id, protocol.version, protocol.sha256, protocol.file, actor.login, at
    )
