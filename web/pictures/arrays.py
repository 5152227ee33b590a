"""Kept arrays as slices are cut from them: mapped, not read, and found to be what their hash says first."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trial_core.domain.pictures import Outlines, Volume
from trial_core.errors import StoredBytesMissing
from trial_core.picture_store import picture_store
from web.house import house
from web.pictures.outline_cut import Contours

_FILES_REMEMBERED = 1024


def ct_of(volume: Volume) -> NDArray[np.int16]:
    """Map a CT: Hounsfield units, shape (nk, nj, ni).

    Raises
    ------
    StoredBytesMissing, StoredBytesChanged
    """
    return _mapped(volume.sha256, "<i2", volume.lattice.shape)


def dose_of(volume: Volume) -> NDArray[np.float32]:
    """Map a dose: Gy, shape (nk, nj, ni).

    Raises
    ------
    StoredBytesMissing, StoredBytesChanged
    """
    return _mapped(volume.sha256, "<f4", volume.lattice.shape)


def contours_of(outlines: Outlines) -> Contours:
    """Map a scene's contours.

    Raises
    ------
    StoredBytesMissing, StoredBytesChanged
    """
    points = _mapped(outlines.points_sha256, "<f4", (outlines.points, 3))
    return Contours(points, _mapped(outlines.starts_sha256, "<i8", (outlines.contours + 1,)))


def _mapped(sha256: str, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    if 0 in shape:
        return np.zeros(shape, dtype=dtype)
    path = _verified(house().store.folder, sha256)
    # A plain array over the map: what is cut from it is one, too. The map goes with it, so that the server's
    # memory does not grow with what people have looked at.
    return np.asarray(np.memmap(path, dtype=dtype, mode="r", shape=shape))


def _verified(folder: Path, sha256: str) -> Path:
    """Hash the bytes when they are first used, and again when another file lies there."""
    path = picture_store(folder).path(sha256)
    try:
        found = path.stat()
    except FileNotFoundError:
        raise StoredBytesMissing(sha256) from None
    _verify(folder, sha256, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns))
    return path


@lru_cache(maxsize=_FILES_REMEMBERED)
def _verify(folder: Path, sha256: str, _file: tuple[int, ...]) -> None:
    picture_store(folder).verify(sha256)
