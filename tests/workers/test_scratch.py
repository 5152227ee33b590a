"""Scratch folders are private, and gone when their work is over, also when the worker was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workers.scratch import scratch_folder, sweep
from workers.worker_name import VARIABLE


def test_scratch_folder__is_private_and_gone_afterwards(tmp_path: Path) -> None:
    root = tmp_path / "scratch"
    with scratch_folder(root) as folder:
        (folder / "patient.dcm").write_bytes(b"bytes")
        assert folder.stat().st_mode & 0o077 == 0
        assert root.stat().st_mode & 0o077 == 0
    assert list(root.iterdir()) == []


def test_scratch_folder__is_gone_after_a_failure(tmp_path: Path) -> None:
    def fail() -> None:
        with scratch_folder(tmp_path):
            raise RuntimeError("the check broke off")

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_sweep__leaves_folders_at_work(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        assert sweep(tmp_path, ()) == 0
        assert folder.is_dir()


def test_sweep__removes_the_folder_of_a_killed_worker(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from workers.scratch import scratch_folder\n"
        "with scratch_folder(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'patient.dcm').touch(); print('there', flush=True); time.sleep(60)"
    )
    worker = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    with worker.stdout:
        worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert len(list(tmp_path.rglob("patient.dcm"))) == 1
    assert sweep(tmp_path, ()) == 1
    assert list(tmp_path.iterdir()) == []


def test_sweep__of_a_folder_that_is_not_there_does_nothing(tmp_path: Path) -> None:
    assert sweep(tmp_path / "none", ()) == 0


def test_sweep__leaves_the_folder_of_a_worker_that_holds_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a shared folder whose locks do not hold between machines: the lease tells that it lives."""
    monkeypatch.setenv(VARIABLE, "node-2:worker")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "patient.dcm").touch()
    (tmp_path / "a.lock").write_text(_lock_of_a_worker(tmp_path / "lock"))
    assert sweep(tmp_path, {"node-2:worker"}) == 0
    assert (tmp_path / "a" / "patient.dcm").is_file()
    assert sweep(tmp_path, {"node-1:worker"}) == 1
    assert not (tmp_path / "a").exists()


def _lock_of_a_worker(root: Path) -> str:
    with scratch_folder(root) as folder:
        return folder.with_suffix(".lock").read_text()
