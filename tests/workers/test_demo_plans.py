"""The demo's plans: submitted and decided on before a fraction is given, by the demo's own days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from imaging.synthetic.identity import Patient
from tests.support.small_course import write_small_course
from tests.workers.installation import installation
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Role
from trial_core.domain.subject import Arm
from trial_core.protocols.reader import read_protocol
from trial_core.services import audit_trail, delivery, plans_waiting, subjects
from trial_core.services.conduct_of import conduct_of
from trial_core.services.plans_waiting import PlanWait
from trial_core.settings import read_settings
from trial_core.store import Store
from workers.demo.calendar import DEMO_DAY, FIRST_IIB_SUBJECT_ON, working_day
from workers.demo.courses import Part
from workers.demo.planning import MOST_OF_IIB, DemoPlans
from workers.demo.reviewing import ReviewBoard
from workers.demo.subjects import CHECKED_SUBJECT, RESUBMITTED_SUBJECT, Fate, demo_subjects
from workers.demo.walk import Cast
from workers.demo_study import load_demo_study

_MONITOR = Actor("m", "monitor", Role.MONITOR)


@pytest.fixture
def plans(tmp_path: Path) -> Iterator[DemoPlans]:
    with installation(tmp_path) as home:
        board = ReviewBoard(home.db, home.store, Cast({}, {}))
        yield DemoPlans(home.workplace, board, tmp_path, "SYN-0001")


@pytest.mark.parametrize(
    ("part", "plan", "record"), [("all", True, True), ("plans", True, False), ("records", False, True)]
)
def test_part__of_a_course(part: str, plan: bool, record: bool) -> None:
    assert (Part(part).has("RP.CFRT.dcm"), Part(part).has("records/RT.CFRT.01.dcm")) == (plan, record)


@pytest.mark.parametrize(("code", "before_treatment"), [(CHECKED_SUBJECT, 2), (RESUBMITTED_SUBJECT, 4)])
def test_plans_of_the_run_in__are_decided_on_before_treatment(
    plans: DemoPlans, code: str, before_treatment: int
) -> None:
    (subject,) = [each for each in demo_subjects() if each.code == code]
    days = [on for on, _ in plans.steps(subject, start=subject.screened_on, radiotherapy=True)]
    assert days == sorted(days)
    first_fraction = working_day(subject.screened_on + timedelta(days=7))
    assert sum(on < first_fraction for on in days) == before_treatment


def test_plans_of_arm_a__are_a_few_and_the_same_at_every_start(plans: DemoPlans) -> None:
    pool = [
        each
        for each in demo_subjects()
        if each.screened_on >= FIRST_IIB_SUBJECT_ON and each.fate is not Fate.IN_TREATMENT
    ]
    assert len(pool) > MOST_OF_IIB
    for _ in range(2):
        found = [list(plans.steps(each, start=each.screened_on, radiotherapy=True)) for each in pool]
        assert [bool(steps) for steps in found] == [n < MOST_OF_IIB for n in range(len(pool))]
    assert not list(plans.steps(pool[0], start=pool[0].screened_on, radiotherapy=False))
    typed = replace(pool[0], typed_fractions=True)
    assert not list(plans.steps(typed, start=typed.screened_on, radiotherapy=True))


def test_plan_of_the_first_late_subject_of_arm_a__waits_for_a_decision_and_the_others_have_none(
    plans: DemoPlans,
) -> None:
    late = [each for each in demo_subjects() if each.fate is Fate.IN_TREATMENT]
    assert len(late) == 4
    for _ in range(2):
        found = [list(plans.steps(each, start=each.screened_on, radiotherapy=True)) for each in late[1:]]
        assert [len(steps) for steps in found] == [1, 0, 0]
        assert found[0][0][0] <= DEMO_DAY
    assert not list(plans.steps(late[0], start=late[0].screened_on, radiotherapy=False))


@pytest.mark.long
@pytest.mark.timeout(900)
def test_demo_study__with_its_plans_hangs_together(tmp_path: Path) -> None:
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path / "data")})
    write_small_course(tmp_path / "course")
    with closing(Database(settings.database_url, audit=settings.audit_outside())) as db:
        migrate(db)
        store = Store(settings.store_folder)
        for _ in range(2):  # the second start changes nothing
            load_demo_study(settings, db, store, tmp_path / "course", patient_id=Patient().patient_id)
        conduct = conduct_of(read_protocol())
        views = {
            each: delivery.delivery_view(db, conduct, _MONITOR, code=each.label)
            for each in subjects.list_subjects(db, _MONITOR)
        }
        waiting = {each.code: each.waits_for for each in plans_waiting.plans_waiting(db, _MONITOR)}
        treated = {each: view for each, view in views.items() if view.courses and each.code not in waiting}
        assert len(treated) >= 2 + 1
        for view in treated.values():
            assert view.deviations == ()
            assert view.queries == ()
            for course in view.courses:
                assert course.missed_days == ()
                assert course.deviation is not None  # it is over
        assert {each.arm for each in treated} == {None, Arm.A}
        assert Counter(waiting.values())[PlanWait.DECISION] == 1
        assert sum(bool(view.deviations) for view in views.values()) == 1  # one plan that nobody submitted
        assert audit_trail.verify(db).whole
