"""The demo study's way through the services, day by day; one that was cut off goes on at the next start."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from trial_core.domain.access import SYSTEM
from trial_core.domain.study_state import StudyState
from trial_core.domain.subject import Arm, Phase
from trial_core.errors import AlreadyExists
from trial_core.protocols.reader import read_protocol
from trial_core.services import allocation_lists, data_cuts, randomisation, screening, study, subjects
from trial_core.services.toxicity_statement import state_toxicity_acceptable, toxicity_statements
from workers.demo.calendar import (
    AMENDED_CONSENT_ON,
    DEMO_DAY,
    IIB_OPENED_ON,
    RUN_IN_CLOSED_ON,
    SET_UP_ON,
    DemoClock,
)
from workers.demo.entering import Desk, enter_form
from workers.demo.histories import Entry, history_of
from workers.demo.people import ADJUDICATORS, INVESTIGATORS, OFFICE, STAFF, STATISTICIAN
from workers.demo.screening import CONSENT_VERSIONS, bring_on, consent_again
from workers.demo.subjects import DemoSubject, Fate, demo_subjects

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.domain.access import Actor
    from trial_core.settings import Secrets
    from trial_core.store import Store
    from workers.demo.planning import DemoPlans

CUT = "Demo cut"
_LIST_SLOTS = 20
_MANY = 100
_AMENDED_WITHIN_DAYS = 14
_NOT_FOLLOWED = (Fate.IN_SCREENING, Fate.SCREENING_FAILURE, Fate.NOT_RANDOMISED)

Step = Callable[[], None]


@dataclass(frozen=True)
class Cast:
    """Who acts in the demo study, by login, with the passwords that signing asks for."""

    actors: Mapping[str, Actor]
    passwords: Mapping[str, str]

    def staff(self, site: str) -> Actor:
        """Give who enters data at a site."""
        return self.actors[STAFF[site]]


@dataclass
class DemoWalk:
    """Steps in order of their days; a step may plan later ones, as a randomisation does.

    Every step is one that may be taken again: what is on record already is left as it is.

    Attributes
    ----------
    plans
        None: no subject has any.
    """

    db: Database
    store: Store
    clock: DemoClock
    cast: Cast
    secrets: Secrets
    tell: Callable[[str, int, int], None] | None = None
    plans: DemoPlans | None = None
    _steps: list[tuple[date, int, Step]] = field(default_factory=list)
    _number: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.protocol = read_protocol()

    def run(self) -> None:
        """Take every step."""
        self._plan()
        done = 0
        while self._steps:
            on, _, step = heapq.heappop(self._steps)
            self.clock.go_to(on)
            step()
            done += 1
            if self.tell and done % _MANY == 0:
                self.tell("entering the demo study", done, done + len(self._steps))

    def _at(self, on: date, step: Step) -> None:
        heapq.heappush(self._steps, (on, next(self._number), step))

    def _plan(self) -> None:
        self._at(SET_UP_ON, self._set_up)
        for subject in demo_subjects():
            self._at(subject.screened_on, partial(self._screen, subject))
        for version, from_on in CONSENT_VERSIONS.items():
            self._at(max(SET_UP_ON, from_on), partial(self._use_consent_form, version, from_on))
        self._at(RUN_IN_CLOSED_ON, self._close_run_in)
        self._at(IIB_OPENED_ON, self._open_iib)
        self._at(DEMO_DAY + timedelta(days=1), self._cut)

    def _set_up(self) -> None:
        allocation_lists.make_lists(
            self.db,
            self.cast.actors[STATISTICIAN],
            protocol=self.protocol,
            key=self.secrets.randomisation_key,
            slots=_LIST_SLOTS,
        )

    def _use_consent_form(self, version: str, from_on: date) -> None:
        with suppress(AlreadyExists):
            screening.register_consent_form(
                self.db, self.cast.actors[OFFICE], version=version, from_on=from_on
            )

    def _screen(self, subject: DemoSubject) -> None:
        staff, signer = self.cast.staff(subject.site), INVESTIGATORS[subject.site]
        bring_on(
            self.db,
            staff,
            self.cast.actors[signer],
            subject,
            password=self.cast.passwords[signer],
            protocol=self.protocol,
        )
        if subject.fate in _NOT_FOLLOWED:
            return
        if subject.fate is Fate.FOLLOWED and subject.screened_on < AMENDED_CONSENT_ON:
            on = AMENDED_CONSENT_ON + timedelta(days=_AMENDED_WITHIN_DAYS)
            staff = self.cast.staff(subject.site)
            self._at(on, partial(consent_again, self.db, staff, subject, on=on))
        radiotherapy = self._arm(subject) is not Arm.B
        for entry in history_of(subject, start=subject.screened_on, radiotherapy=radiotherapy):
            self._at(entry.on, partial(self._enter, subject, entry))
        if self.plans is not None:
            for on, step in self.plans.steps(subject, start=subject.screened_on, radiotherapy=radiotherapy):
                self._at(on, step)

    def _arm(self, subject: DemoSubject) -> Arm | None:
        login = STAFF[subject.site]
        staff = self.cast.actors[login]
        now = subjects.subject_record(self.db, staff, code=subject.code).subject
        if now.phase is not Phase.IIB:
            return None
        return randomisation.randomise(
            self.db,
            staff,
            code=subject.code,
            protocol=self.protocol,
            key=self.secrets.randomisation_key,
            password=self.cast.passwords[login],
        )

    def _enter(self, subject: DemoSubject, entry: Entry) -> None:
        desk = Desk(
            db=self.db,
            protocol=self.protocol,
            staff=self.cast.staff(subject.site),
            adjudicators=tuple(
                (self.cast.actors[login], self.cast.passwords[login]) for login in ADJUDICATORS
            ),
            code=subject.code,
        )
        enter_form(desk, entry.form)

    def _close_run_in(self) -> None:
        if study.study_now(self.db).state is StudyState.RUN_IN:
            study.close_the_run_in(
                self.db,
                self.cast.actors[STATISTICIAN],
                protocol=self.protocol,
                password=self.cast.passwords[STATISTICIAN],
            )

    def _open_iib(self) -> None:
        if study.study_now(self.db).state is not StudyState.OBSERVATION:
            return
        login = ADJUDICATORS[0]
        adjudicator = self.cast.actors[login]
        if not any(each.valid for each in toxicity_statements(self.db, adjudicator)):
            state_toxicity_acceptable(self.db, adjudicator, password=self.cast.passwords[login])
        study.open_phase_iib(
            self.db,
            self.cast.actors[STATISTICIAN],
            protocol=self.protocol,
            password=self.cast.passwords[STATISTICIAN],
        )

    def _cut(self) -> None:
        with suppress(AlreadyExists):
            data_cuts.make_data_cut(
                self.db,
                self.store,
                self.protocol,
                self.cast.actors[STATISTICIAN],
                label=CUT,
                cut_on=DEMO_DAY,
            )


def has_data_cut(db: Database, label: str) -> bool:
    """Tell whether a data cut is there, which ends a part of the demo: nobody can take it back."""
    return any(cut.label == label for cut in data_cuts.list_data_cuts(db, SYSTEM))
