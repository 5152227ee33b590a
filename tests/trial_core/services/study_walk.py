"""Random histories of a trial through its services, beside a naive model that knows what may never be."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import text

from tests.trial_core import enrolling
from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import (
    ADJUDICATOR,
    AUDIT,
    INVESTIGATOR,
    ONCOLOGIST,
    OTHER_ADJUDICATOR,
    STATISTICIAN,
    Clock,
    populate,
)
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.domain.clinical_forms import Death
from trial_core.domain.leaving import Leaving, LeavingKind
from trial_core.domain.study_state import StudyState
from trial_core.domain.subject import Arm, Phase
from trial_core.domain.toxicity import AdverseEvent, Attribution, GradeFrom, Outcome, Treatment
from trial_core.errors import TrialError
from trial_core.services import audit_trail, enrolment, follow_up, safety, study, toxicity, withdrawal
from trial_core.services.conduct_of import conduct_of
from trial_core.services.toxicity_statement import state_toxicity_acceptable

TRIAL = enrolling.protocol_of(run_in=2, days=1)
ORDER = tuple(Arm(letter) for letter in "BABAABBBAABABBAA")
CODES = [f"S1-{number:03}" for number in range(6)]
RUN_IN = CODES[:2]
ATTRIBUTIONS = st.sampled_from((None, Attribution.POSSIBLE, Attribution.UNLIKELY))
STOPPED = (StudyState.HELD, StudyState.TERMINATED)


class StudyWalk(RuleBasedStateMachine):
    """Calls services in any order; refusals are fine, what they let through is not always."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="walk-")
        path = Path(self.folder.name) / "trial.sqlite"
        shutil.copyfile(_template(), path)
        self.clock = Clock()
        self.db = Database(f"sqlite:///{path}", now=self.clock, audit=AUDIT)
        enrolling.seal_known_list(self.db, "site=S1", [arm.value for arm in ORDER], protocol=TRIAL)
        self.phases: dict[str, Phase] = {}
        self.randomised: list[str] = []
        self.deaths: dict[str, tuple[str, Attribution | None, dict[str, bool]]] = {}
        self.state = StudyState.RUN_IN

    def teardown(self) -> None:
        """The trail of the whole history holds."""
        assert audit_trail.verify(self.db).whole
        self.db.close()
        self.folder.cleanup()

    @initialize(far=st.sampled_from(("fill", "all")))
    def begin(self, far: str) -> None:
        """Begin with a full run-in, or in IIb: histories that start from nothing seldom come that far."""
        self.go_on(far)

    @rule(code=st.sampled_from(CODES))
    def screen(self, code: str) -> None:
        """Bring a subject to the eve of enrolment."""
        with suppress(TrialError):
            enrolling.screen(self.db, ONCOLOGIST, INVESTIGATOR, code, TRIAL)

    @rule(code=st.sampled_from(CODES))
    def enrol(self, code: str) -> None:
        """Enrol it: only what the state recruits for may come of it."""
        with suppress(TrialError):
            phase = enrolment.enrol_subject(self.db, ONCOLOGIST, code=code, protocol=TRIAL).phase
            assert phase is {StudyState.RUN_IN: Phase.IIA, StudyState.IIB: Phase.IIB}[self.state]
            assert code not in self.phases
            self.phases[code] = phase

    @rule(code=st.sampled_from(CODES))
    def randomise(self, code: str) -> None:
        """Reveal an arm: the next of the list, or again the subject's own."""
        with suppress(TrialError):
            arm = enrolling.randomise(self.db, ONCOLOGIST, code)
            if code not in self.randomised:
                assert self.state is StudyState.IIB
                assert self.phases[code] is Phase.IIB
                self.randomised.append(code)
            assert arm is ORDER[self.randomised.index(code)]

    @rule(code=st.sampled_from(CODES[:3]), attribution=ATTRIBUTIONS)
    def die(self, code: str, attribution: Attribution | None) -> None:
        """Let a subject die by a grade 5 event, assessed or not."""
        on = self.clock().date()
        event = AdverseEvent(
            id="",
            subject="",
            version="5.0",
            term="Sepsis",
            grades=(GradeFrom(on=on, grade=5),),
            attribution={} if attribution is None else dict.fromkeys(Treatment, attribution),
            serious=True,
            outcome=Outcome.FATAL,
        )
        with suppress(TrialError):
            follow_up.enter_death(self.db, conduct_of(TRIAL), ONCOLOGIST, code=code, death=Death(on=on))
            form = toxicity.record_event(self.db, TRIAL, ONCOLOGIST, code=code, event=event)
            self.deaths.setdefault(code, (form.occasion, attribution, {}))

    @rule(
        code=st.sampled_from(RUN_IN),
        who=st.sampled_from((ADJUDICATOR, OTHER_ADJUDICATOR)),
        related=st.booleans(),
    )
    def adjudicate(self, code: str, who: object, related: bool) -> None:
        """Let an adjudicator decide, or decide anew."""
        if code not in self.deaths:
            return
        assert who in (ADJUDICATOR, OTHER_ADJUDICATOR)
        adjudicator = ADJUDICATOR if who is ADJUDICATOR else OTHER_ADJUDICATOR
        event_id, _, decided = self.deaths[code]
        safety.adjudicate(
            self.db,
            adjudicator,
            event_id=event_id,
            related=related,
            reason="charts",
            protocol=TRIAL,
            password=PASSWORD,
        )
        decided[adjudicator.login] = related

    @rule()
    def lift(self) -> None:
        """Lift a hold: never while two subjects count or an event is open."""
        with suppress(TrialError):
            study.lift_the_hold(
                self.db, ADJUDICATOR, protocol=TRIAL, reason="fewer than two remain", password=PASSWORD
            )
            assert len(self._counted()) < 2

    @rule(code=st.sampled_from(CODES), kind=st.sampled_from(LeavingKind))
    def leave(self, code: str, kind: LeavingKind) -> None:
        """Let a subject leave."""
        with suppress(TrialError):
            leaving = Leaving(kind=kind, on=self.clock().date())
            withdrawal.leave(self.db, ONCOLOGIST, code=code, leaving=leaving)

    @rule(step=st.sampled_from(("fill", "close", "day", "sign", "open", "all")))
    def go_on(self, step: str) -> None:
        """Take the study on, one step or all of them."""
        for each in ("fill", "close", "day", "sign", "open") if step == "all" else (step,):
            with suppress(TrialError):
                self._go(each)
            self.the_state_follows_its_rules()

    @rule(done=st.integers(0, 5))
    def close_recruitment(self, done: int) -> None:
        """End the recruitment, now and then."""
        if done == 0:
            with suppress(TrialError):
                study.close_the_recruitment(self.db, STATISTICIAN, password=PASSWORD)

    @invariant()
    def the_state_follows_its_rules(self) -> None:
        """Two that count stop the study; terminated is for good; IIb comes from observation or a hold."""
        before, now = self.state, study.study_now(self.db).state
        assert before is not StudyState.TERMINATED or now is before
        if now is StudyState.IIB and before is StudyState.OBSERVATION:
            assert not self._counted()[1:]
        if len(self._counted()) >= 2:
            assert now in STOPPED
        self.state = now

    @invariant()
    def arms_are_those_of_the_list_in_order(self) -> None:
        """No slot twice, none skipped, none changed, and never an arm without one."""
        with self.db.read() as connection:
            revealed = connection.execute(text("SELECT slot, arm FROM allocation ORDER BY slot")).all()
            shown = connection.execute(text("SELECT count(*) FROM subject WHERE arm IS NOT NULL")).scalar()
            run_in = connection.execute(text("SELECT count(*) FROM subject WHERE phase = 'IIa'")).scalar_one()
        assert [tuple(row) for row in revealed] == [
            (slot, arm.value) for slot, arm in enumerate(ORDER[: len(self.randomised)])
        ]
        assert shown == len(self.randomised)
        assert run_in <= 2

    def _go(self, step: str) -> None:
        match step:
            case "fill":
                for code in RUN_IN:
                    self.screen(code)
                    self.enrol(code)
                    enrolling.treat(self.db, ONCOLOGIST, code, self.clock().date())
            case "close":
                study.close_the_run_in(self.db, STATISTICIAN, protocol=TRIAL, password=PASSWORD)
            case "day":
                self.clock.advance(days=1)
            case "sign":
                state_toxicity_acceptable(self.db, ADJUDICATOR, password=enrolling.PASSWORD)
            case "open":
                study.open_phase_iib(self.db, STATISTICIAN, protocol=TRIAL, password=PASSWORD)
                assert self.state is StudyState.OBSERVATION

    def _counted(self) -> list[str]:
        return [
            code
            for code, (_, attribution, decided) in self.deaths.items()
            if self.phases.get(code) is Phase.IIA and _counts(attribution, list(decided.values()))
        ]


def _counts(attribution: Attribution | None, decided: list[bool]) -> bool:
    if len(decided) == 2 and decided[0] == decided[1]:
        return decided[0]
    return attribution in (None, Attribution.POSSIBLE)


@cache
def _template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="walk-template-")) / "trial.sqlite"
    db = Database(f"sqlite:///{path}", now=Clock(), audit=AUDIT)
    migrate(db)
    populate(db)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path
