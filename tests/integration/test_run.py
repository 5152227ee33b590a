"""`dosegate run`, what `make run` starts: from whatever an earlier run left to a served demo study."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest

from imaging.synthetic.identity import Patient
from tests.cli.command import DOSEGATE
from tests.support.small_course import write_small_course
from trial_core.db.migrate import migrate
from trial_core.db.session import Database, utc_now
from trial_core.domain.access import SYSTEM
from trial_core.domain.jobs import ATTEMPTS_CAP
from trial_core.domain.plan import SubmissionState
from trial_core.domain.subject import SubjectStatus
from trial_core.errors import SettingError
from trial_core.services import accounts, sites, subjects, submissions
from trial_core.settings import Settings, read_settings
from trial_core.store import Store
from workers.demo_study import CHECKED_SUBJECT, load_demo_study


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose demo study was cut off before the first check."""
    folder: Path = tmp_path_factory.mktemp("walked") / "data"
    made = read_settings({"DOSEGATE_DATA": str(folder)})
    write_small_course(folder / "demo" / "course")
    with _opened(made) as db, pytest.raises(KeyboardInterrupt):
        _load(made, db, stop_at="copying")
    return folder


@pytest.fixture
def settings(walked: Path, tmp_path: Path) -> Settings:
    """An installation of its own with that data folder."""
    shutil.copytree(walked, tmp_path / "data")
    return read_settings({"DOSEGATE_DATA": str(tmp_path / "data"), "DOSEGATE_PORT": str(_free_port())})


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _opened(settings: Settings, ahead: timedelta = timedelta(0)) -> Iterator[Database]:
    db = Database(settings.database_url, audit=settings.audit_outside(), now=lambda: utc_now() + ahead)
    migrate(db)
    yield db
    db.close()


def _load(settings: Settings, db: Database, *, stop_at: str = "") -> str | None:
    def tell(stage: str, _done: int, _total: int) -> None:
        if stage == stop_at:
            raise KeyboardInterrupt

    course = settings.data_folder / "demo" / "course"
    store = Store(settings.store_folder)
    patient_id = Patient().patient_id
    return load_demo_study(settings, db, store, course, patient_id=patient_id, tell=tell).password


def _run(settings: Settings) -> str:
    """Run until it serves, press Ctrl-C, and give what it printed."""
    environment = {
        **os.environ,
        "DOSEGATE_DATA": str(settings.data_folder),
        "DOSEGATE_PORT": str(settings.port),
    }
    with subprocess.Popen([DOSEGATE, "run"], env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            _wait_until_it_serves(process, settings.port)
            process.send_signal(signal.SIGINT)
            printed, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    return printed


def _wait_until_it_serves(process: subprocess.Popen[str], port: int) -> None:
    end = time.monotonic() + 240  # a busy machine may have kernels to compile, and three courses to check
    while not _answers(port):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:  # refused, reset or silent
        return False


@pytest.mark.long
def test_run__goes_on_where_an_earlier_one_was_cut_off_and_keeps_its_data(settings: Settings) -> None:
    with _opened(settings, timedelta(minutes=5)) as db, pytest.raises(KeyboardInterrupt):
        _load(settings, db, stop_at="taking in")
    with _opened(settings, timedelta(minutes=10)) as db:
        password = _load(settings, db)
        assert password is not None
        first = _state_of_the_study(settings, db, password)
    printed = _run(settings)
    assert "Course: + per protocol" in printed
    assert f"http://127.0.0.1:{settings.port}" in printed
    assert re.search(rf"User +demo\nPassword +{re.escape(password)}\n", printed)
    with _opened(settings) as db:
        assert _state_of_the_study(settings, db, password) == first


@pytest.mark.long
def test_run__killed_in_the_middle_of_its_first_check_gives_the_verdict_at_the_next_start(
    settings: Settings,
) -> None:
    environment = {
        **os.environ,
        "DOSEGATE_DATA": str(settings.data_folder),
        "DOSEGATE_PORT": str(settings.port),
    }
    for _ in range(ATTEMPTS_CAP):  # the last of them makes the check fail for good
        with subprocess.Popen([DOSEGATE, "run"], env=environment, stderr=subprocess.PIPE, text=True) as first:
            assert first.stderr is not None
            _read_until(first.stderr, "reading")
            first.kill()
    assert "Course: + per protocol" in _run(settings)


def _read_until(lines: IO[str], words: str) -> None:
    for line in lines:
        if words in line:
            return
    raise AssertionError(f"nobody said {words!r}")


def _state_of_the_study(settings: Settings, db: Database, password: str) -> tuple[object, ...]:
    token = accounts.sign_in(db, login="demo", password=password)
    actor = accounts.actor_of(db, token=token)
    rows = submissions.worklist(db, actor)
    assert CHECKED_SUBJECT in {row.subject_code for row in rows}
    assert {row.state for row in rows} == {SubmissionState.CHECKED}
    people = subjects.list_subjects(db, actor)
    assert len(people) == 12
    assert {subject.status for subject in people} >= {SubjectStatus.ENROLLED, SubjectStatus.SCREENING}
    password_file = settings.data_folder / "demo-sign-in.txt"
    assert password_file.stat().st_mode & 0o777 == 0o600
    return rows, people, password_file.read_bytes()


def test_demo_study__is_not_added_to_a_study_that_is_there(tmp_path: Path) -> None:
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path / "data")})
    with _opened(settings) as db:
        sites.create_site(db, SYSTEM, code="S01", name="A real hospital")
        with pytest.raises(SettingError, match="holds a study already"):
            _load(settings, db)
        assert not settings.is_demo
        assert [site.code for site in sites.list_sites(db, SYSTEM)] == ["S01"]


def test_demo_study__tells_no_password_that_was_changed(settings: Settings) -> None:
    with _opened(settings) as db:
        written = (settings.data_folder / "demo-sign-in.txt").read_text().split()[1]
        token = accounts.sign_in(db, login="demo", password=written)
        actor = accounts.actor_of(db, token=token)
        accounts.change_password(db, actor, old_password=written, new_password="one of my own, long")
        assert _load(settings, db) is None
