"""Submitted sets with their files, whose they are, their checks, and the jobs that make these."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint

from trial_core.db.columns import Json
from trial_core.db.tables.accounts import user_account
from trial_core.db.tables.declaring import instant, metadata, number, one_of, text
from trial_core.db.tables.subjects import subject
from trial_core.domain.jobs import JobKind, JobState
from trial_core.domain.plan import SubmissionState

plan_submission = Table(
    "plan_submission",
    metadata,
    text("id", primary_key=True),
    text("subject_id", ForeignKey(subject.c.id)),
    number("version", nullable=True),
    text("state"),
    text("submitted_by", ForeignKey(user_account.c.id)),
    instant("created_at"),
    instant("touched_at"),
    instant("submitted_at", nullable=True),
    instant("finished_at", nullable=True),
    Column("findings", Json, nullable=False),
    number("records_only"),  # 1: treatment records without a plan; such a set has no version
    UniqueConstraint("subject_id", "version"),
    one_of("state", SubmissionState),
    Index(None, "state", "touched_at"),
    sqlite_strict=True,
)

submission_file = Table(
    "submission_file",
    metadata,
    text("id", primary_key=True),
    text("submission_id", ForeignKey(plan_submission.c.id)),
    text("name"),
    text("fingerprint"),
    number("size_bytes"),
    number("received_bytes"),
    text("sha256", nullable=True, index=True),
    UniqueConstraint("submission_id", "name"),
    CheckConstraint("received_bytes BETWEEN 0 AND size_bytes", name="received"),
    sqlite_strict=True,
)

# One row for each accepted set; hashes under a key that is not in the database, never the values.
subject_identity = Table(
    "subject_identity",
    metadata,
    text("submission_id", ForeignKey(plan_submission.c.id), primary_key=True),
    text("subject_id", ForeignKey(subject.c.id), index=True),
    text("patient_id_hmac", nullable=True, index=True),
    text("name_hmac", nullable=True, index=True),
    text("birth_date_hmac", nullable=True),
    text("confirmed_by", ForeignKey(user_account.c.id), nullable=True),
    instant("confirmed_at", nullable=True),
    number("incomplete"),
    sqlite_strict=True,
)

# PatientIDs that somebody gave for a set and that are not its own: counted, never kept.
wrong_answer = Table(
    "wrong_answer",
    metadata,
    text("submission_id", ForeignKey(plan_submission.c.id), primary_key=True),
    text("user_id", ForeignKey(user_account.c.id), primary_key=True),
    number("answers"),
    sqlite_strict=True,
)

submission_object = Table(
    "submission_object",
    metadata,
    text("submission_id", ForeignKey(plan_submission.c.id), primary_key=True),
    text("sop_instance_uid", primary_key=True, index=True),
    sqlite_strict=True,
)

# A check under a later protocol, or after a person's word, is the next number; the newest stands.
# `judged_sha256`: the report without the version of the code; `course`: plans and treatment records.
plan_check_result = Table(
    "plan_check_result",
    metadata,
    text("submission_id", ForeignKey(plan_submission.c.id), primary_key=True),
    text("report_sha256"),
    text("verdict"),
    Column("plan_verdicts", Json, nullable=False),
    text("protocol_id"),
    text("protocol_version"),
    text("protocol_sha256"),
    text("code_version"),
    Column("input_sha256", Json, nullable=False),
    instant("created_at"),
    number("number", primary_key=True),
    text("judged_sha256"),
    text("reason", nullable=True),
    Column("course", Json, nullable=True),
    sqlite_strict=True,
)

job = Table(
    "job",
    metadata,
    text("id", primary_key=True),
    text("kind"),
    text("submission_id", ForeignKey(plan_submission.c.id)),
    text("state"),
    text("token", nullable=True),
    text("worker", nullable=True),
    instant("lease_expires_at", nullable=True),
    instant("heartbeat_at", nullable=True),
    instant("not_before"),
    number("attempts"),
    number("attempts_cap"),
    text("stage", nullable=True),
    number("done"),
    number("total"),
    text("error", nullable=True),
    instant("created_at"),
    instant("finished_at", nullable=True),
    text("reason", nullable=True),
    UniqueConstraint("submission_id", "kind"),
    one_of("kind", JobKind),
    one_of("state", JobState),
    Index(None, "state", "not_before"),
    sqlite_strict=True,
)
