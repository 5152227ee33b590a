"""Fifty callers at once in processes of their own, one killed: one allocation a subject, in order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.trial_core import enrolling
from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import INVESTIGATOR, ONCOLOGIST, STATISTICIAN, Record
from tests.trial_core.services.randomiser import person
from trial_core.db.tables import allocation, subject
from trial_core.domain.access import SYSTEM
from trial_core.domain.subject import Arm
from trial_core.services import account_entry, allocation_lists, audit_trail, study

ROOT = Path(__file__).parents[3]
ORDER = (Arm.B, Arm.A, Arm.A, Arm.B, Arm.B, Arm.B, Arm.A, Arm.A, Arm.A, Arm.B, Arm.A, Arm.B)


def test_fifty_callers_and_a_kill__give_each_subject_one_slot_in_order(record: Record, url: str) -> None:
    _race(record, url, processes=3, threads=17, subjects=6)


@pytest.mark.long
def test_many_processes_and_kills__give_each_subject_one_slot_in_order(record: Record, url: str) -> None:
    _race(record, url, processes=25, threads=2, subjects=12, kills=3)


def _race(record: Record, url: str, *, processes: int, threads: int, subjects: int, kills: int = 1) -> None:
    codes = _enrolled(record, subjects)
    _add_people(record, processes * threads)
    for _ in range(kills):
        _kill_in_the_middle(record, url, codes)
    runs = [
        _start(record, url, threads, "run", codes[n % subjects :] + codes[: n % subjects], first=n * threads)
        for n in range(processes)
    ]
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    told = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0] * processes
    assert len(set(told)) == 1
    _check(record, dict(line.split() for line in told[0].splitlines()), subjects)


def _enrolled(record: Record, subjects: int) -> list[str]:
    record.open_iib()
    record.allocate(*ORDER)
    codes = [f"S1-{number:03}" for number in range(1, subjects + 1)]
    for code in codes:
        enrolling.enrol(record.db, ONCOLOGIST, INVESTIGATOR, code, enrolling.SHORT)
    return codes


def _add_people(record: Record, number: int) -> None:
    with record.db.transaction() as connection:
        for each in range(number):
            account_entry.put_account(
                connection, record.db, SYSTEM, person(each), password_hash=enrolling.quick_hash()
            )


def _kill_in_the_middle(record: Record, url: str, codes: list[str]) -> None:
    stalled = _start(record, url, 1, "stall", codes, first=0)
    assert stalled.stdin is not None
    assert stalled.stdout is not None
    stalled.stdin.write("go\n")
    stalled.stdin.flush()
    assert stalled.stdout.readline() == "stalled\n"
    stalled.kill()
    stalled.communicate()


def _start(
    record: Record, url: str, threads: int, kind: str, codes: list[str], *, first: int
) -> subprocess.Popen[str]:
    assert record.db.audit is not None
    command = [sys.executable, "-m", "tests.trial_core.services.randomiser", url]
    return subprocess.Popen(
        [*command, str(record.db.audit.folder), str(threads), kind, str(first), *codes],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def _check(record: Record, told: dict[str, str], subjects: int) -> None:
    with record.db.read() as connection:
        rows = connection.execute(
            select(allocation.c.slot, allocation.c.arm, subject.c.code, subject.c.arm.label("shown"))
            .select_from(allocation)
            .join(subject, subject.c.id == allocation.c.subject_id)
            .order_by(allocation.c.slot)
        ).all()
    assert [row.slot for row in rows] == list(range(subjects))
    assert [row.arm for row in rows] == [arm.value for arm in ORDER[:subjects]]
    assert {row.code: row.arm for row in rows} == {row.code: row.shown for row in rows} == told
    assert audit_trail.verify(record.db).whole
    study.close_the_recruitment(record.db, STATISTICIAN, password=PASSWORD)
    opened = allocation_lists.open_lists(
        record.db, STATISTICIAN, protocol=enrolling.SHORT, key=enrolling.LIST_KEY
    )
    assert [each.out_of_order for each in opened] == [()]
