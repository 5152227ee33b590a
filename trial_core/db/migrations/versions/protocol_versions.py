"""Versions of the protocol, each with its file; never changed."""

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import Instant, whole_number

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SQLITE = """
CREATE TRIGGER protocol_version_{verb} BEFORE {verb} ON protocol_version
BEGIN SELECT RAISE(ABORT, 'protocol_version is append-only'); END
"""
_POSTGRESQL = """
CREATE TRIGGER protocol_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON protocol_version
FOR EACH STATEMENT EXECUTE FUNCTION row_is_append_only()
"""


def upgrade() -> None:
    """Create the table and its triggers."""
    op.create_table(
        "protocol_version",
        sa.Column("number", whole_number(), autoincrement=False, nullable=False),
        sa.Column("protocol_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("installed_by", sa.Text(), nullable=False),
        sa.Column("installed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_protocol_version"),
        sa.UniqueConstraint("protocol_id", "version", name="uq_protocol_version_protocol_id_version"),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(verb=verb))
    else:
        op.execute(_POSTGRESQL)
