"""The versions of the protocol that verdicts were or are to be judged by, as the files they came in."""

from __future__ import annotations

from sqlalchemy import Table, UniqueConstraint

from trial_core.db.tables.declaring import instant, metadata, number, text

# `content` is the file, byte for byte; `installed_by` a user name, for the program itself has no account.
protocol_version = Table(
    "protocol_version",
    metadata,
    number("number", primary_key=True),
    text("protocol_id"),
    text("version"),
    text("sha256"),
    text("file"),
    text("content"),
    text("installed_by"),
    instant("installed_at"),
    UniqueConstraint("protocol_id", "version"),
    sqlite_strict=True,
)
