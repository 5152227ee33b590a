"""Uploads through the page: a whole course, a cut connection, a reload, a hostile archive."""

from __future__ import annotations

import hashlib
import random
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from imaging.synthetic.identity import Patient
from tests.browser.conftest import Served, shot
from tests.support.hostile import zip_climbing_out
from tests.support.small_course import write_small_course
from tests.web.installation import PASSWORD
from trial_core.domain.plan import SubmissionView
from trial_core.services import subjects, submissions

CHECK_MS = 150_000
CHUNK_BYTES = 8 * 1024 * 1024


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic") / "course"
    write_small_course(folder)
    return folder


def _latest(served: Served, code: str) -> SubmissionView:
    who = served.home.people["oncologist"]
    record = subjects.subject_record(served.home.db, who, code=code)
    return submissions.submission_view(served.home.db, who, submission_id=record.submissions[0].submission_id)


def _noise(path: Path, size: int, seed: int) -> Path:
    path.write_bytes(random.Random(seed).randbytes(size))  # noqa: S311 - noise, no secret
    return path


def test_course__from_a_folder_to_the_verdict_on_the_subjects_page(
    page: Page, served: Served, course: Path
) -> None:
    served.home.add_subject("S01-311")
    page.goto("/subjects/S01-311")
    page.get_by_role("link", name="Submit plans").click()
    page.set_input_files("#upload-folder", course)
    expect(page.get_by_role("heading", name="Submission for S01-311")).to_be_visible(timeout=60_000)
    shot(page, "checking")
    page.get_by_role("button", name="Submit").click()  # without waiting: the same check is done after it
    expect(page.get_by_role("heading", name="Are these the files of subject S01-311?")).to_be_visible(
        timeout=CHECK_MS
    )
    shot(page, "whose-files")
    page.fill("#submission-patient-id", Patient().patient_id)
    page.click("#submission-confirm")
    expect(page.locator("#submission-confirm")).to_have_count(0)  # the page is drawn anew
    page.click("#open-report")
    expect(page.locator("#course-verdict")).to_contain_text("Per protocol")
    expect(page.locator("#report-criteria tr[data-verdict='per protocol']").first).to_be_visible()
    for words in ("PTV", "Lungs", "SpinalCord", "EQD2"):
        expect(page.locator("#report-criteria")).to_contain_text(words)
    expect(page.locator("#report-criteria tr[data-verdict='not evaluable']")).to_have_count(0)
    expect(page.locator(".js-plotly-plot .trace path.js-line").first).to_be_visible()
    shot(page, "report")
    assert Patient().name.split("^")[0] not in page.locator("main").inner_text()
    page.goto("/subjects/S01-311")
    expect(page.locator("main")).to_contain_text("Version 1")
    plans = page.get_by_role("table", name="Submissions, newest first")
    expect(plans).to_contain_text("Per protocol")
    shot(page, "subject")
    page.goto("/plans")
    expect(page.locator(".ag-row", has_text="S01-311")).to_contain_text("Per protocol")
    shot(page, "work-list")


def test_zip__cut_in_the_middle_goes_on_by_itself_and_arrives_whole(
    page: Page, served: Served, tmp_path: Path
) -> None:
    served.home.add_subject("S01-312")
    archive = _noise(tmp_path / "big.zip", 3 * CHUNK_BYTES + 12345, seed=1)
    cut: list[str] = []

    def cut_the_second_chunk(route: Route) -> None:
        if f"offset={CHUNK_BYTES}" in route.request.url and not cut:
            cut.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/uploads/*/files/*", cut_the_second_chunk)
    page.goto("/subjects/S01-312/submit")
    page.set_input_files("#upload-zip", archive)
    expect(page.locator("#upload-line")).to_contain_text("The connection broke")
    expect(page.get_by_role("heading", name="Submission for S01-312")).to_be_visible(timeout=30_000)
    assert cut
    (kept,) = _latest(served, "S01-312").files
    assert kept.sha256 == hashlib.sha256(archive.read_bytes()).hexdigest()


def test_zip__after_a_reload_goes_on_from_the_servers_offset(
    page: Page, served: Served, tmp_path: Path
) -> None:
    served.home.add_subject("S01-303")
    archive = _noise(tmp_path / "big.zip", 3 * CHUNK_BYTES + 999, seed=2)
    page.route("**/uploads/*/files/*offset=16777216", lambda route: route.abort("connectionreset"))
    page.goto("/subjects/S01-303/submit")
    page.set_input_files("#upload-zip", archive)
    expect(page.locator("#upload-line")).to_contain_text("The connection broke")
    page.unroute("**/uploads/*/files/*offset=16777216")
    page.reload()
    expect(page.locator("#upload-board")).to_contain_text("An upload was not finished")
    offsets: list[str] = []
    page.on(
        "request",
        lambda request: (
            offsets.append(request.url.partition("offset=")[2]) if request.method == "PUT" else None
        ),
    )
    page.set_input_files("#upload-zip", archive)
    expect(page.get_by_role("heading", name="Submission for S01-303")).to_be_visible(timeout=30_000)
    assert offsets == ["16777216", "25165824"]
    (kept,) = _latest(served, "S01-303").files
    assert kept.sha256 == hashlib.sha256(archive.read_bytes()).hexdigest()


def test_upload__can_be_paused_resumed_and_cancelled(page: Page, served: Served, tmp_path: Path) -> None:
    served.home.add_subject("S01-304")
    archive = _noise(tmp_path / "big.zip", 2 * CHUNK_BYTES, seed=3)
    page.route("**/uploads/*/files/*offset=8388608", lambda route: None)  # the second chunk hangs
    page.goto("/subjects/S01-304/submit")
    page.set_input_files("#upload-zip", archive)
    expect(page.locator("#upload-detail")).to_contain_text("8.4 MB")
    page.click("#upload-pause")
    expect(page.locator("#upload-line")).to_contain_text("Paused")
    page.click("#upload-pause")
    expect(page.locator("#upload-line")).to_contain_text("Uploading")
    page.click("#upload-cancel")
    expect(page.locator("#upload-refusals")).to_contain_text("cancelled")
    staged = served.home.settings.store_folder / "staging"
    assert [path for path in staged.rglob("*") if path.is_file()] == []


def test_hostile_zip__shows_its_finding_and_the_server_goes_on(
    page: Page, served: Served, tmp_path: Path
) -> None:
    served.home.add_subject("S01-305")
    page.goto("/subjects/S01-305/submit")
    page.set_input_files("#upload-zip", zip_climbing_out(tmp_path / "climbs.zip"))
    expect(page.locator("main")).to_contain_text("Refused", timeout=60_000)
    expect(page.locator("main")).to_contain_text("zip-unsafe-name")
    shot(page, "refused")
    page.goto("/plans")
    expect(page.locator(".ag-row", has_text="S01-305")).to_contain_text("Not submitted")


def test_hostile_names__in_an_upload_are_shown_as_text(page: Page, served: Served, tmp_path: Path) -> None:
    served.home.add_subject("S01-306")
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "<img src=x onerror=alert(1)>.dcm").write_text("no dicom")
    page.goto("/subjects/S01-306/submit")
    page.set_input_files("#upload-folder", folder)
    expect(page.locator("main")).to_contain_text("Refused", timeout=60_000)
    expect(page.locator("main")).to_contain_text("<img src=x onerror=alert(1)>.dcm")
    assert page.locator("img[src='x']").count() == 0


def test_empty_files__are_named_before_anything_is_sent(page: Page, served: Served, tmp_path: Path) -> None:
    served.home.add_subject("S01-307")
    (tmp_path / "empty.zip").touch()
    page.goto("/subjects/S01-307/submit")
    page.set_input_files("#upload-zip", tmp_path / "empty.zip")
    expect(page.locator("#upload-refusals")).to_contain_text("empty")


@pytest.mark.long
def test_same_zip__for_another_subject_is_blocked(
    page: Page, served: Served, course: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "course.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted(course.rglob("*.dcm")):
            target.write(path, path.relative_to(course))
    served.home.add_subject("S01-308")
    page.goto("/subjects/S01-308/submit")
    page.set_input_files("#upload-zip", archive)
    expect(page.locator("main")).to_contain_text("Blocked", timeout=CHECK_MS)
    shot(page, "blocked")


def test_refused_name__keeps_the_whole_set_back_and_says_which_file(
    page: Page, served: Served, tmp_path: Path
) -> None:
    served.home.add_subject("S01-309")
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "good.dcm").write_text("no dicom")
    (folder / "bell\x07.dcm").write_text("no dicom")
    page.goto("/subjects/S01-309/submit")
    page.set_input_files("#upload-folder", folder)
    expect(page.locator("#upload-refusals")).to_contain_text("Nothing was sent")
    expect(page.locator("#upload-refusals")).to_contain_text("cannot be used")
    assert _latest(served, "S01-309").files == ()


def test_cancelled_upload__the_same_file_can_be_chosen_again(
    page: Page, served: Served, tmp_path: Path
) -> None:
    served.home.add_subject("S01-310")
    archive = _noise(tmp_path / "big.zip", CHUNK_BYTES, seed=4)
    page.route("**/uploads/*/files/*offset=0", lambda route: None)
    page.goto("/subjects/S01-310/submit")
    page.set_input_files("#upload-zip", archive)
    expect(page.locator("#upload-line")).to_contain_text("Uploading")
    page.click("#upload-cancel")
    expect(page.locator("#upload-refusals")).to_contain_text("cancelled")
    assert page.locator("#upload-zip").input_value() == ""
    page.unroute("**/uploads/*/files/*offset=0")
    page.set_input_files("#upload-zip", archive)
    expect(page.get_by_role("heading", name="Submission for S01-310")).to_be_visible(timeout=30_000)


def test_session_that_ends_while_uploading__leads_to_the_sign_in_and_back_to_the_unfinished_upload(
    page: Page, served: Served, tmp_path: Path
) -> None:
    served.home.add_subject("S01-341")
    archive = _noise(tmp_path / "big.zip", 2 * CHUNK_BYTES, seed=5)

    def sign_out_first(route: Route) -> None:
        page.context.clear_cookies(name="dosegate_session")
        route.fulfill(status=401, json={"message": "You are not signed in."})

    page.route("**/uploads/*/files/*offset=8388608", sign_out_first)
    page.goto("/subjects/S01-341/submit")
    page.set_input_files("#upload-zip", archive)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.unroute("**/uploads/*/files/*offset=8388608")
    page.fill("#login", "oncologist")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    expect(page.locator("#upload-board")).to_contain_text("An upload was not finished")
    page.set_input_files("#upload-zip", archive)
    expect(page.get_by_role("heading", name="Submission for S01-341")).to_be_visible(timeout=30_000)


def test_two_windows__finishing_one_upload_end_at_the_same_submission(
    page: Page, served: Served, tmp_path: Path
) -> None:
    served.home.add_subject("S01-342")
    archive = _noise(tmp_path / "big.zip", 2 * CHUNK_BYTES, seed=6)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/uploads/*/files/*offset=8388608", hold)  # this window's second chunk hangs
    page.goto("/subjects/S01-342/submit")
    page.set_input_files("#upload-zip", archive)
    expect(page.locator("#upload-detail")).to_contain_text("8.4 MB")
    other = page.context.new_page()
    other.goto("/subjects/S01-342/submit")
    expect(other.locator("#upload-board")).to_contain_text("An upload was not finished")
    other.set_input_files("#upload-zip", archive)
    expect(other.get_by_role("heading", name="Submission for S01-342")).to_be_visible(timeout=30_000)
    for route in held:
        route.continue_()  # late: the other window has sent these bytes and finished
    expect(page.get_by_role("heading", name="Submission for S01-342")).to_be_visible(timeout=30_000)
    assert page.url == other.url


def test_leaving_within_the_application__is_asked_about_and_sends_nothing_more(
    page: Page, served: Served, tmp_path: Path
) -> None:
    served.home.add_subject("S01-313")
    archive = _noise(tmp_path / "big.zip", 2 * CHUNK_BYTES, seed=7)
    page.route("**/uploads/*/files/*offset=8388608", lambda route: None)
    page.goto("/subjects/S01-313/submit")
    page.set_input_files("#upload-zip", archive)
    expect(page.locator("#upload-detail")).to_contain_text("8.4 MB")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("link", name="Work list").click()
    expect(page.locator("#upload-line")).to_contain_text("Uploading")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Work list").click()
    expect(page.get_by_role("heading", name="Work list")).to_be_visible()
    page.go_back()
    expect(page.locator("#upload-board")).to_contain_text("An upload was not finished")


def test_full_disk__is_said_and_the_upload_can_go_on_later(
    page: Page, served: Served, tmp_path: Path
) -> None:
    served.home.add_subject("S01-314")
    archive = _noise(tmp_path / "big.zip", 2 * CHUNK_BYTES, seed=8)
    full = {"status": 507, "json": {"message": "The server's disk is full."}}
    page.route("**/uploads/*/files/*offset=8388608", lambda route: route.fulfill(**full))
    page.goto("/subjects/S01-314/submit")
    page.set_input_files("#upload-zip", archive)
    expect(page.locator("#upload-refusals")).to_contain_text("disk is full")
    expect(page.locator("#upload-board")).to_contain_text("An upload was not finished")
    page.unroute("**/uploads/*/files/*offset=8388608")
    page.set_input_files("#upload-zip", archive)
    expect(page.get_by_role("heading", name="Submission for S01-314")).to_be_visible(timeout=30_000)


def test_many_small_files__arrive_in_seconds(page: Page, served: Served, tmp_path: Path) -> None:
    served.home.add_subject("S01-315")
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number:04d}.dcm").write_bytes(bytes(1000))
    page.goto("/subjects/S01-315/submit")
    page.set_input_files("#upload-folder", folder)
    expect(page.get_by_role("heading", name="Submission for S01-315")).to_be_visible(timeout=60_000)
    assert len(_latest(served, "S01-315").files) == 400
