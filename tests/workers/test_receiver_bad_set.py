"""One set that cannot be ended, whatever is wrong with it, holds no other one up."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.workers.installation import Installation, installation
from tests.workers.receiving import reception, register, send
from trial_core.domain.receiving import ReceivedState, WhyWaiting

FIRST, SECOND = "BADSET1", "BADSET2"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        register(made, FIRST)
        register(made, SECOND)
        yield made


def test_keeper__ends_the_other_sets_when_one_cannot_be_ended(
    home: Installation, course: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with reception(home) as at:
        assert send(at.port, FIRST, [course / "RP.CFRT.dcm"]) == [0]
        assert send(at.port, SECOND, [course / "RP.CFRT.dcm"]) == [0]
        _refuse_updates(home, FIRST)
        time.sleep(0.15)
        with caplog.at_level(logging.WARNING):
            ended = at.keeper().look()
        states = {one.ae_title: (one.state, one.waits_because) for one in at.inbox()}
    assert states == {
        FIRST: (ReceivedState.ARRIVING, None),
        SECOND: (ReceivedState.WAITING, WhyWaiting.UNKNOWN),
    }
    assert [(one.ae_title, one.problem) for one in ended] == [(FIRST, "IntegrityError"), (SECOND, None)]
    assert f"of {FIRST} could not be ended (IntegrityError)" in caplog.text

    with home.db.transaction() as connection:
        connection.execute(text("DROP TRIGGER broken"))
    (mended,) = at.keeper().look()
    assert (mended.ae_title, mended.waits_because) == (FIRST, WhyWaiting.UNKNOWN)


def _refuse_updates(home: Installation, ae_title: str) -> None:
    """Let the database refuse to change one sender's sets, as a row that is damaged makes it do."""
    with home.db.transaction() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER broken BEFORE UPDATE ON received_set "
                f"WHEN OLD.ae_title = '{ae_title}' BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )
        )
