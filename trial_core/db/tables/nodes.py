"""What keeps an installation running, no part of the trial's record: workers, listeners, times of stages."""

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

# `called_at`, `called_by`: the last association that it let in since it started.
receiver_presence = Table(
    "receiver_presence",
    metadata,
    text("name", primary_key=True),
    text("ae_title"),
    text("place"),
    number("with_tls"),
    instant("started_at"),
    instant("seen_at"),
    instant("called_at", nullable=True),
    text("called_by", nullable=True),
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
