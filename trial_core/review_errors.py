"""What review, decision, re-check and delivery refuse: facts kept, and what to do."""

# ruff: noqa: N818 - these are refusals, named for what is so: `ReviewRefused`, `NewerVersion`

from __future__ import annotations

from trial_core.errors import TrialError


class ReviewRefused(TrialError):
    """A review that does not fit the report it is about."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(f"This review cannot be entered: {'; '.join(problems)}.")
        self.problems = problems


class DecisionRefused(TrialError):
    """A decision that lacks something; all that is missing is listed."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(f"This submission cannot be decided on yet: {'; '.join(missing)}.")
        self.missing = missing


class ContentChanged(TrialError):
    """The result that the person looked at is not the one that stands."""

    def __init__(self, submission_id: str) -> None:
        super().__init__(
            "This submission was checked again since you looked at it, and its content has changed. "
            "Nothing was written. Look at the new report first."
        )
        self.submission_id = submission_id


class NewerVersion(TrialError):
    """A decision on a version that a later one has replaced."""

    def __init__(self, version: int, newest: int) -> None:
        super().__init__(
            f"Version {version} was replaced by version {newest}. Review and decide on version {newest}."
        )
        self.version = version
        self.newest = newest


class NoOpenItem(TrialError):
    """No item of this key waits for a person's word in the report that stands."""

    def __init__(self, item: str) -> None:
        super().__init__("This item is not in the report that stands. Look at the report anew.")
        self.item = item


class OtherFiles(TrialError):
    """A re-check read other files than the first check did."""

    def __init__(self, submission_id: str) -> None:
        super().__init__(
            "The files that were read are not those of the first check. Nothing was written; compare the "
            "data folder with its backup."
        )
        self.submission_id = submission_id


class FractionImpossible(TrialError):
    """A fraction that cannot have been given."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"This fraction was not taken. {field.capitalize()}: {problem}")
        self.field = field
        self.problem = problem


class FractionOfWeekImpossible(TrialError):
    """One of several fractions cannot have been given, so none of them was taken; `field` names its day."""

    def __init__(self, place: int, problem: str) -> None:
        super().__init__(f"No fraction was taken. Day {place}: {problem}")
        self.place = place
        self.field = f"day-{place}"
        self.problem = problem


class UnknownDeviation(TrialError):
    """No deviation of this key on the subject's list."""

    def __init__(self, key: str) -> None:
        super().__init__("This deviation is not on the subject's list any more. Look at the list anew.")
        self.key = key
