"""What comes over the DICOM network, before a submission is made of it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from trial_core.db.columns import Json
from trial_core.db.tables.accounts import site, user_account
from trial_core.db.tables.declaring import instant, metadata, number, one_of, text
from trial_core.db.tables.plans import plan_submission
from trial_core.domain.receiving import ReceivedState, WhyWaiting

dicom_sender = Table(
    "dicom_sender",
    metadata,
    text("ae_title", primary_key=True),
    Column("addresses", Json, nullable=False),
    text("site_code", ForeignKey(site.c.code)),
    text("user_id", ForeignKey(user_account.c.id)),
    instant("created_at"),
    instant("retired_at", nullable=True),
    sqlite_strict=True,
)

# `group_key`: what makes objects of one sender one set. `content`: what was in it, once its objects are gone.
received_set = Table(
    "received_set",
    metadata,
    text("id", primary_key=True),
    text("ae_title", ForeignKey(dicom_sender.c.ae_title)),
    text("group_key"),
    text("state"),
    text("waits_because", nullable=True),
    instant("begun_at"),
    instant("touched_at"),
    instant("ended_at", nullable=True),
    text("submission_id", ForeignKey(plan_submission.c.id), nullable=True),
    text("decided_by", ForeignKey(user_account.c.id), nullable=True),
    text("reason", nullable=True),
    Column("content", Json, nullable=True),
    one_of("state", ReceivedState),
    one_of("waits_because", WhyWaiting),
    Index(None, "state", "touched_at"),
    sqlite_strict=True,
)

# A second row of one UID has other bytes: both go into the check, which says so.
received_object = Table(
    "received_object",
    metadata,
    text("set_id", ForeignKey(received_set.c.id), primary_key=True),
    text("sop_instance_uid", primary_key=True),
    text("sha256", primary_key=True, index=True),
    number("size_bytes"),
    text("sop_class_uid"),
    text("modality"),
    text("plan_label", nullable=True),
    text("dated", nullable=True),
    text("patient_id_hmac", nullable=True),
    text("name_hmac", nullable=True),
    text("birth_date_hmac", nullable=True),
    instant("received_at"),
    sqlite_strict=True,
)
