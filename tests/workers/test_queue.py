"""The doorbell: ids only, whole messages, and no lost submission when the broker is away."""

from __future__ import annotations

import errno
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from trial_core.settings import Settings, read_settings
from workers.app import QUEUE, RUN_JOB, celery_app
from workers.queue import ring

JOB = "0123456789abcdef"


def _settings(folder: Path, broker: str = "filesystem://") -> Settings:
    return read_settings({"DOSEGATE_DATA": str(folder), "DOSEGATE_BROKER_URL": broker})


def _messages(folder: Path) -> list[Path]:
    return sorted((folder / "queue" / "messages").iterdir())


def test_ring__sends_the_job_by_name_with_its_id_and_nothing_else(tmp_path: Path) -> None:
    assert ring(_settings(tmp_path), JOB)
    (message,) = _messages(tmp_path)
    envelope = json.loads(message.read_text())
    assert envelope["headers"]["task"] == RUN_JOB
    assert envelope["content-type"] == "application/json"
    assert JOB in envelope["headers"]["argsrepr"]
    assert envelope["headers"]["kwargsrepr"] == "{}"


def test_ring__says_when_the_broker_is_down_and_does_not_wait_for_long(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.monotonic()
    assert not ring(_settings(tmp_path, f"redis://127.0.0.1:{port}/0"), JOB)
    assert time.monotonic() - start < 10


def test_ring__says_when_the_queue_folder_is_broken(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    settings.queue_folder.write_text("a file where the folder should be")
    assert not ring(settings, JOB)


def test_message__is_sent_and_heard_where_a_full_disk_left_an_empty_file_of_the_queue(tmp_path: Path) -> None:
    exchanges = tmp_path / "queue" / "exchanges"
    exchanges.mkdir(parents=True)
    (exchanges / f"{QUEUE}.exchange").touch()
    # Processes of their own, as server and worker are: one that has rung before knows the queue.
    _in_a_new_process(tmp_path, f"from workers.queue import ring; assert ring(settings, {JOB!r})")
    _in_a_new_process(tmp_path, _HEAR)


_HEAR = """
from workers.app import QUEUE, RUN_JOB, celery_app
app = celery_app(settings)
with app.connection_for_read() as connection:
    queue = app.amqp.queues[QUEUE](connection.default_channel)
    queue.declare()
    assert queue.get().headers["task"] == RUN_JOB
"""


def _in_a_new_process(folder: Path, code: str) -> None:
    settings = f"settings = read_settings({{'DOSEGATE_DATA': {str(folder)!r}}})"
    given = f"from trial_core.settings import read_settings\n{settings}\n"
    subprocess.run([sys.executable, "-c", given + code], check=True)


def test_message__that_finds_no_room_on_the_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _settings(tmp_path)
    ring(settings, JOB)

    def full(path: Path, data: str, encoding: str) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Path, "write_text", full)
        assert not ring(settings, JOB)
    assert len(_messages(tmp_path)) == 1


def test_message__is_never_seen_half_written(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    ring(settings, JOB)
    folder, over, broken = settings.queue_folder / "messages", threading.Event(), []

    def read_all() -> None:
        while not over.is_set():
            for path in folder.glob("*.msg"):
                try:
                    json.loads(path.read_text())
                except ValueError:
                    broken.append(path.name)

    reader = threading.Thread(target=read_all)
    reader.start()
    for _ in range(100):
        ring(settings, JOB)
    over.set()
    reader.join()
    assert not broken
    assert len(_messages(tmp_path)) == 101


def test_application__takes_json_only_and_keeps_no_result(tmp_path: Path) -> None:
    conf = celery_app(_settings(tmp_path)).conf
    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert conf.task_acks_late
    assert conf.task_ignore_result
    assert conf.result_backend is None


def test_ring__is_imported_without_pipelines() -> None:
    code = (
        "import sys, workers.queue\n"
        "print(*(m for m in sys.modules if m.startswith(('workers.pipelines', 'imaging', 'numba'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
