"""From registration to an arm through the services, and a study that is walked on, in one line each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from argon2 import PasswordHasher

from trial_core.db.repositories import allocations
from trial_core.db.repositories.allocations import StoredList
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Role
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.consent import Consent
from trial_core.domain.eligibility import Answer, EligibilityQuestion, GivenAnswer
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject import Arm, Subject
from trial_core.domain.systemic import Cycle
from trial_core.protocols.reader import read_protocol
from trial_core.services import account_entry, enrolment, forms, randomisation, screening, study, subjects
from trial_core.services.authorise import subject_at_site
from trial_core.services.conduct_of import conduct_of
from trial_core.services.cycles import cycle_occasion
from trial_core.services.journal import note
from trial_core.services.sealing import seal_list, seal_slots
from trial_core.services.toxicity_statement import state_toxicity_acceptable
from trial_core.statistics.randomisation import AllocationList, seal

PASSWORD = "correct horse battery"
LIST_KEY = b"r" * 32
CONSENT_VERSION = "1.0"
CONSENT_FROM = date(2020, 1, 1)


@cache
def quick_hash() -> str:
    """The hash of PASSWORD with the least work that argon2 takes: tests sign many forms."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@cache
def protocol_of(run_in: int = 25, days: int = 90) -> Protocol:
    """SCR-ESCC-01, with a run-in of another size and observation if a test needs a shorter one."""
    full = read_protocol()
    phases = tuple(replace(phase, subjects=run_in) if phase.id == "IIa" else phase for phase in full.phases)
    return replace(full, phases=phases, conduct=replace(conduct_of(full), observation_days=days))


SHORT = protocol_of(run_in=1, days=1)
"""A run-in of one subject, observed for a day."""


def good_answer(question: EligibilityQuestion) -> GivenAnswer:
    """The answer that lets a subject in, with a value that means it."""
    measure = question.measure
    value = None
    if measure is not None:
        whole = range(int(measure.minimum), int(measure.maximum) + 1)
        value = next(float(each) for each in whole if measure.means(each) is question.wanted)
    return GivenAnswer(question=question.id, answer=question.wanted, value=value)


def bad_answer(question: EligibilityQuestion) -> GivenAnswer:
    """The answer that keeps a subject out; of a question without a value."""
    wanted = question.wanted is Answer.YES
    return GivenAnswer(question=question.id, answer=Answer.NO if wanted else Answer.YES)


def good_answers(protocol: Protocol) -> tuple[GivenAnswer, ...]:
    """All answers of an eligible subject."""
    return tuple(good_answer(question) for question in conduct_of(protocol).questions)


def add_person(db: Database, role: Role, site: str | None = None) -> Actor:
    """Add an account that signs by PASSWORD; named after its role."""
    login = f"{role.value.replace(' ', '-')}{'' if site is None else f'-{site.lower()}'}"
    person = Actor(uuid.uuid4().hex, login, role, site, role.value.title())
    with db.transaction() as connection:
        account_entry.put_account(connection, db, SYSTEM, person, password_hash=quick_hash())
    return person


def use_consent_form(db: Database, actor: Actor) -> None:
    """Put the first version of the consent form in use."""
    screening.register_consent_form(db, actor, version=CONSENT_VERSION, from_on=CONSENT_FROM)


def screen(db: Database, staff: Actor, signer: Actor, code: str, protocol: Protocol) -> None:
    """Register a subject and bring it to the eve of enrolment."""
    subjects.create_subject(db, staff, code=code)
    consent = Consent(on=db.now().date(), version=CONSENT_VERSION)
    screening.enter_consent(db, staff, code=code, consent=consent)
    screening.enter_eligibility(db, staff, code=code, protocol=protocol, answers=good_answers(protocol))
    screening.sign_eligibility(db, signer, code=code, protocol=protocol, password=PASSWORD, seen_version=1)


def enrol(db: Database, staff: Actor, signer: Actor, code: str, protocol: Protocol) -> Subject:
    """Register, screen and enrol a subject in the phase that the study recruits for."""
    screen(db, staff, signer, code, protocol)
    return enrolment.enrol_subject(db, staff, code=code, protocol=protocol)


def treat(db: Database, staff: Actor, code: str, on: date) -> None:
    """Put a first cycle on record."""
    with db.transaction() as connection:
        subject_id, _ = subject_at_site(connection, staff, code)
        forms.enter(
            connection,
            db,
            staff,
            subject_id=subject_id,
            kind=ClinicalForm.CYCLE.value,
            occasion=cycle_occasion(1),
            content=Cycle(number=1, planned_on=on, given_on=on),
        )


def open_iib(
    db: Database,
    *,
    staff: Actor,
    run_in: Sequence[str],
    adjudicator: Actor,
    statistician: Actor,
    protocol: Protocol = SHORT,
) -> None:
    """Walk the study from a run-in that is full to phase IIb, its subjects treated long ago enough."""
    long_ago = db.now().date() - timedelta(days=conduct_of(protocol).observation_days)
    for code in run_in:
        treat(db, staff, code, long_ago)
    study.close_the_run_in(db, statistician, protocol=protocol, password=PASSWORD)
    state_toxicity_acceptable(db, adjudicator, password=PASSWORD)
    study.open_phase_iib(db, statistician, protocol=protocol, password=PASSWORD)


def seal_known_list(
    db: Database, stratum: str, arms: Sequence[str], *, protocol: Protocol = SHORT, key: bytes = LIST_KEY
) -> StoredList:
    """Put a list on record whose order the test knows; it is sealed as any other."""
    drawn = seal(AllocationList(protocol.id, stratum, (tuple(arms),)))
    with db.transaction() as connection:
        part = len(allocations.lists(connection, stratum)) + 1
        new = StoredList(uuid.uuid4().hex, stratum, part, len(arms), drawn.commitment(), db.now(), used=0)
        sealed = seal_list(key, drawn, part=part)
        slots = seal_slots(key, drawn, part=part)
        allocations.add_list(connection, new, sealed=sealed, sealed_slots=slots)
        note(
            connection,
            db,
            SYSTEM,
            action="make randomisation list",
            entity="randomisation list",
            entity_id=new.id,
            stratum=stratum,
            part=part,
            commitment=new.commitment,
            at=new.created_at,
        )
    return new


def randomise(
    db: Database, staff: Actor, code: str, *, key: bytes = LIST_KEY, password: str = PASSWORD
) -> Arm:
    """Reveal a subject's arm."""
    return randomisation.randomise(db, staff, code=code, protocol=SHORT, key=key, password=password)
