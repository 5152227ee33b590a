"""`dosegate replace-audit-key`: the trail goes on under another key, and stays whole."""

from __future__ import annotations

import sqlite3
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import pytest

from cli import replace_audit_key
from cli.errors import CommandError
from tests.cli.command import dosegate
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM
from trial_core.services import audit_trail, sites
from trial_core.settings import Settings, read_settings
from workers.data_folder_lock import hold_data_folder


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with one entry on its trail."""
    monkeypatch.setenv("DOSEGATE_DATA", str(tmp_path / "data"))
    made = read_settings({"DOSEGATE_DATA": str(tmp_path / "data")})
    with closing(opened(made)) as db:
        migrate(db)
        sites.create_site(db, SYSTEM, code="S1", name="A hospital")
    return made


def opened(settings: Settings) -> Database:
    return Database(settings.database_url, audit=settings.audit_outside())


def test_replace_audit_key__seals_the_old_entries_with_the_new_key(settings: Settings) -> None:
    old = settings.secrets().audit_key
    done = dosegate("replace-audit-key")
    assert done.returncode == 0
    assert "1 entries stay as they are" in done.stderr
    assert old.hex() not in done.stderr
    assert settings.secrets().audit_keys_before == (old,)
    with closing(opened(settings)) as db:
        found = audit_trail.verify(db)
    assert (found.whole, found.head.count) == (True, 2)


def test_replace_audit_key__is_refused_while_the_server_runs(settings: Settings) -> None:
    before = settings.secrets()
    with (
        hold_data_folder(settings.data_folder, "dosegate serve"),
        pytest.raises(CommandError, match="is in use by dosegate serve"),
    ):
        replace_audit_key.run(Namespace())
    assert settings.secrets() == before


def test_replace_audit_key__covers_no_broken_trail(settings: Settings) -> None:
    before = settings.secrets()
    with closing(sqlite3.connect(settings.data_folder / "dosegate.sqlite")) as connection, connection:
        connection.execute("DROP TRIGGER audit_entry_UPDATE")
    with pytest.raises(CommandError, match="is broken"):
        replace_audit_key.run(Namespace())
    assert settings.secrets() == before


def test_replace_audit_key__of_no_installation_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOSEGATE_DATA", str(tmp_path / "nothing"))
    with pytest.raises(CommandError, match="holds no installation"):
        replace_audit_key.run(Namespace())


def test_replace_audit_key__without_the_database_keeps_the_key_and_makes_none(settings: Settings) -> None:
    before, database = settings.secrets(), settings.data_folder / "dosegate.sqlite"
    database.unlink()
    with pytest.raises(CommandError, match="holds no installation"):
        replace_audit_key.run(Namespace())
    assert settings.secrets() == before
    assert not database.exists()
