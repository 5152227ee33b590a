"""`dosegate doctor`: is everything there that this installation needs, and well?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.arguments import STANDARD_OUTPUT
from cli.installation import settings_of_this_environment
from cli.output import check_writable, put_on_standard_output, show, to_json, write_whole

if TYPE_CHECKING:
    from workers.doctor.looks import Look

WRONG = 1
_SHAPES = {"well": "✓", "note": "!", "wrong": "✗"}


def run(arguments: Namespace) -> int:
    """Examine and say; 0 where nothing is wrong, 1 where something is."""
    if arguments.json and arguments.json != STANDARD_OUTPUT:
        check_writable(Path(arguments.json), "--json")
    settings = settings_of_this_environment()
    from workers.doctor.examine import examine
    from workers.doctor.looks import State

    found = []
    for look in examine(settings):
        found.append(look)
        if not arguments.json:
            show(_lines(look))
    sick = [look for look in found if look.state is State.WRONG]
    if arguments.json:
        _put(found, healthy=not sick, target=arguments.json)
    else:
        show([_end(len(sick))])
    return WRONG if sick else 0


def _lines(look: Look) -> Iterator[str]:
    yield f"{_SHAPES[look.state]} {look.state:<5} {look.about:<22} {look.said}"
    if look.action:
        yield f"{'':<31}-> {look.action}"


def _end(sick: int) -> str:
    return f"{sick} of these are wrong." if sick else "Nothing is wrong."


def _put(found: Sequence[Look], *, healthy: bool, target: str) -> None:
    looks = [
        {"about": each.about, "state": each.state, "said": each.said, "action": each.action} for each in found
    ]
    document = to_json({"healthy": healthy, "looks": looks})
    if target == STANDARD_OUTPUT:
        put_on_standard_output(document)
    else:
        write_whole(Path(target), document, "--json")
