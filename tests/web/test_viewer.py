"""What the viewer is handed: doses with reach and levels, colours of the DVH, where a criterion leads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask import Flask

from tests.web.a_report import a_report
from tests.web.kept_pictures import in_memory
from tests.web.lattices import lattice, voxel_centres_mm
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.pictures import DosePart, Lattice, NoCt, PictureSet
from web.components.viewer import COLOURS, go_to, viewer


@pytest.fixture(autouse=True)
def request_context() -> Iterator[None]:
    with Flask(__name__).test_request_context():
        yield


def _handed(pictures: PictureSet) -> dict[str, Any]:
    component = viewer("abc", a_report(), pictures).children[0].to_plotly_json()
    found: dict[str, Any] = json.loads(component["props"]["data-viewer"])
    return found


def _with_part(one: Lattice) -> PictureSet:
    pictures = in_memory()
    (scene,) = pictures.scenes
    dose = replace(scene.doses[0], parts=(DosePart(label="plan", lattice=one),))
    return PictureSet(scenes=(replace(scene, doses=(dose,)),))


@pytest.mark.parametrize("way", ["HFS", "FFS", "tilted"])
@pytest.mark.parametrize("offsets", [None, (0.0, 2.0, 5.0, 9.0), (0.0, -2.0, -5.0, -9.0)])
def test_a_plans_reach__holds_its_voxels_and_half_of_one_more(
    way: str, offsets: tuple[float, ...] | None
) -> None:
    own = lattice(way, shape=(4, 5, 6), offsets_mm=offsets)
    (part,) = _handed(_with_part(own))["scenes"][0]["doses"][0]["parts"]
    to_axes = np.linalg.inv(np.array(part["toScene"]).reshape(4, 4))
    centres = voxel_centres_mm(own).reshape(-1, 3)
    index = centres @ to_axes[:3, :3].T + to_axes[:3, 3]
    low, high = np.array(part["low"]), np.array(part["high"])
    assert (index > low).all()
    assert (index < high).all()
    planes = sorted(offsets or range(4))
    ends = [planes[1] - planes[0], planes[-1] - planes[-2]]
    np.testing.assert_allclose(index.min(axis=0) - low, [0.5, 0.5, ends[0] / 2], atol=1e-9)
    np.testing.assert_allclose(high - index.max(axis=0), [0.5, 0.5, ends[1] / 2], atol=1e-9)


def test_levels__are_percent_where_something_is_prescribed_else_gray_below_the_highest() -> None:
    pictures = in_memory()
    (scene,) = pictures.scenes
    total = replace(
        scene.doses[0], kind=ScopeKind.SUM_EQD2, alpha_beta_gy=3.0, prescription_gy=None, highest_gy=41.0
    )
    doses = _handed(PictureSet(scenes=(replace(scene, doses=(scene.doses[0], total)),)))["scenes"][0]["doses"]
    assert doses[0]["levels"][:3] == [107, 100, 95]
    assert doses[1]["levels"] == [40, 30, 20, 10, 5]
    assert doses[1]["label"] == "Sum, EQD2 (α/β = 3 Gy)"


def test_structures__have_the_colour_of_their_curve() -> None:
    pictures = in_memory()
    (scene,) = pictures.scenes
    curve = a_report().curves[1]
    named = replace(scene.structures[0], name="site's own", protocol_names=(curve.structure,))
    handed = _handed(PictureSet(scenes=(replace(scene, structures=(named,)),)))
    order = list(dict.fromkeys(each.structure for each in a_report().curves))
    assert handed["scenes"][0]["structures"][0]["colour"] == COLOURS[order.index(curve.structure)]


@pytest.mark.parametrize("why", list(NoCt))
def test_without_a_ct__the_reason_is_said(why: NoCt) -> None:
    (scene,) = in_memory().scenes
    handed = _handed(PictureSet(scenes=(replace(scene, ct=None, no_ct=why),)))["scenes"][0]
    assert not handed["hasCt"]
    assert "CT" in handed["ctNotice"]


def test_a_ct_with_gaps__says_what_is_interpolated() -> None:
    (scene,) = in_memory().scenes
    handed = _handed(PictureSet(scenes=(replace(scene, ct_is_interpolated=True),)))["scenes"][0]
    assert "interpolated" in handed["ctNotice"]
    assert _handed(PictureSet(scenes=(scene,)))["scenes"][0]["ctNotice"] == ""


def test_a_criterion__leads_to_the_side_that_it_is_about() -> None:
    row = a_report().results[0]
    most, least = go_to(replace(row, relation="<=")), go_to(replace(row, relation=">="))
    assert (most["spot"], least["spot"]) == ("hottest", "coldest")
    assert most["sites"] == list(row.site_structures)
    assert (most["kind"], most["plan"]) == (row.scope_kind.value, row.plan_key)
