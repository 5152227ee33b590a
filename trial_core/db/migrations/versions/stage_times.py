"""How long the stages of jobs take."""

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import whole_number

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "stage_time",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("times", whole_number(), nullable=False),
        sa.Column("milliseconds", whole_number(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "stage", name="pk_stage_time"),
        sqlite_strict=True,
    )
