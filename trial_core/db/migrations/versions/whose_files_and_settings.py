"""Gaps in identities, wrong answers to "whose files?", what a person set for themselves, files by hash."""

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import whole_number

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; of the sets on record nobody knows, so each counts as incomplete and is confirmed alone."""
    op.add_column(
        "subject_identity", sa.Column("incomplete", whole_number(), nullable=False, server_default="1")
    )
    op.create_index("ix_submission_file_sha256", "submission_file", ["sha256"], unique=False)
    op.create_table(
        "wrong_answer",
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("answers", whole_number(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["plan_submission.id"], name="fk_wrong_answer_submission_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_wrong_answer_user_id"),
        sa.PrimaryKeyConstraint("submission_id", "user_id", name="pk_wrong_answer"),
        sqlite_strict=True,
    )
    op.create_table(
        "user_setting",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_user_setting_user_id"),
        sa.PrimaryKeyConstraint("user_id", "name", name="pk_user_setting"),
        sqlite_strict=True,
    )
