"""One subject's clinical record, as its forms tell it: responses, survival and toxicity derive from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from trial_core.domain.clinical_forms import (
    BaselineForm,
    ClinicalProgression,
    Contact,
    Death,
    EligibilityViolation,
    QueryAnswer,
)
from trial_core.domain.consent import Consent
from trial_core.domain.leaving import Leaving, LeavingKind
from trial_core.domain.names import subject_label
from trial_core.domain.pfs_history import Origin, Therapy, clock_start
from trial_core.domain.readings import NewLesion, NonTargetReading, TargetReading, Visit
from trial_core.domain.response import SetByHand
from trial_core.domain.subject import Arm, Phase
from trial_core.domain.systemic import Cycle
from trial_core.domain.toxicity import AdverseEvent, Exposure, Outcome


@dataclass(frozen=True, kw_only=True)
class SubjectFacts:
    """Who a subject is in the trial.

    Attributes
    ----------
    enrolled_on
        Registration: the clock's start in IIa. None: not enrolled.
    major_deviations
        In words; what takes a subject out of the per-protocol population.
    failed_criteria
        That the eligibility form fails as it stands: one that was corrected after enrolment.
    """

    code: str
    site: str
    phase: Phase | None = None
    arm: Arm | None = None
    enrolled_on: date | None = None
    randomised_on: date | None = None
    major_deviations: tuple[str, ...] = ()
    failed_criteria: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Site and code, as `S1:001`."""
        return subject_label(site=self.site, code=self.code)

    @property
    def start(self) -> tuple[date, Origin] | None:
        """Day and origin of the subject's clock."""
        if self.phase is None:
            return None
        return clock_start(self.phase, registered_on=self.enrolled_on, randomised_on=self.randomised_on)

    @property
    def has_radiotherapy(self) -> bool:
        """Whether the subject's arm gets LDRT and CFRT; the run-in does, arm B does not."""
        return self.arm is not Arm.B

    @property
    def group(self) -> str:
        """The group it is analysed in: the run-in, or its arm."""
        if self.phase is Phase.IIA:
            return "run-in"
        return "not randomised" if self.arm is None else self.arm.value


@dataclass(frozen=True, kw_only=True)
class ClinicalRecord:
    """Everything that the standing forms say about one subject; fractions by their days."""

    subject: SubjectFacts
    consents: tuple[Consent, ...] = ()
    baseline: BaselineForm | None = None
    visits: tuple[Visit, ...] = ()
    by_hand: tuple[SetByHand, ...] = ()
    therapies: tuple[Therapy, ...] = ()
    contacts: tuple[Contact, ...] = ()
    death: Death | None = None
    clinical_progressions: tuple[ClinicalProgression, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    events: tuple[AdverseEvent, ...] = ()
    leavings: tuple[Leaving, ...] = ()
    fraction_days: tuple[date, ...] = ()
    violations: tuple[EligibilityViolation, ...] = ()
    answers: tuple[QueryAnswer, ...] = ()

    @property
    def died_on(self) -> date | None:
        """The day of death."""
        return None if self.death is None else self.death.on

    @property
    def data_use_withdrawn(self) -> bool:
        """Whether the subject withdrew the use of its data."""
        return any(each.kind is LeavingKind.WITHDRAWAL_OF_DATA_USE for each in self.leavings)

    @property
    def treatment_days(self) -> tuple[date, ...]:
        """Days on which study treatment was given, in order."""
        given = {cycle.given_on for cycle in self.cycles if cycle.given_on is not None}
        return tuple(sorted({*given, *self.fraction_days}))

    @property
    def exposure(self) -> Exposure:
        """First and last day of study treatment; the last is open until treatment has ended."""
        days = self.treatment_days
        if not days:
            return Exposure(first_on=None)
        ended = self.death is not None or bool(self.leavings)
        return Exposure(first_on=days[0], last_on=days[-1] if ended else None)


def record_until(record: ClinicalRecord, cut: date) -> ClinicalRecord:
    """What was so on the day of a cut: what is dated later is left out, what has no date stays.

    A visit stays from the first of its examinations on; whether its response counts by then is for the
    derivation (`pfs_history.history_until`). Who was enrolled or randomised later was not yet.
    """
    visits = tuple(each for each in record.visits if not _starts_after(each, cut))
    kept = {each.label for each in visits}
    return replace(
        record,
        subject=_subject_until(record.subject, cut),
        visits=visits,
        by_hand=tuple(each for each in record.by_hand if each.visit in kept),
        therapies=tuple(each for each in record.therapies if not _is_after(each.started_on, cut)),
        contacts=tuple(each for each in record.contacts if each.on <= cut),
        death=None if _is_after(record.died_on, cut) else record.death,
        clinical_progressions=tuple(each for each in record.clinical_progressions if each.on <= cut),
        cycles=tuple(_cycle_until(each, cut) for each in record.cycles),
        events=tuple(event for each in record.events if (event := _event_until(each, cut))),
        leavings=tuple(each for each in record.leavings if each.on <= cut),
        fraction_days=tuple(each for each in record.fraction_days if each <= cut),
    )


def examination_days(visit: Visit) -> tuple[date, ...]:
    """The days of a visit's readings, in order; of lesions that were not assessed, too."""
    readings: tuple[TargetReading | NonTargetReading | NewLesion, ...]
    readings = (*visit.targets, *visit.non_targets, *visit.new_lesions)
    return tuple(sorted({each.on for each in readings if each.on is not None}))


def _starts_after(visit: Visit, cut: date) -> bool:
    days = examination_days(visit)
    return bool(days) and days[0] > cut


def _subject_until(subject: SubjectFacts, cut: date) -> SubjectFacts:
    if _is_after(subject.enrolled_on, cut):
        return replace(subject, enrolled_on=None, randomised_on=None, arm=None)
    if _is_after(subject.randomised_on, cut):
        return replace(subject, randomised_on=None, arm=None)
    return subject


def _cycle_until(cycle: Cycle, cut: date) -> Cycle:
    if not _is_after(cycle.given_on, cut):
        return cycle
    agents = tuple(replace(agent, given=None) for agent in cycle.agents)
    return replace(cycle, given_on=None, agents=agents)


def _event_until(event: AdverseEvent, cut: date) -> AdverseEvent | None:
    grades = tuple(each for each in event.grades if each.on <= cut)
    if not grades:
        return None
    later = len(grades) < len(event.grades) or _is_after(event.ended_on, cut)
    return replace(
        event,
        grades=grades,
        ended_on=None if _is_after(event.ended_on, cut) else event.ended_on,
        outcome=Outcome.UNKNOWN if later else event.outcome,
    )


def _is_after(day: date | None, cut: date) -> bool:
    return day is not None and day > cut
