"""Sealed slots; enrolment, randomisation and transitions that the database itself keeps in order."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import Instant, whole_number

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATUSES = "'screening', 'screening failure', 'enrolled', 'withdrawn'"
_APPEND_ONLY = ("allocation_list", "sealed_slot", "list_opening", "consent_form")

# SQLite cannot change a CHECK: the table is built anew, as that of the accounts was.
_SUBJECTS_SQLITE = f"""
CREATE TABLE subject_new (
    id TEXT NOT NULL,
    site_code TEXT NOT NULL,
    code TEXT NOT NULL,
    status TEXT NOT NULL,
    phase TEXT,
    arm TEXT,
    created_at TEXT NOT NULL,
    CONSTRAINT ck_subject_arm CHECK (arm IN ('A', 'B')),
    CONSTRAINT ck_subject_phase CHECK (phase IN ('IIa', 'IIb')),
    CONSTRAINT ck_subject_status CHECK (status IN ({_STATUSES})),
    CONSTRAINT fk_subject_site_code FOREIGN KEY(site_code) REFERENCES site (code),
    CONSTRAINT pk_subject PRIMARY KEY (id),
    CONSTRAINT uq_subject_site_code_code UNIQUE (site_code, code)
) STRICT
"""

_REFUSE_SQLITE = """
CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_REFUSE_POSTGRESQL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION row_is_append_only()
"""

_STATE = (
    "COALESCE((SELECT to_state FROM study_transition ORDER BY sequence DESC LIMIT 1), 'recruiting run-in')"
)
_LAST = "COALESCE((SELECT MAX(sequence) FROM study_transition), 0)"
_USED = "(SELECT COUNT(*) FROM allocation WHERE list_id = NEW.list_id)"
_OWN_ARM = "(SELECT arm FROM allocation WHERE subject_id = NEW.id)"
_OTHER_PHASE = (
    "COALESCE(NEW.phase, '') <> COALESCE(OLD.phase, '') AND (OLD.phase IS NOT NULL OR NEW.phase <> "
    f"CASE {_STATE} WHEN 'recruiting run-in' THEN 'IIa' WHEN 'IIb' THEN 'IIb' ELSE '' END)"
)
_OTHER_ARM = (
    f"COALESCE(NEW.arm, '') <> COALESCE(OLD.arm, '') AND COALESCE(NEW.arm, '') <> COALESCE({_OWN_ARM}, '')"
)
_NOT_IN_IIB = (
    "NOT EXISTS (SELECT 1 FROM subject WHERE id = NEW.subject_id AND phase = 'IIb' AND status = 'enrolled')"
)

# (name, table, event, what is refused, words): the same on both databases.
_RULES = (
    (
        "subject_enrolled",
        "subject",
        "UPDATE OF phase",
        _OTHER_PHASE,
        "the study does not enrol into this phase now",
    ),
    (
        "subject_allocated",
        "subject",
        "UPDATE OF arm",
        _OTHER_ARM,
        "an arm comes from randomisation alone",
    ),
    (
        "subject_registered",
        "subject",
        "INSERT",
        "NEW.phase IS NOT NULL OR NEW.arm IS NOT NULL",
        "a subject is registered before it is enrolled",
    ),
    (
        "allocation_order",
        "allocation",
        "INSERT",
        f"NEW.slot <> {_USED}",
        "slots are revealed in the order of the list",
    ),
    (
        "allocation_enrolled",
        "allocation",
        "INSERT",
        _NOT_IN_IIB,
        "only a subject enrolled in phase IIb is randomised",
    ),
    (
        "study_transition_order",
        "study_transition",
        "INSERT",
        f"NEW.from_state <> {_STATE} OR NEW.from_state = 'terminated' OR NEW.sequence <> {_LAST} + 1",
        "the study is not in the state that this transition begins with",
    ),
    (
        "list_opening_state",
        "list_opening",
        "INSERT",
        f"{_STATE} NOT IN ('closed', 'terminated')",
        "randomisation lists are opened after closure",
    ),
)
_RULE_SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {refused}
BEGIN SELECT RAISE(ABORT, '{words}'); END
"""
_RULE_POSTGRESQL = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {refused} THEN RAISE EXCEPTION '{words}'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()
"""


def upgrade() -> None:
    """Change subjects, create the tables and every rule; what is on record stays as it is."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        _rebuild_subjects()
    else:
        op.drop_constraint("ck_subject_status", "subject", type_="check")
        op.create_check_constraint("ck_subject_status", "subject", f"status IN ({_STATUSES})")
    _create_tables()
    for table in _APPEND_ONLY:
        _make_append_only(table, sqlite=sqlite)
    template = _RULE_SQLITE if sqlite else _RULE_POSTGRESQL
    for name, table, event, refused, words in _RULES:
        op.execute(template.format(name=name, table=table, event=event, refused=refused, words=words))


def _rebuild_subjects() -> None:
    op.execute(_SUBJECTS_SQLITE)
    op.execute(
        "INSERT INTO subject_new SELECT id, site_code, code, status, phase, arm, created_at FROM subject"
    )
    op.execute("DROP TABLE subject")
    op.execute("ALTER TABLE subject_new RENAME TO subject")


def _make_append_only(table: str, *, sqlite: bool) -> None:
    if not sqlite:
        op.execute(_REFUSE_POSTGRESQL.format(table=table))
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(_REFUSE_SQLITE.format(table=table, verb=verb))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}")


def _create_table(name: str, *columns: Any) -> None:
    op.create_table(name, *columns, sqlite_strict=True)


def _create_tables() -> None:
    _create_table(
        "sealed_slot",
        _text("list_id"),
        sa.Column("slot", whole_number(), autoincrement=False, nullable=False),
        _text("sealed"),
        _refers("sealed_slot", "list_id", "allocation_list.id"),
        sa.PrimaryKeyConstraint("list_id", "slot", name="pk_sealed_slot"),
    )
    _create_table(
        "list_opening",
        _text("list_id"),
        _text("content"),
        _text("opened_by"),
        sa.Column("opened_at", Instant(), nullable=False),
        _refers("list_opening", "list_id", "allocation_list.id"),
        _refers("list_opening", "opened_by", "user_account.id"),
        sa.PrimaryKeyConstraint("list_id", name="pk_list_opening"),
    )
    _create_table(
        "consent_form",
        _text("version"),
        _text("from_on"),
        _text("registered_by"),
        sa.Column("registered_at", Instant(), nullable=False),
        _refers("consent_form", "registered_by", "user_account.id"),
        sa.PrimaryKeyConstraint("version", name="pk_consent_form"),
    )
