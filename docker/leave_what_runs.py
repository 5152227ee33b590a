"""Uninstalls from this environment what the program does not need when it runs: tests, linters, builders."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROGRAM = "dosegate"
# pip goes by itself at the end: it is what uninstalls.
REMOVER = "pip"


def needed(name: str, extras: frozenset[str] = frozenset()) -> Iterator[str]:
    """Walk the requirements that hold here, from a distribution down; names in their canonical form."""
    reached: set[tuple[str, frozenset[str]]] = set()
    ahead = [(name, extras)]
    while ahead:
        one = ahead.pop()
        if one not in reached:
            reached.add(one)
            yield canonicalize_name(one[0])
            ahead += _requirements(*one)


def _requirements(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for text in distribution(name).requires or ():
        found = Requirement(text)
        holds = found.marker is None or any(found.marker.evaluate({"extra": each}) for each in extras or {""})
        if holds:
            yield found.name, frozenset(found.extras)


def main() -> int:
    """Uninstall; what stays is named."""
    keep = set(needed(PROGRAM))
    there = {canonicalize_name(each.name) for each in distributions()}
    gone = sorted(there - keep - {REMOVER})
    for names in (gone, [REMOVER]):
        subprocess.run(  # noqa: S603 - our own environment's pip, names of what is installed
            [sys.executable, "-m", "pip", "uninstall", "--quiet", "--yes", *names], check=True
        )
    print(f"{len(keep)} distributions stay, {len(gone) + 1} are gone.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
