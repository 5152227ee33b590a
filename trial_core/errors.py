"""What the trial refuses: each error keeps the facts and says what to do."""

# ruff: noqa: N818 - these are refusals, named for what is so: `UnknownSubject`, `LeaseLost`

from __future__ import annotations

_LONGEST_SHOWN = 120


class TrialError(Exception):
    """A refusal with a message for a person; `str(error)` may be shown as it stands."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SettingError(TrialError):
    """An environment variable holds a value that cannot be used."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable


class NotSignedIn(TrialError):
    """No session, or one that expired or was signed out."""

    def __init__(self) -> None:
        super().__init__("You are not signed in, or your session has ended. Sign in again.")


class SignInRefused(TrialError):
    """Wrong name or password; the same words for both, so that no account can be guessed."""

    def __init__(self) -> None:
        super().__init__("The user name or the password is not right. Check both and try again.")


class AccountLocked(TrialError):
    """Too many failed sign-ins within a short time; said for unknown names too."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"Too many failed attempts. Wait {minutes} minutes, then sign in again.")
        self.minutes = minutes


class WeakPassword(TrialError):
    """A password that the rules refuse."""

    def __init__(self, least_characters: int, most_characters: int) -> None:
        super().__init__(f"Use a password of {least_characters} to {most_characters} characters.")
        self.least_characters = least_characters
        self.most_characters = most_characters


class NotAuthorised(TrialError):
    """The role does not allow the action."""

    def __init__(self, action: str, role: str) -> None:
        super().__init__(
            f"Your role ({role}) does not allow you to {action}. Ask the trial office if it should."
        )
        self.action = action
        self.role = role


class UnknownSite(TrialError):
    """No site of this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"There is no site {code!r}. Check the code.")
        self.code = code


class UnknownSubject(TrialError):
    """No subject of this code, or one of another site: the answer is the same."""

    def __init__(self, code: str) -> None:
        super().__init__(f"There is no subject {code!r} at your site. Check the code.")
        self.code = code


class UnknownSubmission(TrialError):
    """No submission of this id, or one of another site: the answer is the same."""

    def __init__(self, submission_id: str) -> None:
        super().__init__("There is no such submission at your site. Open it again from the list.")
        self.submission_id = submission_id


class UnknownUpload(TrialError):
    """No upload of this id, or it was abandoned, or it expired."""

    def __init__(self, upload_id: str) -> None:
        super().__init__("This upload does not exist or has expired. Choose the files again to start anew.")
        self.upload_id = upload_id


class UnknownJob(TrialError):
    """No job of this id."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job {job_id}.")
        self.job_id = job_id


class AlreadyExists(TrialError):
    """A site, user or subject of this name exists."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"The {kind} {name!r} exists already. Choose another name.")
        self.kind = kind
        self.name = name


class NotAName(TrialError):
    """A code or login with characters outside its rule; `field` is where a form asked for it."""

    def __init__(self, kind: str, value: str, rule: str, *, field: str | None = None) -> None:
        super().__init__(f"{value!r} cannot serve as {kind}: {rule}.")
        self.kind = kind
        self.value = value
        self.field = field


class SubjectNotEligibleForPlan(TrialError):
    """The trial takes no plan for this subject: not enrolled, in arm B, or withdrawn."""

    def __init__(self, subject_code: str, reason: str) -> None:
        super().__init__(f"No plan can be submitted for subject {subject_code}: {reason}")
        self.subject_code = subject_code
        self.reason = reason


class SubjectWithoutRecords(TrialError):
    """The trial takes no treatment record of this subject: not enrolled, or its data use is withdrawn."""

    def __init__(self, subject_code: str, reason: str) -> None:
        super().__init__(f"No treatment record can be handed over for subject {subject_code}: {reason}")
        self.subject_code = subject_code
        self.reason = reason


class WrongState(TrialError):
    """The entity is not in a state that allows the step."""

    def __init__(self, entity: str, state: str, wanted: str) -> None:
        super().__init__(f"The {entity} is {state}; this step needs it to be {wanted}. Reload the page.")
        self.entity = entity
        self.state = state
        self.wanted = wanted


class WrongOffset(TrialError):
    """A chunk that does not begin where the received bytes end; go on from `expected_bytes`."""

    def __init__(self, upload_id: str, offset_bytes: int, expected_bytes: int) -> None:
        super().__init__(
            f"This chunk begins at byte {offset_bytes}, but the next one due begins at {expected_bytes}."
        )
        self.upload_id = upload_id
        self.offset_bytes = offset_bytes
        self.expected_bytes = expected_bytes


class UploadOfAnother(TrialError):
    """An upload that is still under way belongs to the person who began it."""

    def __init__(self, submission_id: str) -> None:
        super().__init__(
            "Somebody else at your site began this upload; only they can go on with it, hand it over or give "
            "it up. Begin an upload of your own."
        )
        self.submission_id = submission_id


class UploadBusy(TrialError):
    """Another request is writing to the same upload at this moment."""

    def __init__(self, upload_id: str) -> None:
        super().__init__("Another window is sending this file at the moment. Wait until it has finished.")
        self.upload_id = upload_id


class UploadTooLarge(TrialError):
    """More bytes or files than announced or allowed."""

    def __init__(self, name: str, limit: str) -> None:
        super().__init__(
            f"{name}: larger than allowed ({limit}). Send only the files of this course, or a ZIP of them."
        )
        self.name = name
        self.limit = limit


def _short(name: str) -> str:
    """Give a name that fits a sentence; one without end may be hostile."""
    return name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}..."


class UnsafeFileName(TrialError):
    """An uploaded name that is absolute, climbs out of its folder or holds control characters."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The file name {_short(name)!r} cannot be used: {reason}. Rename the file and send it again."
        )
        self.name = name
        self.reason = reason


class UploadIncomplete(TrialError):
    """The submission is completed although files are missing or unfinished."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        what = ", ".join(missing[:5]) if missing else "no file was sent"
        super().__init__(f"The upload is not complete: {what}. Send the rest, then submit again.")
        self.missing = missing


class IdentityNotConfirmed(TrialError):
    """The PatientID a person gave is not that of the files."""

    def __init__(self, submission_id: str, answers_left: int) -> None:
        left = f"You can answer {answers_left} more time{'' if answers_left == 1 else 's'}."
        super().__init__(
            "The PatientID you gave is not that of these files. Check whose files were sent. "
            + (left if answers_left else _NO_ANSWER_LEFT)
        )
        self.submission_id = submission_id
        self.answers_left = answers_left


class TooManyWrongAnswers(TrialError):
    """A person gave so many wrong PatientIDs for a set that any further one would be a guess."""

    def __init__(self, submission_id: str, answers: int) -> None:
        super().__init__(
            f"You gave a PatientID that is not that of these files {answers} times. {_NO_ANSWER_LEFT}"
        )
        self.submission_id = submission_id
        self.answers = answers


class MissingReason(TrialError):
    """A step that needs a reason for the record was asked for without one."""

    def __init__(self, step: str) -> None:
        super().__init__(f"To {step}, say why in a few words, without the patient's name.")
        self.step = step


_NO_ANSWER_LEFT = (
    "You cannot answer for this set any more: somebody else at your site must say whose files these are, or "
    "the set must be rejected."
)


class LeaseLost(TrialError):
    """The job's lease ran out and the job belongs to someone else, or is over."""

    def __init__(self, job_id: str) -> None:
        super().__init__(
            f"Job {job_id} no longer belongs to this worker. Its work was dropped; nothing was written."
        )
        self.job_id = job_id


class StoreFull(TrialError):
    """The disk of the data folder is full."""

    def __init__(self) -> None:
        super().__init__("The server's disk is full. Nothing was lost; make room on it, then send the rest.")


class StoredBytesMissing(TrialError):
    """The store has no bytes of this hash."""

    def __init__(self, sha256: str) -> None:
        super().__init__(
            f"The store holds nothing under SHA-256 {sha256}. Restore the data folder from its backup."
        )
        self.sha256 = sha256


class StoredBytesChanged(TrialError):
    """The stored bytes no longer have the hash they are kept under."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"The file kept under SHA-256 {sha256} was changed. Restore it from the backup.")
        self.sha256 = sha256


class ReasonMissing(TrialError):
    """A form that is on record was to be changed, and nobody said why."""

    def __init__(self, kind: str, occasion: str) -> None:
        super().__init__(f"{kind} ({occasion}) is on record already. Say why it is changed.")
        self.kind = kind
        self.occasion = occasion


class FormChangedMeanwhile(TrialError):
    """Somebody else changed the form since this person looked at it."""

    def __init__(self, kind: str, occasion: str) -> None:
        super().__init__(
            f"{kind} ({occasion}) is not what it was when you opened it: somebody has entered or changed it. "
            "Nothing of yours was written. Look at it anew, then correct it if it needs it."
        )
        self.kind = kind
        self.occasion = occasion


class NothingToTakeBack(TrialError):
    """No such form stands on the record."""

    def __init__(self, kind: str, occasion: str) -> None:
        super().__init__(f"{kind} ({occasion}) is not on record, so it cannot be taken back.")
        self.kind = kind
        self.occasion = occasion
