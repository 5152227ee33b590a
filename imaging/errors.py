"""What can go wrong while files are read, with the facts in the exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imaging.findings import Finding


class ImagingError(Exception):
    """Base of every error that `imaging` raises on purpose."""


class RefusedError(ImagingError):
    """Input that cannot be used; the finding says what happened and what to do.

    Attributes
    ----------
    finding
        What the reader of a report is told.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.message)
