"""Pictures make room where the disk is nearly full: what nobody looked at for longest goes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from trial_core.domain.pictures import Lattice, Outlines, PictureSet, Scene, Volume
from trial_core.picture_store import Keep, PictureStore

OLD, SHARED, NEW = "a" * 64, "b" * 64, "c" * 64
DAY_S = 86_400
_LATTICE = Lattice(shape=(1, 1, 1000), index_to_scene_mm=tuple(np.eye(4).ravel().tolist()))


@pytest.fixture
def pictures(tmp_path: Path) -> PictureStore:
    return PictureStore(tmp_path)


def keep(pictures: PictureStore, report: str, *, values: tuple[int, ...], age_days: int) -> None:
    """Keep a set with an array of 2,000 bytes for each value, looked at so long ago."""

    def make(put: Keep) -> PictureSet:
        volumes = [Volume(sha256=put(np.full(1000, value, np.int16)), lattice=_LATTICE) for value in values]
        return PictureSet(scenes=tuple(_scene(volume, put) for volume in volumes))

    pictures.keep(report, make)
    pointer = pictures._pointer(report)
    then = pointer.stat().st_mtime - age_days * DAY_S
    os.utime(pointer, (then, then))


def _scene(ct: Volume, put: Keep) -> Scene:
    points, starts = put(np.zeros((0, 3), np.float32)), put(np.zeros(1, np.int64))
    return Scene(
        key=ct.sha256,
        label="SET",
        patient_position="HFS",
        lattice=_LATTICE,
        ct=ct,
        no_ct=None,
        ct_is_interpolated=False,
        doses=(),
        structures=(),
        places=(),
        outlines=Outlines(points_sha256=points, starts_sha256=starts, points=0, contours=0),
    )


@pytest.fixture
def three(pictures: PictureStore) -> PictureStore:
    keep(pictures, OLD, values=(1, 2), age_days=30)
    keep(pictures, SHARED, values=(2, 3), age_days=20)
    keep(pictures, NEW, values=(4,), age_days=10)
    return pictures


def test_make_room__removes_what_was_not_looked_at_for_longest(three: PictureStore) -> None:
    freed = three.make_room(1)
    assert freed >= 2000
    assert three.find(OLD) is None
    assert three.find(SHARED) is not None
    assert three.find(NEW) is not None


def test_make_room__gives_back_what_it_says_and_keeps_the_newest(three: PictureStore, tmp_path: Path) -> None:
    before = _bytes_in(tmp_path)
    freed = three.make_room(10**12)
    assert freed == before - _bytes_in(tmp_path)
    assert three.find(SHARED) is None
    assert three.find(NEW) is not None


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "pictures" / "sha256").rglob("*") if path.is_file())


def test_make_room__spares_what_was_looked_at_again(three: PictureStore) -> None:
    assert three.find(OLD) is not None
    three.make_room(1)
    assert three.find(OLD) is not None
    assert three.find(SHARED) is None


def test_make_room__first_removes_what_no_set_refers_to(three: PictureStore) -> None:
    lost = three._store.put(b"of a set that was made anew" * 100)
    assert three.make_room(1) == 2700
    assert not three._store.has(lost)
    assert three.find(OLD) is not None


def test_make_room__on_a_disk_with_room_removes_nothing(
    three: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trial_core.picture_store.FREE_PART", 0.0)
    assert three.make_room() == 0
    assert three.find(OLD) is not None
    monkeypatch.setattr("trial_core.picture_store.FREE_PART", 1.0)
    assert three.make_room() > 0
    assert three.find(SHARED) is None


def test_make_room__waits_for_a_set_that_is_being_kept(pictures: PictureStore) -> None:
    keeping, may_end = threading.Event(), threading.Event()

    def make(put: Keep) -> PictureSet:
        volume = Volume(sha256=put(np.zeros(1000, np.int16)), lattice=_LATTICE)
        keeping.set()
        assert may_end.wait(5)
        return PictureSet(scenes=(_scene(volume, put),))

    keeper = threading.Thread(target=pictures.keep, args=(NEW, make))
    remover = threading.Thread(target=pictures.make_room, args=(10**12,))
    keeper.start()
    assert keeping.wait(5)
    remover.start()
    remover.join(0.2)
    assert remover.is_alive()
    may_end.set()
    keeper.join(5)
    remover.join(5)
    assert pictures.find(NEW) is not None
