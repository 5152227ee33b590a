"""DICOM listeners that are there now."""

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import Instant, whole_number

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "receiver_presence",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ae_title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("with_tls", whole_number(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("called_at", Instant(), nullable=True),
        sa.Column("called_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_receiver_presence"),
        sqlite_strict=True,
    )
