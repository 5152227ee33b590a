"""What can be wrong with a protocol file: every problem, with its line and field."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One problem: line (from 1), path of the field (`criteria[2].rows[0].metric`), what is wrong."""

    line: int
    field: str
    message: str


class ProtocolError(ValueError):
    """A protocol file that cannot be used; the message lists all its problems."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems))
        lines = [f"{file}:{each.line}: {each.field or 'file'}: {each.message}" for each in self.problems]
        super().__init__("\n".join(lines))


class ProtocolNotFoundError(ValueError):
    """Neither a known protocol's id nor a readable file."""

    def __init__(self, wanted: str, known: Sequence[str], reason: str) -> None:
        self.wanted = wanted
        self.known = tuple(known)
        super().__init__(
            f"protocol '{wanted}': {reason}; known protocols: {', '.join(known)}, or give a file"
        )
