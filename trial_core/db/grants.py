"""What the program may do on PostgreSQL where it is not the owner of its tables: append, where tables are
append-only, and never change what keeps them so.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

# Append-only is what a trigger of this name keeps so: a table that a later migration adds is among them.
_TABLES = """
SELECT c.relname AS name,
       EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = c.relname || '_append_only')
       AS append_only
FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
ORDER BY c.relname
"""
_VERSION = "alembic_version"


def grant_to_program(connection: Connection, role: str) -> None:
    """Let a role work on the record, and take away whatever else it was granted; nothing where it owns it.

    `connection` is the owner's, in a transaction.
    """
    if connection.dialect.name != "postgresql" or _is_owner(connection, role):
        return
    quote = connection.dialect.identifier_preparer.quote
    schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    connection.execute(text(f"GRANT USAGE ON SCHEMA {quote(schema)} TO {quote(role)}"))
    for name, append_only in connection.execute(text(_TABLES)).all():
        table, rights = quote(name), _rights(name, append_only=append_only)
        connection.execute(text(f"REVOKE ALL ON TABLE {table} FROM {quote(role)}"))
        connection.execute(text(f"GRANT {rights} ON TABLE {table} TO {quote(role)}"))


def _rights(name: str, *, append_only: bool) -> str:
    if name == _VERSION:
        return "SELECT"
    return "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"


def _is_owner(connection: Connection, role: str) -> bool:
    return bool(connection.execute(text("SELECT current_user = :role"), {"role": role}).scalar())
