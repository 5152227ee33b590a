"""The study's state: what it is, what its next step lacks, and the steps themselves, each of them signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.repositories import study as rows
from trial_core.db.repositories import subjects
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.protocol import Protocol
from trial_core.domain.safety_rule import SafetyCount
from trial_core.domain.signing import Meaning
from trial_core.domain.study_state import (
    OpeningFacts,
    RunInSubject,
    StepRefused,
    Study,
    StudyAction,
    close_recruitment,
    close_run_in,
    lift_hold,
    missing_for_iib,
    open_iib,
)
from trial_core.domain.study_state import require as require_action
from trial_core.domain.subject import Phase
from trial_core.enrolment_errors import StudyForbids
from trial_core.services import safety_facts, signatures, toxicity_statement
from trial_core.services.authorise import require
from trial_core.services.clinical_reading import standing_record
from trial_core.services.conduct_of import conduct_of, deaths_that_hold, run_in_size
from trial_core.services.readable import require_readable
from trial_core.services.study_log import STEP, change_state, step_sha256

__all__ = [
    "StudyConditions",
    "close_the_recruitment",
    "close_the_run_in",
    "lift_the_hold",
    "open_phase_iib",
    "study_conditions",
    "study_now",
]


@dataclass(frozen=True, kw_only=True)
class StudyConditions:
    """The study's state, what the opening of IIb lacks, and where the safety rule stands."""

    study: Study
    missing_for_iib: tuple[str, ...]
    safety: SafetyCount
    run_in_enrolled: int
    run_in_size: int


def study_now(db: Database) -> Study:
    """Give the study's state: no secret, for it says what everybody may do."""
    with db.read() as connection:
        return rows.current(connection)


def study_conditions(db: Database, actor: Actor, *, protocol: Protocol) -> StudyConditions:
    """Give the study's state with its conditions; they name subjects, so not everybody sees them.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_STUDY)
    with db.read() as connection:
        now, facts = rows.current(connection), _facts(connection, db, protocol)
        return StudyConditions(
            study=now,
            missing_for_iib=missing_for_iib(now, facts),
            safety=facts.safety,
            run_in_enrolled=len(facts.run_in),
            run_in_size=facts.run_in_size,
        )


def close_the_run_in(db: Database, actor: Actor, *, protocol: Protocol, password: str) -> Study:
    """End the run-in's recruitment at its configured size: the observation goes on.

    Raises
    ------
    NotAuthorised, StudyForbids, SignInRefused, AccountLocked
    """

    def step(connection: Connection, now: Study) -> Study:
        enrolled = len(subjects.of_phase(connection, Phase.IIA))
        return close_run_in(now, enrolled=enrolled, run_in_size=run_in_size(protocol))

    return _step(db, actor, Permission.CONDUCT_STUDY, step, password)


def open_phase_iib(db: Database, actor: Actor, *, protocol: Protocol, password: str) -> Study:
    """Open phase IIb, once no condition is missing.

    Raises
    ------
    NotAuthorised, StudyForbids, SignInRefused, AccountLocked
    """
    return _step(
        db,
        actor,
        Permission.CONDUCT_STUDY,
        lambda connection, now: open_iib(now, _facts(connection, db, protocol)),
        password,
    )


def close_the_recruitment(db: Database, actor: Actor, *, password: str) -> Study:
    """End the recruitment of IIb.

    Raises
    ------
    NotAuthorised, StudyForbids, SignInRefused, AccountLocked
    """
    return _step(db, actor, Permission.CONDUCT_STUDY, lambda _, now: close_recruitment(now), password)


def lift_the_hold(db: Database, actor: Actor, *, protocol: Protocol, reason: str, password: str) -> Study:
    """Go back to the state before the hold, once fewer subjects remain than hold it.

    Raises
    ------
    NotAuthorised, StudyForbids, TextUnusable, SignInRefused, AccountLocked
    """

    require_readable("reason", reason)

    def step(connection: Connection, now: Study) -> Study:
        count = safety_facts.safety_count(connection, limit=deaths_that_hold(protocol))
        return lift_hold(now, count, reason)

    return _step(db, actor, Permission.ADJUDICATE, step, password)


def require_study(connection: Connection, action: StudyAction) -> None:
    """Refuse an action that the study's state forbids, in the transaction that would do it.

    Raises
    ------
    StudyForbids
    """
    try:
        require_action(rows.current(connection), action)
    except StepRefused as refusal:
        raise StudyForbids(refusal.step, refusal.state.value, refusal.missing) from refusal


def _step(
    db: Database,
    actor: Actor,
    permission: Permission,
    step: Callable[[Connection, Study], Study],
    password: str,
) -> Study:
    require(actor, permission)
    signatures.confirm_password(db, actor, password=password)
    with db.transaction() as connection:
        now = rows.current(connection)
        try:
            after = step(connection, now)
        except StepRefused as refusal:
            raise StudyForbids(refusal.step, refusal.state.value, refusal.missing) from refusal
        change_state(connection, db, actor, before=now, after=after)
        _sign(connection, db, actor)
        return after


def _sign(connection: Connection, db: Database, actor: Actor) -> None:
    """Sign the change that was just put on record."""
    newest = rows.transitions(connection)[-1]
    signatures.sign(
        connection,
        db,
        actor,
        entity=STEP,
        entity_id=str(newest.sequence),
        content_sha256=step_sha256(newest),
        meaning=Meaning.STUDY_STEP,
    )


def _facts(connection: Connection, db: Database, protocol: Protocol) -> OpeningFacts:
    run_in = tuple(
        RunInSubject(
            code=subject.label,
            observed_from=min(record.treatment_days, default=None),
            died_on=record.died_on,
        )
        for subject_id, subject in subjects.of_phase(connection, Phase.IIA)
        for record in (standing_record(connection, subject_id),)
    )
    return OpeningFacts(
        today=db.today(),
        run_in=run_in,
        run_in_size=run_in_size(protocol),
        window_days=conduct_of(protocol).observation_days,
        safety=safety_facts.safety_count(connection, limit=deaths_that_hold(protocol)),
        toxicity_statement_signed=toxicity_statement.is_signed(connection),
    )
