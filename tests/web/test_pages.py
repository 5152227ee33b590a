"""What pages show, to whom, as the server sends it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.a_report import a_report
from tests.web.callbacks import post_callback
from tests.web.installation import PATIENT_ID, Installation
from trial_core.domain.report_json import report_from_json, report_to_json
from trial_core.services import submissions
from web.components.worklist import age

Person = Callable[[str], FlaskClient]


def _page(client: FlaskClient, path: str) -> str:
    """Give a page's layout as text."""
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


def test_work_list__names_what_waits_for_a_person(oncologist: FlaskClient, checked: str) -> None:
    page = _page(oncologist, "/plans")
    assert "A person has to say whose files these are" in page
    assert "S01-001" in page


def test_work_list__of_another_site_is_empty(sign_in: Person, checked: str) -> None:
    assert "S01-001" not in _page(sign_in("stranger"), "/plans")


def test_work_list__tells_a_role_without_subjects_so(sign_in: Person) -> None:
    assert "There is no list for your role" in _page(sign_in("admin"), "/plans")


@pytest.mark.parametrize("path", ["/subjects/S01-001", "/submissions/{id}", "/submissions/{id}/report"])
def test_pages_of_another_site__are_refused_in_words(sign_in: Person, checked: str, path: str) -> None:
    page = _page(sign_in("stranger"), path.format(id=checked))
    assert "Refused" in page
    assert "SpinalCord" not in page


def test_subject_in_arm_b__is_told_why_no_plan_can_be_submitted(oncologist: FlaskClient) -> None:
    page = _page(oncologist, "/subjects/S01-002")
    assert "arm B" in page
    assert "/subjects/S01-002/submit" not in page


def test_submit_page__is_refused_to_trial_staff(sign_in: Person) -> None:
    page = _page(sign_in("staff"), "/subjects/S01-001/submit")
    assert "does not allow" in page
    assert "upload-board" not in page


def test_submission__shows_no_findings_before_anything_was_looked_at(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission_id, _ = installation.submit("S01-001", {"a.dcm": b"a"})
    page = _page(oncologist, f"/submissions/{submission_id}")
    assert "Waiting for a worker" in page
    assert "Nothing was found" not in page


def test_submission__asks_the_clinicians_alone_whose_files_these_are(sign_in: Person, checked: str) -> None:
    assert "submission-confirm" in _page(sign_in("physicist"), f"/submissions/{checked}")
    assert "submission-confirm" not in _page(sign_in("staff"), f"/submissions/{checked}")


def test_submission__shows_no_name_and_no_patient_id(oncologist: FlaskClient, checked: str) -> None:
    page = _page(oncologist, f"/submissions/{checked}")
    assert "Doe" not in page
    assert PATIENT_ID not in page


def test_report__shows_every_row_with_its_verdict_and_the_assumed_notice(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    installation.confirm(checked)
    page = _page(oncologist, f"/submissions/{checked}/report")
    for words in (
        "Per protocol",
        "Acceptable variation",
        "Unacceptable deviation",
        "Not evaluable",
        "Not contoured",
    ):
        assert words in page
    assert "the sponsor has not published it" in page
    assert "14.20 ± 0.03 Gy" in page
    assert "1.00 to 50.00 Gy" in page


def test_report_json__is_what_is_kept_byte_for_byte_after_what_the_record_says(
    oncologist: FlaskClient, checked: str
) -> None:
    response = oncologist.get(f"/submissions/{checked}/report.json")
    kept = report_to_json(a_report())
    assert response.data.endswith(kept.removeprefix(b"{"))
    assert report_from_json(response.data) == a_report()
    assert response.get_json()["record"]["report_sha256"] == hashlib.sha256(kept).hexdigest()
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_report_html__is_one_file_with_the_verdict(oncologist: FlaskClient, checked: str) -> None:
    response = oncologist.get(f"/submissions/{checked}/report.html")
    assert response.status_code == 200
    assert "nacceptable deviation" in response.get_data(as_text=True)


@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_downloads__are_refused_to_another_site(sign_in: Person, checked: str, name: str) -> None:
    assert sign_in("stranger").get(f"/submissions/{checked}/{name}").status_code == 404


def test_callback__that_fails_says_so_with_an_id_and_logs_no_data(
    oncologist: FlaskClient, installation: Installation, checked: str, caplog: pytest.LogCaptureFixture
) -> None:
    for kept in (installation.settings.store_folder / "sha256").rglob("*"):
        if kept.is_file():
            kept.chmod(0o600)
            kept.write_bytes(b"{}")
    answer: dict[str, Any] = post_callback(
        oncologist,
        "..report-doses.value",
        {"report-chosen.data": 1, "report-submission.data": checked},
    ).get_json()
    said = json.dumps(answer)
    assert "was changed" in said
    assert "sendNotifications" in said
    assert PATIENT_ID not in caplog.text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(0), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=9), "9 days"),
    ],
)
def test_age__is_said_in_the_unit_people_would_use(passed: timedelta, text: str) -> None:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    assert age(now - passed, now) == text


def test_work_list__that_is_full_says_so_and_keeps_what_waits_for_a_person(
    oncologist: FlaskClient, installation: Installation, checked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = [installation.submit("S01-001", {"a.dcm": bytes([i])})[0] for i in range(3)]
    assert "The list ends" not in _page(oncologist, "/plans")
    monkeypatch.setattr(submissions, "MOST_LISTED", 3)
    page = _page(oncologist, "/plans")
    assert "The list ends after 3 submissions" in page
    assert [one in page for one in (checked, *newer)] == [True, False, True, True]
