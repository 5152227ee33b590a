"""Refusals before a set is submitted: names that cannot be given, and what is not known yet."""

# ruff: noqa: N818 - refusals, named for what is so

from __future__ import annotations

from datetime import datetime

from trial_core.errors import TrialError


class NameNotGiven(TrialError):
    """A name that a person gives to a structure of the site is wrong, double or contradictory."""

    def __init__(self, site_name: str, structure: str, problem: str) -> None:
        super().__init__(f"'{site_name}' cannot be named {structure}: {problem}. Choose again, or leave it.")
        self.site_name = site_name
        self.structure = structure
        self.problem = problem


class ContentUnknown(TrialError):
    """Nobody has read the files yet, so no structure of theirs can be named."""

    def __init__(self, submission_id: str) -> None:
        super().__init__(
            "The files have not been read yet, or have changed since. Wait until the page lists what is in "
            "them, then name the structures."
        )
        self.submission_id = submission_id


class SetChanged(TrialError):
    """The files or names of a set are not those that the person saw."""

    def __init__(self, submission_id: str, at: datetime) -> None:
        super().__init__(
            "The files or the names of this set were changed in another window (last change: "
            f"{at:%Y-%m-%d %H:%M:%S} UTC). Look at the set as it is now, then decide again."
        )
        self.submission_id = submission_id
        self.at = at


class SubmittedOtherwise(TrialError):
    """The set was submitted meanwhile, with other files or names than the person saw."""

    def __init__(self, submission_id: str, at: datetime) -> None:
        super().__init__(
            f"This set was submitted in another window at {at:%Y-%m-%d %H:%M:%S} UTC, with other files or "
            "names than this window shows. Its page shows what was submitted; if that is wrong, tell the "
            "trial office and submit the right set as a new version."
        )
        self.submission_id = submission_id
        self.at = at
