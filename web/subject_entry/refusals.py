"""What the forms of a subject refuse before a service is asked: what was typed is half, or nothing known."""

# ruff: noqa: N818 - these are refusals, named for what is so

from __future__ import annotations

from trial_core.errors import TrialError
from web.words import t


class NoTime(TrialError):
    """What was typed is no time of day."""

    def __init__(self, typed: str) -> None:
        super().__init__(t("This is no time. Write hours and minutes in UTC, as in 14:05."))
        self.typed = typed
        self.field = "time"


class NoTerm(TrialError):
    """An address that names no term of the list."""

    def __init__(self) -> None:
        super().__init__(t("There is no such term in the list. Choose one."))


class HalfAGrade(TrialError):
    """A date without its grade, or a grade without its date."""

    def __init__(self, field: str) -> None:
        super().__init__(t("A date and its grade belong together. Enter both, or neither."))
        self.field = field


class NoBaseline(TrialError):
    """A tumour assessment where the lesions at baseline are not known."""

    def __init__(self) -> None:
        super().__init__(t("There are no lesions yet. Enter the baseline assessment first."))


class NotFromHere(TrialError):
    """A form that its own page, or nobody, takes back."""

    def __init__(self) -> None:
        super().__init__(t("This form cannot be taken back from this page."))
