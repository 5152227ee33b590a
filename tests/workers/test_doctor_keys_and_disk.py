"""The doctor tells missing and foreign keys, a damaged file, a full disk and a wrong password apart."""

from __future__ import annotations

import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis

from tests.chaos.victims import RedisServer
from tests.workers.installation import Installation, installation
from trial_core.db.session import Database
from trial_core.settings import Settings, read_settings
from workers.doctor.folders import look_at_folders
from workers.doctor.looks import Look, State
from workers.doctor.services import look_at_services


def _services(settings: Settings) -> dict[str, Look]:
    return {look.about: look for look in look_at_services(settings)}


def test_keys__of_this_record_are_well_and_others_are_wrong(tmp_path: Path) -> None:
    with installation(tmp_path) as home:
        assert _services(home.settings)["keys"].state is State.WELL
        _without_keys(home)
        look = _services(home.settings)["keys"]
        assert (look.state, "is missing" in look.said) == (State.WRONG, True)
        assert not home.settings.has_secrets  # looking makes none
        home.settings.secrets()
        look = _services(home.settings)["keys"]
        assert (look.state, "nothing can be written" in look.said) == (State.WRONG, True)
        assert "secrets.json" in str(look.action)


def test_keys__that_were_replaced_by_the_command_are_well(tmp_path: Path) -> None:
    with installation(tmp_path) as home:
        home.settings.replace_audit_key()
        assert _services(home.settings)["keys"].state is State.WELL


def test_damaged_database__is_told_from_one_that_is_away(tmp_path: Path) -> None:
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path)})
    with closing(Database(settings.database_url)):
        (tmp_path / "dosegate.sqlite").write_bytes(b"not a database" * 500)
    look = _services(settings)["database"]
    assert (look.state, "is damaged" in look.said) == (State.WRONG, True)


def test_full_disk__is_no_fault_of_the_file_system(tmp_path: Path) -> None:
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], check=False)
    if made.returncode:
        pytest.skip("a small file system can be mounted by root alone")
    try:
        settings = read_settings({"DOSEGATE_DATA": str(tmp_path / "data")})
        (tmp_path / "ballast").write_bytes(b"0" * 64 * 1024)
        found = {look.about: look for look in look_at_folders(settings)}
        assert found["disk"].said == "0 MiB of 0 MiB are free"
        assert found["rename"].state is State.WRONG
        assert str(found["rename"].action).startswith("Make room")
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_redis_with_another_password__is_told_from_one_that_is_away(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    try:
        with closing(Redis.from_url(server.url)) as client:
            client.config_set("requirepass", "geheim")
        settings = read_settings({"DOSEGATE_DATA": str(tmp_path), "DOSEGATE_BROKER_URL": server.url})
        look = _services(settings)["broker"]
        assert look.said == "Redis refuses user or password (AuthenticationError)"
        right = server.url.replace("//", "//:geheim@")
        settings = read_settings({"DOSEGATE_DATA": str(tmp_path), "DOSEGATE_BROKER_URL": right})
        assert _services(settings)["broker"].state is State.WELL
    finally:
        server.end()


def _without_keys(home: Installation) -> None:
    (home.settings.data_folder / "secrets.json").unlink()
