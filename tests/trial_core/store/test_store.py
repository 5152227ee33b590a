"""The store keeps bytes under their hash, whole or not at all."""

from __future__ import annotations

import hashlib
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.errors import StoredBytesChanged, StoredBytesMissing, UnknownUpload, UploadBusy
from trial_core.store import Store, _lock

UPLOAD = "0" * 32


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def _kept(folder: Path) -> list[Path]:
    return [path for path in (folder / "store").rglob("*") if path.is_file()]


def test_put__gives_the_bytes_back_under_their_hash(store: Store) -> None:
    sha256 = store.put(b"dose")
    assert sha256 == hashlib.sha256(b"dose").hexdigest()
    assert store.read(sha256) == b"dose"
    assert store.has(sha256)


def test_put__of_the_same_bytes_keeps_one_file_of_mode_0600(store: Store, tmp_path: Path) -> None:
    store.put(b"dose")
    store.put(b"dose")
    (path,) = _kept(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_read__notices_a_changed_byte(store: Store, tmp_path: Path) -> None:
    sha256 = store.put(b"dose")
    (path,) = _kept(tmp_path)
    path.write_bytes(b"d0se")
    with pytest.raises(StoredBytesChanged):
        store.read(sha256)


def test_copy_to__leaves_nothing_where_the_bytes_were_changed(store: Store, tmp_path: Path) -> None:
    sha256 = store.put(b"dose")
    _kept(tmp_path)[0].write_bytes(b"d0se")
    with pytest.raises(StoredBytesChanged):
        store.copy_to(sha256, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_copy_to__makes_a_private_copy(store: Store, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    store.copy_to(store.put(b"dose" * 1_000_000), copy)
    assert copy.read_bytes() == b"dose" * 1_000_000
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    copy.write_bytes(b"changed")
    assert store.read(hashlib.sha256(b"dose" * 1_000_000).hexdigest())


def test_copy_to__overwrites_nothing(store: Store, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        store.copy_to(store.put(b"dose"), taken)
    assert taken.read_bytes() == b"mine"


@pytest.mark.parametrize("wrong", ["", "../../etc/passwd", "0" * 63, "G" * 64, "0" * 64])
def test_read__of_an_unknown_hash_says_so(store: Store, wrong: str) -> None:
    with pytest.raises(StoredBytesMissing):
        store.read(wrong)


@pytest.mark.parametrize("wrong", ["", "..", "../x", "/etc/passwd", "A" * 32])
def test_staging__refuses_what_is_no_upload_id(store: Store, wrong: str) -> None:
    with pytest.raises(ValueError, match="not the id of an upload"), store.staging(wrong):
        pass


def test_staging__lets_one_writer_in_at_a_time(store: Store) -> None:
    with store.staging(UPLOAD), pytest.raises(UploadBusy), store.staging(UPLOAD):
        pass


def test_staging__frees_the_upload_when_the_writer_fails(store: Store) -> None:
    def fail() -> None:
        with store.staging(UPLOAD):
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fail()
    with store.staging(UPLOAD) as staged:
        staged.write(b"x")


def test_staging__refuses_a_file_that_became_a_kept_one_while_waiting(store: Store) -> None:
    # A second request may have opened the staged file just before the first one moved it into the store:
    # what it writes then would change kept bytes.
    opened, moved = threading.Event(), threading.Event()
    answers: list[type[BaseException]] = []

    def second() -> None:
        path = store._stage_path(UPLOAD)
        with path.open("r+b") as late:
            opened.set()
            moved.wait(5)
            try:
                _lock(late, path, UPLOAD)
            except UploadBusy as error:
                answers.append(type(error))

    with store.staging(UPLOAD) as staged:
        staged.write(b"dose")
        store.settle(staged)
        thread = threading.Thread(target=second)
        thread.start()
        opened.wait(5)
        store.adopt(UPLOAD, staged)
    moved.set()
    thread.join()
    assert answers == [UploadBusy]


def test_adopt__moves_the_staged_file(store: Store, tmp_path: Path) -> None:
    with store.staging(UPLOAD) as staged:
        staged.write(b"dose")
        store.settle(staged)
        sha256 = store.adopt(UPLOAD, staged)
    assert store.read(sha256) == b"dose"
    assert store.loose(-1) == (sha256,)  # until the caller has named it on record
    store.unmark([sha256])
    assert len(_kept(tmp_path)) == 1


def test_adopt__of_a_discarded_upload_keeps_nothing(store: Store, tmp_path: Path) -> None:
    with store.staging(UPLOAD) as staged:
        staged.write(b"dose")
        store.settle(staged)
        store.discard(UPLOAD)
        with pytest.raises(UnknownUpload):
            store.adopt(UPLOAD, staged)
    assert _kept(tmp_path) == []


def test_put__that_fails_leaves_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "store" / "sha256").rmdir()
    (tmp_path / "store" / "sha256").write_bytes(b"")
    with pytest.raises(OSError, match="Not a directory"):
        store.put(b"dose")
    assert [path.name for path in _kept(tmp_path)] == ["sha256"]


def test_sweep__removes_what_nobody_writes_to(store: Store, tmp_path: Path) -> None:
    with store.staging(UPLOAD) as staged:
        staged.write(b"x")
    assert store.sweep(older_than_seconds=3600) == 0
    assert store.sweep(older_than_seconds=-1) == 1
    assert _kept(tmp_path) == []


@given(data=st.binary(max_size=5_000))
def test_put__of_any_bytes_is_found_again(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    store = Store(tmp_path_factory.getbasetemp() / "any")
    assert store.read(store.put(data)) == data
