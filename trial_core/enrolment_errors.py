"""What screening, enrolment, randomisation, the study's state and the safety rule refuse."""

# ruff: noqa: N818 - these are refusals, named for what is so

from __future__ import annotations

from trial_core.errors import TrialError


class FormRefused(TrialError):
    """A form whose content cannot be; the problem says what to do."""

    def __init__(self, form: str, problem: str) -> None:
        super().__init__(f"{form.capitalize()}: {problem}")
        self.form = form
        self.problem = problem


class SignatureRefused(TrialError):
    """What was to be signed does not say what the signature would state."""

    def __init__(self, what: str, missing: tuple[str, ...]) -> None:
        super().__init__(f"This {what} cannot be signed: {'; '.join(missing)}.")
        self.what = what
        self.missing = missing


class StudyForbids(TrialError):
    """The study's state, or a condition of a step, does not allow it; all that is missing is listed."""

    def __init__(self, step: str, state: str, missing: tuple[str, ...]) -> None:
        super().__init__(f"The study is {state}; it cannot {step}: {'; '.join(missing)}.")
        self.step = step
        self.state = state
        self.missing = missing


class NotReady(TrialError):
    """A subject lacks something for a step; all that is missing is listed."""

    def __init__(self, step: str, subject_code: str, missing: tuple[str, ...]) -> None:
        super().__init__(f"Subject {subject_code} cannot be {step}: {'; '.join(missing)}.")
        self.step = step
        self.subject_code = subject_code
        self.missing = missing


class NoAllocationList(TrialError):
    """The stratum has no list yet: a site that was opened later, for example."""

    def __init__(self, stratum: str) -> None:
        super().__init__(
            f"Stratum {stratum!r} has no randomisation list. The statistician has been told; "
            "try again when the list is made."
        )
        self.stratum = stratum


class AllocationListExhausted(TrialError):
    """Every slot of the stratum's lists is used."""

    def __init__(self, stratum: str) -> None:
        super().__init__(
            f"Every slot of the randomisation list of stratum {stratum!r} is used. Nobody was allocated. The "
            "statistician has been told; try again when the list is extended."
        )
        self.stratum = stratum


class SealBroken(TrialError):
    """What is sealed does not open: another key, or changed bytes."""

    def __init__(self, stratum: str) -> None:
        super().__init__(
            f"The sealed randomisation list of stratum {stratum!r} does not open. Either the key file is not "
            "the one it was sealed with, or the list was changed. Restore both from the backup; allocate "
            "nobody by hand."
        )
        self.stratum = stratum


class ProtocolLacks(TrialError):
    """The protocol file does not say something that the trial's conduct needs."""

    def __init__(self, file: str, field: str) -> None:
        super().__init__(f"The protocol file {file} has no {field!r}. Complete the file.")
        self.file = file
        self.field = field
