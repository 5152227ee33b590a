"""Subjects with their clinical forms, in as few words as a test needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import text

from tests.trial_core.record import ONCOLOGIST, Record
from trial_core.db.repositories import subjects as subject_rows
from trial_core.domain.access import Actor
from trial_core.domain.clinical_forms import BaselineForm, Contact, Death
from trial_core.domain.conduct import Conduct
from trial_core.domain.lesions import Lesion, LesionRole
from trial_core.domain.pfs_history import Baseline
from trial_core.domain.readings import (
    NewLesion,
    NonTargetReading,
    NonTargetStatus,
    Size,
    TargetReading,
    Visit,
)
from trial_core.domain.subject import Arm, Phase, SubjectStatus
from trial_core.domain.subject_forms import ONLY_ONE, Enrolment, SubjectForm
from trial_core.protocols.reader import read_protocol
from trial_core.services import follow_up, subjects
from trial_core.services.forms import enter

START = date(2026, 1, 5)
TODAY = date(2027, 6, 30)
LESIONS = (
    Lesion(id="T1", organ="lung", role=LesionRole.TARGET, baseline_mm=30.0, slice_thickness_mm=3.0),
    Lesion(id="T2", organ="liver", role=LesionRole.TARGET, baseline_mm=20.0, slice_thickness_mm=3.0),
    Lesion(id="N1", organ="oesophagus", role=LesionRole.NON_TARGET, primary=True),
)


def conduct() -> Conduct:
    """The protocol's conduct."""
    found = read_protocol().conduct
    assert found
    return found


def day(number: int) -> date:
    """The date of a day; day 1 is the start."""
    return START + timedelta(days=number - 1)


def a_visit(number: int, t1: float, t2: float = 20.0, *, new: bool = False, label: str = "") -> Visit:
    """A visit on a day with both targets measured and the primary present."""
    on = day(number)
    return Visit(
        label=label or f"day {number}",
        targets=(
            TargetReading(lesion="T1", on=on, size=Size.MEASURED, mm=t1),
            TargetReading(lesion="T2", on=on, size=Size.MEASURED, mm=t2),
        ),
        non_targets=(NonTargetReading(lesion="N1", on=on, status=NonTargetStatus.PRESENT),),
        new_lesions=(NewLesion(id="X1", on=on),) if new else (),
    )


BASELINE = BaselineForm(assessment=Baseline(on=day(-5), adequate=True), lesions=LESIONS)


@dataclass
class Clinic:
    """A trial with a clock that stands long after the start, and the verbs of follow-up."""

    record: Record

    def __post_init__(self) -> None:
        self.record.clock.time = datetime.combine(TODAY, time(12), UTC)
        self.conduct = conduct()
        self.db = self.record.db

    def enrol(
        self,
        code: str = "S1-001",
        arm: Arm | None = None,
        *,
        actor: Actor = ONCOLOGIST,
        on: date = START,
        baseline: BaselineForm | None = BASELINE,
    ) -> str:
        """Put a subject in the run-in (without arm) or in an arm of IIb, with its baseline."""
        subjects.create_subject(self.db, actor, code=code)
        phase = Phase.IIA if arm is None else Phase.IIB
        with self.db.transaction() as connection:
            found = subject_rows.find(connection, site_code=actor.site_code or "", code=code)
            assert found
            subject_rows.set_status(
                connection, subject_id=found[0], status=SubjectStatus.ENROLLED, phase=phase, arm=arm
            )
            content = Enrolment(on=on, phase=phase, protocol_version="0.1")
            kind = SubjectForm.ENROLMENT.value
            enter(
                connection, self.db, actor, subject_id=found[0], kind=kind, occasion=ONLY_ONE, content=content
            )
            if arm is not None:
                self._allocate(connection, found[0], arm, on)
        if baseline is not None:
            follow_up.enter_baseline(self.db, self.conduct, actor, code=code, baseline=baseline)
        return code

    def visit(self, code: str, visit: Visit, actor: Actor = ONCOLOGIST, **more: Any) -> None:
        """Enter a visit."""
        follow_up.enter_visit(self.db, self.conduct, actor, code=code, visit=visit, **more)

    def death(self, code: str, number: int, actor: Actor = ONCOLOGIST, **more: Any) -> None:
        """Enter a death on a day."""
        death = Death(on=day(number), cause="not known")
        follow_up.enter_death(self.db, self.conduct, actor, code=code, death=death, **more)

    def contact(self, code: str, number: int, actor: Actor = ONCOLOGIST) -> None:
        """Enter a contact on a day."""
        contact = Contact(on=day(number), how="telephone")
        follow_up.enter_contact(self.db, self.conduct, actor, code=code, contact=contact)

    def _allocate(self, connection: Any, subject_id: str, arm: Arm, on: date) -> None:
        at = datetime.combine(on, time(9), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        values = {"subject": subject_id, "arm": arm.value, "at": at}
        if not connection.execute(text("SELECT 1 FROM study_transition")).first():
            for statement in _OPEN_IIB:
                connection.execute(text(statement), {"at": at})
        slot = connection.execute(text("SELECT count(*) FROM allocation")).scalar() + 1
        connection.execute(
            text("INSERT INTO allocation VALUES (:subject, 'l', :slot, :arm, 'u-onc', :at)"),
            {**values, "slot": slot},
        )


_OPEN_IIB = (
    "INSERT INTO study_transition VALUES (1, 'recruiting run-in', 'observation', :at, 'u-adm', 'test')",
    "INSERT INTO study_transition VALUES (2, 'observation', 'IIb', :at, 'u-adm', 'test')",
    "INSERT INTO allocation_list VALUES ('l', 'S1', 1, 200, 'c', 's', :at)",
)
