"""The slice viewer in a real browser: what is under the pointer is what lies there in the patient."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.browser.accessibility import grave
from tests.browser.conftest import Served, shot, watched
from tests.web.kept_pictures import CT, HOSTILE, dose_gy, hounsfield, keep_pictures
from tests.web.lattices import voxel_centres_mm

_READ = re.compile(
    r"(-?\d+) HU +(?:at least )?([\d.]+) Gy.* +([RL]) ([\d.]+) · ([AP]) ([\d.]+) · ([IS]) ([\d.]+) mm"
)
_SIGN = {"R": -1, "L": 1, "A": -1, "P": 1, "I": -1, "S": 1}


@pytest.fixture(scope="module")
def pictured(served: Served) -> str:
    """A submission with pictures of a patient scanned feet first, on a dose grid of its own."""
    served.home.add_subject("S01-301")
    submission_id, job_id = served.home.submit("S01-301", {"a.dcm": b"viewer"})
    served.home.check(job_id, seed="v", patient="PID-v")
    keep_pictures(served.home, submission_id)
    return submission_id


@pytest.fixture
def viewer(page: Page, pictured: str) -> Page:
    return _opened(page, pictured)


@pytest.fixture(scope="module")
def still(browser: Browser, served: Served, signed_in: StorageState, pictured: str) -> Iterator[Page]:
    """A viewer for tests that move the pointer and change nothing: opening one takes seconds."""
    with watched(browser, served, signed_in) as page:
        yield _opened(page, pictured)


def _opened(page: Page, pictured: str) -> Page:
    page.goto(f"/submissions/{pictured}/slices")
    expect(page.locator(".viewer-axial .viewer-readout")).to_contain_text("Gy")
    return page


def _pane(page: Page, view: str) -> Locator:
    return page.locator(f".viewer-{view}")


def _read(pane: Locator) -> tuple[int, float, np.ndarray[Any, np.dtype[np.float64]]]:
    """HU, Gy and the point, as the pane says them."""
    found = _READ.search(pane.locator(".viewer-readout").inner_text())
    assert found is not None
    words = found.groups()
    point = [_SIGN[words[n]] * float(words[n + 1]) for n in (2, 4, 6)]
    return int(words[0]), float(words[1]), np.array(point)


def _said_point(pane: Locator) -> str:
    """The point of a pane's reading, as it is written."""
    found = _READ.search(pane.locator(".viewer-readout").inner_text())
    assert found is not None
    return " · ".join(f"{found[n]} {found[n + 1]}" for n in (3, 5, 7))


def _move_to(page: Page, pane: Locator, across: float, down: float) -> None:
    box = pane.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])


@pytest.mark.parametrize("view", ["axial", "coronal", "sagittal"])
def test_pointer__reads_the_voxel_and_the_known_dose_of_the_point(still: Page, view: str) -> None:
    pane = _pane(still, view)
    centres = voxel_centres_mm(CT).reshape(-1, 3)
    seen = set()
    for across, down in ((0.5, 0.5), (0.45, 0.52), (0.55, 0.47), (0.52, 0.55)):
        _move_to(still, pane, across, down)
        hu, dose, point = _read(pane)
        voxel = int(np.abs(centres - point).sum(axis=1).argmin())
        assert np.abs(centres[voxel] - point).max() <= 0.051
        assert hu == hounsfield().ravel()[voxel]
        assert dose == pytest.approx(float(dose_gy(centres[voxel])), abs=0.006)
        seen.add(voxel)
    assert len(seen) >= 3


def test_pointer__says_at_least_where_a_plan_of_the_sum_is_not_known(still: Page) -> None:
    pane = _pane(still, "axial")
    _move_to(still, pane, 0.4, 0.5)
    expect(pane.locator(".viewer-readout")).to_contain_text(" Gy: the other plan not known here")
    expect(pane.locator(".viewer-readout")).to_contain_text("at least ")
    _move_to(still, pane, 0.72, 0.5)
    expect(pane.locator(".viewer-readout")).not_to_contain_text("at least")
    assert _read(pane)[2][0] > 8
    _move_to(still, pane, 0.03, 0.5)
    expect(pane.locator(".viewer-readout")).to_contain_text("outside the dose grid")


@pytest.mark.parametrize(
    ("view", "sides"),
    [("axial", "RLAP"), ("coronal", "RLSI"), ("sagittal", "APSI")],
)
def test_letters__say_which_way_the_patient_lies(still: Page, view: str, sides: str) -> None:
    shown = [
        _pane(still, view).locator(f".viewer-{side}").inner_text()
        for side in ("left", "right", "top", "bottom")
    ]
    assert "".join(shown) == sides


def test_the_left_of_the_patient__is_on_the_right_side(still: Page) -> None:
    pane = _pane(still, "axial")
    _move_to(still, pane, 0.46, 0.5)
    left = _read(pane)[2]
    _move_to(still, pane, 0.54, 0.46)
    right = _read(pane)[2]
    assert right[0] > left[0]
    assert right[1] < left[1]


def test_slices__go_by_keys_and_wheel_and_say_where_they_are(viewer: Page) -> None:
    pane = _pane(viewer, "coronal")
    pane.focus()
    for key, number in (("Home", 1), ("ArrowUp", 2), ("PageUp", 12), ("ArrowDown", 11), ("End", 24)):
        viewer.keyboard.press(key)
        expect(pane).to_have_attribute("aria-valuenow", str(number))
    expect(pane).to_have_attribute("aria-valuetext", "Slice 24 of 24, P 23.0 mm")
    pane.hover()
    viewer.mouse.wheel(0, 100)
    expect(pane).to_have_attribute("aria-valuenow", "23")


def test_a_click__brings_the_other_views_to_the_point(viewer: Page) -> None:
    pane = _pane(viewer, "axial")
    before = _pane(viewer, "sagittal").get_attribute("aria-valuenow")
    _move_to(viewer, pane, 0.57, 0.52)
    viewer.mouse.down()
    viewer.mouse.up()
    expect(_pane(viewer, "sagittal")).not_to_have_attribute("aria-valuenow", str(before))
    point = _said_point(pane)
    viewer.mouse.move(0, 0)
    expect(_pane(viewer, "sagittal").locator(".viewer-readout")).to_contain_text(point)


def test_another_part_of_the_page__sends_it_to_a_structure(viewer: Page) -> None:
    target = {"structure": "Heart", "sites": [HOSTILE], "kind": "plan", "plan": "plan-1", "spot": "hottest"}
    viewer.evaluate(
        "target => dash_clientside.set_props('viewer-go-to', {data: target})", {**target, "alphaBeta": None}
    )
    expect(viewer.locator(".viewer-row.is-chosen")).to_have_text(re.compile(re.escape(HOSTILE)))
    expect(_pane(viewer, "axial")).to_have_attribute("aria-valuetext", "Slice 4 of 8, I 1.5 mm")


def test_what_is_shown__can_be_chosen(viewer: Page) -> None:
    viewer.get_by_role("button", name=f"Go to {HOSTILE}").click()
    expect(_pane(viewer, "axial")).to_have_attribute("aria-valuenow", "4")
    expect(_pane(viewer, "axial").locator(".viewer-readout")).to_contain_text("I 1.5 mm")
    pane = _pane(viewer, "axial").locator("canvas")
    plain = pane.screenshot()
    viewer.get_by_role("button", name="Bone").click()
    expect(viewer.get_by_role("button", name="Bone")).to_have_attribute("aria-pressed", "true")
    assert (bone := pane.screenshot()) != plain
    viewer.get_by_label("Width, HU").fill("3000")
    viewer.get_by_label("Width, HU").blur()
    assert (free := pane.screenshot()) != bone
    viewer.get_by_label(HOSTILE, exact=True).uncheck()
    assert (without := pane.screenshot()) != free
    viewer.get_by_label("Dose wash").fill("0")
    assert (no_wash := pane.screenshot()) != without
    viewer.get_by_role("combobox", name="Dose").select_option("none")
    expect(viewer.locator(".viewer-axial .viewer-readout")).not_to_contain_text("Gy")
    assert pane.screenshot() != no_wash


def test_isodoses__of_a_round_dose_are_circles_at_their_level(still: Page) -> None:
    radii: list[list[float]] = still.evaluate(
        """() => {
          const size = 81, middle = 40, steps = new Uint16Array(size * size);
          for (let n = 0; n < steps.length; n++)
            steps[n] = 60000 - 1000 * Math.hypot((n % size) - middle, Math.floor(n / size) - middle);
          const dose = { box: [0, 0, size, size], steps };
          return dosegatePaint.isolines(dose, [30000, 50000], 65535).map((line) => {
            const found = [];
            for (let n = 0; n < line.length; n += 2)
              found.push(Math.hypot(line[n] - middle, line[n + 1] - middle));
            return found;
          });
        }"""
    )
    for found, radius in zip(radii, (30.0, 10.0), strict=True):
        assert len(found) > 4 * radius
        np.testing.assert_allclose(found, radius, atol=0.02)


def test_isodoses__stop_where_the_dose_is_not_known(still: Page) -> None:
    ends = still.evaluate(
        """() => dosegatePaint.isolines(
          { box: [0, 0, 3, 2], steps: Uint16Array.of(10, 10, 65535, 30, 30, 65535) }, [20], 65535)[0]"""
    )
    assert ends == [1, 0.5, 0, 0.5]


def test_window__is_dicoms_linear_one(still: Page) -> None:
    """PS3.3 C.11.2.1.2.1: below c - 0.5 - (w - 1) / 2 black, above c - 0.5 + (w - 1) / 2 white."""
    greys = still.evaluate(
        """() => {
          const table = dosegatePaint.greys(40, 400);
          return [-160, 39, 40, 239, 240].map((hu) => table[hu + 32768] & 255);
        }"""
    )
    assert greys == [0, 127, 128, 255, 255]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_viewer__has_no_serious_accessibility_finding(page: Page, pictured: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    _opened(page, pictured)
    assert grave(page) == []
    shot(page, f"viewer-{scheme}")


def test_a_tablet__has_all_of_it(viewer: Page) -> None:
    viewer.set_viewport_size({"width": 800, "height": 1100})
    for view in ("axial", "coronal", "sagittal"):
        expect(_pane(viewer, view)).to_be_visible()
    assert viewer.evaluate("document.documentElement.scrollWidth") <= 800
    shot(viewer, "viewer-tablet")
