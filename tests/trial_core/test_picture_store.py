"""Pictures beside the record: complete or not there, shared by equal bytes, and never needed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from trial_core.domain.pictures import Lattice, Outlines, PictureSet, Scene, Volume
from trial_core.errors import StoredBytesChanged
from trial_core.picture_store import Array, Keep, PictureStore

REPORT, OTHER_REPORT = "a" * 64, "b" * 64
_LATTICE = Lattice(shape=(2, 3, 4), index_to_scene_mm=tuple(np.eye(4).ravel().tolist()))


@pytest.fixture
def pictures(tmp_path: Path) -> PictureStore:
    return PictureStore(tmp_path)


def _ct() -> Array:
    return np.arange(24, dtype=np.int16).reshape(2, 3, 4)


def _set(keep: Keep) -> PictureSet:
    outlines = Outlines(
        points_sha256=keep(np.zeros((0, 3), np.float32)),
        starts_sha256=keep(np.zeros(1, np.int64)),
        points=0,
        contours=0,
    )
    scene = Scene(
        key="scene-1",
        label="SET",
        patient_position="HFS",
        lattice=_LATTICE,
        ct=Volume(sha256=keep(_ct()), lattice=_LATTICE),
        no_ct=None,
        ct_is_interpolated=False,
        doses=(),
        structures=(),
        places=(),
        outlines=outlines,
    )
    return PictureSet(scenes=(scene,))


def _ct_path(pictures: PictureStore) -> Path:
    found = pictures.find(REPORT)
    assert found is not None
    assert found.scenes[0].ct is not None
    return pictures.path(found.scenes[0].ct.sha256)


def test_what_is_kept__is_found_by_its_report_and_no_other(pictures: PictureStore) -> None:
    pictures.keep(REPORT, _set)
    assert pictures.find(OTHER_REPORT) is None
    np.testing.assert_array_equal(np.fromfile(_ct_path(pictures), "<i2").reshape(2, 3, 4), _ct())


def test_equal_bytes__are_kept_once(pictures: PictureStore, tmp_path: Path) -> None:
    pictures.keep(REPORT, _set)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    pictures.keep(OTHER_REPORT, _set)
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - set(files)
    assert [path.name for path in new] == [OTHER_REPORT]
    assert pictures.find(OTHER_REPORT) == pictures.find(REPORT)


def test_pictures_that_break_off__are_not_there_at_all(pictures: PictureStore, tmp_path: Path) -> None:
    def breaks_off(keep: Keep) -> PictureSet:
        keep(_ct())
        raise ValueError("a fault half-way")

    with pytest.raises(ValueError, match="half-way"):
        pictures.keep(REPORT, breaks_off)
    assert pictures.find(REPORT) is None
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["lock"]


def test_an_array_that_was_removed__leaves_no_pictures_until_they_are_kept_again(
    pictures: PictureStore,
) -> None:
    pictures.keep(REPORT, _set)
    _ct_path(pictures).unlink()
    assert pictures.find(REPORT) is None
    pictures.keep(REPORT, _set)
    assert pictures.find(REPORT) is not None


def test_changed_bytes__are_found_out(pictures: PictureStore) -> None:
    pictures.keep(REPORT, _set)
    path = _ct_path(pictures)
    pictures.verify(path.name)
    path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(StoredBytesChanged):
        pictures.verify(path.name)


def test_pictures_of_another_program__count_as_none(pictures: PictureStore, tmp_path: Path) -> None:
    pictures.keep(REPORT, _set)
    pointer = tmp_path / "pictures" / "of-report" / REPORT
    index = json.loads(pictures.path(pointer.read_text()).read_text())
    del index["scenes"][0]["places"]
    store = pictures._store  # what an older program has written
    pointer.write_text(store.put(json.dumps(index).encode()))
    assert pictures.find(REPORT) is None


@pytest.mark.parametrize("text", ["", "../../secrets.json", "0" * 64, "é"])
def test_a_pointer_that_leads_nowhere__counts_as_none(
    pictures: PictureStore, tmp_path: Path, text: str
) -> None:
    (tmp_path / "pictures" / "of-report" / REPORT).write_text(text)
    assert pictures.find(REPORT) is None
