"""The reconciler rings for what nobody heard, and not again and again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.workers.installation import PASSWORD, SUBJECT, Installation, installation
from trial_core.audit_outside import ANCHORS_FILE
from trial_core.db.session import utc_now
from trial_core.errors import NotSignedIn
from trial_core.services import accounts, audit_trail, jobs, uploads
from workers.reconciler import Reconciler


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        yield made


def _rings(home: Installation) -> int:
    return len(list((home.settings.queue_folder / "messages").glob("*.msg")))


def test_reconciler__rings_for_a_job_whose_ring_was_lost(home: Installation) -> None:
    ticket = home.submit({"note.txt": b"text"})
    assert Reconciler(home.settings, home.db, home.store).reconcile() == (ticket.job_id,)
    assert _rings(home) == 1


def test_reconciler__does_not_fill_the_queue_while_a_job_waits(home: Installation) -> None:
    home.submit({"note.txt": b"text"})
    reconciler = Reconciler(home.settings, home.db, home.store)
    for _ in range(5):
        reconciler.reconcile()
    assert _rings(home) == 1


def test_reconciler__leaves_a_running_job_alone(home: Installation) -> None:
    ticket = home.submit({"note.txt": b"text"})
    assert jobs.claim(home.db, job_id=ticket.job_id, worker="first")
    assert Reconciler(home.settings, home.db, home.store).reconcile() == ()


def test_reconciler__tries_again_when_the_broker_comes_back(home: Installation) -> None:
    ticket = home.submit({"note.txt": b"text"})
    reconciler = Reconciler(home.settings, home.db, home.store)
    home.settings.queue_folder.write_text("a file where the folder should be")
    assert reconciler.reconcile() == ()
    home.settings.queue_folder.unlink()
    assert reconciler.reconcile() == (ticket.job_id,)


def test_reconciler__gives_up_an_upload_that_nobody_goes_on_with(tmp_path: Path) -> None:
    ahead = [timedelta(0)]
    with installation(tmp_path, now=lambda: utc_now() + ahead[0]) as home:
        submission = uploads.begin_submission(home.db, home.actor, subject_code=SUBJECT)
        reconciler = Reconciler(home.settings, home.db, home.store)
        assert reconciler.tidy() == ()
        ahead[0] = timedelta(days=2)
        assert reconciler.tidy() == ()  # not at every round
        assert Reconciler(home.settings, home.db, home.store).tidy() == (submission,)


def test_reconciler__forgets_sessions_that_have_expired_and_no_others(tmp_path: Path) -> None:
    ahead = [timedelta(0)]
    with installation(tmp_path, now=lambda: utc_now() + ahead[0]) as home:
        old = accounts.sign_in(home.db, login=home.actor.login, password=PASSWORD)
        ahead[0] = timedelta(hours=11)
        young = accounts.sign_in(home.db, login=home.actor.login, password=PASSWORD)
        ahead[0] = timedelta(hours=13)
        Reconciler(home.settings, home.db, home.store).tidy()
        with home.db.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM session").scalar() == 1
        assert accounts.actor_of(home.db, token=young) == home.actor
        with pytest.raises(NotSignedIn):
            accounts.actor_of(home.db, token=old)


def test_reconciler__notes_outside_the_database_how_far_the_audit_trail_has_come(tmp_path: Path) -> None:
    ahead = [timedelta(0)]
    with installation(tmp_path, now=lambda: utc_now() + ahead[0]) as home:
        anchors = home.settings.data_folder / ANCHORS_FILE
        before = len(anchors.read_text().splitlines())
        ahead[0] = timedelta(hours=2)  # what was signed until now has its anchor
        reconciler = Reconciler(home.settings, home.db, home.store)
        reconciler.start()
        try:
            until = time.monotonic() + 20
            while len(anchors.read_text().splitlines()) == before and time.monotonic() < until:
                time.sleep(0.05)
        finally:
            reconciler.stop()
        assert len(anchors.read_text().splitlines()) == before + 1
        assert audit_trail.verify(home.db).whole
