"""The case page's callbacks: a row is shown in the pictures, comments stand beside their items, one parse."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from tests.web.a_report import with_a_sum
from tests.web.callbacks import post_callback
from tests.web.entering import page_text, send
from tests.web.installation import PASSWORD, Installation
from trial_core.domain.plan_review import DecisionOutcome, ReviewOutcome
from web.reading import reports

LOOK = "..report-doses.value"


def _look_at(client: FlaskClient, submission: str, number: int, doses: list[str], axis: str = "Gy") -> Any:
    values = {
        "report-chosen.data": number,
        "report-doses.value": doses,
        "report-dose-axis.value": axis,
        "report-submission.data": submission,
    }
    answer = post_callback(client, LOOK, values)
    return {} if answer.status_code == 204 else answer.get_json()["response"]


def test_row_looked_at__brings_its_dose_into_the_plot_and_sends_the_slices_to_its_spot(
    oncologist: FlaskClient, checked: str
) -> None:
    seen = _look_at(oncologist, checked, 3, ["sum physical"])
    assert seen["report-doses"]["value"] == ["sum physical", "cfrt"]
    assert seen["viewer-go-to"]["data"]["structure"] == "SpinalCord"
    assert seen["viewer-go-to"]["data"]["spot"] == "hottest"
    assert "45.20 Gy, limit ≤ 45 Gy" in json.dumps(seen["report-chosen-words"], ensure_ascii=False)
    assert "report-doses" not in _look_at(oncologist, checked, 3, ["cfrt"])


def test_row_of_a_sum_looked_at__is_shown_in_gray_for_a_sum_has_no_prescription(
    oncologist: FlaskClient, checked: str
) -> None:
    assert _look_at(oncologist, checked, 4, [], axis="%")["report-dose-axis"]["value"] == "Gy"
    assert "report-dose-axis" not in _look_at(oncologist, checked, 3, [], axis="%")


def test_row_that_is_not_in_the_report__moves_nothing(oncologist: FlaskClient, checked: str) -> None:
    assert "viewer-go-to" not in _look_at(oncologist, checked, 99, ["cfrt"])


def _figure(client: FlaskClient, submission: str) -> str:
    values = {
        "report-structures.value": ["Lungs"],
        "report-doses.value": ["cfrt", "sum physical"],
        "report-dose-axis.value": "%",
        "report-submission.data": submission,
    }
    return post_callback(client, "..report-dvh.figure", values).get_data(as_text=True)


def test_plot__in_percent_says_why_the_sum_is_missing(oncologist: FlaskClient, checked: str) -> None:
    assert "A sum of plans has no one prescription" in _figure(oncologist, checked)


def test_comments__of_a_review_whose_signature_stands_are_beside_their_item(
    sign_in: Callable[[str], FlaskClient], installation: Installation, checked: str
) -> None:
    installation.confirm(checked)
    reviewer = installation.reviewer("rev-beside")
    client = sign_in(reviewer.login)
    path = f"/submissions/{checked}/report"
    typed = {
        "outcome": ReviewOutcome.NO_OBJECTION.value,
        "item_0": "result 3",
        "comment_0": "one voxel in the canal",
        "item_1": "cfrt: fractions",
        "comment_1": "as prescribed",
    }
    assert "Location" in send(client, path, "review-physics", **typed, password=PASSWORD)
    shown = page_text(client, path)
    row = shown[shown.index('"criterion-3"') - 6000 : shown.index('"criterion-3"')]
    assert "one voxel in the canal" in row
    assert shown.count("as prescribed") == 3  # at the check, on the record, and in the form that replaces it
    assert shown.count("medical physics: ") >= 2


def test_history__lists_the_versions_and_leads_to_the_others(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    installation.confirm(checked)
    newer, job_id = installation.submit("S01-001", {"b.dcm": b"b"})
    installation.check(job_id, seed="b")
    shown = page_text(oncologist, f"/submissions/{newer}/report")
    assert "Version 2, this one" in shown
    assert f"/submissions/{checked}/report" in shown


def test_report__is_parsed_once_for_every_look_at_it(oncologist: FlaskClient, checked: str) -> None:
    reports._parsed.cache_clear()
    for _ in range(3):
        oncologist.get(f"/submissions/{checked}/report.html")
        _figure(oncologist, checked)
    assert reports._parsed.cache_info().misses == 1


def test_report__of_a_submission_without_one_leads_to_the_submission(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission_id, _ = installation.submit("S01-001", {"a.dcm": b"a"})
    page = post_callback(
        oncologist,
        "..frame-page.children",
        {"frame-location.pathname": f"/submissions/{submission_id}/report"},
    ).get_json()
    assert "Being checked" in json.dumps(page)
    assert f'/submissions/{submission_id}"' in json.dumps(page)


def test_work_list__says_that_a_sum_needs_review_beside_its_verdict(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission_id, job_id = installation.submit("S01-001", {"a.dcm": b"a"})
    installation.check(job_id, report=with_a_sum(needs_review=True))
    installation.confirm(submission_id)
    for path in ("/plans", "/subjects/S01-001"):
        page = post_callback(oncologist, "..frame-page.children", {"frame-location.pathname": path})
        assert "Unacceptable deviation; sum needs review" in page.get_data(as_text=True)


def test_work_list__says_what_is_decided_and_what_waits_for_it(
    sign_in: Callable[[str], FlaskClient], installation: Installation, checked: str
) -> None:
    installation.confirm(checked)
    reviewers = [sign_in(installation.reviewer(login).login) for login in ("rev-one", "rev-two")]
    assert "Not decided yet" in page_text(reviewers[0], "/plans")
    path = f"/submissions/{checked}/report"
    for client, form in zip(reviewers, ("review-oncology", "review-physics"), strict=True):
        send(client, path, form, outcome=ReviewOutcome.NO_OBJECTION.value, password=PASSWORD)
    rejected = {"decision": DecisionOutcome.REJECTED.value, "reason": "too hot", "password": PASSWORD}
    assert "Location" in send(reviewers[0], path, "plan-decision", **rejected)
    assert "Rejected: resubmit" in page_text(reviewers[0], "/plans")
    _, job_id = installation.submit("S01-001", {"b.dcm": b"b"})
    installation.check(job_id, seed="b")
    listed = page_text(reviewers[0], "/plans")
    assert "Rejected: resubmit" in listed
    assert "Not decided yet" in listed
