"""Every table of the record; `migrations/` must produce exactly these."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, Table, Text, UniqueConstraint

from trial_core.db.columns import Instant, Json, whole_number
from trial_core.domain.access import Role
from trial_core.domain.jobs import JobKind, JobState
from trial_core.domain.plan import SubmissionState
from trial_core.domain.study_state import StudyState
from trial_core.domain.subject import Arm, Phase, SubjectStatus

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    values = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({values})", name=column)


def _text(name: str, *arguments: Any, nullable: bool = False, **options: Any) -> Column[str]:
    return Column(name, Text, *arguments, nullable=nullable, **options)


def _instant(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Instant, nullable=nullable)


def _number(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    return Column(name, whole_number(), nullable=nullable, primary_key=primary_key, autoincrement=False)


site = Table(
    "site",
    metadata,
    _text("code", primary_key=True),
    _text("name"),
    _instant("created_at"),
    sqlite_strict=True,
)

user_account = Table(
    "user_account",
    metadata,
    _text("id", primary_key=True),
    _text("login"),
    _text("full_name"),
    _text("role"),
    _text("site_code", ForeignKey(site.c.code), nullable=True),
    _text("password_hash"),
    _instant("created_at"),
    _instant("one_time_until", nullable=True),
    _instant("deactivated_at", nullable=True),
    UniqueConstraint("login"),
    _one_of("role", Role),
    sqlite_strict=True,
)

# Counted by a hash of the typed login, so that known and unknown names lock alike.
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    _text("login_sha256", primary_key=True),
    _number("failures"),
    _instant("last_at"),
    sqlite_strict=True,
)

session = Table(
    "session",
    metadata,
    _text("token_sha256", primary_key=True),
    _text("user_id", ForeignKey(user_account.c.id), index=True),
    _instant("created_at"),
    _instant("expires_at"),
    _instant("revoked_at", nullable=True),
    sqlite_strict=True,
)

# A code is unique within its site: "exists already" must not tell one site about another.
subject = Table(
    "subject",
    metadata,
    _text("id", primary_key=True),
    _text("site_code", ForeignKey(site.c.code)),
    _text("code"),
    _text("status"),
    _text("phase", nullable=True),
    _text("arm", nullable=True),
    _instant("created_at"),
    UniqueConstraint("site_code", "code"),
    _one_of("status", SubjectStatus),
    _one_of("phase", Phase),
    _one_of("arm", Arm),
    sqlite_strict=True,
)

plan_submission = Table(
    "plan_submission",
    metadata,
    _text("id", primary_key=True),
    _text("subject_id", ForeignKey(subject.c.id)),
    _number("version", nullable=True),
    _text("state"),
    _text("submitted_by", ForeignKey(user_account.c.id)),
    _instant("created_at"),
    _instant("touched_at"),
    _instant("submitted_at", nullable=True),
    _instant("finished_at", nullable=True),
    Column("findings", Json, nullable=False),
    UniqueConstraint("subject_id", "version"),
    _one_of("state", SubmissionState),
    Index(None, "state", "touched_at"),
    sqlite_strict=True,
)

submission_file = Table(
    "submission_file",
    metadata,
    _text("id", primary_key=True),
    _text("submission_id", ForeignKey(plan_submission.c.id)),
    _text("name"),
    _text("fingerprint"),
    _number("size_bytes"),
    _number("received_bytes"),
    _text("sha256", nullable=True, index=True),
    UniqueConstraint("submission_id", "name"),
    CheckConstraint("received_bytes BETWEEN 0 AND size_bytes", name="received"),
    sqlite_strict=True,
)

# One row for each accepted set; hashes under a key that is not in the database, never the values.
subject_identity = Table(
    "subject_identity",
    metadata,
    _text("submission_id", ForeignKey(plan_submission.c.id), primary_key=True),
    _text("subject_id", ForeignKey(subject.c.id), index=True),
    _text("patient_id_hmac", nullable=True, index=True),
    _text("name_hmac", nullable=True, index=True),
    _text("birth_date_hmac", nullable=True),
    _text("confirmed_by", ForeignKey(user_account.c.id), nullable=True),
    _instant("confirmed_at", nullable=True),
    _number("incomplete"),
    sqlite_strict=True,
)

# PatientIDs that somebody gave for a set and that are not its own: counted, never kept.
wrong_answer = Table(
    "wrong_answer",
    metadata,
    _text("submission_id", ForeignKey(plan_submission.c.id), primary_key=True),
    _text("user_id", ForeignKey(user_account.c.id), primary_key=True),
    _number("answers"),
    sqlite_strict=True,
)

# How a person likes their pages; no part of the trial's record.
user_setting = Table(
    "user_setting",
    metadata,
    _text("user_id", ForeignKey(user_account.c.id), primary_key=True),
    _text("name", primary_key=True),
    Column("value", Json, nullable=False),
    sqlite_strict=True,
)

submission_object = Table(
    "submission_object",
    metadata,
    _text("submission_id", ForeignKey(plan_submission.c.id), primary_key=True),
    _text("sop_instance_uid", primary_key=True, index=True),
    sqlite_strict=True,
)

# A check under a later protocol, or after a person's word, is the next number; the newest stands.
# `judged_sha256`: the report without the version of the code; `course`: plans and treatment records.
plan_check_result = Table(
    "plan_check_result",
    metadata,
    _text("submission_id", ForeignKey(plan_submission.c.id), primary_key=True),
    _text("report_sha256"),
    _text("verdict"),
    Column("plan_verdicts", Json, nullable=False),
    _text("protocol_id"),
    _text("protocol_version"),
    _text("protocol_sha256"),
    _text("code_version"),
    Column("input_sha256", Json, nullable=False),
    _instant("created_at"),
    _number("number", primary_key=True),
    _text("judged_sha256"),
    _text("reason", nullable=True),
    Column("course", Json, nullable=True),
    sqlite_strict=True,
)

job = Table(
    "job",
    metadata,
    _text("id", primary_key=True),
    _text("kind"),
    _text("submission_id", ForeignKey(plan_submission.c.id)),
    _text("state"),
    _text("token", nullable=True),
    _text("worker", nullable=True),
    _instant("lease_expires_at", nullable=True),
    _instant("heartbeat_at", nullable=True),
    _instant("not_before"),
    _number("attempts"),
    _number("attempts_cap"),
    _text("stage", nullable=True),
    _number("done"),
    _number("total"),
    _text("error", nullable=True),
    _instant("created_at"),
    _instant("finished_at", nullable=True),
    _text("reason", nullable=True),
    UniqueConstraint("submission_id", "kind"),
    _one_of("kind", JobKind),
    _one_of("state", JobState),
    Index(None, "state", "not_before"),
    sqlite_strict=True,
)

# The study of this installation: where its last transition led; none yet, it recruits the run-in.
study_transition = Table(
    "study_transition",
    metadata,
    _number("sequence", primary_key=True),
    _text("from_state"),
    _text("to_state"),
    _instant("at"),
    _text("user_id"),
    _text("reason"),
    _one_of("from_state", StudyState),
    _one_of("to_state", StudyState),
    sqlite_strict=True,
)

# What people enter about a subject. A version is never changed: a correction or taking back is the next one.
form_entry = Table(
    "form_entry",
    metadata,
    _text("id", primary_key=True),
    _text("subject_id", ForeignKey(subject.c.id)),
    _text("kind"),
    _text("occasion"),
    _number("version"),
    Column("content", Json, nullable=False),
    _text("content_sha256"),
    _number("void"),
    _text("reason", nullable=True),
    _text("entered_by", ForeignKey(user_account.c.id)),
    _instant("entered_at"),
    UniqueConstraint("subject_id", "kind", "occasion", "version"),
    CheckConstraint("version = 1 OR reason IS NOT NULL", name="reason"),
    CheckConstraint("void IN (0, 1)", name="void"),
    sqlite_strict=True,
)

# The sealed list of one stratum. What is sealed opens with a key outside the database alone.
allocation_list = Table(
    "allocation_list",
    metadata,
    _text("id", primary_key=True),
    _text("stratum"),
    _number("part"),
    _number("slots"),
    _text("commitment"),
    _text("sealed"),
    _instant("created_at"),
    UniqueConstraint("stratum", "part"),
    sqlite_strict=True,
)

allocation = Table(
    "allocation",
    metadata,
    _text("subject_id", ForeignKey(subject.c.id), primary_key=True),
    _text("list_id", ForeignKey(allocation_list.c.id)),
    _number("slot"),
    _text("arm"),
    _text("revealed_by", ForeignKey(user_account.c.id)),
    _instant("revealed_at"),
    UniqueConstraint("list_id", "slot"),
    _one_of("arm", Arm),
    sqlite_strict=True,
)

# One slot a record: a transaction that reveals one opens no other.
sealed_slot = Table(
    "sealed_slot",
    metadata,
    _text("list_id", ForeignKey(allocation_list.c.id), primary_key=True),
    _number("slot", primary_key=True),
    _text("sealed"),
    sqlite_strict=True,
)

# What a list says, for everybody to compare with its commitment; not before recruitment is over.
list_opening = Table(
    "list_opening",
    metadata,
    _text("list_id", ForeignKey(allocation_list.c.id), primary_key=True),
    _text("content"),
    _text("opened_by", ForeignKey(user_account.c.id)),
    _instant("opened_at"),
    sqlite_strict=True,
)

consent_form = Table(
    "consent_form",
    metadata,
    _text("version", primary_key=True),
    _text("from_on"),
    _text("registered_by", ForeignKey(user_account.c.id)),
    _instant("registered_at"),
    sqlite_strict=True,
)

# A signature stands for the content whose hash it names, and for nothing else.
signature = Table(
    "signature",
    metadata,
    _text("id", primary_key=True),
    _text("entity"),
    _text("entity_id"),
    _text("content_sha256"),
    _text("meaning"),
    _text("user_id", ForeignKey(user_account.c.id)),
    _text("full_name"),
    _text("role"),
    _instant("signed_at"),
    Index(None, "entity", "entity_id"),
    sqlite_strict=True,
)

term_list = Table(
    "term_list",
    metadata,
    _number("number", primary_key=True),
    _text("file"),
    _text("sha256"),
    _text("content"),
    _text("imported_by", ForeignKey(user_account.c.id)),
    _instant("imported_at"),
    UniqueConstraint("sha256"),
    sqlite_strict=True,
)

# What the statistics are made of: the forms of that day, by versions and hashes, as bytes in the store.
data_cut = Table(
    "data_cut",
    metadata,
    _text("id", primary_key=True),
    _text("label"),
    _text("cut_on"),
    _text("manifest_sha256"),
    _text("made_by", ForeignKey(user_account.c.id)),
    _instant("made_at"),
    _text("released_by", ForeignKey(user_account.c.id), nullable=True),
    _instant("released_at", nullable=True),
    UniqueConstraint("label"),
    sqlite_strict=True,
)

# Append-only; each hash covers the entry and the one before, under a key outside; without `key_id`: older.
audit_entry = Table(
    "audit_entry",
    metadata,
    _number("sequence", primary_key=True),
    _instant("at"),
    _text("user_id"),
    _text("login"),
    _text("action"),
    _text("entity"),
    _text("entity_id"),
    Column("details", Json, nullable=False),
    _text("previous_hash"),
    _text("hash"),
    _text("role", nullable=True),
    _text("site_code", nullable=True),
    _text("reason", nullable=True),
    _text("request_id", nullable=True),
    _text("key_id", nullable=True),
    Column("changes", Json, nullable=True),
    sqlite_strict=True,
)
