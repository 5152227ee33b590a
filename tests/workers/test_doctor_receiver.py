"""The doctor says of the DICOM listener whether one is there, who may send, and who called last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.workers.installation import Installation, installation
from tests.workers.receiving import Reception, echo, reception, register
from trial_core.db.repositories.presence import put_receiver
from trial_core.domain.access import SYSTEM
from trial_core.domain.receiving import ReceiverPresent
from trial_core.services import presence
from trial_core.services.dicom_senders import retire_sender
from workers.doctor.looks import Look, State
from workers.doctor.receiver import look_at_receiver

TPS = "DOCTORED1"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        yield made


def _looks(home: Installation) -> dict[str, Look]:
    return {look.about: look for look in look_at_receiver(home.db)}


def _say(at: Reception) -> None:
    presence.say_receiving(at.home.db, present=at.listener.present())


def test_no_listener__is_well_until_a_system_is_registered(home: Installation) -> None:
    assert {look.state for look in _looks(home).values()} == {State.WELL}
    register(home, TPS)
    look = _looks(home)["receiver"]
    assert (look.state, look.action) == (State.NOTE, "Start it: dosegate receive.")


def test_listener__is_said_with_its_title_place_tls_and_last_caller(home: Installation) -> None:
    register(home, TPS)
    with reception(home) as at:
        _say(at)
        before = _looks(home)["receiver"]
        assert before.state is State.WELL
        assert f"DOSEGATE listens on 127.0.0.1:{at.port} of " in before.said
        assert " without TLS; no association since its start at " in before.said
        assert not echo(at.port, "STRANGER")
        assert echo(at.port, TPS)
        _say(at)
        assert f"; last association by {TPS} at 2" in _looks(home)["receiver"].said
        presence.say_receiver_gone(home.db, name=at.listener.present().name)
    assert "None listens" in _looks(home)["receiver"].said


def test_listener_that_nobody_may_call__wants_an_eye(home: Installation) -> None:
    register(home, TPS)
    assert _looks(home)["senders"].said == f"1 may send: {TPS} (site S01)"
    retire_sender(home.db, SYSTEM, ae_title=TPS)
    with reception(home) as at:
        _say(at)
    assert _looks(home)["senders"].state is State.NOTE


def test_listener_that_was_killed__is_wrong_for_a_day_and_then_forgotten(tmp_path: Path) -> None:
    with installation(tmp_path / "a") as home, reception(home) as at:
        there = at.listener.present()
        later = home.db.now() + timedelta(minutes=5)
    with installation(tmp_path / "b", now=lambda: later) as home:
        _put_seen(home, there, later - timedelta(minutes=5))
        look = _looks(home)["receiver"]
        assert (look.state, "silent for 300 s" in look.said) == (State.WRONG, True)
        _put_seen(home, there, later - timedelta(days=2))
        presence.say_receiving(home.db, present=replace(there, name="another:1"))
        assert [one.name for one in presence.receivers(home.db)] == ["another:1"]


def _put_seen(home: Installation, there: ReceiverPresent, at: datetime) -> None:
    with home.db.transaction() as connection:
        put_receiver(connection, replace(there, seen_at=at))
