"""What the record says of a report stands beside it: on its page, in its file, on the submission."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.web.callbacks import post_callback
from tests.web.installation import Installation
from trial_core.db.tables import plan_submission
from trial_core.services.submissions import reject_identity

FOUND = "ct-slice-gap"
"""The finding of `a_report`."""


def _page(client: FlaskClient, path: str) -> str:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    return json.dumps(answer.get_json(), ensure_ascii=False)


def test_report_of_a_set_that_waits__says_that_its_verdict_does_not_count(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    words = "This verdict does not count yet"
    page = _page(oncologist, f"/submissions/{checked}/report")
    assert page.index(words) < page.index("course-verdict")
    assert "identity-to-confirm" in page
    installation.confirm(checked)
    assert words not in _page(oncologist, f"/submissions/{checked}/report")


def test_report_file__names_the_subject_and_says_whether_its_verdict_counts(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    words = "This verdict does not count yet"
    file = oncologist.get(f"/submissions/{checked}/report.html").get_data(as_text=True)
    assert "Subject S01-001, site S01, version 1." in file
    assert file.index(words) < file.index("Verdict of the course")
    installation.confirm(checked)
    file = oncologist.get(f"/submissions/{checked}/report.html").get_data(as_text=True)
    assert "Subject S01-001, site S01, version 1." in file
    assert words not in file


def _submit_another(installation: Installation, seed: str) -> str:
    submission_id, job_id = installation.submit("S01-001", {f"{seed}.dcm": seed.encode()})
    installation.check(job_id, seed=seed)
    return submission_id


def test_report_of_an_old_version__leads_to_the_newest(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    installation.confirm(checked)
    newer = [_submit_another(installation, seed) for seed in ("b", "c")]
    page = _page(oncologist, f"/submissions/{checked}/report")
    assert page.index("There is a newer version") < page.index("course-verdict")
    assert f"/submissions/{newer[1]}/report" in page
    assert "Version 3" in page
    assert "newer version" not in _page(oncologist, f"/submissions/{newer[1]}/report")
    file = oncologist.get(f"/submissions/{newer[0]}/report.html").get_data(as_text=True)
    assert "newer version of this subject&#39;s plans: version 3" in file


def test_report_of_an_old_version__is_the_newest_again_when_the_later_one_was_not_the_subjects(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    installation.confirm(checked)
    newer = _submit_another(installation, "b")
    reject_identity(
        installation.db, installation.people["oncologist"], submission_id=newer, reason="mixed up"
    )
    assert "newer version" not in _page(oncologist, f"/submissions/{checked}/report")


def test_report_json__says_before_the_report_whether_its_verdict_counts(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    path = f"/submissions/{checked}/report.json"
    waiting = oncologist.get(path).get_json()["record"]
    assert (waiting["subject"], waiting["version"], waiting["verdict_counts"]) == ("S01-001", 1, False)
    assert "whose files" in waiting["why_not"]
    installation.confirm(checked)
    _submit_another(installation, "b")
    record = oncologist.get(path).get_json()["record"]
    assert (record["verdict_counts"], record["why_not"], record["newer_version"]) == (True, None, 2)


def test_submission__shows_the_findings_of_its_report(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    waiting = _page(oncologist, f"/submissions/{checked}")
    assert FOUND in waiting
    assert "identity-to-confirm" in waiting
    installation.confirm(checked)
    assert FOUND in _page(oncologist, f"/submissions/{checked}")


def test_submission__whose_report_is_lost_does_not_say_that_nothing_was_found(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    for kept in (installation.settings.store_folder / "sha256").rglob("*"):
        if kept.is_file():
            kept.unlink()
    page = _page(oncologist, f"/submissions/{checked}")
    assert "The findings cannot be shown" in page
    assert "Nothing was found" not in page


@pytest.mark.parametrize("state", ["refused", "duplicate", "blocked", "abandoned"])
def test_subject__calls_only_an_upload_under_way_not_finished(
    oncologist: FlaskClient, installation: Installation, state: str
) -> None:
    installation.submit("S01-001", {"a.dcm": b"a"})
    with installation.db.transaction() as connection:
        connection.execute(update(plan_submission).values(state=state))
    assert "ot finished" not in _page(oncologist, "/subjects/S01-001")


def test_submission__lists_no_name_of_a_file_before_the_check_has_cleared_them(
    oncologist: FlaskClient, installation: Installation, sign_in: Callable[[str], FlaskClient]
) -> None:
    submission_id, job_id = installation.submit("S01-001", {"DOE_JOHN.dcm": b"a"})
    assert "DOE_JOHN" not in _page(oncologist, f"/submissions/{submission_id}")
    assert sign_in("physicist").get(f"/uploads/{submission_id}").get_json()["files"] == []
    installation.check(job_id)
    assert "(hidden)_JOHN.dcm" in _page(oncologist, f"/submissions/{submission_id}")  # Doe is the patient
