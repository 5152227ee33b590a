"""The study's states: run-in, observation, IIb, closed; held; terminated for good. Pure transitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from trial_core.domain.safety_rule import SafetyCount


class StudyState(StrEnum):
    """Where the study stands."""

    RUN_IN = "recruiting run-in"
    OBSERVATION = "observation"
    IIB = "IIb"
    CLOSED = "closed"
    HELD = "held"
    TERMINATED = "terminated"


class StudyAction(StrEnum):
    """What the study's state can forbid."""

    ENROL_RUN_IN = "enrol in the run-in"
    ENROL_IIB = "enrol in phase IIb"
    RANDOMISE = "randomise"
    SUBMIT_PLAN = "submit a new plan"
    FOLLOW_UP = "enter follow-up"
    ENTER_SAFETY = "enter safety data"


class StepRefused(ValueError):  # noqa: N818 - a refusal, named for what is so
    """A step that the study's state or its conditions do not allow; `missing` lists what is."""

    def __init__(self, step: str, state: StudyState, missing: tuple[str, ...]) -> None:
        super().__init__(f"The study is {state}; it cannot {step}: {'; '.join(missing)}.")
        self.step = step
        self.state = state
        self.missing = missing


@dataclass(frozen=True, kw_only=True)
class Study:
    """The study's state.

    Attributes
    ----------
    before_hold
        Of a held study: the state it goes back to when the hold is lifted.
    reason
        Why it is where it is, where that was not the usual course.
    """

    state: StudyState = StudyState.RUN_IN
    before_hold: StudyState | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if (self.state is StudyState.HELD) != (self.before_hold is not None):
            raise ValueError("a held study, and no other, knows the state before its hold")


@dataclass(frozen=True, kw_only=True)
class RunInSubject:
    """A run-in subject as the observation sees it; observed from the first day of study treatment."""

    code: str
    observed_from: date | None
    died_on: date | None = None

    def has_completed(self, today: date, window_days: int) -> bool:
        """Whether the subject has died, or was observed for the whole window."""
        if self.died_on is not None:
            return self.died_on <= today
        return self.observed_from is not None and today >= self.observed_from + timedelta(days=window_days)


@dataclass(frozen=True, kw_only=True)
class OpeningFacts:
    """What the opening of IIb is decided by.

    Attributes
    ----------
    run_in_size
        Subjects the run-in is configured for.
    toxicity_statement_signed
        A signed statement says that the toxicity profile is acceptable, and its signature is valid.
    """

    today: date
    run_in: tuple[RunInSubject, ...]
    run_in_size: int
    window_days: int
    safety: SafetyCount
    toxicity_statement_signed: bool


def allows(study: Study, action: StudyAction) -> bool:
    """Whether the study's state allows an action.

    A hold stops enrolment and randomisation; termination stops new plans, too. Follow-up and safety entry
    always go on.
    """
    match action:
        case StudyAction.FOLLOW_UP | StudyAction.ENTER_SAFETY:
            return True
        case StudyAction.SUBMIT_PLAN:
            return study.state is not StudyState.TERMINATED
        case StudyAction.ENROL_RUN_IN:
            return study.state is StudyState.RUN_IN
        case StudyAction.ENROL_IIB | StudyAction.RANDOMISE:
            return study.state is StudyState.IIB


def require(study: Study, action: StudyAction) -> None:
    """Refuse an action that the state forbids.

    Raises
    ------
    StepRefused
        if it does.
    """
    if not allows(study, action):
        raise StepRefused(action.value, study.state, (study.reason or "its state does not allow it",))


def after_safety_count(study: Study, safety: SafetyCount) -> Study:
    """The state after grade 5 events were counted anew: to be written in the same transaction as the event.

    The second subject holds the study from any state; two that remain after adjudication terminate it for
    good. Fewer do not lift a hold: a person does, with a reason.
    """
    if study.state is StudyState.TERMINATED:
        return study
    if safety.terminates:
        words = f"treatment-related deaths of {', '.join(safety.settled)}, adjudicated"
        return Study(state=StudyState.TERMINATED, reason=words)
    if safety.holds and study.state is not StudyState.HELD:
        words = f"grade 5 events of {', '.join(safety.counted)} count"
        return Study(state=StudyState.HELD, before_hold=study.state, reason=words)
    return study


def lift_hold(study: Study, safety: SafetyCount, reason: str) -> Study:
    """Go back to the state before the hold, with a reason, once fewer than the limit remain.

    They remain after adjudication: a site that changes its attribution alone lifts nothing.

    Raises
    ------
    StepRefused
        if the study is not held, too many subjects count, an event is open, or no reason is given.
    """
    missing = []
    if study.before_hold is None:
        missing.append("it is not held")
    if safety.holds:
        missing.append(f"{len(safety.counted)} subjects count: {', '.join(safety.counted)}")
    if safety.open_events:
        missing.append(f"not adjudicated: {', '.join(safety.open_events)}")
    if not reason.strip():
        missing.append("give the reason")
    if missing or study.before_hold is None:
        raise StepRefused("lift the hold", study.state, tuple(missing))
    return Study(state=study.before_hold, reason=reason.strip())


def close_run_in(study: Study, *, enrolled: int, run_in_size: int) -> Study:
    """End the recruitment of the run-in, which has reached its configured size.

    Raises
    ------
    StepRefused
        if it is not recruiting, or has not (or more than) its size.
    """
    missing = _not_in(study, StudyState.RUN_IN)
    if enrolled != run_in_size:
        missing.append(f"{enrolled} of {run_in_size} run-in subjects are enrolled")
    if missing:
        raise StepRefused("close the run-in", study.state, tuple(missing))
    return replace(study, state=StudyState.OBSERVATION, reason="")


def open_iib(study: Study, facts: OpeningFacts) -> Study:
    """Open phase IIb.

    Raises
    ------
    StepRefused
        if a condition is missing: all that are, not only the first.
    """
    missing = missing_for_iib(study, facts)
    if missing:
        raise StepRefused("open phase IIb", study.state, missing)
    return replace(study, state=StudyState.IIB, reason="")


def missing_for_iib(study: Study, facts: OpeningFacts) -> tuple[str, ...]:
    """Every condition for the opening of IIb that is not met, in words; empty where it can open."""
    missing = _not_in(study, StudyState.OBSERVATION)
    if len(facts.run_in) != facts.run_in_size:
        missing.append(f"the run-in has {len(facts.run_in)} of {facts.run_in_size} subjects")
    waiting = [each.code for each in facts.run_in if not each.has_completed(facts.today, facts.window_days)]
    if waiting:
        words = f"have not completed the observation of {facts.window_days} days"
        missing.append(f"{', '.join(sorted(waiting))} {words}")
    dead = [each.code for each in facts.run_in if each.died_on is not None]
    unexplained = sorted(set(dead) - set(facts.safety.explained))
    if unexplained:
        missing.append(f"{', '.join(unexplained)} died, but no grade 5 event says of what")
    if facts.safety.holds:
        counted = ", ".join(facts.safety.counted)
        missing.append(f"{len(facts.safety.counted)} subjects with a grade 5 event count: {counted}")
    if facts.safety.open_events:
        missing.append(f"not adjudicated: {', '.join(facts.safety.open_events)}")
    if not facts.toxicity_statement_signed:
        missing.append("no valid signature states that the toxicity profile is acceptable")
    return tuple(missing)


def close_recruitment(study: Study) -> Study:
    """End the recruitment of IIb.

    Raises
    ------
    StepRefused
        if IIb is not open.
    """
    missing = _not_in(study, StudyState.IIB)
    if missing:
        raise StepRefused("close recruitment", study.state, tuple(missing))
    return replace(study, state=StudyState.CLOSED, reason="")


def _not_in(study: Study, state: StudyState) -> list[str]:
    return [] if study.state is state else [f"it must be {state}"]
