"""What the command line refuses, with the facts a caller needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class CommandError(Exception):
    """The input or an argument cannot be used: exit status 2.

    Attributes
    ----------
    message
        What happened, where, and what to do.
    findings
        What was found about the input, as JSON objects.
    """

    def __init__(self, message: str, findings: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.findings = tuple(findings)


class WrongArgumentsError(CommandError):
    """Arguments that do not fit the usage."""

    def __init__(self, command: str, problem: str) -> None:
        super().__init__(f"{problem}. See: {command} --help")
        self.command = command
        self.problem = problem
