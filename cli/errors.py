"""What the command line refuses, with the facts a caller needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

Finding = Mapping[str, Any]
"""A finding as a JSON object; `imaging.findings` has the same seven keys, and takes longer to import."""


class RefusalCode(StrEnum):
    """Codes of findings that the command line itself makes."""

    ARGUMENT_INVALID = "argument-invalid"
    METRIC_INVALID = "metric-invalid"
    PRESCRIPTION_INVALID = "prescription-invalid"
    PROTOCOL_UNKNOWN = "protocol-unknown"
    PROTOCOL_INVALID = "protocol-invalid"
    OUTPUT_NOT_WRITABLE = "output-not-writable"
    STANDARD_OUTPUT_REFUSED = "standard-output-refused"
    DISK_FULL = "disk-full"
    INPUT_UNUSABLE = "input-unusable"
    PROGRAM_FAULT = "program-fault"


class CommandError(Exception):
    """The input or an argument cannot be used: exit status 2.

    Attributes
    ----------
    message
        What happened, where, and what to do.
    about_input
        What was found about the input, as JSON objects.
    code
        Of the refusal itself.
    """

    def __init__(
        self,
        message: str,
        about_input: Sequence[Finding] = (),
        *,
        code: RefusalCode = RefusalCode.ARGUMENT_INVALID,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.about_input = tuple(about_input)
        self.code = code

    @property
    def findings(self) -> list[Finding]:
        """Everything in one place: what was found about the input, and the refusal where that is not it."""
        return with_refusal(self.about_input, self.message, self.code)


class WrongArgumentsError(CommandError):
    """Arguments that do not fit the usage."""

    def __init__(self, command: str, problem: str) -> None:
        super().__init__(f"{problem}. See: {command} --help")
        self.command = command
        self.problem = problem


def with_refusal(findings: Sequence[Finding], message: str, code: RefusalCode) -> list[Finding]:
    """Put the refusal first, unless one of the findings is what the refusal says."""
    if any(finding["message"] in message for finding in findings):
        return list(findings)
    said = {"code": code.value, "severity": "error", "file": None, "element": None, "structure": None}
    return [{**said, "message": message, "action": None}, *findings]
