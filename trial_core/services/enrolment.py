"""Enrolment: the phase follows from the study's state, and everything that is missing is listed."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.repositories import consent_forms, study, subjects
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.consent import needs_consent_again
from trial_core.domain.protocol import Protocol
from trial_core.domain.signing import Meaning
from trial_core.domain.study_state import StepRefused, Study, StudyAction, StudyState
from trial_core.domain.study_state import require as require_study
from trial_core.domain.subject import Phase, Subject, SubjectStatus
from trial_core.domain.subject_forms import ONLY_ONE, Enrolment, SubjectForm
from trial_core.enrolment_errors import NotReady, StudyForbids
from trial_core.errors import WrongState
from trial_core.services import forms, milestones, signatures
from trial_core.services.authorise import require, subject_at_site
from trial_core.services.conduct_of import run_in_size
from trial_core.services.screening import missing_for_eligibility


def enrol_subject(db: Database, actor: Actor, *, code: str, protocol: Protocol) -> Subject:
    """Enrol a screened subject: in IIa while the run-in recruits, in IIb while that is open, never otherwise.

    Raises
    ------
    NotAuthorised, UnknownSubject, WrongState, StudyForbids, NotReady
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    with db.transaction() as connection:
        subject_id, subject = subject_at_site(connection, actor, code)
        if subject.status is not SubjectStatus.SCREENING:
            raise WrongState("subject", subject.status.value, SubjectStatus.SCREENING.value)
        phase = phase_of_enrolment(study.current(connection))
        missing = missing_for_enrolment(connection, db, subject_id, protocol)
        if missing:
            raise NotReady("enrolled", code, missing)
        _require_room(connection, phase, protocol)
        return _enrol(connection, db, actor, subject_id=subject_id, phase=phase, protocol=protocol)


def enrolment_conditions(db: Database, actor: Actor, *, code: str, protocol: Protocol) -> tuple[str, ...]:
    """List what a subject of the actor's site lacks for enrolment, the study's state included.

    Raises
    ------
    NotAuthorised, UnknownSubject
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, _ = subject_at_site(connection, actor, code)
        missing = missing_for_enrolment(connection, db, subject_id, protocol)
        try:
            _require_room(connection, phase_of_enrolment(study.current(connection)), protocol)
        except StudyForbids as refusal:
            return (*refusal.missing, *missing)
    return missing


def phase_of_enrolment(now: Study) -> Phase:
    """Give the phase that the study's state enrols into.

    Raises
    ------
    StudyForbids
    """
    in_run_in = now.state is StudyState.RUN_IN
    try:
        require_study(now, StudyAction.ENROL_RUN_IN if in_run_in else StudyAction.ENROL_IIB)
    except StepRefused as refusal:
        raise StudyForbids("enrol", refusal.state.value, refusal.missing) from refusal
    return Phase.IIA if in_run_in else Phase.IIB


def missing_for_enrolment(
    connection: Connection, db: Database, subject_id: str, protocol: Protocol
) -> tuple[str, ...]:
    """Say everything that a subject lacks for enrolment; empty where it lacks nothing."""
    today = db.today()
    missing = []
    given = milestones.consents(connection, subject_id)
    known = consent_forms.all_versions(connection)
    if not given:
        missing.append("no consent is on record")
    elif needs_consent_again(given, known, today=today):
        missing.append("the consent is not to the form in use today; ask the subject again")
    return (*missing, *missing_signed_eligibility(connection, subject_id, protocol))


def missing_signed_eligibility(
    connection: Connection, subject_id: str, protocol: Protocol
) -> tuple[str, ...]:
    """Say what keeps the subject from being eligible by a signed form; empty where nothing does."""
    form = milestones.standing_form(connection, subject_id, SubjectForm.ELIGIBILITY)
    missing = missing_for_eligibility(form, protocol)
    if form is None or missing:
        return missing
    states = signatures.form_signatures(connection, form)
    if signatures.is_signed(states, Meaning.ELIGIBLE):
        return ()
    void = "; the signature on it is void, for the form was changed after it" if states else ""
    return (f"an investigator has to sign the eligibility form{void}",)


def _require_room(connection: Connection, phase: Phase, protocol: Protocol) -> None:
    if phase is not Phase.IIA:
        return
    size = run_in_size(protocol)
    enrolled = len(subjects.of_phase(connection, Phase.IIA))
    if enrolled >= size:
        full = f"the run-in has its {size} subjects, and waits to be closed"
        raise StudyForbids("enrol", StudyState.RUN_IN.value, (full,))


def _enrol(
    connection: Connection, db: Database, actor: Actor, *, subject_id: str, phase: Phase, protocol: Protocol
) -> Subject:
    forms.enter(
        connection,
        db,
        actor,
        subject_id=subject_id,
        kind=SubjectForm.ENROLMENT,
        occasion=ONLY_ONE,
        content=Enrolment(on=db.today(), phase=phase, protocol_version=protocol.version),
    )
    status = SubjectStatus.ENROLLED
    subjects.set_status(connection, subject_id=subject_id, status=status, phase=phase, arm=None)
    return subjects.by_id(connection, subject_id)
