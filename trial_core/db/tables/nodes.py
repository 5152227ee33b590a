"""Workers that are there now, at a job or idle: no part of the trial's record."""

from __future__ import annotations

from sqlalchemy import Table

from trial_core.db.tables.declaring import instant, metadata, number, text

worker_presence = Table(
    "worker_presence",
    metadata,
    text("name", primary_key=True),
    text("host"),
    number("processors"),
    text("code_version"),
    instant("started_at"),
    instant("seen_at"),
    sqlite_strict=True,
)
