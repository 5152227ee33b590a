"""Audit entries come one after the other, whoever writes: none is put over another one or in its place."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# SQLite's INSERT OR REPLACE deletes without asking the trigger that refuses to: it is stopped here, before.
_NEXT = "(SELECT COALESCE(MAX(sequence), 0) + 1 FROM audit_entry)"
_SQLITE = f"""
CREATE TRIGGER audit_entry_order BEFORE INSERT ON audit_entry WHEN NEW.sequence <> {_NEXT}
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
_POSTGRESQL = f"""
CREATE FUNCTION audit_entry_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.sequence <> {_NEXT} THEN RAISE EXCEPTION 'the audit trail is append-only'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_entry_order BEFORE INSERT ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_entry_in_order()
"""


def upgrade() -> None:
    """Create the trigger."""
    op.execute(_SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL)
