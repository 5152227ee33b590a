"""`dosegate receive` as a process: a foreign sender, two at once, killed in between; nothing is lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.support.small_course import write_small_course
from tests.workers.dcmtk import foreign, start
from tests.workers.installation import Installation, installation
from tests.workers.receiving import register, until
from trial_core.db.repositories import receiving as rows
from trial_core.domain.receiving import SentObject
from trial_core.services.inbox import list_inbox

QUIET_S = "1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("home")) as made:
        for title in ("ONE", "TWO", "THREE"):
            register(made, title)
        yield made


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    write_small_course(folder)
    return folder


@contextmanager
def _receiving(home: Installation) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the command and give the process with its port."""
    environment = {
        **os.environ,
        "DOSEGATE_DATA": str(home.settings.data_folder),
        "DOSEGATE_RECEIVE_PORT": "0",
        "DOSEGATE_RECEIVE_QUIET_S": QUIET_S,
    }
    command = [sys.executable, "-m", "cli.main", "receive"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            said = next(line for line in process.stderr if "listens on" in line)
            found = re.search(r"127\.0\.0\.1:(\d+)", said)
            assert found is not None
            yield process, int(found[1])
        finally:
            process.terminate()
            process.stderr.read()


def _to(title: str, port: int) -> tuple[object, ...]:
    return ("-aet", title, "-aec", "DOSEGATE", "127.0.0.1", port)


def _counts(home: Installation, title: str) -> dict[str, int]:
    found = (each for each in list_inbox(home.db, home.actor) if each.ae_title == title)
    return dict(next(found).counts)


def test_receive__takes_whole_courses_from_two_foreign_senders_at_once(
    home: Installation, course: Path
) -> None:
    with _receiving(home) as (_, port):
        assert foreign("echoscu", *_to("ONE", port)).returncode == 0
        sending = [start("storescu", "+sd", "+r", *_to(title, port), course) for title in ("ONE", "TWO")]
        for each in sending:
            said, _ = each.communicate(timeout=120)
            assert each.returncode == 0, said
        until(lambda: all(each.state == "waiting" for each in list_inbox(home.db, home.actor)))
    sent = len(list(course.rglob("*.dcm")))
    assert sum(_counts(home, "ONE").values()) == sum(_counts(home, "TWO").values()) == sent


def test_receive__killed_in_between_has_whatever_it_acknowledged(home: Installation, course: Path) -> None:
    paths = sorted(course.rglob("*.dcm"))
    with _receiving(home) as (process, port):
        sending = start("storescu", "-v", *_to("THREE", port), *paths)
        assert sending.stdout is not None
        acknowledged = 0
        for line in sending.stdout:
            acknowledged += "Received Store Response (Success)" in line
            if acknowledged == 10:
                process.send_signal(signal.SIGKILL)
        sending.wait()
        sending.stdout.close()
    assert 10 <= acknowledged < len(paths)
    kept = {one.sop_instance_uid: one.sha256 for one in _objects(home)}
    first = [str(dcmread(path, stop_before_pixels=True).SOPInstanceUID) for path in paths[:acknowledged]]
    assert set(first) <= set(kept)
    for sha256 in kept.values():
        home.store.verify(sha256)
    with _receiving(home) as (_, port):
        assert foreign("storescu", *_to("THREE", port), *paths).returncode == 0
    assert sum(_counts(home, "THREE").values()) == len(paths)


def _objects(home: Installation) -> tuple[SentObject, ...]:
    (waiting,) = (each for each in list_inbox(home.db, home.actor) if each.ae_title == "THREE")
    with home.db.read() as connection:
        return rows.objects(connection, waiting.set_id)
