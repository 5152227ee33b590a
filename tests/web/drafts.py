"""Sets that are not submitted yet, for tests of their page: sent, read as a worker would, shown, pressed."""

from __future__ import annotations

import io
import re

from flask.testing import FlaskClient

from tests.web.a_report import a_report
from tests.web.callbacks import post_callback
from tests.web.installation import PATIENT_ID, Installation
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.plan import SubmissionFinding, SubmissionState
from trial_core.domain.report import CourseReport
from trial_core.domain.set_content import (
    CtSeen,
    PlanSeen,
    RoiSeen,
    SetAside,
    SetContent,
    StructureSetSeen,
)
from trial_core.services import jobs, precheck_results, prechecks, submissions, uploads

HOSTILE = "<img src=x onerror=alert(1)>"
CONTENT = SetContent(
    files=7,
    ct=(CtSeen(slices=4, named=5, named_here=4, spacing_mm=3.0, is_complete=False),),
    structure_sets=(
        StructureSetSeen(
            file="rs.dcm",
            label="PLANNING",
            on_ct=True,
            rois=(
                RoiSeen("Liver", "Liver", contoured=True, known_as=("Liver",)),
                RoiSeen("Herz", "Herz", contoured=True, known_as=()),
                RoiSeen(HOSTILE, HOSTILE, contoured=True, known_as=()),
                RoiSeen("GTV x", "GTV x", contoured=True, known_as=(), groups=("GTVs",)),
            ),
        ),
    ),
    plans=(
        PlanSeen("rp.dcm", "CFRT", "CFRT", "", 28, "PLANNING", "", True, ""),
        PlanSeen(
            "rp2.dcm", "boost", None, "its label fits none", 5, None, "none here", False, "no dose here"
        ),
    ),
    doses=1,
    doses_without_plan=("rd.dcm",),
    records=0,
    registrations=0,
    set_aside=(SetAside("letter.txt", "It is no DICOM file."),),
    unused=1,
    findings=(),
)


def sent(home: Installation, code: str = "S01-001", *, records_only: bool = False) -> str:
    who = home.people["oncologist"]
    submission = uploads.begin_submission(home.db, who, subject_code=code, records_only=records_only)
    upload = uploads.begin_file(
        home.db, home.store, who, submission_id=submission, name="a.dcm", size_bytes=1
    )
    uploads.append_chunk(
        home.db, home.store, who, upload_id=upload.upload_id, offset_bytes=0, stream=io.BytesIO(b"a")
    )
    return submission


def read(
    home: Installation,
    submission: str,
    *,
    refused: bool = False,
    end: bool = True,
    report: CourseReport | None = None,
) -> None:
    """Do the job as a worker would, with a hand-made content and report."""
    who = home.people["oncologist"]
    ticket = prechecks.request_precheck(home.db, who, submission_id=submission)
    claim = jobs.claim(home.db, job_id=ticket.job_id, worker="test")
    assert claim is not None
    work = precheck_results.precheck_work(home.db, claim=claim)
    assert work is not None
    precheck_results.note_content(home.db, claim=claim, work=work, content=CONTENT)
    if refused:
        finding = SubmissionFinding(
            "not-dicom", "error", "It is no DICOM file.", "Leave it out.", file="a.dcm"
        )
        precheck_results.refuse_precheck(home.db, home.store, claim=claim, work=work, findings=[finding])
    elif end:
        precheck_results.finish_precheck(
            home.db,
            home.store,
            identity_key=home.settings.secrets().identity_key,
            claim=claim,
            work=work,
            report=report or a_report(seed="a"),
            identities=[PatientIdentity(PATIENT_ID, "Doe^John", "19500101")],
            sop_instance_uids=["1.2.3"],
        )


def page_of(client: FlaskClient, submission: str, language: str = "en") -> str:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    path = f"/submissions/{submission}"
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    return str(answer.get_json()["response"]["frame-page"]["children"])


def shown_on(client: FlaskClient, submission: str) -> str:
    """Read the hash of the set out of its page."""
    found = re.search(
        r"'id': 'submission-shown', 'data': '(\w*)'|'data': '(\w*)', 'id': 'submission-shown'",
        page_of(client, submission),
    )
    assert found is not None
    return found[1] or found[2] or ""


def state_of(home: Installation, submission: str) -> SubmissionState:
    who = home.people["oncologist"]
    return submissions.submission_view(home.db, who, submission_id=submission).summary.state


def press(
    client: FlaskClient,
    answer: str,
    button: str,
    submission: str,
    *,
    count: str = "n_clicks",
    shown: str | None = None,
) -> str:
    """Press a button of the page that the server shows now, or of an older one that showed another set."""
    values = {
        f"{button}.{count}": 1,
        "submission-id.data": submission,
        "submission-shown.data": shown_on(client, submission) if shown is None else shown,
    }
    return str(post_callback(client, f"{answer}.children", values).get_json())
