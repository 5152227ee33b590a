"""Randomise a subject: one slot is opened in the transaction that writes the allocation, and no other."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.form_content import content_sha256
from trial_core.db.repositories import allocations, subjects
from trial_core.db.repositories.allocations import Allocation, StoredList
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.protocol import Protocol
from trial_core.domain.screening import StrataForm, StratumFound, stratum_of
from trial_core.domain.signing import Meaning
from trial_core.domain.study_state import StudyAction
from trial_core.domain.subject import Arm, Phase, Subject, SubjectStatus
from trial_core.domain.subject_forms import SubjectForm
from trial_core.enrolment_errors import AllocationListExhausted, NoAllocationList, NotReady, StudyForbids
from trial_core.services import milestones, signatures
from trial_core.services.authorise import require, subject_at_site
from trial_core.services.conduct_of import conduct_of
from trial_core.services.enrolment import missing_for_enrolment
from trial_core.services.journal import note
from trial_core.services.sealing import open_slot
from trial_core.services.study import require_study


@dataclass(frozen=True)
class _NoSlot:
    """No allocation was made; the trial office was told in the same transaction."""

    refusal: NoAllocationList | AllocationListExhausted


def randomise(db: Database, actor: Actor, *, code: str, protocol: Protocol, key: bytes, password: str) -> Arm:
    """Reveal the arm of a subject enrolled in IIb, signed; asked again, the same arm, and nothing is written.

    Parameters
    ----------
    key
        `Secrets.randomisation_key` of the settings.
    password
        The actor's own, typed again: whoever randomises signs the allocation.

    Raises
    ------
    NotAuthorised, UnknownSubject, StudyForbids, NotReady, NoAllocationList, AllocationListExhausted,
    SealBroken, SignInRefused, AccountLocked
    """
    require(actor, Permission.RANDOMISE)
    signatures.confirm_password(db, actor, password=password)
    with db.transaction() as connection:
        subject_id, subject = subject_at_site(connection, actor, code)
        known = allocations.of_subject(connection, subject_id)
        if known is not None:
            return known.arm
        require_study(connection, StudyAction.RANDOMISE)
        found = _stratum(connection, subject_id, subject, protocol)
        missing = (*_missing(connection, db, subject_id, subject, protocol), *_in_words(found))
        if missing:
            raise NotReady("randomised", code, missing)
        answer = _allocate(
            connection, db, actor, subject_id=subject_id, stratum=found.name, study=protocol.id, key=key
        )
    # Raised after the commit: that somebody was turned away for want of a slot stays on record.
    if isinstance(answer, _NoSlot):
        raise answer.refusal
    return answer


def randomisation_conditions(db: Database, actor: Actor, *, code: str, protocol: Protocol) -> tuple[str, ...]:
    """List what a subject of the actor's site lacks for randomisation, the study's state included.

    Raises
    ------
    NotAuthorised, UnknownSubject
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, subject = subject_at_site(connection, actor, code)
        found = _stratum(connection, subject_id, subject, protocol)
        missing = (*_missing(connection, db, subject_id, subject, protocol), *_in_words(found))
        try:
            require_study(connection, StudyAction.RANDOMISE)
        except StudyForbids as refusal:
            return (*refusal.missing, *missing)
    return missing


def _missing(
    connection: Connection, db: Database, subject_id: str, subject: Subject, protocol: Protocol
) -> tuple[str, ...]:
    if subject.phase is not Phase.IIB or subject.status is not SubjectStatus.ENROLLED:
        return ("it is not enrolled in phase IIb",)
    missing = list(missing_for_enrolment(connection, db, subject_id, protocol))
    died_on, left = milestones.died_on(connection, subject_id), milestones.leavings(connection, subject_id)
    if died_on is not None:
        missing.append(f"it died on {died_on}")
    missing += [f"'{each.kind}' is on record since {each.on}" for each in left]
    return tuple(missing)


def _stratum(connection: Connection, subject_id: str, subject: Subject, protocol: Protocol) -> StratumFound:
    entered = milestones.only(connection, subject_id, SubjectForm.STRATA, StrataForm)
    return stratum_of(conduct_of(protocol).strata, site_code=subject.site_code, entered=entered)


def _in_words(found: StratumFound) -> tuple[str, ...]:
    return tuple(f"the stratum needs {factor}" for factor in found.missing)


def _allocate(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    subject_id: str,
    stratum: str,
    study: str,
    key: bytes,
) -> Arm | _NoSlot:
    known = allocations.lists(connection, stratum)
    free = next((each for each in known if not each.is_exhausted), None)
    if free is None:
        refusal = AllocationListExhausted(stratum) if known else NoAllocationList(stratum)
        return _alert(connection, db, actor, subject_id=subject_id, refusal=refusal)
    arm = _reveal(connection, free, study=study, key=key)
    new = Allocation(subject_id, free.id, free.used, arm, db.now())
    allocations.add_allocation(connection, new, user_id=actor.user_id)
    status = SubjectStatus.ENROLLED
    subjects.set_status(connection, subject_id=subject_id, status=status, phase=Phase.IIB, arm=arm)
    note(
        connection,
        db,
        actor,
        action="randomise subject",
        entity="subject",
        entity_id=subject_id,
        stratum=stratum,
        list=free.id,
        slot=free.used,
        arm=arm.value,
        at=new.revealed_at,
    )
    _sign(connection, db, actor, new)
    return arm


def _sign(connection: Connection, db: Database, actor: Actor, new: Allocation) -> None:
    signatures.sign(
        connection,
        db,
        actor,
        entity="allocation",
        entity_id=new.subject_id,
        content_sha256=content_sha256(
            {"subject": new.subject_id, "list": new.list_id, "slot": new.slot, "arm": new.arm.value}
        ),
        meaning=Meaning.RANDOMISED,
    )


def _reveal(connection: Connection, free: StoredList, *, study: str, key: bytes) -> Arm:
    slot = free.used
    sealed = allocations.sealed_slot_at(connection, list_id=free.id, slot=slot)
    return Arm(open_slot(key, sealed, study=study, stratum=free.stratum, part=free.part, slot=slot))


def _alert(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    subject_id: str,
    refusal: NoAllocationList | AllocationListExhausted,
) -> _NoSlot:
    note(
        connection,
        db,
        actor,
        action="no slot to randomise",
        entity="subject",
        entity_id=subject_id,
        stratum=refusal.stratum,
        why=refusal.message,
    )
    return _NoSlot(refusal)
