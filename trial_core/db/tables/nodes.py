"""What keeps an installation running, no part of the trial's record: workers, and how long stages take."""

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

# Sums since the installation was made, for whoever watches it from outside.
stage_time = Table(
    "stage_time",
    metadata,
    text("kind", primary_key=True),
    text("stage", primary_key=True),
    number("times"),
    number("milliseconds"),
    sqlite_strict=True,
)
