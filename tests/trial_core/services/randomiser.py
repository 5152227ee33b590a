"""Randomises subjects by many threads at once, in a process of its own; one kind stalls to be killed.

Each thread is a person of its own, who signs by a password. Arguments: the database's URL, the anchors'
folder, threads, "run" or "stall", the number of the first person, and subject codes.
"""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, event

from tests.trial_core import enrolling
from tests.trial_core.record import AUDIT, Clock
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Role


def _stall(db: Database) -> None:
    """Never reach the commit: the allocation is written, and this process is killed now."""

    def watch(connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO allocation "):
            connection.info["allocated"] = True

    def stall(connection: Connection) -> None:
        if connection.info.get("allocated"):
            sys.stdout.write("stalled\n")
            sys.stdout.flush()
            time.sleep(600)

    event.listen(db.engine, "before_cursor_execute", watch)
    event.listen(db.engine, "commit", stall)


def person(number: int) -> Actor:
    """One of those who randomise at once."""
    return Actor(f"u-race-{number}", f"race-{number}", Role.RADIATION_ONCOLOGIST, "S1", f"Person {number}")


def main(url: str, folder: str, threads: int, kind: str, codes: list[str], *, first: int) -> None:
    """Let each thread ask for one subject after another."""
    db = Database(url, now=Clock(), audit=replace(AUDIT, folder=Path(folder)))
    if kind == "stall":
        _stall(db)
    gate = threading.Barrier(threads)

    def ask(number: int) -> list[str]:
        gate.wait()
        own = codes[number % len(codes) :] + codes[: number % len(codes)]
        return [f"{code} {enrolling.randomise(db, person(first + number), code)}" for code in own]

    sys.stdin.readline()
    with ThreadPoolExecutor(threads) as pool:
        answers = [line for lines in pool.map(ask, range(threads)) for line in lines]
    sys.stdout.write("\n".join(sorted(set(answers))) + "\n")
    db.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[6:], first=int(sys.argv[5]))
