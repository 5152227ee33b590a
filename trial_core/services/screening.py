"""Screening: consent, the eligibility form and its signature, strata, and screening failures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import consent_forms, subjects
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database, day_of
from trial_core.domain.access import Actor, Permission
from trial_core.domain.consent import Consent, ConsentForm, consent_problem
from trial_core.domain.eligibility import (
    Answer,
    AnswerRefused,
    Eligibility,
    EligibilityStatus,
    GivenAnswer,
    judge_eligibility,
)
from trial_core.domain.names import CODE_RULE, is_code
from trial_core.domain.protocol import Protocol
from trial_core.domain.screening import (
    EligibilityForm,
    ScreeningFailure,
    StrataForm,
    questions_sha256,
    strata_problem,
)
from trial_core.domain.signing import Meaning, Signature
from trial_core.domain.subject import Phase, Subject, SubjectStatus
from trial_core.domain.subject_forms import ONLY_ONE, SubjectForm
from trial_core.enrolment_errors import FormRefused, SignatureRefused
from trial_core.errors import AlreadyExists, FormChangedMeanwhile, NotAName, WrongState
from trial_core.services import forms, milestones, signatures
from trial_core.services.authorise import require, subject_at_site
from trial_core.services.conduct_of import conduct_of
from trial_core.services.journal import note
from trial_core.services.readable import require_readable

_SCREENING = SubjectStatus.SCREENING


def register_consent_form(db: Database, actor: Actor, *, version: str, from_on: date) -> ConsentForm:
    """Put a version of the consent form in use from a day on; who consented to an older one is asked anew.

    Raises
    ------
    NotAuthorised, NotAName, AlreadyExists
    """
    require(actor, Permission.MANAGE_CONSENT_FORMS)
    if not is_code(version):
        raise NotAName("version of the consent form", version, CODE_RULE)
    form = ConsentForm(version=version, from_on=from_on)
    with db.transaction() as connection:
        if any(each.version == version for each in consent_forms.all_versions(connection)):
            raise AlreadyExists("version of the consent form", version)
        at = db.now()
        consent_forms.add(connection, form, user_id=actor.user_id, at=at)
        note(
            connection,
            db,
            actor,
            action="register consent form",
            entity="consent form",
            entity_id=version,
            from_on=from_on.isoformat(),
            at=at,
        )
    return form


def list_consent_forms(db: Database) -> tuple[ConsentForm, ...]:
    """List the versions of the consent form, oldest first."""
    with db.read() as connection:
        return consent_forms.all_versions(connection)


def enter_consent(
    db: Database,
    actor: Actor,
    *,
    code: str,
    consent: Consent,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Enter the consent to one version of the form; of another version it is the re-consent.

    Parameters
    ----------
    reason, seen_version
        To correct the date: why, and the version of the entry that the person had before their eyes.

    Raises
    ------
    NotAuthorised, UnknownSubject, FormRefused, ReasonMissing, FormChangedMeanwhile
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    with db.transaction() as connection:
        subject_id, _ = subject_at_site(connection, actor, code)
        given = milestones.consents(connection, subject_id)
        if seen_version is not None:
            given = tuple(each for each in given if each.version != consent.version)
        known = consent_forms.all_versions(connection)
        problem = consent_problem(given, consent, known, today=db.today())
        if problem is not None:
            raise FormRefused("consent", problem)
        return forms.enter(
            connection,
            db,
            actor,
            subject_id=subject_id,
            kind=SubjectForm.CONSENT,
            occasion=consent.version,
            content=consent,
            reason=reason,
            seen_version=seen_version,
        )


def enter_eligibility(
    db: Database,
    actor: Actor,
    *,
    code: str,
    protocol: Protocol,
    answers: Sequence[GivenAnswer],
    reason: str | None = None,
    seen_version: int | None = None,
) -> Eligibility:
    """Enter the answers, complete or not, and judge them; a signature on earlier answers is void after it.

    After enrolment only a correction is left: what it finds violated shows in the populations.

    Raises
    ------
    NotAuthorised, UnknownSubject, WrongState, FormRefused, ReasonMissing, FormChangedMeanwhile
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    questions = conduct_of(protocol).questions
    with db.transaction() as connection:
        subject_id, subject = subject_at_site(connection, actor, code)
        if seen_version is None or subject.status is not SubjectStatus.ENROLLED:
            _require_screening(subject)
        try:
            judged = judge_eligibility(questions, answers)
        except AnswerRefused as refusal:
            raise FormRefused("eligibility", str(refusal)) from refusal
        form = EligibilityForm(
            protocol_version=protocol.version,
            questions_sha256=questions_sha256(questions),
            answers=tuple(answers),
        )
        forms.enter(
            connection,
            db,
            actor,
            subject_id=subject_id,
            kind=SubjectForm.ELIGIBILITY,
            occasion=ONLY_ONE,
            content=form,
            reason=reason,
            seen_version=seen_version,
        )
    return judged


def sign_eligibility(
    db: Database, actor: Actor, *, code: str, protocol: Protocol, password: str, seen_version: int
) -> Signature:
    """Sign that the subject is eligible, which its form must say.

    Parameters
    ----------
    seen_version
        The version that the investigator has before their eyes: nobody signs what they did not see.

    Raises
    ------
    NotAuthorised, UnknownSubject, SignInRefused, AccountLocked, SignatureRefused, FormChangedMeanwhile
    """
    require(actor, Permission.SIGN_ELIGIBILITY)
    signatures.confirm_password(db, actor, password=password)
    with db.transaction() as connection:
        subject_id, _ = subject_at_site(connection, actor, code)
        form = milestones.standing_form(connection, subject_id, SubjectForm.ELIGIBILITY)
        missing = missing_for_eligibility(form, protocol)
        if form is None or missing:
            raise SignatureRefused("eligibility form", missing)
        if form.version != seen_version:
            raise FormChangedMeanwhile(form.kind, form.occasion)
        return signatures.sign_form(connection, db, actor, form, meaning=Meaning.ELIGIBLE)


def enter_strata(
    db: Database,
    actor: Actor,
    *,
    code: str,
    protocol: Protocol,
    strata: StrataForm,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Enter the levels of the factors of stratification; not after randomisation, which used them.

    Raises
    ------
    NotAuthorised, UnknownSubject, WrongState, FormRefused, ReasonMissing, FormChangedMeanwhile
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    problem = strata_problem(conduct_of(protocol).strata, strata)
    if problem is not None:
        raise FormRefused("strata", problem)
    with db.transaction() as connection:
        subject_id, subject = subject_at_site(connection, actor, code)
        if subject.arm is not None:
            raise WrongState("subject", "randomised", "not randomised yet")
        return forms.enter(
            connection,
            db,
            actor,
            subject_id=subject_id,
            kind=SubjectForm.STRATA,
            occasion=ONLY_ONE,
            content=strata,
            reason=reason,
            seen_version=seen_version,
        )


def fail_screening(
    db: Database, actor: Actor, *, code: str, protocol: Protocol, on: date, words: str = ""
) -> ScreeningFailure:
    """End a screening: its criteria are those that the eligibility form fails, otherwise words say why.

    Raises
    ------
    NotAuthorised, UnknownSubject, WrongState, FormRefused
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    require_readable("words", words)
    with db.transaction() as connection:
        subject_id, subject = subject_at_site(connection, actor, code)
        _require_screening(subject)
        judged = judged_eligibility(connection, subject_id, protocol)
        failure = ScreeningFailure(on=on, criteria=judged.failed if judged else (), words=words.strip())
        _check_failure(failure, registered_on=day_of(connection, subject.created_at), today=db.today())
        forms.enter(
            connection,
            db,
            actor,
            subject_id=subject_id,
            kind=SubjectForm.SCREENING_FAILURE,
            occasion=ONLY_ONE,
            content=failure,
            reason="failed again" if _failed_before(connection, subject_id) else None,
        )
        _set_status(connection, subject_id, SubjectStatus.SCREENING_FAILURE)
    return failure


def reopen_screening(db: Database, actor: Actor, *, code: str, reason: str) -> Subject:
    """Take a screening failure back, with a reason: the subject is in screening again.

    Raises
    ------
    NotAuthorised, UnknownSubject, WrongState, ReasonMissing
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    with db.transaction() as connection:
        subject_id, subject = subject_at_site(connection, actor, code)
        if subject.status is not SubjectStatus.SCREENING_FAILURE:
            raise WrongState("subject", subject.status.value, SubjectStatus.SCREENING_FAILURE.value)
        forms.take_back(
            connection,
            db,
            actor,
            subject_id=subject_id,
            kind=SubjectForm.SCREENING_FAILURE,
            occasion=ONLY_ONE,
            reason=reason,
        )
        _set_status(connection, subject_id, _SCREENING)
        return subjects.by_id(connection, subject_id)


def judged_eligibility(connection: Connection, subject_id: str, protocol: Protocol) -> Eligibility | None:
    """Judge the answers that stand by the protocol's questions of today; None without a form of these."""
    form = milestones.standing_form(connection, subject_id, SubjectForm.ELIGIBILITY)
    return None if form is None else _judged(form, protocol)


def failed_criteria(connection: Connection, subject_id: str, protocol: Protocol) -> tuple[str, ...]:
    """List the criteria that the answers on record fail, also where the questions' words changed since."""
    form = milestones.only(connection, subject_id, SubjectForm.ELIGIBILITY, EligibilityForm)
    given = {} if form is None else {each.question: each.answer for each in form.answers}
    return tuple(
        question.id
        for question in conduct_of(protocol).questions
        if given.get(question.id, Answer.NOT_ANSWERED) not in (Answer.NOT_ANSWERED, question.wanted)
    )


def missing_for_eligibility(form: FormVersion | None, protocol: Protocol) -> tuple[str, ...]:
    """Say what keeps a form from being that of an eligible subject; empty where nothing does."""
    if form is None:
        return ("the eligibility questions have not been answered",)
    judged = _judged(form, protocol)
    if judged is None:
        return ("the protocol's questions have changed since they were answered; answer them again",)
    missing = []
    if judged.status is not EligibilityStatus.ELIGIBLE and judged.failed:
        missing.append(f"not eligible by {', '.join(judged.failed)}")
    if judged.unanswered:
        missing.append(f"not answered: {', '.join(judged.unanswered)}")
    return tuple(missing)


def _judged(form: FormVersion, protocol: Protocol) -> Eligibility | None:
    questions = conduct_of(protocol).questions
    content = from_plain(form.content, EligibilityForm)
    if content.questions_sha256 != questions_sha256(questions):
        return None
    return judge_eligibility(questions, content.answers)


def _require_screening(subject: Subject) -> None:
    if subject.status is not _SCREENING:
        raise WrongState("subject", subject.status.value, _SCREENING.value)


def _check_failure(failure: ScreeningFailure, *, registered_on: date, today: date) -> None:
    if not failure.criteria and not failure.words:
        problem = "no criterion is failed. Correct the eligibility form, or say in words why screening ended."
        raise FormRefused("screening failure", problem)
    if failure.on > today:
        raise FormRefused("screening failure", f"{failure.on} lies in the future. Correct the date.")
    if failure.on < registered_on:
        problem = f"{failure.on} lies before the registration of {registered_on}. Correct the date."
        raise FormRefused("screening failure", problem)


def _failed_before(connection: Connection, subject_id: str) -> bool:
    kind = SubjectForm.SCREENING_FAILURE
    return milestones.was_entered(connection, subject_id, kind)


def _set_status(connection: Connection, subject_id: str, status: SubjectStatus) -> None:
    phase: Phase | None = None
    subjects.set_status(connection, subject_id=subject_id, status=status, phase=phase, arm=None)
