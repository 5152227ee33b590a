"""An anchor of the audit trail as a line of text: how it is written, printed and read again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from trial_core.audit_errors import AnchorUnreadable
from trial_core.domain.audit_chain import Anchor, AuditKey
from trial_core.domain.canonical import canonical_json, instant_text, read_instant

_LONGEST_LINE = 1000
_TYPED = re.compile(r"([1-9][0-9]{0,15}) ([0-9a-f]{64})")
_FIELDS = {"at": str, "count": int, "head": str, "key": str, "mac": str}


class NotAnAnchor(ValueError):  # noqa: N818 - named for what is so
    """A line that is no anchor."""


class ForgedAnchor(NotAnAnchor):
    """A line whose code was not made with the key."""


@dataclass
class Anchors:
    """Anchors as they were read: which hashes the entry of a number is known to have had.

    `forged` and `torn` name the lines that were not made with the key, and those that end in the middle.
    """

    heads: dict[int, frozenset[str]] = field(default_factory=dict)
    lines: int = 0
    last: Anchor | None = None
    forged: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)

    def add(self, anchor: Anchor) -> None:
        """Take one in."""
        self.lines += 1
        self.heads[anchor.count] = self.heads.get(anchor.count, frozenset()) | {anchor.head}
        if self.last is None or anchor.count >= self.last.count:
            self.last = anchor


def anchor_line(anchor: Anchor, key: AuditKey) -> str:
    """Write an anchor as one line of JSON with a code that only the key can make."""
    at = instant_text(anchor.at) if anchor.at else None
    body = {"at": at, "count": anchor.count, "head": anchor.head, "key": key.id, "mac": key.mac_of(anchor)}
    return canonical_json(body) + "\n"


def printed(anchor: Anchor) -> str:
    """Write an anchor as it stands on paper; typed into a file, `verify-audit --anchor` reads it."""
    return f"{anchor.count} {anchor.head}"


def read_line(line: str, key: AuditKey) -> Anchor:
    """Read a line that `anchor_line` wrote.

    Raises
    ------
    NotAnAnchor, ForgedAnchor
    """
    try:
        body = json.loads(line)
        if {name: type(value) for name, value in body.items()} != _FIELDS:
            raise NotAnAnchor
        anchor = Anchor(body["count"], body["head"], read_instant(body["at"]))
    except (ValueError, AttributeError, RecursionError) as problem:
        raise NotAnAnchor from problem
    if anchor_line(anchor, key.named(body["key"])) != line.rstrip("\n") + "\n":
        raise ForgedAnchor
    return anchor


def read_anchors(paths: Iterable[Path], key: AuditKey, *, typed: bool) -> Anchors:
    """Read files of anchors; `typed` takes lines of `printed`, too, for nobody types a code.

    Raises
    ------
    AnchorUnreadable
        A file is not there, or a line in it is no anchor.
    """
    found = Anchors()
    for path in paths:
        _read_file(path, key, found, typed=typed)
    return found


def _read_file(path: Path, key: AuditKey, found: Anchors, *, typed: bool) -> None:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), ""), start=1):
                where = f"{path.name}, line {number}"
                # Of our own files the last line may be cut off by a crash; nobody ends what they type.
                if line.strip() and not typed and not line.endswith("\n"):
                    found.torn.append(where)
                elif line.strip():
                    _take(line, where, key, found, typed=typed)
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is no text"
        raise AnchorUnreadable(path.name, why or "it cannot be read") from problem


def _take(line: str, where: str, key: AuditKey, found: Anchors, *, typed: bool) -> None:
    by_hand = _TYPED.fullmatch(line.strip()) if typed else None
    if by_hand is not None:
        found.add(Anchor(int(by_hand[1]), by_hand[2]))
        return
    try:
        found.add(read_line(line, key))
    except ForgedAnchor:
        found.forged.append(where)
    except NotAnAnchor as problem:
        raise AnchorUnreadable(where, "this is no anchor of an audit trail") from problem
