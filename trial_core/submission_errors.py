"""Refusals before a set is submitted: names that cannot be given, and what is not known yet."""

# ruff: noqa: N818 - refusals, named for what is so

from __future__ import annotations

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
