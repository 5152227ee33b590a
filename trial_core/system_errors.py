"""What the machine beneath the record can do to it: the database is held or away, the disk is full."""

# ruff: noqa: N818 - refusals, named for what is so, as in `errors`

from __future__ import annotations

import errno
import sqlite3

from trial_core.errors import TrialError

_LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's SQLSTATE where `lock_timeout` ran out."""


_AWAY = ("08", "57P")
"""PostgreSQL's classes of SQLSTATE: connection exceptions, and a server that is stopped or starting."""


class RecordSilent(TrialError):
    """The record did not answer: whoever works by itself tries again, and nobody gives up for it."""


class RecordBusy(RecordSilent):
    """Another program held the database for so long that waiting for it was given up."""

    def __init__(self) -> None:
        super().__init__(
            "The record is held by another program. Nothing was changed; try again in a minute. If it stays "
            "so, the administrator ends what holds the database (a copy being made, a tool left open)."
        )


class RecordAway(RecordSilent):
    """The database does not answer: it was stopped, or cannot be reached."""

    def __init__(self) -> None:
        super().__init__(
            "The database cannot be reached. It is asked again with every click: try again in a minute. Once "
            "it is back, look whether your last entry is there. If it stays away, tell the administrator."
        )


def is_away(error: BaseException) -> bool:
    """Tell whether the database does not answer, as after a restart or without its disk."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_CANTOPEN
    if type(cause).__name__ == "AdminShutdown" or getattr(error, "connection_invalidated", False):
        return True
    state = getattr(cause, "sqlstate", None)
    # a connection that could not be made has no state: the server has not spoken
    return type(cause).__name__ == "OperationalError" if state is None else state.startswith(_AWAY)


def is_busy(error: BaseException) -> bool:
    """Tell whether the database's lock could not be had in time."""
    cause = getattr(error, "orig", error)  # the database's own error, where it was wrapped
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(cause, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def is_damaged(error: BaseException) -> bool:
    """Tell whether SQLite found that its file is none of its own, or broken."""
    cause = getattr(error, "orig", error)
    code = getattr(cause, "sqlite_errorcode", None) if isinstance(cause, sqlite3.Error) else None
    return code is not None and code & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def is_full_disk(error: BaseException) -> bool:
    """Tell whether it was for want of room on the disk, which only a person can make."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT)
