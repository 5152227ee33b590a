"""`python -m benchmarks.load --data FOLDER`: 20 people click at once in a study of 500 subjects.

The first run makes the study in the empty folder (minutes); later ones take it as it is. Told are median and
95th percentile of each kind of page, alone and with everybody at once, and the server's memory over the run.
"""

from __future__ import annotations

import random
import statistics
import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.load.person import Click, Person
from benchmarks.load.server import Server, served
from benchmarks.load.study import Size, make_study, password_file
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.settings import read_settings
from workers.demo.people import ACCOUNTS

_TARGET_MS = 300
_SEED = 20261122


def main() -> int:
    """Make the study where there is none, serve it, let people click, and tell what came of it."""
    asked = _arguments()
    if not password_file(asked.data).exists():
        _make(asked)
    password = password_file(asked.data).read_text(encoding="utf-8")
    with served(asked.data, asked.port) as server:
        people = _people(server, password, asked.users)
        alone = _click(server, people[: len(ACCOUNTS)], asked.alone_s, pause_s=0.0, one_by_one=True)
        together = _click(server, people, asked.seconds, pause_s=asked.pause)
    _tell(alone, together, server, asked)
    return 1 if _faults([*alone, *together]) else 0


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder of its own for the study")
    parser.add_argument("--subjects", type=int, default=Size.subjects)
    parser.add_argument("--submissions", type=int, default=Size.submissions, help="of two plans each")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=300, help="how long everybody clicks")
    parser.add_argument(
        "--alone-s", type=float, default=60, help="how long one after the other clicks before"
    )
    parser.add_argument("--pause", type=float, default=3.0, help="mean time between a page and the next, s")
    parser.add_argument("--port", type=int, default=8097)
    return parser.parse_args()


def _make(asked: Namespace) -> None:
    asked.data.mkdir(parents=True, exist_ok=True)
    settings = read_settings({"DOSEGATE_DATA": str(asked.data)})
    db = Database(settings.database_url, audit=settings.audit_outside())
    migrate(db)
    db.close()

    def tell(stage: str, done: int, total: int) -> None:
        sys.stderr.write(f"{stage}: {done} of {total} known so far\n")

    make_study(settings, Size(asked.subjects, asked.submissions), tell)


def _people(server: Server, password: str, users: int) -> list[Person]:
    logins = [ACCOUNTS[number % len(ACCOUNTS)].login for number in range(users)]
    people = [
        Person(server.port, login, password, random.Random(_SEED + number))  # noqa: S311 - reproducible
        for number, login in enumerate(logins)
    ]
    for each in people:
        each.sign_in()
    return people


def _click(
    server: Server, people: Sequence[Person], seconds: float, *, pause_s: float, one_by_one: bool = False
) -> list[Click]:
    ended, many = threading.Event(), 1 if one_by_one else len(people)
    watching = threading.Thread(target=server.watch, args=(ended,))
    watching.start()
    share_s = seconds / len(people) if one_by_one else seconds

    def clicks(person: Person) -> list[Click]:
        return list(person.clicks(time.monotonic() + share_s, pause_s))

    try:
        with ThreadPoolExecutor(many) as pool:
            return [each for several in pool.map(clicks, people) for each in several]
    finally:
        ended.set()
        watching.join()


def _tell(alone: Sequence[Click], together: Sequence[Click], server: Server, asked: Namespace) -> None:
    one, all_of_them = _by_page(alone), _by_page(together)
    print("| Page | alone, median ms | p95 | at once, median ms | p95 | clicks | KiB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for page in sorted(one.keys() | all_of_them.keys()):
        kib = statistics.median(each.size_bytes for each in one.get(page, []) + all_of_them.get(page, []))
        cells = (_ms(one.get(page, [])), _ms(all_of_them.get(page, [])), str(len(all_of_them.get(page, []))))
        print(f"| {page} | {' | '.join(cells)} | {kib / 1024:.0f} |")
    every = [each.seconds * 1000 for each in together]
    if every:
        slow = sum(one > _TARGET_MS for one in every) / len(every)
        print(
            f"\n{len(every)} clicks of {asked.users} people in {asked.seconds:.0f} s, pauses {asked.pause} s;"
        )
        print(f"{slow:.1%} took more than {_TARGET_MS} ms. Faults: {_faults([*alone, *together])}.")
    print(f"Server's memory, MiB: {_memory(server)}.")


def _by_page(clicks: Sequence[Click]) -> dict[str, list[Click]]:
    found: dict[str, list[Click]] = defaultdict(list)
    for each in clicks:
        if not each.refused:
            found[each.page].append(each)
    return found


def _ms(clicks: Sequence[Click]) -> str:
    if not clicks:
        return "– | –"
    times = sorted(each.seconds * 1000 for each in clicks)
    return f"{statistics.median(times):.0f} | {times[min(len(times) - 1, int(0.95 * len(times)))]:.0f}"


def _faults(clicks: Sequence[Click]) -> int:
    return sum(each.faulty for each in clicks)


def _memory(server: Server) -> str:
    """Give the resident memory at the end of each tenth of the run."""
    if not server.memory:
        return "not measured"
    numbers = [mib for _, mib in server.memory]
    tenths = [numbers[min(len(numbers) - 1, (part + 1) * len(numbers) // 10)] for part in range(10)]
    return ", ".join(f"{each:.0f}" for each in tenths)


if __name__ == "__main__":
    sys.exit(main())
