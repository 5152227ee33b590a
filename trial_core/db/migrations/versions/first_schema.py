"""First schema: sites, accounts, subjects, submissions, results, jobs and the audit trail."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import Instant, Json, whole_number

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_entry_{verb} BEFORE {verb} ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""

_REFUSE_POSTGRESQL = """
CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
"""

_APPEND_ONLY_POSTGRESQL = """
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only()
"""


def upgrade() -> None:
    """Create every table and make the audit trail append-only."""
    _create_people_and_sites()
    _create_submissions()
    _create_results_and_jobs()
    _create_audit_trail()


def _create_table(name: str, *columns: Any) -> None:
    op.create_table(name, *columns, sqlite_strict=True)


def _create_people_and_sites() -> None:
    _create_table(
        "site",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_site"),
    )
    _create_table(
        "user_account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("site_code", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "role IN ('radiation oncologist', 'physicist', 'trial staff', "
            "'administrator', 'statistician', 'monitor')",
            name="ck_user_account_role",
        ),
        sa.ForeignKeyConstraint(["site_code"], ["site.code"], name="fk_user_account_site_code"),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("login", name="uq_user_account_login"),
    )
    _create_table(
        "sign_in_failure",
        sa.Column("login_sha256", sa.Text(), nullable=False),
        sa.Column("failures", whole_number(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("login_sha256", name="pk_sign_in_failure"),
    )
    _create_table(
        "session",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_session_user_id"),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_session"),
    )
    op.create_index("ix_session_user_id", "session", ["user_id"], unique=False)
    _create_table(
        "subject",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("arm", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("arm IN ('A', 'B')", name="ck_subject_arm"),
        sa.CheckConstraint("phase IN ('IIa', 'IIb')", name="ck_subject_phase"),
        sa.CheckConstraint("status IN ('screening', 'enrolled', 'withdrawn')", name="ck_subject_status"),
        sa.ForeignKeyConstraint(["site_code"], ["site.code"], name="fk_subject_site_code"),
        sa.PrimaryKeyConstraint("id", name="pk_subject"),
        sa.UniqueConstraint("site_code", "code", name="uq_subject_site_code_code"),
    )


def _create_submissions() -> None:
    _create_table(
        "plan_submission",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("version", whole_number(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("touched_at", Instant(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("findings", Json(), nullable=False),
        sa.CheckConstraint(
            "state IN ('receiving', 'submitted', 'awaiting confirmation', 'checked', "
            "'refused', 'blocked', 'duplicate', 'failed', 'abandoned')",
            name="ck_plan_submission_state",
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_plan_submission_subject_id"),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["user_account.id"], name="fk_plan_submission_submitted_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_submission"),
        sa.UniqueConstraint("subject_id", "version", name="uq_plan_submission_subject_id_version"),
    )
    op.create_index(
        "ix_plan_submission_state_touched_at", "plan_submission", ["state", "touched_at"], unique=False
    )
    _create_table(
        "submission_file",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("size_bytes", whole_number(), nullable=False),
        sa.Column("received_bytes", whole_number(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.CheckConstraint("received_bytes BETWEEN 0 AND size_bytes", name="ck_submission_file_received"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["plan_submission.id"], name="fk_submission_file_submission_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_submission_file"),
        sa.UniqueConstraint("submission_id", "name", name="uq_submission_file_submission_id_name"),
    )
    _create_table(
        "subject_identity",
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("patient_id_hmac", sa.Text(), nullable=True),
        sa.Column("name_hmac", sa.Text(), nullable=True),
        sa.Column("birth_date_hmac", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user_account.id"], name="fk_subject_identity_confirmed_by"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_subject_identity_subject_id"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["plan_submission.id"], name="fk_subject_identity_submission_id"
        ),
        sa.PrimaryKeyConstraint("submission_id", name="pk_subject_identity"),
    )
    op.create_index("ix_subject_identity_name_hmac", "subject_identity", ["name_hmac"], unique=False)
    op.create_index(
        "ix_subject_identity_patient_id_hmac", "subject_identity", ["patient_id_hmac"], unique=False
    )
    op.create_index("ix_subject_identity_subject_id", "subject_identity", ["subject_id"], unique=False)
    _create_table(
        "submission_object",
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("sop_instance_uid", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["plan_submission.id"], name="fk_submission_object_submission_id"
        ),
        sa.PrimaryKeyConstraint("submission_id", "sop_instance_uid", name="pk_submission_object"),
    )
    op.create_index(
        "ix_submission_object_sop_instance_uid", "submission_object", ["sop_instance_uid"], unique=False
    )


def _create_results_and_jobs() -> None:
    _create_table(
        "plan_check_result",
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("report_sha256", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("plan_verdicts", Json(), nullable=False),
        sa.Column("protocol_id", sa.Text(), nullable=False),
        sa.Column("protocol_version", sa.Text(), nullable=False),
        sa.Column("protocol_sha256", sa.Text(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("input_sha256", Json(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["plan_submission.id"], name="fk_plan_check_result_submission_id"
        ),
        sa.PrimaryKeyConstraint("submission_id", name="pk_plan_check_result"),
    )
    _create_table(
        "job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_expires_at", Instant(), nullable=True),
        sa.Column("heartbeat_at", Instant(), nullable=True),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("attempts", whole_number(), nullable=False),
        sa.Column("attempts_cap", whole_number(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("done", whole_number(), nullable=False),
        sa.Column("total", whole_number(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.CheckConstraint("kind IN ('plan_check')", name="ck_job_kind"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="ck_job_state"),
        sa.ForeignKeyConstraint(["submission_id"], ["plan_submission.id"], name="fk_job_submission_id"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("submission_id", "kind", name="uq_job_submission_id_kind"),
    )
    op.create_index("ix_job_state_not_before", "job", ["state", "not_before"], unique=False)


def _create_audit_trail() -> None:
    _create_table(
        "audit_entry",
        sa.Column("sequence", whole_number(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("details", Json(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_entry"),
    )
    _append_only()


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_APPEND_ONLY_SQLITE.format(verb=verb))
    else:
        op.execute(_REFUSE_POSTGRESQL)
        op.execute(_APPEND_ONLY_POSTGRESQL)
