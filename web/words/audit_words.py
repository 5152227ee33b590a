"""What the audit trail's entries say was done, in the reader's language; on record they stay English."""

from __future__ import annotations

from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.plan_review import ReviewForm
from trial_core.domain.subject_forms import SubjectForm
from web.words import later, word

_ACTIONS = {
    "abandon submission": later("abandon submission"),
    "ask for re-check": later("ask for re-check"),
    "assign received set": later("assign received set"),
    "begin records": later("begin records"),
    "begin submission": later("begin submission"),
    "change password": later("change password"),
    "change role": later("change role"),
    "change site": later("change site"),
    "change the study's state": later("change the study's state"),
    "check again": later("check again"),
    "check before submitting": later("check before submitting"),
    "claim job": later("claim job"),
    "clear names of files": later("clear names of files"),
    "confirm identity": later("confirm identity"),
    "create site": later("create site"),
    "create user": later("create user"),
    "deactivate user": later("deactivate user"),
    "discard received set": later("discard received set"),
    "doubt identity": later("doubt identity"),
    "finish check before submitting": later("finish check before submitting"),
    "finish plan check": later("finish plan check"),
    "finish re-check": later("finish re-check"),
    "give job back": later("give job back"),
    "give job up": later("give job up"),
    "identity not confirmed": later("identity not confirmed"),
    "import CTCAE terms": later("import CTCAE terms"),
    "install protocol version": later("install protocol version"),
    "make data cut": later("make data cut"),
    "make randomisation list": later("make randomisation list"),
    "name structures": later("name structures"),
    "no slot to randomise": later("no slot to randomise"),
    "open randomisation list": later("open randomisation list"),
    "randomise subject": later("randomise subject"),
    "reactivate user": later("reactivate user"),
    "register consent form": later("register consent form"),
    "register DICOM sender": later("register DICOM sender"),
    "register subject": later("register subject"),
    "reject identity": later("reject identity"),
    "release data cut": later("release data cut"),
    "reset password": later("reset password"),
    "retire DICOM sender": later("retire DICOM sender"),
    "seal entries of an older key": later("seal entries of an older key"),
    "seal entries without a key": later("seal entries without a key"),
    "sign": later("sign"),
    "sign in": later("sign in"),
    "sign out": later("sign out"),
    "sign-in refused": later("sign-in refused"),
    "submit plan": later("submit plan"),
    "submit received set": later("submit received set"),
    "take job back": later("take job back"),
    "try job again": later("try job again"),
    "withdraw confirmed set": later("withdraw confirmed set"),
}
_FORMS = {
    "enter ": later("enter: {form}"),
    "correct ": later("correct: {form}"),
    "take back ": later("take back: {form}"),
}
_KINDS = {each.value: each for kinds in (ClinicalForm, SubjectForm, ReviewForm) for each in kinds}


def action_words(action: str) -> str:
    """Say what was done; an action that nobody has named yet stays as it is on record."""
    if action in _ACTIONS:
        return str(_ACTIONS[action])
    for begins, words in _FORMS.items():
        kind = _KINDS.get(action.removeprefix(begins)) if action.startswith(begins) else None
        if kind is not None:
            return str(words).format(form=word(kind))
    return action
