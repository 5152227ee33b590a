"""Imported lists of CTCAE terms; a data cut is released once and otherwise never changed."""

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import Instant, whole_number

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_FROZEN = ("id", "label", "cut_on", "manifest_sha256", "made_by", "made_at")
_SAME = " AND ".join(f"NEW.{column} = OLD.{column}" for column in _FROZEN)
_RELEASES = f"OLD.released_at IS NULL AND NEW.released_at IS NOT NULL AND {_SAME}"
_WORDS = "a data cut is released once and never changed"

_LIST_WORDS = "term_list is append-only"
_SQLITE = f"""
CREATE TRIGGER term_list_UPDATE BEFORE UPDATE ON term_list
BEGIN SELECT RAISE(ABORT, '{_LIST_WORDS}'); END
---
CREATE TRIGGER term_list_DELETE BEFORE DELETE ON term_list
BEGIN SELECT RAISE(ABORT, '{_LIST_WORDS}'); END
---
CREATE TRIGGER data_cut_UPDATE BEFORE UPDATE ON data_cut WHEN NOT ({_RELEASES})
BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END
---
CREATE TRIGGER data_cut_DELETE BEFORE DELETE ON data_cut
BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END
"""
_POSTGRESQL = f"""
CREATE TRIGGER term_list_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON term_list
FOR EACH STATEMENT EXECUTE FUNCTION row_is_append_only()
---
CREATE FUNCTION data_cut_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND {_RELEASES} THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '{_WORDS}';
END $$
---
CREATE TRIGGER data_cut_frozen BEFORE UPDATE OR DELETE ON data_cut
FOR EACH ROW EXECUTE FUNCTION data_cut_is_frozen()
"""


def upgrade() -> None:
    """Create the table and the triggers."""
    op.create_table(
        "term_list",
        sa.Column("number", whole_number(), autoincrement=False, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["imported_by"], ["user_account.id"], name="fk_term_list_imported_by"),
        sa.PrimaryKeyConstraint("number", name="pk_term_list"),
        sa.UniqueConstraint("sha256", name="uq_term_list_sha256"),
        sqlite_strict=True,
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in (_SQLITE if sqlite else _POSTGRESQL).split("---"):
        op.execute(statement)
