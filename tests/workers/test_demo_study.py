"""The demo study's walk through the services: whole, cut off anywhere, and taken again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select

from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.db.tables import study_transition
from trial_core.domain.access import Actor, Role
from trial_core.domain.study_state import StudyState
from trial_core.domain.subject import Arm, Phase, SubjectStatus
from trial_core.protocols.reader import read_protocol
from trial_core.services import (
    accounts,
    audit_trail,
    data_cuts,
    plans_waiting,
    screening,
    study,
    subjects,
)
from trial_core.services.outcomes import ClinicalView, clinical_view
from trial_core.services.screening_record import screening_record
from trial_core.services.toxicity_statement import toxicity_statements
from trial_core.settings import Settings, read_settings
from trial_core.store import Store
from workers.demo.calendar import DEMO_DAY, DemoClock
from workers.demo.histories import history_of
from workers.demo.people import ACCOUNTS, SITES, create_sites_and_accounts
from workers.demo.subjects import Fate, demo_subjects
from workers.demo.walk import CUT, Cast, DemoWalk, has_data_cut

PASSWORD = "correct horse battery"
CUT_OFF_AT = (30, 62, 900)
"""Looks at the clock: each lies within a step, between two of its transactions or in one."""


class _Killed(BaseException):
    """The process ends here, whatever it was doing."""


class _BrittleClock(DemoClock):
    """A clock at whose n-th look the process is killed."""

    def __init__(self, looks: int | None) -> None:
        super().__init__()
        self._left = looks

    def __call__(self) -> datetime:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise _Killed
        return super().__call__()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation whose demo study was cut off often before it was walked to its end."""
    made = read_settings({"DOSEGATE_DATA": str(tmp_path_factory.mktemp("demo"))})
    actors = _create(made)
    for looks in CUT_OFF_AT:
        with pytest.raises(_Killed):
            _walk(made, actors, looks)
    assert not has_data_cut(_open(made), CUT)
    _walk(made, actors, None)
    return made


@pytest.fixture(scope="module")
def db(settings: Settings) -> Iterator[Database]:
    """Its record."""
    opened = _open(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def people(db: Database) -> dict[Role, Actor]:
    """One person of each role."""
    return {
        each.role: accounts.actor_of(db, token=accounts.sign_in(db, login=each.login, password=PASSWORD))
        for each in ACCOUNTS
    }


def _open(settings: Settings) -> Database:
    return Database(settings.database_url, audit=settings.audit_outside())


def _create(settings: Settings) -> dict[str, Actor]:
    db = Database(settings.database_url, audit=settings.audit_outside(), now=DemoClock())
    migrate(db)
    create_sites_and_accounts(db, {each.login: PASSWORD for each in ACCOUNTS})
    tokens = {each.login: accounts.sign_in(db, login=each.login, password=PASSWORD) for each in ACCOUNTS}
    found = {login: accounts.actor_of(db, token=token) for login, token in tokens.items()}
    db.close()
    return found


def _walk(settings: Settings, actors: dict[str, Actor], looks: int | None) -> None:
    clock = _BrittleClock(looks)
    db = Database(settings.database_url, audit=settings.audit_outside(), now=clock)
    cast = Cast(actors, dict.fromkeys(actors, PASSWORD))
    try:
        DemoWalk(db, Store(settings.store_folder), clock, cast, settings.secrets()).run()
    finally:
        db.close()


def _view(db: Database, actor: Actor, code: str) -> ClinicalView:
    conduct = read_protocol().conduct
    assert conduct is not None
    return clinical_view(db, conduct, actor, code=code)


def test_demo_study__has_48_subjects_at_four_sites_in_all_states(
    db: Database, people: dict[Role, Actor]
) -> None:
    known = subjects.list_subjects(db, people[Role.MONITOR])
    assert len(known) == 48
    assert {each.site_code for each in known} == set(SITES)
    states = Counter((each.status, each.phase) for each in known)
    assert states[SubjectStatus.ENROLLED, Phase.IIA] == 25
    assert states[SubjectStatus.ENROLLED, Phase.IIB] == 15
    assert states[SubjectStatus.WITHDRAWN, Phase.IIB] == 1
    assert states[SubjectStatus.SCREENING_FAILURE, None] == 4
    assert states[SubjectStatus.SCREENING, None] == 3
    arms = Counter(each.arm for each in known if each.phase is Phase.IIB)
    assert arms[None] == 1  # enrolled, and not randomised yet
    assert min(arms[Arm.A], arms[Arm.B]) > 0


def test_demo_study__has_plans_that_wait_at_one_site_at_least(
    db: Database, people: dict[Role, Actor]
) -> None:
    known = {each.code: each.arm for each in subjects.list_subjects(db, people[Role.MONITOR])}
    late = {each.code for each in demo_subjects() if each.fate is Fate.IN_TREATMENT}
    waiting = {each.code for each in plans_waiting.plans_waiting(db, people[Role.MONITOR])}
    assert waiting == {code for code in late if known[code] is Arm.A}
    assert waiting


def test_demo_study__opened_iib_by_one_signed_statement_after_one_counted_death(
    db: Database, people: dict[Role, Actor]
) -> None:
    now = study.study_conditions(db, people[Role.MONITOR], protocol=read_protocol())
    assert now.study.state is StudyState.IIB
    assert len(now.safety.counted) == 1
    assert now.safety.counted == now.safety.settled
    assert now.safety.open_events == ()
    assert len(toxicity_statements(db, people[Role.MONITOR])) == 1


def test_demo_study__was_held_by_a_second_death_until_it_was_adjudicated(db: Database) -> None:
    with db.read() as connection:
        steps = connection.execute(select(study_transition).order_by(study_transition.c.sequence)).all()
    states = [StudyState(step.to_state) for step in steps]
    assert states == [StudyState.OBSERVATION, StudyState.HELD, StudyState.OBSERVATION, StudyState.IIB]
    assert "not related" in steps[2].reason


def test_demo_study__asked_who_is_still_followed_to_consent_to_the_amended_form(
    db: Database, people: dict[Role, Actor]
) -> None:
    assert [form.version for form in screening.list_consent_forms(db)] == ["1.0", "2.0"]
    monitor, protocol = people[Role.MONITOR], read_protocol()
    given = {
        tuple(each.version for each in record.consents)
        for subject in demo_subjects()
        for record in (screening_record(db, monitor, code=subject.code, protocol=protocol),)
    }
    assert given == {("1.0",), ("1.0", "2.0"), ("2.0",)}


def test_demo_study__has_each_form_of_each_history_once_and_in_its_first_version(
    db: Database, people: dict[Role, Actor]
) -> None:
    monitor = people[Role.MONITOR]
    arms = {each.code: each.arm for each in subjects.list_subjects(db, monitor)}
    not_followed = (Fate.IN_SCREENING, Fate.SCREENING_FAILURE, Fate.NOT_RANDOMISED)
    for subject in demo_subjects():
        view = _view(db, monitor, subject.code)
        assert {form.version for form in view.forms} <= {1}
        if subject.fate in not_followed:
            continue
        with_radiotherapy = arms[subject.code] is not Arm.B
        written = history_of(subject, start=subject.screened_on, radiotherapy=with_radiotherapy)
        record = view.record
        kinds = Counter(type(entry.form).__name__ for entry in written)
        assert kinds["AdverseEvent"] == len(record.events)
        assert kinds["Cycle"] == len(record.cycles)
        assert kinds["Visit"] == len(record.visits)
        assert kinds["TypedFraction"] == len(record.fraction_days)
        assert kinds["Leaving"] == len(record.leavings)
        assert bool(kinds["Death"]) == (record.death is not None)
        assert view.outcome.queries == ()


def test_demo_study__leaves_a_trail_that_verifies(db: Database) -> None:
    assert audit_trail.verify(db).whole


def test_demo_study__has_somebody_of_every_role(people: dict[Role, Actor]) -> None:
    assert set(people) == set(Role)


def test_demo_study__ends_with_a_cut_that_is_the_statisticians_until_it_is_released(
    db: Database, people: dict[Role, Actor]
) -> None:
    (cut,) = data_cuts.list_data_cuts(db, people[Role.STATISTICIAN])
    assert (cut.cut_on, cut.released, cut.maker) == (DEMO_DAY, False, "demo-statistician")


def test_demo_study__tells_the_same_histories_every_time_and_nothing_after_its_last_day() -> None:
    for subject in demo_subjects():
        if subject.fate in (Fate.IN_SCREENING, Fate.SCREENING_FAILURE, Fate.NOT_RANDOMISED):
            continue
        for radiotherapy in (True, False):
            first = history_of(subject, start=subject.screened_on, radiotherapy=radiotherapy)
            again = history_of(subject, start=subject.screened_on, radiotherapy=radiotherapy)
            assert first == again
            assert all(subject.screened_on <= entry.on <= DEMO_DAY for entry in first)
