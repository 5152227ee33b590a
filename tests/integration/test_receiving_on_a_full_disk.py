"""A disk that is full under database and store while a system sends: a failure, never a lost success."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.support.small_course import write_small_course
from tests.workers.installation import Installation, installation
from tests.workers.receiving import reception, register, send
from trial_core.services.inbox import list_inbox

TPS = "FULLDISK1"
_NO_RESOURCES = 0xA700
_PLANS = 16


@contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[None]:
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False)
    if made.returncode:
        pytest.skip("a small file system can be mounted by root alone")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def _plans(folder: Path) -> list[Path]:
    write_small_course(folder)
    plan = dcmread(folder / "RP.CFRT.dcm")
    uid, made = plan.SOPInstanceUID, []
    for number in range(_PLANS):
        plan.SOPInstanceUID = f"{uid}.{number}"
        plan.file_meta.MediaStorageSOPInstanceUID = plan.SOPInstanceUID
        made.append(folder / f"plan-{number}.dcm")
        plan.save_as(made[-1])
    return made


@pytest.mark.parametrize("full", [pytest.param("database", marks=pytest.mark.long), "all"])
def test_receiver__on_a_full_disk_acknowledges_only_what_is_kept(tmp_path: Path, full: str) -> None:
    plans, disk = _plans(tmp_path), tmp_path / "disk"
    disk.mkdir()
    home_folder = disk if full == "all" else tmp_path / "roomy"
    url = {"DOSEGATE_DATABASE_URL": f"sqlite:///{disk}/record.sqlite"}
    with _small_disk(disk, "4m"), installation(home_folder, environment=url) as home:
        register(home, TPS)
        ballast = disk / "ballast"
        with reception(home) as at:
            assert send(at.port, TPS, plans[:2]) == [0, 0]
            _fill(disk, ballast, 40_000)
            answers = send(at.port, TPS, plans)
            assert set(answers) == {0, _NO_RESOURCES}
            assert _waiting(home) == len(_taken(answers) | {0, 1})
            ballast.unlink()
            assert send(at.port, TPS, plans) == [0] * _PLANS
        assert _waiting(home) == len(list(home.store.hashes())) == _PLANS
        for sha256, _ in home.store.hashes():
            home.store.verify(sha256)
        assert list((home.store.folder / "staging").iterdir()) == []
        assert home.store.loose(-60) == ()


def _fill(disk: Path, ballast: Path, free_bytes: int) -> None:
    room = subprocess.run(["df", "--output=avail", "-B1", disk], check=True, capture_output=True, text=True)
    ballast.write_bytes(b"0" * max(int(room.stdout.split()[-1]) - free_bytes, 0))


def _taken(answers: list[int]) -> set[int]:
    return {number for number, answer in enumerate(answers) if answer == 0}


def _waiting(home: Installation) -> int:
    return sum(sum(one.counts.values()) for one in list_inbox(home.db, home.actor))
