"""Hand-overs of treatment records alone, which need no plan and give no version."""

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import whole_number

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mark them; every earlier submission was one of plans."""
    op.add_column(
        "plan_submission", sa.Column("records_only", whole_number(), nullable=False, server_default="0")
    )
