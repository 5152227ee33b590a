"""A database of the first schema, with a confirmed set on record, is brought to the newest one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from trial_core.db.migrate import migrate
from trial_core.db.repositories import jobs, results, subjects
from trial_core.db.session import Database
from trial_core.domain.jobs import JobKind

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


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_migrate__takes_sets_of_the_first_schema_for_incomplete(
    on: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # Nobody noted whether each file named the patient: so each is confirmed by itself.
    db = Database(_empty_url(on, tmp_path, request))
    at = datetime(2026, 3, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with db.change_schema() as connection:
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


_RESULTS = (
    "INSERT INTO site VALUES ('S1', 'A hospital', '{at}')",
    (
        "INSERT INTO user_account (id, login, full_name, role, site_code, password_hash, created_at) "
        "VALUES ('u', 'onc', 'Onc', 'radiation oncologist', 'S1', '-', '{at}')"
    ),
    (
        "INSERT INTO subject (id, site_code, code, status, created_at) "
        "VALUES ('s', 'S1', 'S1-001', 'screening', '{at}')"
    ),
    "INSERT INTO plan_submission VALUES ('p', 's', 1, 'checked', 'u', '{at}', '{at}', '{at}', '{at}', '[]')",
    (
        "INSERT INTO plan_check_result VALUES "
        "('p', 'report', 'per protocol', '[]', 'SCR', '0.1', 'sha', '1', '[\"file\"]', '{at}')"
    ),
    (
        "INSERT INTO job (id, kind, submission_id, state, not_before, attempts, attempts_cap, done, total, "
        "created_at) VALUES ('j', 'plan_check', 'p', 'done', '{at}', 1, 3, 0, 0, '{at}')"
    ),
)


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_migrate__keeps_results_and_jobs_as_the_first_of_their_submissions(
    on: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    db = Database(_empty_url(on, tmp_path, request))
    at = datetime(2026, 3, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with db.change_schema() as connection:
        config = Config()
        config.set_main_option("script_location", "trial_core.db:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        for row in _RESULTS:
            connection.exec_driver_sql(row.format(at=at))
    migrate(db)
    with db.transaction() as connection:
        (result,) = results.of_submission(connection, "p")
        assert (result.number, result.judged_sha256, result.course) == (1, "report", None)
        assert results.provenance_of(connection, "p") == result.provenance
        assert jobs.of_submission(connection, "p") == "j"
        jobs.add(
            connection,
            job_id="r",
            kind=JobKind.RECHECK,
            submission_id="p",
            at=datetime(2026, 3, 2, tzinfo=UTC),
        )
        results.add(connection, replace(result, number=2))
    with db.transaction() as connection:
        assert [each.number for each in results.of_submission(connection, "p")] == [1, 2]
        with pytest.raises(IntegrityError):
            results.add(connection, replace(result, number=2))
    db.close()


def _empty_url(on: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if on == "sqlite":
        return f"sqlite:///{tmp_path / 'old.sqlite'}"
    server: str = request.getfixturevalue("postgres")
    admin = create_engine(server.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS upgraded")
        connection.exec_driver_sql("CREATE DATABASE upgraded")
    admin.dispose()
    return server.format(name="upgraded")
