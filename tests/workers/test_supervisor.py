"""The supervisor keeps a worker alive, is patient with one that keeps dying, and leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from workers.supervisor import Patience, Told, WorkerSupervisor
from workers.worker_name import VARIABLE

QUICK = Patience(first_restart_s=0.05, longest_restart_s=0.2, healthy_s=60, stop_s=0.5)
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def _wait_for(condition: Callable[[], object], limit_s: float = 40) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2][:3]


def test_supervisor__starts_another_worker_when_one_is_killed() -> None:
    supervisor = WorkerSupervisor(SLEEPER, patience=QUICK)
    supervisor.start()
    try:
        _wait_for(lambda: supervisor.worker_id)
        first = supervisor.worker_id
        assert first is not None
        os.kill(first, signal.SIGKILL)
        _wait_for(lambda: supervisor.worker_id not in (None, first))
    finally:
        supervisor.stop()


def test_supervisor__tells_the_name_of_each_worker_that_is_gone(tmp_path: Path) -> None:
    names = tmp_path / "names"
    gone: list[str] = []
    tells = f"import os; open({str(names)!r}, 'a').write(os.environ[{VARIABLE!r}] + '\\n')"
    supervisor = WorkerSupervisor(
        [sys.executable, "-S", "-c", tells], patience=QUICK, told=Told(end=gone.append)
    )
    supervisor.start()
    _wait_for(lambda: len(gone) >= 2)
    supervisor.stop()
    assert gone[:2] == names.read_text().split()[:2]
    assert gone[0] != gone[1]


def test_supervisor__goes_on_when_the_database_does_not_answer() -> None:
    def fail(_name: str) -> None:
        raise OperationalError("UPDATE job", None, OSError("the disk is full"))

    supervisor = WorkerSupervisor(SLEEPER, patience=QUICK, told=Told(end=fail))
    supervisor.start()
    try:
        _wait_for(lambda: supervisor.worker_id)
        first = supervisor.worker_id
        assert first is not None
        os.kill(first, signal.SIGKILL)
        _wait_for(lambda: supervisor.worker_id not in (None, first))
    finally:
        supervisor.stop()


def test_supervisor__tells_a_worker_that_it_ended_from_one_that_died(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    deaf = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    )
    said: list[tuple[str, str]] = []
    told = Told(*(lambda name, word=word: said.append((word, name)) for word in ("start", "end", "stop")))
    supervisor = WorkerSupervisor([sys.executable, "-c", deaf], patience=QUICK, told=told)
    supervisor.start()
    _wait_for(ready.exists)
    supervisor.stop()
    assert [word for word, _ in said] == ["start", "stop"]
    assert said[0][1] == said[1][1]


def test_supervisor__stops_its_worker() -> None:
    supervisor = WorkerSupervisor(SLEEPER, patience=QUICK)
    supervisor.start()
    _wait_for(lambda: supervisor.worker_id)
    worker = supervisor.worker_id
    assert worker is not None
    supervisor.stop()
    assert not _is_alive(worker)


def test_supervisor__kills_a_worker_that_does_not_listen(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    deaf = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    )
    supervisor = WorkerSupervisor([sys.executable, "-c", deaf], patience=QUICK)
    supervisor.start()
    _wait_for(ready.exists)
    worker = supervisor.worker_id
    assert worker is not None
    supervisor.stop()
    assert not _is_alive(worker)


def test_supervisor__waits_longer_each_time_a_worker_dies_at_once(tmp_path: Path) -> None:
    deaths = tmp_path / "deaths"
    note_time = f"import time; open({str(deaths)!r}, 'a').write(f'{{time.monotonic()}}\\n')"
    dies = f"{note_time}; raise SystemExit(3)"
    patience = Patience(first_restart_s=0.1, longest_restart_s=10, healthy_s=60, stop_s=0.5)
    supervisor = WorkerSupervisor([sys.executable, "-S", "-c", dies], patience=patience)
    supervisor.start()
    _wait_for(lambda: deaths.exists() and len(deaths.read_text().split()) >= 4)
    supervisor.stop()
    times = [float(line) for line in deaths.read_text().split()]
    assert times[1] - times[0] >= 0.1
    assert times[2] - times[1] >= 0.2
    assert times[3] - times[2] >= 0.4


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_worker__dies_with_a_parent_that_is_killed(sign: signal.Signals, tmp_path: Path) -> None:
    born = tmp_path / "born"
    child = (
        "import os, pathlib, sys, time; from workers.parent_watch import die_with_parent; "
        "die_with_parent(int(sys.argv[1])); "
        f"pathlib.Path({str(born)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    parent = (
        "import os, subprocess, sys; "
        f"command = [sys.executable, '-c', {child!r}, str(os.getpid())]; "
        "subprocess.Popen(command, start_new_session=True).wait()"
    )
    process = subprocess.Popen([sys.executable, "-c", parent])
    _wait_for(lambda: born.exists() and born.read_text())
    worker = int(born.read_text())
    assert _is_alive(worker)
    process.send_signal(sign)
    process.wait()
    _wait_for(lambda: not _is_alive(worker), limit_s=30)


def test_worker__ends_at_once_when_its_parent_is_gone_before_it_looks() -> None:
    code = "from workers.parent_watch import die_with_parent; die_with_parent(1 << 30); print('alive')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
