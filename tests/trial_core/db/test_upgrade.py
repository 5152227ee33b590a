"""A database of the first schema, with a confirmed set on record, is brought to the newest one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config

from trial_core.db.migrate import migrate
from trial_core.db.repositories import subjects
from trial_core.db.session import Database

_ROWS = (
    "INSERT INTO site VALUES ('S1', 'A hospital', '{at}')",
    "INSERT INTO user_account VALUES ('u', 'onc', 'Onc', 'radiation oncologist', 'S1', '-', '{at}')",
    "INSERT INTO subject VALUES ('s', 'S1', 'S1-001', 'enrolled', 'IIa', NULL, '{at}')",
    (
        "INSERT INTO plan_submission VALUES "
        "('p', 's', 1, 'awaiting confirmation', 'u', '{at}', '{at}', '{at}', '{at}', '[]')"
    ),
    "INSERT INTO subject_identity VALUES ('p', 's', 'id', 'name', 'birth', NULL, NULL)",
)


def test_migrate__takes_sets_of_the_first_schema_for_incomplete(tmp_path: Path) -> None:
    # Nobody noted whether each file named the patient: so each is confirmed by itself.
    db = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    at = datetime(2026, 3, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with db.transaction() as connection:
        config = Config()
        config.set_main_option("script_location", "trial_core.db:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for row in _ROWS:
            connection.exec_driver_sql(row.format(at=at))
    migrate(db)
    with db.read() as connection:
        assert subjects.is_incomplete(connection, submission_id="p")
        assert subjects.freed_by_confirmation(connection, submission_id="p") == ("p",)
    db.close()
