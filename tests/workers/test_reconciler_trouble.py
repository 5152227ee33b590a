"""What one look of the reconciler meets, or one submission, keeps the others from nothing."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.workers.installation import SUBJECT, Installation, installation
from trial_core.audit_outside import ANCHORS_FILE
from trial_core.db.session import Database, utc_now
from trial_core.services import uploads
from workers.plan_check_job import SCRATCH
from workers.reconciler import Reconciler


def test_uploads_given_up__are_tidied_though_one_cannot_be(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ahead = [timedelta(0)]
    with installation(tmp_path, now=lambda: utc_now() + ahead[0]) as home:
        bad, good = (uploads.begin_submission(home.db, home.actor, subject_code=SUBJECT) for _ in range(2))
        _refuse_updates(home, bad)
        ahead[0] = timedelta(days=2)
        with caplog.at_level(logging.WARNING):
            assert uploads.expire_uploads(home.db, home.store) == (good,)
        assert f"Submission {bad} could not be tidied up (IntegrityError)" in caplog.text


def test_reconciler__goes_round_to_its_end_whatever_one_look_meets(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with installation(tmp_path) as home:
        (home.settings.data_folder / SCRATCH).mkdir()
        (home.settings.data_folder / SCRATCH / "x.lock").mkdir()  # a folder where a file should be
        anchors = home.settings.data_folder / ANCHORS_FILE
        anchors.unlink(missing_ok=True)
        with caplog.at_level(logging.WARNING):
            Reconciler(home.settings, home.db, home.store).look_at_all()
        assert "(IsADirectoryError); trying again" in caplog.text
        assert anchors.exists()


def test_reconciler__outlives_a_key_that_was_replaced_under_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ahead = [timedelta(0)]
    with installation(tmp_path, now=lambda: utc_now() + ahead[0]) as home:
        uploads.begin_submission(home.db, home.actor, subject_code=SUBJECT)
        home.settings.replace_audit_key()
        with closing(Database(home.settings.database_url, audit=home.settings.audit_outside())) as after:
            uploads.begin_submission(after, home.actor, subject_code=SUBJECT)
        ahead[0] = timedelta(days=2)
        with caplog.at_level(logging.WARNING):
            Reconciler(home.settings, home.db, home.store).look_at_all()
        assert "A look at the jobs broke off (AuditKeyUnknown); trying again" in caplog.text


def _refuse_updates(home: Installation, submission_id: str) -> None:
    """Let the database refuse to change one submission, as a row that is damaged makes it do."""
    with home.db.transaction() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER broken BEFORE UPDATE ON plan_submission "
                f"WHEN OLD.id = '{submission_id}' BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )
        )
