"""The trial's calendar: a day begins and ends where the trial is, not at midnight in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from tests.trial_core.clinic import conduct
from tests.trial_core.record import ONCOLOGIST, Record
from trial_core.db.session import Database
from trial_core.domain.clinical_forms import Death
from trial_core.domain.subject import Arm
from trial_core.errors import SettingError
from trial_core.follow_up_errors import EntryImpossible
from trial_core.services import follow_up
from trial_core.services.subject_facts import facts_of
from trial_core.settings import read_settings

SEVEN_IN_SHANGHAI = datetime(2026, 4, 1, 23, tzinfo=UTC)  # of 2 April
SHANGHAI = ZoneInfo("Asia/Shanghai")


def in_shanghai(record: Record) -> Database:
    url = record.db.engine.url.render_as_string(hide_password=False)
    return Database(url, now=record.clock, audit=record.db.audit, zone=SHANGHAI)


def test_who_is_randomised_before_eight_in_shanghai__is_so_on_that_day_and_not_the_day_before(
    record: Record,
) -> None:
    record.open_iib()
    record.allocate(Arm.A)
    record.clock.time = SEVEN_IN_SHANGHAI
    there = in_shanghai(record)
    utc, record.db = record.db, there
    record.randomise("S1-001")
    found = []
    for db in (there, utc):
        with db.read() as connection:
            subject = connection.execute(text("SELECT id FROM subject WHERE code = 'S1-001'")).scalar_one()
            found.append(facts_of(connection, subject).randomised_on)
    there.close()
    assert found == [date(2026, 4, 2), date(2026, 4, 1)]


def test_a_death_of_this_morning__can_be_entered_this_morning(record: Record) -> None:
    record.enrol("S1-001")
    record.clock.time = SEVEN_IN_SHANGHAI
    this_morning = Death(on=date(2026, 4, 2), cause="not known")
    with pytest.raises(EntryImpossible, match="future"):
        follow_up.enter_death(record.db, conduct(), ONCOLOGIST, code="S1-001", death=this_morning)
    there = in_shanghai(record)
    follow_up.enter_death(there, conduct(), ONCOLOGIST, code="S1-001", death=this_morning)
    there.close()


def test_the_calendars_zone__comes_from_the_environment(tmp_path: Path) -> None:
    folder = {"DOSEGATE_DATA": str(tmp_path)}
    assert read_settings(folder).zone == ZoneInfo("UTC")
    assert read_settings({**folder, "DOSEGATE_TIME_ZONE": "Asia/Shanghai"}).zone == SHANGHAI
    for unknown in ("Beijing", "+08:00", "../etc/passwd", "Asia"):
        with pytest.raises(SettingError, match="DOSEGATE_TIME_ZONE"):
            read_settings({**folder, "DOSEGATE_TIME_ZONE": unknown})


def test_a_death_in_the_future__is_refused_and_one_of_today_is_not(record: Record) -> None:
    record.enrol("S1-001")
    for on in (date(2026, 3, 2), date(2062, 3, 1)):  # the clock stands at 1 March 2026
        death = Death(on=on, cause="not known")
        with pytest.raises(EntryImpossible, match=f"{on} lies in the future"):
            follow_up.enter_death(record.db, conduct(), ONCOLOGIST, code="S1-001", death=death)
    today = Death(on=date(2026, 3, 1), cause="not known")
    follow_up.enter_death(record.db, conduct(), ONCOLOGIST, code="S1-001", death=today)
