"""The audit trail as a whole: is it what was written, and how far has it come.

Verified are every byte of every entry (`trial_core.domain.audit_chain`), the triggers that keep it
append-only, that no entry is missing which the anchors outside the database know of, that every signature on
record has its entry, and that the anchors know the last of these. Then the record itself: each row that an
entry tells of is what the entry says, and no row stands there without one (`trial_core.domain.told_rows`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from trial_core.anchor_lines import Anchors, read_anchors
from trial_core.audit_errors import AuditKeyMissing, TrailUnreadable
from trial_core.audit_outside import AuditOutside
from trial_core.db.repositories import append_only, audit, recorded_rows, signatures
from trial_core.db.session import Database, note_head
from trial_core.db.tables import signature
from trial_core.domain.audit_chain import Anchor, AuditHead, Break, SignaturesSeen, Walk, walk
from trial_core.domain.row_breaks import RowBreak, RowFlaw, breaks
from trial_core.domain.told_rows import ToldRows

ANCHOR_EVERY = timedelta(hours=1)
_LOOKS, _BETWEEN_LOOKS_S = 5, 0.1


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes
    ----------
    head
        Of the part of the trail that holds.
    broken
        The first entry at which it does not.
    anchors
        What was known outside the database.
    triggers_missing
        Triggers that are not there, or not as they were made; without them entries can be changed.
    files_lost
        Files of the data folder that every commit leaves there, beside one another, and one is gone.
    signatures_unlogged
        How many signatures the record holds without an entry: the trail was cut off behind them.
    signatures_gone
        How many signatures the trail has an entry of, and the record does not hold.
    signature_not_anchored
        The entry of the last signature, where the data folder's anchors do not know it: they were cut off.
    rows
        What of the record is not what the trail tells: forms, signatures, allocations, results and others.
    """

    head: AuditHead
    broken: Break | None
    anchors: Anchors
    triggers_missing: tuple[str, ...]
    files_lost: tuple[str, ...] = ()
    signatures_unlogged: int = 0
    signatures_gone: int = 0
    signature_not_anchored: int | None = None
    rows: tuple[RowBreak, ...] = ()

    @property
    def whole(self) -> bool:
        """Tell whether nothing is wrong."""
        return not (
            self.broken
            or self.anchors.forged
            or self.triggers_missing
            or self.files_lost
            or self.signatures_unlogged
            or self.signatures_gone
            or self.signature_not_anchored
            or self.rows
        )

    @property
    def only_rows_differ(self) -> bool:
        """Tell whether the trail is whole, and the record is not what it tells."""
        return bool(self.rows) and replace(self, rows=()).whole

    @property
    def anchored(self) -> bool:
        """Tell whether anything outside the database says how long the trail was."""
        return self.anchors.lines > 0 or self.head.count == 0


def verify(db: Database, *, anchor_files: Sequence[Path] | None = None) -> Verification:
    """Walk the whole trail, then the record, in memory that grows with the record's rows, not their content.

    Parameters
    ----------
    anchor_files
        Anchors from elsewhere (lines typed from paper, too); None reads those of the data folder.

    Raises
    ------
    AuditKeyMissing, AnchorUnreadable, TrailUnreadable
    """
    outside = _outside(db)
    # Before the trail is read: what is committed meanwhile is no break.
    anchors, seen, told = _anchors(outside, anchor_files), SignaturesSeen(), ToldRows()
    try:
        with db.read() as connection:
            missing = append_only.missing_triggers(connection)
            with closing(audit.stored(connection)) as entries:
                found = walk(told.among(seen.among(entries)), outside.key, anchors.heads)
            held = frozenset(seen.ids) if found.broken else signatures.ids(connection)
            rows = tuple(_row_breaks(connection, told, found))
    except DatabaseError as problem:
        raise TrailUnreadable(_why(problem)) from problem
    own = anchor_files is None
    return Verification(
        found.head,
        found.broken,
        anchors,
        missing,
        files_lost=_lost(outside) if own else (),
        signatures_unlogged=len(held - seen.ids),
        signatures_gone=len(seen.ids - held),
        signature_not_anchored=_not_anchored(outside, seen.last) if own and not found.broken else None,
        rows=rows,
    )


def seal_old_entries(db: Database) -> bool:
    """Seal the entries that an older program wrote without a key; called at each start, done once.

    Raises
    ------
    AuditKeyMissing
    """
    outside = _outside(db)
    with db.transaction() as connection:
        before = audit.head(connection)
        sealed = audit.seal(connection, at=db.now(), key=outside.key)
        if sealed:
            note_head(connection, before, audit.head(connection), anchored=True)
    return sealed


def add_anchor(db: Database) -> Anchor:
    """Note count and head of the trail outside the database, on disk when this returns.

    Raises
    ------
    AuditKeyMissing, OSError
    """
    outside = _outside(db)
    with db.read() as connection:
        head = audit.head(connection)
    return outside.add(head, at=db.now())


def add_anchor_if_due(db: Database) -> Anchor | None:
    """Note count and head outside the database if nobody has within the hour.

    Raises
    ------
    AuditKeyMissing, OSError
    """
    last = _outside(db).last_added()
    if last is not None and last.at is not None and timedelta() <= db.now() - last.at < ANCHOR_EVERY:
        return None
    return add_anchor(db)


def _outside(db: Database) -> AuditOutside:
    if db.audit is None:
        raise AuditKeyMissing
    return db.audit


def _anchors(outside: AuditOutside, files: Sequence[Path] | None) -> Anchors:
    if files is not None:
        return read_anchors(files, outside.key, typed=True)
    return read_anchors([file for file in outside.files if file.exists()], outside.key, typed=False)


def _not_anchored(outside: AuditOutside, last: AuditHead | None) -> int | None:
    files = [file for file in outside.files if file.exists()]
    if last is None or not files:
        return None
    # An anchor follows its commit: one of just now is waited for.
    for _ in range(_LOOKS):
        known = read_anchors(files, outside.key, typed=False).heads
        if last.hash in known.get(last.count, frozenset()):
            return None
        time.sleep(_BETWEEN_LOOKS_S)
    return last.count


def _row_breaks(connection: Connection, told: ToldRows, found: Walk) -> Iterator[RowBreak]:
    held = recorded_rows.rows(connection)
    for each in breaks(told.rows, held, whole=found.broken is None):
        # Which signatures came or went is said by itself.
        if each.table != signature.name or each.flaw is RowFlaw.EDITED:
            yield each


def _lost(outside: AuditOutside) -> tuple[str, ...]:
    # Both gone is another thing: then nothing at all says how long the trail was, and that is said.
    gone = tuple(file.name for file in outside.files if not file.exists())
    return gone if len(gone) < len(outside.files) else ()


def _why(problem: DatabaseError) -> str:
    # The driver's own words may hold the address with its password.
    kind = type(problem.orig).__name__
    return (
        f"the database refused ({kind}); start the server once to bring its tables up to date, or restore it"
    )
