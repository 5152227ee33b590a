"""Ways to tamper with the audit trail, as somebody would who owns the database and lacks the key.

Each changes the rows at random.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, text

from trial_core.db.repositories import audit
from trial_core.domain.audit_chain import BEGINNING, AuditKey, StoredEntry, plain_hash_of

Rows = list[StoredEntry]
TEXTS = StoredEntry._fields[1:]
NULLABLE = ("role", "site_code", "changes", "reason", "request_id", "key_id")
PARTS = ("at", "user_id", "login", "role", "site_code", "action", "entity", "entity_id", "details", "changes")
FOREIGN_KEY = AuditKey(b"x" * 32)


def disarm(connection: Connection) -> None:
    """Put the triggers out of the way."""
    if connection.dialect.name == "sqlite":
        for name in ("UPDATE", "DELETE", "order"):
            connection.execute(text(f"DROP TRIGGER audit_entry_{name}"))
    else:
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def rows_of(connection: Connection) -> Rows:
    return list(audit.stored(connection))


def edit_one_value(connection: Connection, random: Random) -> None:
    """Change some characters (on SQLite any bytes) of one column of one entry."""
    row = random.choice(rows_of(connection))
    column = random.choice(TEXTS)
    old = getattr(row, column)
    new = _edited(old, random, nullable=column in NULLABLE, raw=connection.dialect.name == "sqlite")
    if column == "at" and connection.dialect.name == "postgresql":
        step = timedelta(microseconds=random.choice((-1, 1)) * random.randrange(1, 10**9))
        connection.execute(
            text("UPDATE audit_entry SET at = at + :step WHERE sequence = :sequence"),
            {"step": step, "sequence": row.sequence},
        )
    else:
        _set(connection, row.sequence, {column: new})


def renumber_one(connection: Connection, random: Random) -> None:
    rows = rows_of(connection)
    row = random.choice(rows)
    new = random.choice((0, -1, len(rows) + random.randrange(1, 9), row.sequence + 2**40))
    _set(connection, row.sequence, {"sequence": new})


def remove_some(connection: Connection, random: Random) -> None:
    count = len(rows_of(connection))
    first = random.randint(1, count)
    last = min(count, first + random.choice((0, 0, 1, 5)))
    _delete(connection, first, last)


def cut_off_the_end(connection: Connection, random: Random) -> None:
    count = len(rows_of(connection))
    first = random.choice((count, count - random.randrange(count), 1))
    _delete(connection, first, count)


def swap_two(connection: Connection, random: Random) -> None:
    """Let two entries stand in each other's place, with or without their hashes."""
    one, other = sorted(random.sample(rows_of(connection), 2))
    kept = random.choice((("sequence",), ("sequence", "previous_hash", "hash")))
    rows = {
        one.sequence: other._replace(**{name: getattr(one, name) for name in kept}),
        other.sequence: one._replace(**{name: getattr(other, name) for name in kept}),
    }
    _put(connection, rows)


def swap_one_column(connection: Connection, random: Random) -> None:
    rows = rows_of(connection)
    column = random.choice((*PARTS, "previous_hash", "hash"))
    pairs = [(a, b) for a in rows for b in rows if a < b and getattr(a, column) != getattr(b, column)]
    one, other = random.choice(pairs)
    _put(
        connection,
        {
            one.sequence: one._replace(**{column: getattr(other, column)}),
            other.sequence: other._replace(**{column: getattr(one, column)}),
        },
    )


def put_in_a_copy(connection: Connection, random: Random) -> None:
    """Add a copy of an entry: at the end, or in between with the later ones renumbered."""
    rows = rows_of(connection)
    copied = random.choice(rows)
    place = random.choice((len(rows) + 1, random.randint(1, len(rows))))
    later = [row._replace(sequence=row.sequence + 1) for row in rows[place - 1 :]]
    _delete(connection, place, len(rows))
    _add(connection, [copied._replace(sequence=place), *later])


def rewrite_without_the_key(connection: Connection, random: Random) -> None:
    """Change an entry, or leave it out, and make every hash after it anew: plain, or with another key."""
    rows = rows_of(connection)
    at = random.randint(1, len(rows))
    changed = [row for row in rows if row.sequence < at]
    if random.random() < 0.7:
        changed.append(rows[at - 1]._replace(login="somebody-else"))
    changed += rows[at:]
    how = random.choice((_plain, _with_another_key, _as_if_with_the_key, _only_the_chain))
    _delete(connection, 1, len(rows))
    _add(connection, _chained(changed, at, how))


def rewrite_all_as_from_before_the_key(connection: Connection, random: Random) -> None:
    """Throw the keyed entries away, or all, and pass a made-up trail off as one from before the key."""
    rows = rows_of(connection)
    kept = rows[: random.randint(1, len(rows))]
    kept[0] = kept[0]._replace(login="somebody-else")
    _delete(connection, 1, len(rows))
    _add(connection, _chained(kept, 1, _plain))


KINDS: tuple[Callable[[Connection, Random], None], ...] = (
    edit_one_value,
    edit_one_value,
    edit_one_value,
    renumber_one,
    remove_some,
    cut_off_the_end,
    swap_two,
    swap_one_column,
    put_in_a_copy,
    rewrite_without_the_key,
    rewrite_all_as_from_before_the_key,
)

REWRITES = (rewrite_without_the_key, rewrite_all_as_from_before_the_key)


def _plain(row: StoredEntry) -> StoredEntry:
    bare = row._replace(**dict.fromkeys(NULLABLE))  # type: ignore[arg-type]
    return bare._replace(hash=plain_hash_of(bare) or "")


def _with_another_key(row: StoredEntry) -> StoredEntry:
    theirs = row._replace(key_id=FOREIGN_KEY.id)
    return theirs._replace(hash=FOREIGN_KEY.hash_of(theirs))


def _as_if_with_the_key(row: StoredEntry) -> StoredEntry:
    return row._replace(hash=FOREIGN_KEY.hash_of(row))


def _only_the_chain(row: StoredEntry) -> StoredEntry:
    return row._replace(hash=hashlib.sha256(repr(row).encode()).hexdigest())


def _chained(rows: Rows, since: int, how: Callable[[StoredEntry], StoredEntry]) -> Rows:
    before, chained = BEGINNING, []
    for number, row in enumerate(rows, start=1):
        placed = row._replace(sequence=number, previous_hash=before)
        chained.append(how(placed) if number >= since else placed)
        before = chained[-1].hash
    return chained


def _edited(old: str | None, random: Random, *, nullable: bool, raw: bool) -> Any:
    if old is None:
        return random.choice(("x", "", "{}"))
    if nullable and random.random() < 0.2:
        return None
    data = bytearray(old.encode())
    place = random.randrange(len(data) + 1)
    kind = random.choice(("change", "put in", "take out", "respell")) if data else "put in"
    if kind == "put in":
        data.insert(place, random.randrange(1, 256) if raw else random.randrange(32, 127))
    elif kind == "take out":
        del data[place - 1]
    elif kind == "respell" and b":" in data:
        data = data.replace(b":", b": ", 1)
    else:
        data[place - 1] ^= 1 << random.randrange(8 if raw else 3)
    return bytes(data) if raw else data.decode()


def _set(connection: Connection, sequence: int, values: dict[str, Any]) -> None:
    (column, value), *_ = values.items()
    bound = "CAST(:value AS TEXT)" if isinstance(value, bytes) else ":value"
    connection.execute(
        text(f"UPDATE audit_entry SET {column} = {bound} WHERE sequence = :sequence"),  # noqa: S608
        {"value": value, "sequence": sequence},
    )


def _delete(connection: Connection, first: int, last: int) -> None:
    connection.execute(
        text("DELETE FROM audit_entry WHERE sequence BETWEEN :first AND :last"),
        {"first": first, "last": last},
    )


def _put(connection: Connection, rows: dict[int, StoredEntry]) -> None:
    for sequence in rows:
        _delete(connection, sequence, sequence)
    _add(connection, list(rows.values()))


def _add(connection: Connection, rows: Rows) -> None:
    names = ", ".join(StoredEntry._fields)
    values = ", ".join(
        "CAST(:at AS timestamptz)" if name == "at" and connection.dialect.name == "postgresql" else f":{name}"
        for name in StoredEntry._fields
    )
    statement = text(f"INSERT INTO audit_entry ({names}) VALUES ({values})")  # noqa: S608
    if rows:
        connection.execute(statement, [row._asdict() for row in rows])
