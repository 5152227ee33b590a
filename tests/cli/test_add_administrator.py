"""A new installation gets its first account from the command line, with a one-time password told once."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.cli.command import dosegate
from trial_core.db.session import Database
from trial_core.domain.access import Role
from trial_core.services import accounts
from trial_core.settings import read_settings

NEW = "a password of my own"


def test_administrator__signs_in_after_the_one_time_password(tmp_path: Path) -> None:
    environment = {"DOSEGATE_DATA": str(tmp_path)}
    done = dosegate("add-administrator", "chief", "--name", "Chen Mei", environment=environment)
    assert done.returncode == 0, done.stderr
    (password,) = done.stdout.split()
    assert password not in done.stderr
    settings = read_settings(environment)
    with closing(Database(settings.database_url, audit=settings.audit_outside())) as db:
        accounts.replace_one_time_password(db, login="chief", password=password, new_password=NEW)
        token = accounts.sign_in(db, login="chief", password=NEW)
        assert accounts.actor_of(db, token=token).role is Role.ADMINISTRATOR
    again = dosegate("add-administrator", "chief", "--name", "Another", environment=environment)
    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert again.stdout == ""


def test_administrator_without_a_name__is_refused(tmp_path: Path) -> None:
    environment = {"DOSEGATE_DATA": str(tmp_path)}
    for arguments in (("chief",), ("chief", "--name", " "), ("a b\tc", "--name", "Chen Mei")):
        done = dosegate("add-administrator", *arguments, environment=environment)
        assert done.returncode == 2
        assert done.stdout == ""
