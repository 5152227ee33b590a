"""Slices over HTTP: what was kept, for those who may see the report, and for nobody else."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray

from tests.web.installation import Installation
from tests.web.kept_pictures import CT, HOSTILE, dose_gy, hounsfield, keep_pictures
from tests.web.lattices import pixels_mm
from web.pictures.planes import View, slices_of
from web.pictures.slices import NOT_KNOWN


def _get(client: FlaskClient, address: str) -> tuple[dict[str, Any], bytes]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    data = _unzipped(answer.get_data())
    end = 4 + int.from_bytes(data[:4], "little")
    return json.loads(data[4:end]), data[end:]


def _unzipped(data: bytes) -> bytes:
    return gzip.decompress(data)


def _dose(header: dict[str, Any], data: bytes, shape: tuple[int, int]) -> NDArray[np.float64]:
    left, top, right, bottom = header["box"]
    steps = np.frombuffer(data, "<u2").reshape(bottom - top, right - left)
    whole = np.full(shape, np.nan)
    whole[top:bottom, left:right] = np.where(steps == NOT_KNOWN, np.nan, steps * header["step_gy"])
    return whole


@pytest.mark.parametrize("view", list(View))
def test_image__is_the_kept_voxels_of_the_slice(
    installation: Installation, oncologist: FlaskClient, checked: str, view: View
) -> None:
    keep_pictures(installation, checked)
    slices = slices_of(CT, view)
    header, data = _get(oncologist, f"/slices/{checked}/0/{view}/3/image")
    assert header["ct"]
    shown = np.frombuffer(data, "<i2")[-slices.rows * slices.columns :].reshape(slices.rows, slices.columns)
    np.testing.assert_array_equal(shown, slices.cut(hounsfield(), 3))


@pytest.mark.parametrize("view", list(View))
def test_dose__is_the_known_one_at_every_pixel(
    installation: Installation, oncologist: FlaskClient, checked: str, view: View
) -> None:
    keep_pictures(installation, checked)
    slices = slices_of(CT, view)
    number = slices.count // 2
    header, data = _get(oncologist, f"/slices/{checked}/0/{view}/{number}/dose/0")
    shown = _dose(header, data, (slices.rows, slices.columns))
    known = dose_gy(pixels_mm(slices, number))
    middle = np.s_[
        slices.rows // 2 - 1 : slices.rows // 2 + 2, slices.columns // 2 - 3 : slices.columns // 2 + 4
    ]
    np.testing.assert_allclose(shown[middle], known[middle], atol=2 * header["step_gy"])
    assert np.isnan(shown).any()


def test_outlines__are_in_pixels_of_the_slice(
    installation: Installation, oncologist: FlaskClient, checked: str
) -> None:
    keep_pictures(installation, checked)
    slices = slices_of(CT, View.AXIAL)
    header, data = _get(oncologist, f"/slices/{checked}/0/axial/3/image")
    assert header["outlines"] == [{"structure": 0, "lines": [4], "segments": 0, "between": False}]
    pixels = np.frombuffer(data, "<f4", count=8).reshape(4, 2).astype(float)
    points = slices.corner_mm(3) + pixels[:, [0]] * slices.right_mm + pixels[:, [1]] * slices.down_mm
    np.testing.assert_allclose(points[:, :2], [[-8, -8], [8, -8], [8, 8], [-8, 8]], atol=1e-5)


@pytest.mark.parametrize(
    "place",
    ["0/axial/8/image", "1/axial/0/image", "0/oblique/0/image", "0/axial/0/dose/2", "0/axial/-1/image"],
)
def test_a_slice_that_is_not_there__is_a_404(
    installation: Installation, oncologist: FlaskClient, checked: str, place: str
) -> None:
    keep_pictures(installation, checked)
    assert oncologist.get(f"/slices/{checked}/{place}").status_code == 404


def test_slices__are_for_those_who_may_see_the_report(
    installation: Installation, sign_in: Callable[[str], FlaskClient], checked: str
) -> None:
    keep_pictures(installation, checked)
    place = f"/slices/{checked}/0/axial/0"
    for address in (f"{place}/image", f"{place}/dose/0"):
        report = f"/submissions/{checked}/report.json"
        for person in ("stranger", "admin", "physicist", "staff"):
            client = sign_in(person)
            assert client.get(address).status_code == client.get(report).status_code, person
        assert sign_in("stranger").get(address).status_code == 404
        nobody = sign_in("").get(address)
        assert nobody.status_code == 302
        assert "/sign-in" in nobody.headers["Location"]


def test_without_pictures__there_is_no_slice(oncologist: FlaskClient, checked: str) -> None:
    assert oncologist.get(f"/slices/{checked}/0/axial/0/image").status_code == 404


def test_changed_bytes__are_not_shown(
    installation: Installation, oncologist: FlaskClient, checked: str
) -> None:
    pictures = keep_pictures(installation, checked)
    ct = pictures.scenes[0].ct
    assert ct is not None
    path = installation.store.folder / "pictures" / "sha256" / ct.sha256[:2] / ct.sha256
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    answer = oncologist.get(f"/slices/{checked}/0/axial/0/image", headers={"Accept": "application/json"})
    assert answer.status_code != 200
    assert "hash" in answer.get_json()["message"] or "changed" in answer.get_json()["message"]


def test_hostile_names__are_data_and_no_markup(
    installation: Installation, oncologist: FlaskClient, checked: str
) -> None:
    keep_pictures(installation, checked)
    answer = oncologist.post("/_dash-update-component", json=_page_of(checked))
    assert answer.status_code == 200
    page = answer.get_json()["response"]["frame-page"]["children"]
    found = _properties(page, "data-viewer")
    assert len(found) == 1
    assert json.loads(found[0])["scenes"][0]["structures"][0]["name"] == HOSTILE


def test_an_older_result__says_that_no_pictures_are_kept(oncologist: FlaskClient, checked: str) -> None:
    answer = oncologist.post("/_dash-update-component", json=_page_of(checked))
    assert "No pictures kept" in answer.get_data(as_text=True)


def _page_of(submission_id: str) -> dict[str, Any]:
    ids = ("frame-page.children", "frame-navigation.children", "frame-title.data")
    return {
        "output": ".." + "...".join(ids) + "..",
        "outputs": [dict(zip(("id", "property"), each.split("."), strict=True)) for each in ids],
        "inputs": [
            {"id": "frame-location", "property": "pathname", "value": f"/submissions/{submission_id}/slices"}
        ],
        "changedPropIds": ["frame-location.pathname"],
    }


def _properties(component: Any, name: str) -> list[str]:
    if isinstance(component, list):
        return [each for one in component for each in _properties(one, name)]
    if not isinstance(component, dict):
        return []
    props = component.get("props", {})
    own = [props[name]] if name in props else []
    return own + _properties(props.get("children"), name)
