"""What is refused around the audit trail: each keeps the facts and says what to do."""

# ruff: noqa: N818 - these are refusals, named for what is so, as in `trial_core.errors`

from __future__ import annotations

from trial_core.errors import TrialError


class AuditKeyMissing(TrialError):
    """Something was to be written to the record by a program that has no key to its audit trail."""

    def __init__(self) -> None:
        super().__init__(
            "The record was opened without the key of its audit trail, so nothing can be written to it. "
            "Open it with the installation's settings."
        )


class AuditKeyUnknown(TrialError):
    """Something was to be written to a trail that goes on under a key that this program does not have."""

    def __init__(self) -> None:
        super().__init__(
            "The audit trail goes on under a key that this program does not have, so nothing can be written. "
            "Where the key was replaced, start this server again; else restore secrets.json from its backup."
        )


class AnchorUnreadable(TrialError):
    """A file of anchors, or a line in it, cannot be read."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            f"{where}: cannot be read as anchors of the audit trail ({why}). Name a copy of "
            "audit-anchors.jsonl, or a file with lines of count and head as signed reports print them."
        )
        self.where = where
        self.why = why


class TrailUnreadable(TrialError):
    """The database has no audit trail that this version can read."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The audit trail cannot be read: {why}.")
        self.why = why
