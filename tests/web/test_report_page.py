"""The report page's callbacks: what was hidden stays hidden, all doses begin with few curves, one parse."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient

from tests.web.a_report import with_a_sum
from tests.web.callbacks import post_callback
from tests.web.installation import Installation
from web import reports

DOSE = "..report-structures.children"


def _choose(
    client: FlaskClient, submission: str, dose: str, *, chosen: list[str], offered: list[str]
) -> dict[str, Any]:
    values = {
        "report-dose.value": dose,
        "report-structures.value": chosen,
        "report-structures-offered.data": offered,
        "report-submission.data": submission,
    }
    answer = post_callback(client, DOSE, values).get_json()["response"]
    return {
        "drawn": answer["report-structures"]["value"],
        "offered": answer["report-structures-offered"]["data"],
    }


def test_dose__a_structure_that_was_hidden_stays_hidden_in_the_next_dose(
    oncologist: FlaskClient, checked: str
) -> None:
    both = ["Lungs", "SpinalCord"]
    assert _choose(oncologist, checked, "sum physical", chosen=["SpinalCord"], offered=both)["drawn"] == []
    assert _choose(oncologist, checked, "sum physical", chosen=both, offered=both)["drawn"] == ["Lungs"]
    assert _choose(oncologist, checked, "cfrt", chosen=[], offered=[])["drawn"] == both


def test_report__is_parsed_once_for_every_look_at_it(oncologist: FlaskClient, checked: str) -> None:
    reports._parsed.cache_clear()
    for _ in range(3):
        oncologist.get(f"/submissions/{checked}/report.html")
        _choose(oncologist, checked, "cfrt", chosen=[], offered=[])
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
