"""The sealed lists, their slots, and what was revealed of them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Table, UniqueConstraint

from trial_core.db.tables.accounts import user_account
from trial_core.db.tables.declaring import instant, metadata, number, one_of, text
from trial_core.db.tables.subjects import subject
from trial_core.domain.subject import Arm

# The sealed list of one stratum. What is sealed opens with a key outside the database alone.
allocation_list = Table(
    "allocation_list",
    metadata,
    text("id", primary_key=True),
    text("stratum"),
    number("part"),
    number("slots"),
    text("commitment"),
    text("sealed"),
    instant("created_at"),
    UniqueConstraint("stratum", "part"),
    sqlite_strict=True,
)

allocation = Table(
    "allocation",
    metadata,
    text("subject_id", ForeignKey(subject.c.id), primary_key=True),
    text("list_id", ForeignKey(allocation_list.c.id)),
    number("slot"),
    text("arm"),
    text("revealed_by", ForeignKey(user_account.c.id)),
    instant("revealed_at"),
    UniqueConstraint("list_id", "slot"),
    one_of("arm", Arm),
    sqlite_strict=True,
)

# One slot a record: a transaction that reveals one opens no other.
sealed_slot = Table(
    "sealed_slot",
    metadata,
    text("list_id", ForeignKey(allocation_list.c.id), primary_key=True),
    number("slot", primary_key=True),
    text("sealed"),
    sqlite_strict=True,
)

# What a list says, for everybody to compare with its commitment; not before recruitment is over.
list_opening = Table(
    "list_opening",
    metadata,
    text("list_id", ForeignKey(allocation_list.c.id), primary_key=True),
    text("content"),
    text("opened_by", ForeignKey(user_account.c.id)),
    instant("opened_at"),
    sqlite_strict=True,
)
