"""A database that cannot be used is said with the variable to change, and without its password."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.errors import SettingError


def test_a_server_that_does_not_answer__is_said(tmp_path: Path) -> None:
    db = Database(f"postgresql+psycopg://trial:sesame@/trial?host={tmp_path}")
    with pytest.raises(SettingError, match=r"^DOSEGATE_DATABASE_URL: the database does not answer") as caught:
        migrate(db)
    assert "sesame" not in str(caught.value)


def test_a_file_that_is_no_database__is_said_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Buy milk. " * 100)
    db = Database(f"sqlite:///{path}")
    with pytest.raises(SettingError, match="DOSEGATE_DATABASE_URL"):
        migrate(db)
    db.close()
    assert path.read_text() == "Buy milk. " * 100


def test_a_folder_that_is_not_there__is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="No such file or directory"):
        Database(f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite'}")


def test_the_sqlite_file__is_its_owners_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    db = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    migrate(db)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    db.close()
    assert modes == dict.fromkeys(("x.sqlite", "x.sqlite-wal", "x.sqlite-shm"), 0o600)
