"""Roles of the whole trial, one-time passwords, accounts out of use; audit entries with role and key."""

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import Instant, Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ROLES = (
    "'investigator', 'radiation oncologist', 'site physicist', 'central reviewer', 'trial staff', "
    "'safety adjudicator', 'statistician', 'monitor', 'administrator'"
)
# SQLite cannot change a CHECK: the table is built anew. `migrate` has put foreign keys aside and looks
# afterwards that each still leads somewhere.
_ACCOUNTS_SQLITE = f"""
CREATE TABLE user_account_new (
    id TEXT NOT NULL,
    login TEXT NOT NULL,
    full_name TEXT NOT NULL,
    role TEXT NOT NULL,
    site_code TEXT,
    password_hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT ck_user_account_role CHECK (role IN ({_ROLES})),
    CONSTRAINT fk_user_account_site_code FOREIGN KEY(site_code) REFERENCES site (code),
    CONSTRAINT pk_user_account PRIMARY KEY (id),
    CONSTRAINT uq_user_account_login UNIQUE (login)
) STRICT
"""
_COPY_SQLITE = """
INSERT INTO user_account_new (id, login, full_name, role, site_code, password_hash, created_at)
SELECT id, login, full_name, CASE role WHEN 'physicist' THEN 'site physicist' ELSE role END,
       site_code, password_hash, created_at
FROM user_account
"""


def upgrade() -> None:
    """Change accounts and the audit trail; a physicist becomes a site physicist."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_accounts()
    else:
        _change_accounts()
    for column in ("one_time_until", "deactivated_at"):
        op.add_column("user_account", sa.Column(column, Instant(), nullable=True))
    for column in ("role", "site_code", "reason", "request_id", "key_id"):
        op.add_column("audit_entry", sa.Column(column, sa.Text(), nullable=True))
    op.add_column("audit_entry", sa.Column("changes", Json(), nullable=True))


def _rebuild_accounts() -> None:
    op.execute(_ACCOUNTS_SQLITE)
    op.execute(_COPY_SQLITE)
    op.execute("DROP TABLE user_account")
    op.execute("ALTER TABLE user_account_new RENAME TO user_account")


def _change_accounts() -> None:
    # The first schema's own prefix stood before the name that the convention gives: there it is twice.
    op.drop_constraint(op.f("ck_user_account_ck_user_account_role"), "user_account", type_="check")
    op.execute("UPDATE user_account SET role = 'site physicist' WHERE role = 'physicist'")
    op.create_check_constraint(op.f("ck_user_account_role"), "user_account", f"role IN ({_ROLES})")
