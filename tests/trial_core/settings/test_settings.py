"""Settings come from the environment; secrets are made once and kept to their owner."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trial_core.errors import SettingError
from trial_core.settings import read_settings


def test_read_settings__has_a_default_for_all_but_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({})
    assert settings.data_folder == tmp_path / ".dosegate"
    assert stat.S_IMODE(settings.data_folder.stat().st_mode) == 0o700
    assert settings.database_url == f"sqlite:///{tmp_path}/.dosegate/dosegate.sqlite"
    assert settings.broker_url == "filesystem://"
    assert (settings.host, settings.port) == ("127.0.0.1", 8050)


def test_read_settings__takes_every_value_from_the_environment(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "DOSEGATE_DATA": str(tmp_path / "data"),
            "DOSEGATE_DATABASE_URL": "postgresql://trial@db.example/trial?sslmode=require",
            "DOSEGATE_BROKER_URL": "redis://broker.example:6379/0",
            "DOSEGATE_HOST": "0.0.0.0",  # noqa: S104 - a value to read, nothing binds it
            "DOSEGATE_PORT": "9000",
        }
    )
    assert settings.data_folder == tmp_path / "data"
    assert settings.database_url == "postgresql+psycopg://trial@db.example/trial?sslmode=require"
    assert settings.broker_url == "redis://broker.example:6379/0"
    assert (settings.host, settings.port) == ("0.0.0.0", 9000)  # noqa: S104


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DOSEGATE_PORT", "eighty"),
        ("DOSEGATE_PORT", "0"),
        ("DOSEGATE_PORT", "65536"),
        ("DOSEGATE_PORT", "-1"),
        ("DOSEGATE_PORT", "٨٠٥٠"),
        ("DOSEGATE_HOST", "http://localhost"),
        ("DOSEGATE_HOST", "two words"),
        ("DOSEGATE_DATABASE_URL", "mysql://x/y"),
        ("DOSEGATE_DATABASE_URL", "trial.sqlite"),
        ("DOSEGATE_DATABASE_URL", "postgresql:/one-slash"),
        ("DOSEGATE_BROKER_URL", "amqp://x"),
        ("DOSEGATE_BROKER_URL", "redis"),
    ],
)
def test_read_settings__names_the_variable_with_a_bad_value(
    tmp_path: Path, variable: str, value: str
) -> None:
    with pytest.raises(SettingError, match=f"^{variable}: ") as caught:
        read_settings({"DOSEGATE_DATA": str(tmp_path), variable: value})
    assert caught.value.variable == variable


def test_read_settings__says_that_the_data_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match=r"^DOSEGATE_DATA: cannot make the folder"):
        read_settings({"DOSEGATE_DATA": str(tmp_path / "file")})


def test_settings__do_not_print_the_password_of_the_database(tmp_path: Path) -> None:
    url = "postgresql://trial:sesame@db.example/trial"
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path), "DOSEGATE_DATABASE_URL": url})
    assert "sesame" not in repr(settings)
    with pytest.raises(SettingError) as caught:
        read_settings({"DOSEGATE_DATA": str(tmp_path), "DOSEGATE_DATABASE_URL": "mysql://trial:sesame@db/t"})
    assert "sesame" not in str(caught.value)


def test_secrets__are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path)})
    first = settings.secrets()
    assert settings.secrets() == first
    assert len(first.identity_key) == len(first.session_key) == 32
    assert len({first.identity_key, first.session_key, first.randomisation_key}) == 3
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_secrets__of_two_installations_differ(tmp_path: Path) -> None:
    one, two = (read_settings({"DOSEGATE_DATA": str(tmp_path / name)}).secrets() for name in "ab")
    assert one.identity_key != two.identity_key


def test_secrets__made_by_many_at_once_are_the_same(tmp_path: Path) -> None:
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path)})
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: settings.secrets(), range(64)))
    assert len({secrets.identity_key for secrets in made}) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_secrets__of_an_older_installation_get_the_missing_key_and_keep_theirs(tmp_path: Path) -> None:
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path)})
    old = settings.secrets()
    (path,) = tmp_path.iterdir()
    keys = json.loads(path.read_text())
    del keys["randomisation_key"]
    path.write_text(json.dumps(keys))
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: settings.secrets(), range(64)))
    assert len({secrets.randomisation_key for secrets in made}) == 1
    assert made[0].randomisation_key != old.randomisation_key
    assert {(each.identity_key, each.session_key) for each in made} == {(old.identity_key, old.session_key)}
    assert (len(list(tmp_path.iterdir())), stat.S_IMODE(path.stat().st_mode)) == (1, 0o600)


def test_secrets__that_others_may_read_are_refused(tmp_path: Path) -> None:
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path)})
    settings.secrets()
    (path,) = tmp_path.iterdir()
    path.chmod(0o644)
    with pytest.raises(SettingError, match="chmod 600"):
        settings.secrets()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"identity_key": "00", "session_key": "00"}', "\x00"])
def test_secrets__cut_off_are_never_replaced_silently(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.json"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(text)
    with pytest.raises(SettingError, match="Restore it"):
        read_settings({"DOSEGATE_DATA": str(tmp_path)}).secrets()
    assert path.read_text() == text


def test_secrets__are_not_printed(tmp_path: Path) -> None:
    secrets = read_settings({"DOSEGATE_DATA": str(tmp_path)}).secrets()
    assert secrets.identity_key.hex() not in repr(secrets)
    assert repr(secrets.identity_key) not in repr(secrets)
