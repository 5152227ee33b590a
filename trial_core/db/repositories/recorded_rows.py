"""The record's rows as they are stored, for what the audit trail tells of them (`domain.told_rows`)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select, true

from trial_core.db import tables
from trial_core.db.repositories.as_stored import as_stored, as_text
from trial_core.domain.row_breaks import Fields, Key, row_sha256

_ROWS_AT_ONCE = 1000


def rows(connection: Connection) -> Iterator[tuple[Key, Fields]]:
    """Read every row that the trail tells of, some at a time."""
    for of in _TABLES:
        statement = _selected(connection, of).execution_options(yield_per=_ROWS_AT_ONCE)
        with connection.execute(statement) as found:
            for row in found:
                yield _read(of, row)


def result_sha256(connection: Connection, *, submission_id: str, number: int) -> str:
    """Hash the whole row of a result, for the entry that it is written with."""
    result = tables.plan_check_result
    chosen = (result.c.submission_id == submission_id) & (result.c.number == number)
    _, fields = _read(_RESULTS, connection.execute(_selected(connection, _RESULTS).where(chosen)).one())
    return fields["row_sha256"] or ""


@dataclass(frozen=True)
class _Recorded:
    """A table, what names its rows, how a long column goes into a hash, and which rows have an entry."""

    table: Table
    key: Sequence[str] = ("id",)
    hashed: Mapping[str, Callable[[str], str]] | None = None
    whole: bool = False
    only: ColumnElement[bool] = field(default_factory=true)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _sha256_of_base64(text: str) -> str:
    try:
        return hashlib.sha256(base64.b64decode(text, validate=True)).hexdigest()
    except (binascii.Error, ValueError):
        return _sha256(text)


# The accounts of systems that send have no entry of their own. Nobody signs in by one that is out of use.
_SENDERS = select(tables.dicom_sender.c.user_id)
_PEOPLES = tables.user_account.c.deactivated_at.is_(None) | tables.user_account.c.id.not_in(_SENDERS)

_RESULTS = _Recorded(tables.plan_check_result, ("submission_id", "number"), whole=True)
_TABLES = (
    _Recorded(tables.site, ("code",)),
    _Recorded(tables.user_account, hashed={"password_hash": _sha256}, only=_PEOPLES),
    _Recorded(tables.subject),
    _Recorded(tables.form_entry, hashed={"content": _sha256}),
    _Recorded(tables.signature),
    _Recorded(tables.study_transition, ("sequence",)),
    _Recorded(tables.allocation, ("subject_id",)),
    _Recorded(tables.allocation_list),
    _Recorded(tables.list_opening, ("list_id",), hashed={"content": _sha256_of_base64}),
    _Recorded(tables.consent_form, ("version",)),
    _Recorded(tables.term_list, ("sha256",), hashed={"content": _sha256}),
    _Recorded(tables.protocol_version, ("protocol_id", "version"), hashed={"content": _sha256}),
    _Recorded(tables.data_cut),
    _Recorded(tables.plan_submission),
    _RESULTS,
)


def _selected(connection: Connection, of: _Recorded) -> Any:
    sqlite = connection.dialect.name == "sqlite"
    columns = (as_stored(column, sqlite=sqlite).label(column.name) for column in of.table.columns)
    return select(*columns).where(of.only)


def _read(of: _Recorded, row: Row[Any]) -> tuple[Key, Fields]:
    hashed = of.hashed or {}
    fields: dict[str, str | None] = {}
    for name, value in zip(row._fields, row, strict=True):
        plain = as_text(value)
        fields[name] = hashed[name](plain) if name in hashed and plain is not None else plain
    key = (of.table.name, "/".join(fields[name] or "" for name in of.key))
    return key, {"row_sha256": row_sha256(fields)} if of.whole else fields
