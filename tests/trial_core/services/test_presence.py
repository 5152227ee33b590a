"""Workers say that they are there; one that is silent is told, one that ended is gone."""

from tests.trial_core.record import Record
from trial_core.services import jobs, presence


def _say(record: Record, name: str) -> None:
    presence.say_present(
        record.db,
        name=name,
        host="node-1",
        processors=4,
        code_version="1.0+abc",
        started_at=record.clock(),
    )


def test_worker__is_there_until_it_is_silent(record: Record) -> None:
    _say(record, "one")
    started = record.clock()
    record.clock.advance(seconds=30)
    _say(record, "two")
    one, two = presence.present(record.db)
    assert (one.name, two.name) == ("one", "two")
    assert not presence.is_silent(one, record.clock())
    record.clock.advance(seconds=20)
    assert presence.is_silent(one, record.clock())
    assert not presence.is_silent(two, record.clock())
    _say(record, "one")
    again = presence.present(record.db)[0]
    assert (again.started_at, again.seen_at) == (started, record.clock())


def test_worker_that_ended_or_was_seen_to_die__is_gone(record: Record) -> None:
    for name in ("ended", "died", "killed", "stays"):
        _say(record, name)
    presence.say_gone(record.db, name="ended")
    jobs.expire_worker(record.db, worker="died")
    jobs.release_worker(record.db, worker="killed")
    assert [each.name for each in presence.present(record.db)] == ["stays"]


def test_worker_that_was_silent_for_a_day__is_forgotten(record: Record) -> None:
    _say(record, "lost")
    record.clock.advance(hours=25)
    _say(record, "new")
    assert [each.name for each in presence.present(record.db)] == ["new"]
