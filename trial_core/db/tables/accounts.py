"""Sites, accounts, sessions, failed sign-ins, and how people like their pages."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, UniqueConstraint

from trial_core.db.columns import Json
from trial_core.db.tables.declaring import instant, metadata, number, one_of, text
from trial_core.domain.access import Role

site = Table(
    "site",
    metadata,
    text("code", primary_key=True),
    text("name"),
    instant("created_at"),
    sqlite_strict=True,
)

user_account = Table(
    "user_account",
    metadata,
    text("id", primary_key=True),
    text("login"),
    text("full_name"),
    text("role"),
    text("site_code", ForeignKey(site.c.code), nullable=True),
    text("password_hash"),
    instant("created_at"),
    instant("one_time_until", nullable=True),
    instant("deactivated_at", nullable=True),
    UniqueConstraint("login"),
    one_of("role", Role),
    sqlite_strict=True,
)

# Counted by a hash of the typed login, so that known and unknown names lock alike.
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    text("login_sha256", primary_key=True),
    number("failures"),
    instant("last_at"),
    sqlite_strict=True,
)

session = Table(
    "session",
    metadata,
    text("token_sha256", primary_key=True),
    text("user_id", ForeignKey(user_account.c.id), index=True),
    instant("created_at"),
    instant("expires_at"),
    instant("revoked_at", nullable=True),
    sqlite_strict=True,
)

# How a person likes their pages; no part of the trial's record.
user_setting = Table(
    "user_setting",
    metadata,
    text("user_id", ForeignKey(user_account.c.id), primary_key=True),
    text("name", primary_key=True),
    Column("value", Json, nullable=False),
    sqlite_strict=True,
)
