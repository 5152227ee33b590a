"""Rows of the record that are not what the audit trail tells of them (`trial_core.domain.told_rows`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from trial_core.domain.canonical import canonical_json, read_instant

Fields = Mapping[str, str | None]
"""Columns of a row and what they hold, as texts; moments as `instant_text` writes them."""

Key = tuple[str, str]
"""A table's name, and which of its rows."""

_CHANGES = {
    "subject": frozenset({"status", "phase", "arm"}),
    "data_cut": frozenset({"released_by", "released_at"}),
    "user_account": frozenset({"role", "site_code", "password_hash", "deactivated_at"}),
}
"""Columns that later entries change; all others stay as they were entered."""

_LEAVES = frozenset({"plan_check_result"})
"""Tables whose rows a later entry can take off the record."""

_ONE_MOMENT = timedelta(minutes=1)
"""Older programs asked the clock twice, for a row and for its entry: an edit of a moment by less is not seen.
Days that people enter stand in a form's content, which is compared to the byte.
"""


class RowFlaw(StrEnum):
    """What can be wrong with a row; the value completes "form_entry 7f3a ..."."""

    EDITED = "is not what was entered"
    GONE = "is no longer on record: somebody removed it"
    UNTOLD = "has no entry: somebody put it in behind the program's back"


@dataclass(frozen=True)
class RowBreak:
    """A row that is not what the trail tells; nothing of its content.

    Attributes
    ----------
    columns
        Those that were edited.
    """

    table: str
    row: str
    flaw: RowFlaw
    columns: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """Say it."""
        what = f": {', '.join(self.columns)}" if self.columns else ""
        return f"{self.table} {self.row} {self.flaw.value}{what}."


def breaks(
    told: Mapping[Key, Fields], held: Iterable[tuple[Key, Fields]], *, whole: bool
) -> Iterator[RowBreak]:
    """Compare what the trail tells with the rows that are held.

    Parameters
    ----------
    whole
        Whether the trail was walked to its end; otherwise a row without an entry may have one further on, and
        what later entries change, or take off the record, cannot be told.
    """
    left = set(told)
    for key, fields in held:
        left.discard(key)
        known = told.get(key)
        if known is None:
            if whole:
                yield RowBreak(*key, RowFlaw.UNTOLD)
            continue
        open_still = frozenset() if whole else _CHANGES.get(key[0], frozenset())
        wrong = (name for name, value in known.items() if not _same(name, value, fields[name]))
        edited = tuple(name for name in wrong if name not in open_still)
        if edited:
            yield RowBreak(*key, RowFlaw.EDITED, edited)
    for key in sorted(left):
        if whole or key[0] not in _LEAVES:
            yield RowBreak(*key, RowFlaw.GONE)


def row_sha256(fields: Fields) -> str:
    """Hash a whole row: for rows of which an entry cannot say everything."""
    return hashlib.sha256(canonical_json(dict(fields)).encode()).hexdigest()


def _same(column: str, told: str | None, held: str | None) -> bool:
    if told == held:
        return True
    if told is None or held is None or not (column == "at" or column.endswith("_at")):
        return False
    try:
        return abs(read_instant(told) - read_instant(held)) < _ONE_MOMENT
    except ValueError:
        return False
