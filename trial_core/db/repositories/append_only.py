"""The triggers that keep the audit trail append-only: are they there, and as the migrations made them?"""

from __future__ import annotations

from sqlalchemy import Connection, text

_REFUSAL = "the audit trail is append-only"
_NEXT = "(SELECT COALESCE(MAX(sequence), 0) + 1 FROM audit_entry)"
_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
_SQLITE = {
    "audit_entry_UPDATE": f"CREATE TRIGGER audit_entry_UPDATE BEFORE UPDATE ON audit_entry {_REFUSE}",
    "audit_entry_DELETE": f"CREATE TRIGGER audit_entry_DELETE BEFORE DELETE ON audit_entry {_REFUSE}",
    "audit_entry_order": "CREATE TRIGGER audit_entry_order BEFORE INSERT ON audit_entry "
    f"WHEN NEW.sequence <> {_NEXT} {_REFUSE}",
}
_POSTGRESQL = {
    "audit_entry_append_only": "CREATE TRIGGER audit_entry_append_only BEFORE DELETE OR UPDATE OR TRUNCATE "
    "ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only() "
    f"BEGIN RAISE EXCEPTION '{_REFUSAL}'; END",
    "audit_entry_order": "CREATE TRIGGER audit_entry_order BEFORE INSERT ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_entry_in_order() "
    f"BEGIN IF NEW.sequence <> {_NEXT} THEN RAISE EXCEPTION '{_REFUSAL}'; END IF; RETURN NEW; END",
}
# Enabled for ordinary sessions ("O") or for all ("A"); the definition with what its function does.
_OF_POSTGRESQL = """
SELECT t.tgname,
       replace(pg_get_triggerdef(t.oid), ' ON ' || quote_ident(n.nspname) || '.', ' ON ') || ' ' || p.prosrc
FROM pg_trigger t
JOIN pg_proc p ON p.oid = t.tgfoid
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgrelid = 'audit_entry'::regclass AND t.tgenabled IN ('O', 'A')
"""
_OF_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'"


def missing_triggers(connection: Connection) -> tuple[str, ...]:
    """Name the triggers of the audit trail that are not there, are off, or do something else."""
    sqlite = connection.dialect.name == "sqlite"
    wanted = _SQLITE if sqlite else _POSTGRESQL
    rows = connection.execute(text(_OF_SQLITE if sqlite else _OF_POSTGRESQL))
    found = {name: " ".join(str(definition).split()) for name, definition in rows}
    return tuple(name for name, definition in wanted.items() if found.get(name) != definition)
