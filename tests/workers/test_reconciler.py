"""The reconciler rings for what nobody heard, and not again and again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.installation import Installation, installation
from trial_core.services import jobs
from workers.reconciler import Reconciler


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        yield made


def _rings(home: Installation) -> int:
    return len(list((home.settings.queue_folder / "messages").glob("*.msg")))


def test_reconciler__rings_for_a_job_whose_ring_was_lost(home: Installation) -> None:
    ticket = home.submit({"note.txt": b"text"})
    assert Reconciler(home.settings, home.db).reconcile() == (ticket.job_id,)
    assert _rings(home) == 1


def test_reconciler__does_not_fill_the_queue_while_a_job_waits(home: Installation) -> None:
    home.submit({"note.txt": b"text"})
    reconciler = Reconciler(home.settings, home.db)
    for _ in range(5):
        reconciler.reconcile()
    assert _rings(home) == 1


def test_reconciler__leaves_a_running_job_alone(home: Installation) -> None:
    ticket = home.submit({"note.txt": b"text"})
    assert jobs.claim(home.db, job_id=ticket.job_id, worker="first")
    assert Reconciler(home.settings, home.db).reconcile() == ()


def test_reconciler__tries_again_when_the_broker_comes_back(home: Installation) -> None:
    ticket = home.submit({"note.txt": b"text"})
    reconciler = Reconciler(home.settings, home.db)
    home.settings.queue_folder.write_text("a file where the folder should be")
    assert reconciler.reconcile() == ()
    home.settings.queue_folder.unlink()
    assert reconciler.reconcile() == (ticket.job_id,)
