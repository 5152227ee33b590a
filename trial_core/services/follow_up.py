"""Follow-up of a subject: baseline, tumour assessments, therapies, contacts and death."""

from __future__ import annotations

from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.clinical_forms import (
    BASELINE_OCCASION,
    DEATH_OCCASION,
    BaselineForm,
    ClinicalForm,
    ClinicalProgression,
    Contact,
    Death,
    EligibilityViolation,
)
from trial_core.domain.conduct import Conduct
from trial_core.domain.pfs_history import Therapy
from trial_core.domain.readings import Visit
from trial_core.domain.response import SetByHand
from trial_core.follow_up_errors import TextUnusable, UnknownCriterion
from trial_core.services.authorise import require
from trial_core.services.clinical_entry import Enrolled, Place, put, remove
from trial_core.services.readable import LONGEST_TEXT


def enter_baseline(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    baseline: BaselineForm,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Enter the tumour assessment before treatment and its lesions; also during screening.

    Raises
    ------
    NotAuthorised, UnknownSubject, TextUnusable, EntryImpossible, ReasonMissing, FormChangedMeanwhile
    """
    place = _place(code, ClinicalForm.BASELINE, BASELINE_OCCASION, reason, seen_version)
    return put(db, conduct, actor, place, baseline)


def enter_visit(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    visit: Visit,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Enter what a tumour assessment found; its response is derived, never entered.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, TextUnusable, EntryImpossible, ReasonMissing,
    FormChangedMeanwhile
    """
    place = _place(code, ClinicalForm.VISIT, visit.label, reason, seen_version)
    return put(db, conduct, actor, place, visit, judges=[Enrolled("a tumour assessment")])


def set_response(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    response: SetByHand,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Let another response stand than the derived one, with its reason; the derived one stays beside it.

    Raises
    ------
    NotAuthorised, UnknownSubject, TextUnusable, EntryImpossible, ReasonMissing, FormChangedMeanwhile
    """
    place = _place(code, ClinicalForm.RESPONSE_BY_HAND, response.visit, reason, seen_version)
    return put(db, conduct, actor, place, response, permission=Permission.SET_RESPONSE)


def enter_therapy(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    therapy: Therapy,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Enter an anticancer therapy: a new one, or the protocol's own where it is to be told apart.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, TextUnusable, EntryImpossible, ReasonMissing,
    FormChangedMeanwhile
    """
    place = _place(code, ClinicalForm.THERAPY, therapy.label, reason, seen_version)
    return put(db, conduct, actor, place, therapy, judges=[Enrolled("a therapy")])


def enter_contact(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    contact: Contact,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Enter a day on which the subject was known to be alive; another day is another contact.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, TextUnusable, EntryImpossible, ReasonMissing,
    FormChangedMeanwhile
    """
    place = _place(code, ClinicalForm.CONTACT, contact.on.isoformat(), reason, seen_version)
    return put(db, conduct, actor, place, contact, judges=[Enrolled("a contact")])


def enter_clinical_progression(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    progression: ClinicalProgression,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Enter a progression seen without imaging: it is no PD, but a query until imaging answers it.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, TextUnusable, EntryImpossible, ReasonMissing,
    FormChangedMeanwhile
    """
    place = _place(code, ClinicalForm.CLINICAL_PROGRESSION, progression.on.isoformat(), reason, seen_version)
    return put(db, conduct, actor, place, progression, judges=[Enrolled("a progression")])


def enter_death(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    death: Death,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Enter the subject's death; what is dated after it has to be corrected first.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, TextUnusable, EntryImpossible, ReasonMissing,
    FormChangedMeanwhile
    """
    place = _place(code, ClinicalForm.DEATH, DEATH_OCCASION, reason, seen_version)
    return put(db, conduct, actor, place, death, judges=[Enrolled("a death")])


def enter_violation(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    violation: EligibilityViolation,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Enter that an enrolled subject violated a criterion: it stays in by intention to treat.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, UnknownCriterion, TextUnusable, EntryImpossible,
    ReasonMissing, FormChangedMeanwhile
    """
    require(actor, Permission.ENTER_CLINICAL)
    if violation.criterion not in {question.id for question in conduct.questions}:
        raise UnknownCriterion(violation.criterion)
    if not violation.words.strip():
        raise TextUnusable("words", LONGEST_TEXT)
    place = _place(code, ClinicalForm.VIOLATION, violation.criterion, reason, seen_version)
    return put(db, conduct, actor, place, violation, judges=[Enrolled("a violation")])


def take_back_follow_up(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    kind: ClinicalForm,
    occasion: str,
    reason: str,
) -> FormVersion:
    """Take back a form of follow-up that should not have been entered; what rests on it has to go first.

    Raises
    ------
    NotAuthorised, UnknownSubject, TextUnusable, EntryImpossible, ReasonMissing, NothingToTakeBack
    """
    by_hand = kind is ClinicalForm.RESPONSE_BY_HAND
    permission = Permission.SET_RESPONSE if by_hand else Permission.ENTER_CLINICAL
    place = _place(code, kind, occasion, reason, None)
    return remove(db, conduct, actor, place, permission=permission)


def _place(
    code: str, kind: ClinicalForm, occasion: str, reason: str | None, seen_version: int | None
) -> Place:
    return Place(code=code, kind=kind, occasion=occasion, reason=reason, seen_version=seen_version)
