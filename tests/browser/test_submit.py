"""A plan submitted as its oncologist does it: what is in the files, names, the result before, the receipt."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from playwright.sync_api import Locator, Page, expect

from imaging.synthetic.course import CourseSize, write_course
from tests.browser.accessibility import grave
from tests.browser.conftest import Served, shot
from tests.web.installation import PASSWORD
from trial_core.domain.access import Actor
from trial_core.domain.plan import SubmissionState
from trial_core.services import own_settings, subjects
from trial_core.services.own_settings import FilteredList

CHECK_MS = 150_000
MOST_CLICKS = 6


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic") / "course"
    write_course(folder, seed=12, size=CourseSize.SMALL)  # a patient of no other test
    return folder


def _other_names(within: Path, seed: int) -> Path:
    """The plans and structures of a course with a German heart, and a name that means nothing."""
    course, folder = within / "course", within / "other-names"
    for path in sorted(write_course(course, seed=seed, size=CourseSize.SMALL)):
        if "RS" not in path.name and "RP" not in path.name:
            continue
        (folder / path.relative_to(course)).parent.mkdir(parents=True, exist_ok=True)
        dataset = pydicom.dcmread(path)
        for roi in dataset.get("StructureSetROISequence", []):
            roi.ROIName = {"Heart": "Herz", "Liver": "Structure 7"}.get(roi.ROIName, roi.ROIName)
        dataset.save_as(folder / path.relative_to(course))
    return folder


class _Clicks:
    """Counts what a person clicks."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, what: Locator) -> None:
        what.click()
        self.count += 1


def _oncologist(served: Served) -> Actor:
    return served.home.people["oncologist"]


def _state(served: Served, code: str) -> SubmissionState:
    return subjects.subject_record(served.home.db, _oncologist(served), code=code).submissions[0].state


def test_a_complete_well_named_set__is_submitted_with_few_clicks(
    page: Page, served: Served, course: Path
) -> None:
    code, click = "S01-651", _Clicks()
    served.home.add_subject(code)
    page.goto("/")
    click(page.get_by_role("link", name="Subjects", exact=True))
    click(page.get_by_label("Subject Filter Input"))
    page.keyboard.type(code)
    click(page.get_by_role("link", name=code))
    click(page.get_by_role("link", name="Submit plans"))
    expect(page.get_by_text("Drop the folder or the ZIP of the course here")).to_be_visible()
    shot(page, "submit-choose")
    with page.expect_file_chooser() as chooser:
        click(page.locator("#upload-folder"))
    chooser.value.set_files(course)
    content = page.locator("#set-content")
    expect(content).to_contain_text("Recognised as CFRT", timeout=CHECK_MS)
    for words in ("Recognised as LDRT", "Dose linked", "Linked to its CT", "Complete"):
        expect(content).to_contain_text(words)
    shot(page, "submit-content")
    expect(page.locator("#precheck-verdict")).to_contain_text("Per protocol", timeout=CHECK_MS)
    expect(page.locator("main")).to_contain_text("It can be submitted.")
    assert _state(served, code) is SubmissionState.RECEIVING
    shot(page, "submit-result")
    assert grave(page) == []
    page.set_viewport_size({"width": 820, "height": 1180})
    shot(page, "submit-result-tablet")
    click(page.get_by_role("button", name="Submit", exact=True))
    expect(page.locator("#receipt")).to_contain_text("SHA-256 of the set")
    expect(page.locator("#receipt")).to_contain_text("UTC")
    shot(page, "submit-receipt")
    assert _state(served, code) is not SubmissionState.RECEIVING
    assert click.count <= MOST_CLICKS
    assert grave(page) == []
    own_settings.keep_list_filter(served.home.db, _oncologist(served), {}, of=FilteredList.SUBJECTS)


def test_names_that_nobody_knows__are_suggested_given_and_kept_with_whose_word_it_is(
    page: Page, served: Served, tmp_path: Path
) -> None:
    code = "S01-652"
    served.home.add_subject(code)
    page.goto(f"/subjects/{code}/submit")
    page.set_input_files("#upload-folder", _other_names(tmp_path, seed=23))
    names = page.locator("#names-to-give")
    expect(names).to_contain_text("The same as Heart in other words", timeout=60_000)
    heart = page.get_by_role("textbox", name="What Herz is in the protocol")
    expect(heart).to_have_value("Heart (suggested)")
    expect(page.locator("#precheck-verdict")).to_be_visible(timeout=60_000)
    shot(page, "submit-names")
    assert grave(page) == []
    names.get_by_text("other name").click()
    liver = page.get_by_role("textbox", name="What Structure 7 is in the protocol")
    liver.fill("Heart")
    page.get_by_role("option", name="Heart").click()
    page.click("#submission-name")
    expect(page.locator("#submission-name-answer")).to_contain_text(
        "of the same structure set is Heart already"
    )
    shot(page, "submit-names-refused")
    liver.fill("Liver")
    page.get_by_role("option", name="Liver").click()
    page.click("#submission-name")
    expect(names).to_contain_text("Said by", timeout=60_000)
    expect(page.locator("main")).to_contain_text("'Herz' is Heart of the protocol, said", timeout=60_000)
    shot(page, "submit-named")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("#receipt")).to_contain_text("Structure 7")
    shot(page, "submit-named-receipt")


def test_a_set_that_cannot_be_used__says_which_file_and_is_discarded(
    page: Page, served: Served, tmp_path: Path
) -> None:
    code = "S01-653"
    served.home.add_subject(code)
    (tmp_path / "letter.dcm").write_text("Dear colleague")
    page.goto(f"/subjects/{code}/submit")
    page.set_input_files("#upload-files", tmp_path / "letter.dcm")
    expect(page.locator("main")).to_contain_text("Refused: it cannot be used.", timeout=60_000)
    expect(page.locator("main")).to_contain_text("letter.dcm")
    expect(page.get_by_role("button", name="Submit", exact=True)).to_have_count(0)
    shot(page, "submit-refused")
    page.goto(f"/subjects/{code}/submit")
    expect(page.locator("#upload-board")).to_contain_text("Files that arrived wait for you to submit them")
    page.click("#upload-open")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#submission-discard-button")
    expect(page.locator("main")).to_contain_text("what had arrived was removed")
    assert _state(served, code) is SubmissionState.ABANDONED


def test_two_windows__the_one_left_behind_submits_nothing_that_it_does_not_show(
    page: Page, served: Served, tmp_path: Path
) -> None:
    code = "S01-654"
    served.home.add_subject(code)
    page.goto(f"/subjects/{code}/submit")
    page.set_input_files("#upload-folder", _other_names(tmp_path, seed=24))
    submit = page.get_by_role("button", name="Submit", exact=True)
    expect(submit).to_be_visible(timeout=CHECK_MS)
    other = page.context.new_page()
    other.goto(page.url)
    other.click("#submission-name")
    expect(other.locator("#names-to-give")).to_contain_text("Said by", timeout=60_000)
    submit.click()
    expect(page.get_by_role("alert")).to_contain_text("Not submitted from this window.")
    shot(page, "submit-left-behind")
    assert grave(page) == []
    assert _state(served, code) is SubmissionState.RECEIVING
    page.get_by_role("link", name="Show it as it is now").click()
    expect(page.locator("#names-to-give")).to_contain_text("Said by", timeout=60_000)
    expect(submit).to_be_visible(timeout=CHECK_MS)
    submit.click()
    expect(page.locator("#receipt")).to_contain_text("Herz")


def test_session_that_ended__submits_nothing_says_so_and_leads_back_to_the_set(
    page: Page, served: Served, tmp_path: Path
) -> None:
    code = "S01-655"
    served.home.add_subject(code)
    page.goto(f"/subjects/{code}/submit")
    page.set_input_files("#upload-folder", _other_names(tmp_path, seed=25))
    submit = page.get_by_role("button", name="Submit", exact=True)
    expect(submit).to_be_visible(timeout=CHECK_MS)
    address = page.url
    page.context.clear_cookies(name="dosegate_session")  # as where another window was signed out
    submit.click()
    expect(page.locator("#sign-in-message")).to_contain_text("the last step was not done")
    shot(page, "submit-session-ended")
    assert _state(served, code) is SubmissionState.RECEIVING
    page.fill("#login", "oncologist")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    expect(submit).to_be_visible()
    assert page.url == address
    submit.click()
    expect(page.locator("#receipt")).to_be_visible()
