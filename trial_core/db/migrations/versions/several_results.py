"""Several results a submission: a later check stands beside the earlier one; jobs that check again."""

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import Json, whole_number

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KINDS = "'plan_check', 'recheck'"
# SQLite cannot change a primary key or a CHECK: both tables are built anew (see `roles_and_audit_key`).
_RESULTS_SQLITE = """
CREATE TABLE plan_check_result_new (
    submission_id TEXT NOT NULL,
    report_sha256 TEXT NOT NULL,
    verdict TEXT NOT NULL,
    plan_verdicts TEXT NOT NULL,
    protocol_id TEXT NOT NULL,
    protocol_version TEXT NOT NULL,
    protocol_sha256 TEXT NOT NULL,
    code_version TEXT NOT NULL,
    input_sha256 TEXT NOT NULL,
    created_at TEXT NOT NULL,
    number INTEGER NOT NULL,
    judged_sha256 TEXT NOT NULL,
    reason TEXT,
    course TEXT,
    CONSTRAINT fk_plan_check_result_submission_id FOREIGN KEY(submission_id) REFERENCES plan_submission (id),
    CONSTRAINT pk_plan_check_result PRIMARY KEY (submission_id, number)
) STRICT
"""
_COPY_RESULTS = """
INSERT INTO plan_check_result_new (submission_id, report_sha256, verdict, plan_verdicts, protocol_id,
    protocol_version, protocol_sha256, code_version, input_sha256, created_at, number, judged_sha256)
SELECT submission_id, report_sha256, verdict, plan_verdicts, protocol_id,
    protocol_version, protocol_sha256, code_version, input_sha256, created_at, 1, report_sha256
FROM plan_check_result
"""
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
_COPY_JOBS = """
INSERT INTO job_new (id, kind, submission_id, state, token, worker, lease_expires_at, heartbeat_at,
    not_before, attempts, attempts_cap, stage, done, total, error, created_at, finished_at)
SELECT id, kind, submission_id, state, token, worker, lease_expires_at, heartbeat_at,
    not_before, attempts, attempts_cap, stage, done, total, error, created_at, finished_at
FROM job
"""


def upgrade() -> None:
    """Number the results there are as the first of their submissions."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild()
    else:
        _change()


def _rebuild() -> None:
    op.execute(_RESULTS_SQLITE)
    op.execute(_COPY_RESULTS)
    op.execute("DROP TABLE plan_check_result")
    op.execute("ALTER TABLE plan_check_result_new RENAME TO plan_check_result")
    op.execute(_JOBS_SQLITE)
    op.execute(_COPY_JOBS)
    op.execute("DROP TABLE job")
    op.execute("ALTER TABLE job_new RENAME TO job")
    op.create_index("ix_job_state_not_before", "job", ["state", "not_before"], unique=False)


def _change() -> None:
    table = "plan_check_result"
    op.add_column(table, sa.Column("number", whole_number(), nullable=True))
    op.add_column(table, sa.Column("judged_sha256", sa.Text(), nullable=True))
    op.add_column(table, sa.Column("reason", sa.Text(), nullable=True))
    op.add_column(table, sa.Column("course", Json(), nullable=True))
    op.execute("UPDATE plan_check_result SET number = 1, judged_sha256 = report_sha256")
    op.alter_column(table, "number", nullable=False)
    op.alter_column(table, "judged_sha256", nullable=False)
    op.drop_constraint(op.f("pk_plan_check_result"), table, type_="primary")
    op.create_primary_key(op.f("pk_plan_check_result"), table, ["submission_id", "number"])
    op.add_column("job", sa.Column("reason", sa.Text(), nullable=True))
    # The first schema's own prefix stood before the name that the convention gives: there it is twice.
    op.drop_constraint(op.f("ck_job_ck_job_kind"), "job", type_="check")
    op.create_check_constraint(op.f("ck_job_kind"), "job", f"kind IN ({_KINDS})")
