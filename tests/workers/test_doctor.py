"""The doctor says of each thing how it is, and what to do where it is not well; no password is shown."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.cli.command import dosegate, only_json
from tests.web.installation import build
from trial_core.db.migrate import migrate, newest_revision
from trial_core.db.session import Database
from trial_core.services import presence
from trial_core.settings import Settings, read_settings
from workers.doctor import folders
from workers.doctor.examine import examine
from workers.doctor.looks import Look, State


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("doctor")
    build(folder)
    folder.chmod(0o700)
    return read_settings({"DOSEGATE_DATA": str(folder)})


def _looks(settings: Settings) -> dict[str, Look]:
    return {look.about: look for look in examine(settings)}


def _say_present(settings: Settings, *, version: str) -> None:
    with closing(Database(settings.database_url)) as db:
        presence.say_present(
            db, name="node:1", host="node", processors=2, code_version=version, started_at=db.now()
        )


def test_no_worker__is_wrong_and_one_of_this_code_is_well(trial: Settings) -> None:
    assert _looks(trial)["workers"].state is State.WRONG
    _say_present(trial, version=_looks(trial)["program"].said.split()[0])
    found = _looks(trial)
    assert found["workers"].state is State.WELL
    assert [look.about for look in found.values() if look.state is State.WRONG] == []
    assert "entries" in found["audit trail"].said


def test_calendar__is_that_of_the_setting(tmp_path: Path) -> None:
    data = {"DOSEGATE_DATA": str(tmp_path / "data")}
    assert "by UTC;" in _looks(read_settings(data))["calendar"].said
    shanghai = read_settings({**data, "DOSEGATE_TIME_ZONE": "Asia/Shanghai"})
    assert "by Asia/Shanghai;" in _looks(shanghai)["calendar"].said


def test_worker_of_another_version__wants_an_eye(tmp_path: Path) -> None:
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path / "data")})
    with closing(Database(settings.database_url)) as db:
        migrate(db)
    _say_present(settings, version="0.0+older")
    look = _looks(settings)["workers"]
    assert look.state is State.NOTE
    assert "0.0+older" in look.said


@pytest.mark.parametrize(("version", "words"), [("0003", "dosegate migrate"), ("9999", "newer program")])
def test_tables_of_another_version__are_wrong(tmp_path: Path, version: str, words: str) -> None:
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path / "data")})
    with closing(Database(settings.database_url)) as db:
        migrate(db)
        with db.transaction() as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))  # noqa: S608
    found = _looks(settings)
    assert found["tables"].state is State.WRONG
    assert words in str(found["tables"].action)
    assert "workers" not in found
    assert newest_revision() in found["tables"].said


def test_folder_that_others_read__is_wrong(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    look = _looks(read_settings({"DOSEGATE_DATA": str(tmp_path)}))["data folder"]
    assert look.state is State.WRONG
    assert "chmod 700" in str(look.action)


def test_file_system_without_locks__is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file system whose locks keep nobody out, as some mounts have it."""
    monkeypatch.setattr(folders, "_another_gets", lambda _: True)
    look = _looks(read_settings({"DOSEGATE_DATA": str(tmp_path)}))["lock between processes"]
    assert look.state is State.WRONG
    assert "NFS 4" in str(look.action)
    assert list(tmp_path.glob("doctor-*")) == []


def test_full_disk__is_told_before_it_is_full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gib, settings = 1024**3, read_settings({"DOSEGATE_DATA": str(tmp_path)})
    for free, state in ((0.5, State.WRONG), (5, State.NOTE), (50, State.WELL)):
        usage = type("usage", (), {"total": 100 * gib, "free": int(free * gib)})
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        assert _looks(settings)["disk"].state is state


def test_doctor__looks_and_makes_nothing(tmp_path: Path) -> None:
    environment = {"DOSEGATE_DATA": str(tmp_path / "new")}
    assert dosegate("doctor", environment=environment).returncode == 0
    assert list((tmp_path / "new").iterdir()) == []


def test_services_that_are_away__are_told_without_their_passwords(tmp_path: Path) -> None:
    environment = {
        "DOSEGATE_DATA": str(tmp_path),
        "DOSEGATE_DATABASE_URL": "postgresql+psycopg://me:geheim1@127.0.0.1:1/x",
        "DOSEGATE_BROKER_URL": "redis://:geheim2@127.0.0.1:1/0",
    }
    done = dosegate("doctor", "--json", "-", environment=environment)
    document = only_json(done)
    assert done.returncode == 1
    assert not document["healthy"]
    sick = {look["about"] for look in document["looks"] if look["state"] == "wrong"}
    assert {"database", "broker"} <= sick
    assert "geheim" not in done.stdout + done.stderr + json.dumps(document)
