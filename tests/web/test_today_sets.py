"""Today: which sets wait to be submitted, for the people of the site who submit."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.a_report import a_report
from tests.web.callbacks import post_callback
from tests.web.installation import PATIENT_ID, Installation
from trial_core.domain.identity import PatientIdentity
from trial_core.services import jobs, precheck_results, prechecks, uploads

Person = Callable[[str], FlaskClient]


def checked_set(home: Installation, code: str, *, seed: str = "waits", patient: str = PATIENT_ID) -> str:
    """Begin a set of the oncologist's and check it before submitting, as a worker would."""
    who, data = home.people["oncologist"], seed.encode()
    submission = uploads.begin_submission(home.db, who, subject_code=code)
    upload = uploads.begin_file(
        home.db, home.store, who, submission_id=submission, name="plan.dcm", size_bytes=len(data)
    )
    uploads.append_chunk(
        home.db, home.store, who, upload_id=upload.upload_id, offset_bytes=0, stream=io.BytesIO(data)
    )
    claim = jobs.claim(
        home.db,
        job_id=prechecks.request_precheck(home.db, who, submission_id=submission).job_id,
        worker="test",
    )
    assert claim is not None
    work = precheck_results.precheck_work(home.db, claim=claim)
    assert work is not None
    precheck_results.finish_precheck(
        home.db,
        home.store,
        identity_key=home.settings.secrets().identity_key,
        claim=claim,
        work=work,
        report=a_report(seed=seed),
        identities=[PatientIdentity(patient, f"Doe^{patient}", "19500101")],
        sop_instance_uids=[f"1.2.3.{int.from_bytes(seed.encode())}"],
    )
    return submission


def _today(client: FlaskClient) -> str:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": "/"})
    return json.dumps(answer.get_json(), ensure_ascii=False)


def test_today__shows_the_oncologist_which_set_waits_to_be_submitted(
    sign_in: Person, installation: Installation
) -> None:
    assert "None: every set that was checked is submitted" in _today(sign_in("oncologist"))
    submission = checked_set(installation, "S01-001")
    page = _today(sign_in("oncologist"))
    for words in ("1 set of yours is checked", "Look at the result and submit", f"/submissions/{submission}"):
        assert words in page
    uploads.complete_submission(installation.db, installation.people["oncologist"], submission_id=submission)
    assert "None: every set that was checked is submitted" in _today(sign_in("oncologist"))


def test_today__tells_a_colleague_who_began_the_set(sign_in: Person, installation: Installation) -> None:
    checked_set(installation, "S01-001")
    page = _today(sign_in("physicist"))
    assert "Who began it looks and submits" in page
    assert installation.people["oncologist"].full_name in page
    assert "set of yours" not in page


@pytest.mark.parametrize("login", ["stranger", "investigator", "staff", "admin"])
def test_today__shows_no_set_to_others(sign_in: Person, installation: Installation, login: str) -> None:
    submission = checked_set(installation, "S01-001")
    assert submission not in _today(sign_in(login))
