"""Remarks that differ in their file alone, put together for people: 300 images of a PET hide the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_ALIKE = 3
"""Remarks on files alike are listed one by one up to this number."""
_SAID = ("code", "element", "structure", "message", "action")


@dataclass(frozen=True)
class Gathered:
    """A finding as it is shown; `others`: how many files more it is said of, each in the same words."""

    finding: Mapping[str, Any]
    others: int = 0


def gathered(findings: Iterable[Mapping[str, Any]]) -> list[Gathered]:
    """Put remarks of one kind and wording together; what is graver than a remark stands for itself."""
    alike: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for number, finding in enumerate(findings):
        said = tuple(finding.get(key) for key in _SAID)
        is_remark = finding.get("severity") == "info" and finding.get("file")
        alike.setdefault(said if is_remark else (number,), []).append(finding)
    return [each for group in alike.values() for each in _together(group)]


def _together(group: Sequence[Mapping[str, Any]]) -> list[Gathered]:
    if len(group) <= MOST_ALIKE:
        return [Gathered(each) for each in group]
    return [Gathered(group[0], len(group) - 1)]
