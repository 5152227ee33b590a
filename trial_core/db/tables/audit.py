"""The audit trail."""

from __future__ import annotations

from sqlalchemy import Column, Table

from trial_core.db.columns import Json
from trial_core.db.tables.declaring import instant, metadata, number, text

# Append-only; each hash covers the entry and the one before, under a key outside; without `key_id`: older.
audit_entry = Table(
    "audit_entry",
    metadata,
    number("sequence", primary_key=True),
    instant("at"),
    text("user_id"),
    text("login"),
    text("action"),
    text("entity"),
    text("entity_id"),
    Column("details", Json, nullable=False),
    text("previous_hash"),
    text("hash"),
    text("role", nullable=True),
    text("site_code", nullable=True),
    text("reason", nullable=True),
    text("request_id", nullable=True),
    text("key_id", nullable=True),
    Column("changes", Json, nullable=True),
    sqlite_strict=True,
)
