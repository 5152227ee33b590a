"""Slices of a checked course for the viewer: what there is, and each slice's voxels, outlines and dose.

Every request is authorised by the service that gives the report. Answers are bytes that the browser paints
from, so that window, colours and isodoses change there without asking again:

- `image`: a header (JSON, its length in the first four bytes), the outlines' coordinates (float32, pixels),
  the Hounsfield units (int16);
- `dose/N`: a header, then the dose on the same pixels within the header's box, as uint16 times `step_gy`.

Numbers are little endian, as every browser's machine reads them.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

import numpy as np
from flask import Blueprint, Response, abort
from numpy.typing import NDArray

from trial_core.domain.pictures import PictureSet, Scene
from trial_core.services.pictures import kept_pictures
from web.house import actor, house
from web.pictures.arrays import contours_of, ct_of, dose_of
from web.pictures.dose_cut import dose_on
from web.pictures.outline_cut import Outline, outlines_on
from web.pictures.planes import Slices, View, slices_of
from web.words import t

NOT_KNOWN = 65535
"""Stands for a pixel where no dose is known."""
_STEPS = 65000

routes = Blueprint("slices", __name__, url_prefix="/slices/<submission_id>")


@routes.get("/<int:scene>/<view>/<int:number>/image")
def image(submission_id: str, scene: int, view: str, number: int) -> Response:
    """Give a slice's Hounsfield units, where there is a CT, and the outlines on it."""
    shown = _scene(submission_id, scene)
    slices = _slices(shown, view, number)
    found = outlines_on(contours_of(shown.outlines), shown.structures, slices, number)
    lines = [line for each in found for line in (*each.lines, each.segments)]
    coordinates = np.concatenate([np.zeros(0, np.float32), *(line.ravel() for line in lines)])
    ct = slices.cut(ct_of(shown.ct), number) if shown.ct else np.zeros(0, np.int16)
    header = {"outlines": [_outline(each) for each in found], "ct": shown.ct is not None}
    return _packed(header, coordinates.astype("<f4"), ct.astype("<i2", copy=False))


@routes.get("/<int:scene>/<view>/<int:number>/dose/<int:dose>")
def dose(submission_id: str, scene: int, view: str, number: int, dose: int) -> Response:
    """Give a dose on a slice's pixels."""
    shown = _scene(submission_id, scene)
    slices = _slices(shown, view, number)
    if dose >= len(shown.doses):
        _nothing()
    picture = shown.doses[dose]
    values = dose_on(dose_of(picture.volume), picture.volume.lattice, slices, number)
    box = _box(values)
    step_gy = max(picture.highest_gy, 1e-6) / _STEPS
    return _packed(
        {"box": box, "step_gy": step_gy}, _steps(values[box[1] : box[3], box[0] : box[2]], step_gy)
    )


def pictures_of(submission_id: str) -> PictureSet | None:
    """Give what is kept of a submission for the person who asks.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState
    """
    home = house()
    return kept_pictures(home.db, home.store, actor(), submission_id=submission_id)


def _scene(submission_id: str, number: int) -> Scene:
    pictures = pictures_of(submission_id)
    if pictures is None or number >= len(pictures.scenes):
        _nothing()
    assert pictures is not None  # noqa: S101 - `_nothing` never returns
    return pictures.scenes[number]


def _slices(scene: Scene, view: str, number: int) -> Slices:
    if view not in list(View):
        _nothing()
    slices = slices_of(scene.lattice, View(view))
    if number >= slices.count:
        _nothing()
    return slices


def _nothing() -> None:
    abort(404, t("There is no such slice. Reload the page."))


def _outline(outline: Outline) -> dict[str, Any]:
    return {
        "structure": outline.structure,
        "lines": [len(line) for line in outline.lines],
        "segments": len(outline.segments),
        "between": outline.is_between,
    }


def _box(values: NDArray[np.float32]) -> list[int]:
    """The columns and rows that hold any dose: first column, first row, and the ends past the last."""
    known = ~np.isnan(values)
    rows, columns = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
    if not len(rows):
        return [0, 0, 0, 0]
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]


def _steps(values: NDArray[np.float32], step_gy: float) -> NDArray[np.uint16]:
    known = ~np.isnan(values)
    steps = np.rint(np.where(known, values, 0) / np.float32(step_gy))
    return np.where(known, np.minimum(steps, NOT_KNOWN - 1), NOT_KNOWN).astype("<u2")


def _packed(header: dict[str, Any], *arrays: NDArray[Any]) -> Response:
    """One answer: the header's length, the header, filled up with spaces to four bytes, then the arrays."""
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    data = b"".join(
        [len(text).to_bytes(4, "little"), text, *(np.ascontiguousarray(each).tobytes() for each in arrays)]
    )
    response = Response(gzip.compress(data, 1, mtime=0), content_type="application/octet-stream")
    response.headers["Content-Encoding"] = "gzip"
    return response
