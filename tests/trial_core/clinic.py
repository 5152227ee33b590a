"""Subjects with their clinical forms, in as few words as a test needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.trial_core import enrolling
from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import ADJUDICATOR, ONCOLOGIST, STATISTICIAN, Record
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
from trial_core.domain.study_state import StudyState
from trial_core.domain.subject import Arm
from trial_core.domain.systemic import AgentDose, Cycle
from trial_core.protocols.reader import read_protocol
from trial_core.services import cycles, follow_up, study
from trial_core.services.toxicity_statement import state_toxicity_acceptable

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
    """A trial whose subjects were enrolled at the start and are looked at long after."""

    record: Record
    run_in: list[str] = field(default_factory=list)
    treated: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.conduct = conduct()
        self.db = self.record.db
        self._set_clock(TODAY)

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
        self._set_clock(on)
        if arm is None:
            self.record.enrol(code, actor)
            self.run_in.append(code)
        else:
            self._open_iib()
            self._set_clock(on)
            self.record.allocate(arm, site=actor.site_code or "")
            assert self.record.randomise(code, actor) is arm
        self._set_clock(TODAY)
        if baseline is not None:
            follow_up.enter_baseline(self.db, self.conduct, actor, code=code, baseline=baseline)
        return code

    def treat(self, code: str, number: int = 1, actor: Actor = ONCOLOGIST) -> None:
        """Give a subject its first cycle on a day."""
        agent = AgentDose(agent="paclitaxel", unit="mg", planned=240.0, given=240.0)
        cycle = Cycle(number=1, planned_on=day(number), given_on=day(number), agents=(agent,))
        cycles.enter_cycle(self.db, self.conduct, actor, code=code, cycle=cycle)
        self.treated.add(code)

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

    def _set_clock(self, on: date) -> None:
        self.record.clock.time = datetime.combine(on, time(12), UTC)

    def _open_iib(self) -> None:
        """Walk the study to phase IIb, once: every run-in subject treated, observed for a day."""
        if study.study_now(self.db).state is StudyState.IIB:
            return
        if not self.run_in:
            self.enrol("S1-000", baseline=None)
        self._set_clock(TODAY)
        for code in self.run_in:
            if code not in self.treated:
                self.treat(code)
        protocol = enrolling.protocol_of(run_in=len(self.run_in), days=1)
        study.close_the_run_in(self.db, STATISTICIAN, protocol=protocol, password=PASSWORD)
        state_toxicity_acceptable(self.db, ADJUDICATOR, password=enrolling.PASSWORD)
        study.open_phase_iib(self.db, STATISTICIAN, protocol=protocol, password=PASSWORD)
