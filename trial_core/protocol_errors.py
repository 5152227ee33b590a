"""What is refused of the versions of the protocol."""

# ruff: noqa: N818 - refusals, named for what is so, as in `errors`

from __future__ import annotations

from datetime import datetime

from trial_core.errors import TrialError


class ProtocolVersionTaken(TrialError):
    """A protocol file whose version is on record with other content."""

    def __init__(
        self, protocol_id: str, version: str, known_sha256: str, sha256: str, since: datetime
    ) -> None:
        super().__init__(
            f"Version {version} of the protocol {protocol_id} is on record since {since:%Y-%m-%d} with other "
            f"content (SHA-256 {known_sha256[:12]}, this file {sha256[:12]}). Give the changed file another "
            "version, or take the file as it was."
        )
        self.protocol_id = protocol_id
        self.version = version
        self.known_sha256 = known_sha256
        self.sha256 = sha256


class ProtocolUnusable(TrialError):
    """A protocol file that cannot be read; its problems, each with its line."""

    def __init__(self, problems: str) -> None:
        super().__init__(f"This protocol cannot be used. {problems}")
        self.problems = problems


class UnknownProtocolVersion(TrialError):
    """No version of the protocol has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"There is no version number {number} of the protocol on record. Choose one of the list."
        )
        self.number = number
