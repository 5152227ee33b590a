"""Nobody who owns the database and lacks the key changes the audit trail unseen: a thousand tries."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, text

from tests.trial_core.record import AUDIT, ONCOLOGIST, Record
from tests.trial_core.services import tampering
from trial_core.db.repositories import append_only, audit
from trial_core.db.session import Database
from trial_core.domain.audit_chain import Break, Flaw, StoredEntry, Walk, walk
from trial_core.domain.canonical import instant_text
from trial_core.services import audit_trail
from trial_core.services.journal import note

OLD_ENTRIES = 7
ENTRIES = 16
TRIES = {"sqlite": 1000, "postgresql": 120}


Kind = Callable[[Connection, Random], None]


class _Undo(Exception):  # noqa: N818 - no error: it ends a transaction
    pass


@contextmanager
def _undone(db: Database) -> Iterator[Connection]:
    """A transaction that leaves nothing behind."""
    with suppress(_Undo), db.transaction() as connection:
        yield connection
        raise _Undo


@pytest.fixture
def trail(record: Record) -> Record:
    """A trail whose first entries are from before there was a key."""
    with record.db.transaction() as connection:
        tampering.disarm(connection)
        _forget(connection)
        _put_old_entries(connection, record)
        _rearm(connection)
    for number in range(ENTRIES):
        with record.db.transaction() as connection:
            note(
                connection,
                record.db,
                ONCOLOGIST,
                action="enter visit",
                entity="thing",
                entity_id=f"f{number}",
                changes={"visit": [None, number], "sum_mm": [30.5, number]},
                reason="typed wrongly ß" if number % 3 else None,
                version=number,
            )
        record.clock.advance(minutes=7)
    return record


def test_a_thousand_tamperings__are_all_found_and_the_first_bad_entry_is_named(trail: Record) -> None:
    dialect = trail.db.engine.dialect.name
    assert audit_trail.verify(trail.db).whole
    for number in range(TRIES[dialect]):
        random = Random(number)  # noqa: S311 - to be repeatable, not to be secret
        kind = tampering.KINDS[number % len(tampering.KINDS)]
        first, found = _tampered(trail, kind, random)
        told = f"{kind.__name__}, seed {number}: first changed {first}, found {found}"
        assert found.broken is not None, told
        # Entries from before the key can be rewritten in step; the first one with it shows that they were.
        named = found.broken.sequence
        assert named == first or (kind in tampering.REWRITES and first <= OLD_ENTRIES and first < named), told
    assert audit_trail.verify(trail.db).whole


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_verify__finds_tamperings_in_the_file_of_a_database(trail: Record, tmp_path: Path) -> None:
    source = tmp_path / "record.sqlite"
    trail.db.close()
    for number in range(20):
        copy = tmp_path / "copy.sqlite"
        shutil.copyfile(source, copy)
        with closing(Database(f"sqlite:///{copy}", now=trail.clock, audit=trail.db.audit)) as db:
            with db.transaction() as connection:
                tampering.disarm(connection)
                tampering.KINDS[number % len(tampering.KINDS)](connection, Random(number))  # noqa: S311
                _rearm(connection)
            found = audit_trail.verify(db)
        assert found.broken is not None
        assert found.triggers_missing == ()


def test_a_tail_that_was_replaced_and_went_on__is_still_found(trail: Record) -> None:
    # The server writes on after the cut, past the length that was noted: what was noted is kept for good.
    with trail.db.transaction() as connection:
        tampering.disarm(connection)
        connection.execute(text("DELETE FROM audit_entry WHERE sequence > 20"))
        _rearm(connection)
    for _ in range(8):
        with trail.db.transaction() as connection:
            note(connection, trail.db, ONCOLOGIST, action="go on", entity="thing", entity_id="f")
    found = audit_trail.verify(trail.db)
    assert found.broken is not None
    assert found.broken.sequence == OLD_ENTRIES + 1 + ENTRIES


def test_entries_from_before_the_key__are_sealed_by_the_first_one_with_it(trail: Record) -> None:
    with trail.db.read() as connection, closing(audit.stored(connection)) as entries:
        rows = list(entries)
    assert [row.key_id for row in rows] == [None] * OLD_ENTRIES + [AUDIT.key.id] * (ENTRIES + 1)
    seal = rows[OLD_ENTRIES]
    assert (seal.action, seal.login) == ("seal entries without a key", "system")
    assert seal.previous_hash == rows[OLD_ENTRIES - 1].hash


def test_old_entries__are_sealed_once_at_a_start(record: Record) -> None:
    with record.db.transaction() as connection:
        tampering.disarm(connection)
        _forget(connection)
        _put_old_entries(connection, record)
        _rearm(connection)
    unsealed = audit_trail.verify(record.db).broken
    assert unsealed == Break(OLD_ENTRIES, Flaw.UNSEALED)
    assert audit_trail.seal_old_entries(record.db)
    found = audit_trail.verify(record.db)
    assert (found.whole, found.head.count, found.anchors.lines) == (True, OLD_ENTRIES + 1, 2)
    assert not audit_trail.seal_old_entries(record.db)


def _tampered(trail: Record, kind: Kind, random: Random) -> tuple[int, Walk]:
    """Tamper, walk the chain, undo: the first entry that is no longer what it was, and what was found."""
    noted = _noted(trail)
    with _undone(trail.db) as connection:
        before = tampering.rows_of(connection)
        tampering.disarm(connection)
        kind(connection, random)
        after = tampering.rows_of(connection)
        found = walk(after, AUDIT.key, noted)
    same = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    shorter = min(len(before), len(after))
    assert before != after
    return (shorter if same is None else same) + 1, found


def _noted(trail: Record) -> dict[int, frozenset[str]]:
    with trail.db.read() as connection:
        head = audit.head(connection)
    return {head.count: frozenset({head.hash})}


def _forget(connection: Connection) -> None:
    """Leave no entry, and no row that must have one."""
    connection.execute(text("DELETE FROM audit_entry"))
    if connection.dialect.name == "sqlite":
        connection.execute(text("DROP TRIGGER consent_form_DELETE"))
    for table in ("consent_form", "user_account", "site"):
        connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608


def _put_old_entries(connection: Connection, record: Record) -> None:
    first = StoredEntry(
        sequence=0,
        at=instant_text(record.clock()),
        user_id="u-onc",
        login="onc",
        action="enrol subject",
        entity="subject",
        entity_id="s",
        details='{"arm":"A"}',
        previous_hash="",
        **dict.fromkeys(tampering.NULLABLE),  # type: ignore[arg-type]
    )
    rows = [first._replace(entity_id=f"s{number}") for number in range(OLD_ENTRIES)]
    tampering._add(connection, tampering._chained(rows, 1, tampering._plain))


def _rearm(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for statement in append_only._SQLITE.values():
            connection.execute(text(statement))
