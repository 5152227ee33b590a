"""What the machine beneath the record can do to it: another program holds it, the disk is full."""

# ruff: noqa: N818 - refusals, named for what is so, as in `errors`

from __future__ import annotations

import errno
import sqlite3

from trial_core.errors import TrialError

_LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's SQLSTATE where `lock_timeout` ran out."""


class RecordBusy(TrialError):
    """Another program held the database for so long that waiting for it was given up."""

    def __init__(self) -> None:
        super().__init__(
            "The record is held by another program. Nothing was changed; try again in a minute. If it stays "
            "so, the administrator ends what holds the database (a copy being made, a tool left open)."
        )


def is_busy(error: BaseException) -> bool:
    """Tell whether the database's lock could not be had in time."""
    cause = getattr(error, "orig", error)  # the database's own error, where it was wrapped
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(cause, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def is_full_disk(error: BaseException) -> bool:
    """Tell whether it was for want of room on the disk, which only a person can make."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT)
