"""Forms that people enter and sign, lists of terms, and data cuts."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint

from trial_core.db.columns import Json
from trial_core.db.tables.accounts import user_account
from trial_core.db.tables.declaring import instant, metadata, number, text
from trial_core.db.tables.subjects import subject

# What people enter about a subject. A version is never changed: a correction or taking back is the next one.
form_entry = Table(
    "form_entry",
    metadata,
    text("id", primary_key=True),
    text("subject_id", ForeignKey(subject.c.id)),
    text("kind"),
    text("occasion"),
    number("version"),
    Column("content", Json, nullable=False),
    text("content_sha256"),
    number("void"),
    text("reason", nullable=True),
    text("entered_by", ForeignKey(user_account.c.id)),
    instant("entered_at"),
    UniqueConstraint("subject_id", "kind", "occasion", "version"),
    CheckConstraint("version = 1 OR reason IS NOT NULL", name="reason"),
    CheckConstraint("void IN (0, 1)", name="void"),
    sqlite_strict=True,
)

# A signature stands for the content whose hash it names, and for nothing else.
signature = Table(
    "signature",
    metadata,
    text("id", primary_key=True),
    text("entity"),
    text("entity_id"),
    text("content_sha256"),
    text("meaning"),
    text("user_id", ForeignKey(user_account.c.id)),
    text("full_name"),
    text("role"),
    instant("signed_at"),
    Index(None, "entity", "entity_id"),
    sqlite_strict=True,
)

term_list = Table(
    "term_list",
    metadata,
    number("number", primary_key=True),
    text("file"),
    text("sha256"),
    text("content"),
    text("imported_by", ForeignKey(user_account.c.id)),
    instant("imported_at"),
    UniqueConstraint("sha256"),
    sqlite_strict=True,
)

# What the statistics are made of: the forms of that day, by versions and hashes, as bytes in the store.
data_cut = Table(
    "data_cut",
    metadata,
    text("id", primary_key=True),
    text("label"),
    text("cut_on"),
    text("manifest_sha256"),
    text("made_by", ForeignKey(user_account.c.id)),
    instant("made_at"),
    text("released_by", ForeignKey(user_account.c.id), nullable=True),
    instant("released_at", nullable=True),
    UniqueConstraint("label"),
    sqlite_strict=True,
)
