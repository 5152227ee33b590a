"""What the entry of clinical facts and the making of data cuts refuse: facts kept, and what to do."""

# ruff: noqa: N818 - these are refusals, named for what is so: `EntryImpossible`, `UnknownQuery`

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from trial_core.domain.record_problems import RecordProblem
from trial_core.errors import TrialError

_MOST_SHOWN = 5


class EntryImpossible(TrialError):
    """An entry after which the subject's record could not be true; nothing was written."""

    def __init__(self, problems: Sequence[RecordProblem]) -> None:
        shown = [
            f"{each.about}: {each.message.removesuffix('.')}. {each.action}"
            for each in problems[:_MOST_SHOWN]
        ]
        more = len(problems) - len(shown)
        super().__init__(" ".join([*shown, *([f"And {more} more."] if more else [])]))
        self.problems = tuple(problems)


class TextUnusable(TrialError):
    """A text that is empty where words are needed, too long, or holds what nobody can read."""

    def __init__(self, field: str, longest: int) -> None:
        super().__init__(f"The field '{field}' needs 1 to {longest} printable characters. Correct it.")
        self.field = field


class FormUnreadable(TrialError):
    """A form on record that this version of the program cannot read."""

    def __init__(self, kind: str, occasion: str) -> None:
        super().__init__(
            f"{kind} ({occasion}) is on record, but not as this version of Dosegate writes it. "
            "Nothing was derived from it; ask the trial office."
        )
        self.kind = kind
        self.occasion = occasion


class EventTwice(TrialError):
    """An adverse event of a term and onset that is on record already."""

    def __init__(self, term: str, onset: date) -> None:
        super().__init__(
            f"{term} with onset on {onset} is on record already. Correct that entry instead of a second one."
        )
        self.term = term
        self.onset = onset


class UnknownEvent(TrialError):
    """No standing adverse event of this id on the subject's record."""

    def __init__(self, event_id: str) -> None:
        super().__init__("This adverse event is not on the subject's record. Look at the list anew.")
        self.event_id = event_id


class UnknownQuery(TrialError):
    """No open query of this key: answered, gone, or never there."""

    def __init__(self, key: str) -> None:
        super().__init__("This query is not open: it was answered, or the record has changed. Look anew.")
        self.key = key


class UnknownForm(TrialError):
    """No form of this id on the subject's record."""

    def __init__(self, form_id: str) -> None:
        super().__init__("This form is not on the subject's record. Look at the list of its forms anew.")
        self.form_id = form_id


class NotEnrolled(TrialError):
    """A clinical fact of somebody who is not in the trial."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"Subject {code} is not enrolled, so {what} cannot be entered. Enrol it first.")
        self.code = code


class UnknownCriterion(TrialError):
    """A criterion that the protocol does not have."""

    def __init__(self, criterion: str) -> None:
        super().__init__("The protocol has no such criterion. Choose one of its criteria.")
        self.criterion = criterion


class UnknownDataCut(TrialError):
    """No data cut of this label."""

    def __init__(self, label: str) -> None:
        super().__init__("There is no data cut of this name. Look at the list of data cuts.")
        self.label = label


class CutDayImpossible(TrialError):
    """A data cut on a day that has not come."""

    def __init__(self, cut_on: date) -> None:
        super().__init__(f"{cut_on} has not come yet. Make the cut on its day or later.")
        self.cut_on = cut_on


class CutAlreadyReleased(TrialError):
    """A cut is released once."""

    def __init__(self, label: str) -> None:
        super().__init__(f"Data cut {label} was released already.")
        self.label = label


class OwnCutReleased(TrialError):
    """A cut's maker wants to release it."""

    def __init__(self, label: str) -> None:
        super().__init__(f"You made data cut {label}; somebody else must release it.")
        self.label = label


class CutBroken(TrialError):
    """A form or file that a cut froze is no longer what it was."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not what the data cut froze. Stop, and compare with the backup.")
        self.what = what


class TermListUnusable(TrialError):
    """A list of CTCAE terms that cannot be taken; all its problems with their lines."""

    def __init__(self, problems: str) -> None:
        super().__init__(f"The list of terms was not taken. {problems}")
        self.problems = problems
