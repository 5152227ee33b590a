"""Transitions of the study, forms in versions, sealed allocation lists, signatures and data cuts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import Instant, Json, whole_number

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("study_transition", "form_entry", "allocation", "signature")

_STATES = "'recruiting run-in', 'observation', 'IIb', 'closed', 'held', 'terminated'"

_REFUSE_SQLITE = """
CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_REFUSE_POSTGRESQL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION row_is_append_only()
"""
_APPEND_ONLY_FUNCTION = """
CREATE FUNCTION row_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""

# The study's state stops randomisation here, whoever writes and whatever a program forgot.
_STATE = "SELECT to_state FROM study_transition ORDER BY sequence DESC LIMIT 1"
_RANDOMISATION_SQLITE = f"""
CREATE TRIGGER allocation_state BEFORE INSERT ON allocation
WHEN ({_STATE}) IS NOT 'IIb'
BEGIN SELECT RAISE(ABORT, 'the study does not randomise now'); END
"""
_RANDOMISATION_POSTGRESQL = f"""
CREATE FUNCTION study_randomises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ({_STATE}) IS DISTINCT FROM 'IIb' THEN
    RAISE EXCEPTION 'the study does not randomise now';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER allocation_state BEFORE INSERT ON allocation
FOR EACH ROW EXECUTE FUNCTION study_randomises()
"""


def upgrade() -> None:
    """Create them."""
    _create_study()
    _create_forms()
    _create_randomisation()
    _create_signatures_and_cuts()
    _create_triggers()


def _create_table(name: str, *columns: Any) -> None:
    op.create_table(name, *columns, sqlite_strict=True)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, whole_number(), autoincrement=False, nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant(), nullable=nullable)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _create_study() -> None:
    _create_table(
        "study_transition",
        _number("sequence"),
        _text("from_state"),
        _text("to_state"),
        _instant("at"),
        _text("user_id"),
        _text("reason"),
        sa.CheckConstraint(f"from_state IN ({_STATES})", name="ck_study_transition_from_state"),
        sa.CheckConstraint(f"to_state IN ({_STATES})", name="ck_study_transition_to_state"),
        _key("study_transition", "sequence"),
    )


def _create_forms() -> None:
    _create_table(
        "form_entry",
        _text("id"),
        _text("subject_id"),
        _text("kind"),
        _text("occasion"),
        _number("version"),
        sa.Column("content", Json(), nullable=False),
        _text("content_sha256"),
        _number("void"),
        _text("reason", nullable=True),
        _text("entered_by"),
        _instant("entered_at"),
        sa.CheckConstraint("version = 1 OR reason IS NOT NULL", name="ck_form_entry_reason"),
        sa.CheckConstraint("void IN (0, 1)", name="ck_form_entry_void"),
        _refers("form_entry", "subject_id", "subject.id"),
        _refers("form_entry", "entered_by", "user_account.id"),
        _key("form_entry", "id"),
        _unique("form_entry", "subject_id", "kind", "occasion", "version"),
    )


def _create_randomisation() -> None:
    _create_table(
        "allocation_list",
        _text("id"),
        _text("stratum"),
        _number("part"),
        _number("slots"),
        _text("commitment"),
        _text("sealed"),
        _instant("created_at"),
        _key("allocation_list", "id"),
        _unique("allocation_list", "stratum", "part"),
    )
    _create_table(
        "allocation",
        _text("subject_id"),
        _text("list_id"),
        _number("slot"),
        _text("arm"),
        _text("revealed_by"),
        _instant("revealed_at"),
        sa.CheckConstraint("arm IN ('A', 'B')", name="ck_allocation_arm"),
        _refers("allocation", "subject_id", "subject.id"),
        _refers("allocation", "list_id", "allocation_list.id"),
        _refers("allocation", "revealed_by", "user_account.id"),
        _key("allocation", "subject_id"),
        _unique("allocation", "list_id", "slot"),
    )


def _create_signatures_and_cuts() -> None:
    _create_table(
        "signature",
        _text("id"),
        _text("entity"),
        _text("entity_id"),
        _text("content_sha256"),
        _text("meaning"),
        _text("user_id"),
        _text("full_name"),
        _text("role"),
        _instant("signed_at"),
        _refers("signature", "user_id", "user_account.id"),
        _key("signature", "id"),
    )
    op.create_index("ix_signature_entity_entity_id", "signature", ["entity", "entity_id"], unique=False)
    _create_table(
        "data_cut",
        _text("id"),
        _text("label"),
        _text("cut_on"),
        _text("manifest_sha256"),
        _text("made_by"),
        _instant("made_at"),
        _text("released_by", nullable=True),
        _instant("released_at", nullable=True),
        _refers("data_cut", "made_by", "user_account.id"),
        _refers("data_cut", "released_by", "user_account.id"),
        _key("data_cut", "id"),
        _unique("data_cut", "label"),
    )


def _create_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(_REFUSE_SQLITE.format(table=table, verb=verb))
        op.execute(_RANDOMISATION_SQLITE)
        return
    op.execute(_APPEND_ONLY_FUNCTION)
    for table in _APPEND_ONLY:
        op.execute(_REFUSE_POSTGRESQL.format(table=table))
    op.execute(_RANDOMISATION_POSTGRESQL)
