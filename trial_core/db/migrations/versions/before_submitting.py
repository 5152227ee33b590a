"""Before submitting: names that people give to structures, and checks that do not count."""

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import Instant, Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KINDS = "'plan_check', 'recheck', 'precheck'"
# SQLite cannot change a CHECK: the table is built anew (see `several_results`).
_JOBS_SQLITE = f"""
CREATE TABLE job_new (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    state TEXT NOT NULL,
    token TEXT,
    worker TEXT,
    lease_expires_at TEXT,
    heartbeat_at TEXT,
    not_before TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    attempts_cap INTEGER NOT NULL,
    stage TEXT,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    error TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    reason TEXT,
    CONSTRAINT ck_job_kind CHECK (kind IN ({_KINDS})),
    CONSTRAINT ck_job_state CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    CONSTRAINT fk_job_submission_id FOREIGN KEY(submission_id) REFERENCES plan_submission (id),
    CONSTRAINT pk_job PRIMARY KEY (id),
    CONSTRAINT uq_job_submission_id_kind UNIQUE (submission_id, kind)
) STRICT
"""


def upgrade() -> None:
    """Add both tables, and the kind of job."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_JOBS_SQLITE)
        op.execute("INSERT INTO job_new SELECT * FROM job")
        op.execute("DROP TABLE job")
        op.execute("ALTER TABLE job_new RENAME TO job")
        op.create_index("ix_job_state_not_before", "job", ["state", "not_before"], unique=False)
    else:
        op.drop_constraint(op.f("ck_job_kind"), "job", type_="check")
        op.create_check_constraint(op.f("ck_job_kind"), "job", f"kind IN ({_KINDS})")
    _add_names()
    _add_prechecks()


def _add_names() -> None:
    op.create_table(
        "given_name",
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("site_name", sa.Text(), nullable=False),
        sa.Column("structure", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["plan_submission.id"], name="fk_given_name_submission_id"
        ),
        sa.ForeignKeyConstraint(["said_by"], ["user_account.id"], name="fk_given_name_said_by"),
        sa.PrimaryKeyConstraint("submission_id", "site_name", name="pk_given_name"),
        sqlite_strict=True,
    )


def _add_prechecks() -> None:
    op.create_table(
        "precheck",
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("asked_sha256", sa.Text(), nullable=False),
        sa.Column("content", Json(), nullable=True),
        sa.Column("expected_state", sa.Text(), nullable=True),
        sa.Column("findings", Json(), nullable=False),
        sa.Column("report_sha256", sa.Text(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["submission_id"], ["plan_submission.id"], name="fk_precheck_submission_id"),
        sa.PrimaryKeyConstraint("submission_id", name="pk_precheck"),
        sqlite_strict=True,
    )
    op.create_index("ix_precheck_report_sha256", "precheck", ["report_sha256"], unique=False)
