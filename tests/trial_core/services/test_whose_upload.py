"""An upload under way belongs to who began it; a set that was handed over belongs to the site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.trial_core.record import KEY, ONCOLOGIST, PHYSICIST, Record
from trial_core.errors import UploadOfAnother
from trial_core.services import submissions, uploads


def _begun(record: Record) -> tuple[str, str]:
    submission_id = record.begin(record.enrol())
    upload = uploads.begin_file(
        record.db, record.store, ONCOLOGIST, submission_id=submission_id, name="a.dcm", size_bytes=4
    )
    return submission_id, upload.upload_id


@pytest.mark.parametrize(
    "act",
    [
        lambda record, submission, upload: record.send(submission, "b.dcm", b"x", PHYSICIST),
        lambda record, submission, upload: record.append(upload, 0, b"plan", PHYSICIST),
        lambda record, submission, upload: uploads.upload_progress(record.db, PHYSICIST, upload_id=upload),
        lambda record, submission, upload: uploads.complete_submission(
            record.db, PHYSICIST, submission_id=submission
        ),
        lambda record, submission, upload: uploads.abandon_submission(
            record.db, record.store, PHYSICIST, submission_id=submission
        ),
    ],
)
def test_an_upload_under_way__is_touched_by_no_colleague(
    record: Record, act: Callable[[Record, str, str], Any]
) -> None:
    submission_id, upload_id = _begun(record)
    with pytest.raises(UploadOfAnother, match="an upload of your own"):
        act(record, submission_id, upload_id)
    assert record.append(upload_id, 0, b"plan") == 4
    uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission_id)


def test_an_upload_under_way__is_seen_by_colleagues_and_sent_by_its_own(record: Record) -> None:
    submission_id, _ = _begun(record)
    views = [
        submissions.submission_view(record.db, actor, submission_id=submission_id)
        for actor in (ONCOLOGIST, PHYSICIST)
    ]
    assert [view.may_send for view in views] == [True, False]


def test_a_set_that_was_handed_over__may_be_confirmed_by_a_colleague(record: Record) -> None:
    submission_id, _ = record.check(record.enrol(), actor=ONCOLOGIST)
    submissions.confirm_identity(
        record.db, PHYSICIST, submission_id=submission_id, identity_key=KEY, patient_id="P001"
    )
