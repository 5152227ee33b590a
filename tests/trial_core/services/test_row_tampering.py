"""Nobody who owns the database edits, removes or adds a row of the record unseen: the trail tells of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

import trial_core.protocols
from tests.trial_core.clinic import TODAY, Clinic, a_visit
from tests.trial_core.record import LI, OFFICE, ONCOLOGIST, PHYSICIST, STATISTICIAN, Record
from tests.trial_core.reviewing import Board, a_report
from trial_core.db.repositories import audit, recorded_rows
from trial_core.db.session import Database
from trial_core.db.tables import metadata
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.criteria import Verdict
from trial_core.domain.leaving import LeavingKind
from trial_core.domain.plan_review import Discipline
from trial_core.domain.row_breaks import Key, RowBreak, RowFlaw, breaks
from trial_core.domain.subject import Arm
from trial_core.domain.told_rows import ToldRows
from trial_core.protocols.reader import read_protocol
from trial_core.services import audit_trail, ctcae_terms, data_cuts, follow_up, protocol_versions, whose_files

TRIES = {"sqlite": 300, "postgresql": 100}
TERMS = b"version,class,term,allowed_grades,text\n6.0,Gastrointestinal disorders,Hiccups,1 2 3,\n"
YAML = Path(trial_core.protocols.__file__).with_name("scr_escc_01.yaml")


class _Undo(Exception):  # noqa: N818 - no error: it ends a transaction
    pass


@pytest.fixture
def history(record: Record) -> Record:
    """Forms entered, corrected and taken back, arms, plans checked twice and taken off, leavings, a cut."""
    clinic = Clinic(record)
    for code, arm in (("S1-001", Arm.A), ("S1-002", Arm.B)):
        clinic.enrol(code, arm)
        clinic.visit(code, a_visit(43, 25.0))
    clinic.visit("S1-001", a_visit(43, 24.0), reason="read again", seen_version=1)
    _take_back_visit(clinic)
    clinic.death("S1-002", 300)
    _plans(record)
    record.leave("S1-001", LeavingKind.WITHDRAWAL_OF_DATA_USE)
    ctcae_terms.import_terms(record.db, OFFICE, data=TERMS, file="terms.csv")
    protocol_versions.record_protocol(record.db, OFFICE, data=YAML.read_bytes(), file=YAML.name)
    protocol = read_protocol()
    data_cuts.make_data_cut(record.db, record.store, protocol, STATISTICIAN, label="first", cut_on=TODAY)
    data_cuts.release_data_cut(record.db, OFFICE, label="first", reason="report to the sponsor")
    return record


def _take_back_visit(clinic: Clinic) -> None:
    follow_up.take_back_follow_up(
        clinic.db,
        clinic.conduct,
        ONCOLOGIST,
        code="S1-002",
        kind=ClinicalForm.VISIT,
        occasion="day 43",
        reason="of another subject",
    )


def _plans(record: Record) -> None:
    board = Board(record)
    kept = board.checked("S1-001")
    board.recheck(kept, a_report(b"plan", Verdict.ACCEPTABLE_VARIATION, protocol="2"))
    board.review(kept, Discipline.PHYSICS, actor=board.physicist)
    wrong, _ = record.check("S1-000", LI, data=b"other", uids=("1.2.9",))
    whose_files.reject_identity(record.db, PHYSICIST, submission_id=wrong, reason="another man's files")


def test_an_honest_history__is_what_the_trail_tells(history: Record) -> None:
    found = audit_trail.verify(history.db)
    assert (found.rows, found.whole) == ((), True)
    assert {table for table, _ in _told(history.db).rows} >= set(_TABLES) - {"list_opening"}


def test_random_tamperings_with_rows__are_all_found_and_the_row_is_named(history: Record) -> None:
    told, dialect = _told(history.db), history.db.engine.dialect.name
    done = 0
    for number in range(TRIES[dialect]):
        random = Random(number)  # noqa: S311 - to be repeatable, not to be secret
        with _undone(history.db) as connection:
            try:
                what, key = _tamper(connection, told, random)
            except IntegrityError:
                continue  # the database itself refuses it
            found = list(breaks(told.rows, recorded_rows.rows(connection), whole=True))
        assert key in {(each.table, each.row) for each in found}, f"{what} of {key}, seed {number}: {found}"
        done += 1
    assert done > TRIES[dialect] * 0.8
    assert audit_trail.verify(history.db).whole


def test_verify__names_an_edited_form_and_says_nothing_of_its_content(history: Record) -> None:
    with history.db.transaction() as connection:
        _disarm(connection)
        chosen = "SELECT id FROM form_entry WHERE kind = 'death'"
        form = connection.execute(text(chosen)).scalar_one()
        edit = "UPDATE form_entry SET content = replace(content, 'not known', 'tumour') WHERE id = :id"
        connection.execute(text(edit), {"id": form})
    found = audit_trail.verify(history.db)
    assert found.rows == (RowBreak("form_entry", form, RowFlaw.EDITED, ("content",)),)
    assert (found.broken, found.whole, found.only_rows_differ) == (None, False, not found.triggers_missing)
    assert "tumour" not in found.rows[0].message


def test_verify__names_a_plan_that_was_moved_to_another_subject(history: Record) -> None:
    with history.db.transaction() as connection:
        chosen = text("SELECT submission_id FROM plan_check_result WHERE number = 2")
        plan = connection.execute(chosen).scalar_one()
        move = "UPDATE plan_submission SET subject_id = (SELECT id FROM subject WHERE code = 'S1-002')"
        connection.execute(text(f"{move} WHERE id = :plan"), {"plan": plan})
    found = audit_trail.verify(history.db).rows
    assert found == (RowBreak("plan_submission", plan, RowFlaw.EDITED, ("subject_id",)),)


def test_verify__of_a_broken_trail_names_edited_rows_before_the_break_and_no_honest_one(
    history: Record,
) -> None:
    with history.db.transaction() as connection:
        _disarm(connection)
        # The first subject's entry: what all later ones tell and change is not known.
        enrolled = "SELECT min(sequence) FROM audit_entry WHERE action = 'enter enrolment'"
        first = connection.execute(text(enrolled)).scalar_one()
        connection.execute(text("UPDATE subject SET site_code = 'S2' WHERE code = 'S1-000'"))
        broken = "UPDATE audit_entry SET login = 'x' WHERE sequence = :first"
        connection.execute(text(broken), {"first": first})
    found = audit_trail.verify(history.db)
    assert found.broken is not None
    assert [(each.table, each.flaw, each.columns) for each in found.rows] == [
        ("subject", RowFlaw.EDITED, ("site_code",)),
    ]


_TABLES = {
    "site": "code",
    "user_account": "id",
    "subject": "id",
    "form_entry": "id",
    "signature": "id",
    "study_transition": "sequence",
    "allocation": "subject_id",
    "allocation_list": "id",
    "consent_form": "version",
    "term_list": "sha256",
    "protocol_version": "version",
    "data_cut": "id",
    "plan_submission": "id",
    "plan_check_result": "submission_id",
}


_OWN = ("id", "sequence", "number", "version", "label", "part", "code", "sha256", "login")


def _told(db: Database) -> ToldRows:
    told = ToldRows()
    with db.read() as connection, closing(audit.stored(connection)) as entries:
        for entry in entries:
            told.take(entry)
    return told


@contextmanager
def _undone(db: Database) -> Iterator[Connection]:
    """A transaction that leaves nothing behind."""
    with suppress(_Undo), db.transaction() as connection:
        _disarm(connection)
        yield connection
        raise _Undo


def _disarm(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for name in (
        connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    ):
        connection.execute(text(f"DROP TRIGGER {name}"))


def _tamper(connection: Connection, told: ToldRows, random: Random) -> tuple[str, Key]:
    key = random.choice(sorted(told.rows))
    table, row = key
    where = {"row": row.split("/")[0 if table == "plan_check_result" else -1]}
    number = row.split("/")[1] if table == "plan_check_result" else "0"
    chosen = f"{_TABLES[table]} = " + ("CAST(:row AS BIGINT)" if table == "study_transition" else ":row")
    chosen += f" AND number = {int(number)}" if table == "plan_check_result" else ""
    held = dict(connection.execute(text(f"SELECT * FROM {table} WHERE {chosen}"), where).mappings().one())  # noqa: S608
    what = random.choice(("edit", "edit", "edit", "remove", "add"))
    if what == "remove":
        connection.execute(text(f"DELETE FROM {table} WHERE {chosen}"), where)  # noqa: S608
    elif what == "add":
        key = _add_copy(connection, table, held, random)
    else:
        column = random.choice(sorted(held if "row_sha256" in told.rows[key] else told.rows[key]))
        _edit(connection, (table, column), held[column], (chosen, where), random)
        what = f"edit {column}"
    return what, key


def _edit(
    connection: Connection,
    place: tuple[str, str],
    old: Any,
    chosen: tuple[str, dict[str, str]],
    random: Random,
) -> None:
    table, column = place
    new = _other(old, random, named=_others(table, column))
    statement = f"UPDATE {table} SET {column} = :new WHERE {chosen[0]}"  # noqa: S608
    connection.execute(text(statement), {"new": new, **chosen[1]})


def _others(table: str, column: str) -> tuple[str, ...]:
    """Values that a constraint of the column lets in."""
    return {
        ("subject", "status"): ("screening", "enrolled", "withdrawn"),
        ("subject", "phase"): ("IIa", "IIb"),
        ("subject", "arm"): ("A", "B"),
        ("allocation", "arm"): ("A", "B"),
        ("user_account", "role"): ("safety adjudicator", "statistician", "administrator"),
        ("user_account", "deactivated_at"): ("2026-01-01T00:00:00.000000Z",),
    }.get((table, column), ())


def _other(old: Any, random: Random, *, named: tuple[str, ...]) -> Any:
    if named:
        return random.choice([one for one in named if one != old])
    if old is None:
        return "u-onc"
    if isinstance(old, int):
        return 1 - old if old in (0, 1) else old + random.choice((1, 7))
    if hasattr(old, "replace") and hasattr(old, "hour"):
        return old.replace(year=old.year - 1)
    if old.endswith("Z") and old[:2] == "20":
        return f"{int(old[:4]) - 1}{old[4:]}"
    place = random.randrange(len(old)) if old else 0
    return (
        old[:place]
        + random.choice([one for one in "0aZ" if one != old[place : place + 1]])
        + old[place + 1 :]
    )


def _add_copy(connection: Connection, table: str, held: dict[str, Any], random: Random) -> Key:
    """Put a copy in with the next number, or another id."""
    new = dict(held)
    for column in metadata.tables[table].columns:
        alone = column.name in (
            "id",
            "sequence",
            "number",
            "version",
            "label",
            "part",
            "code",
            "sha256",
            "login",
        )
        if alone or (column.primary_key and column.name != "submission_id"):
            old = new[column.name]
            if old is not None:
                new[column.name] = old + 100 if isinstance(old, int) else f"{random.randrange(10**6)}-{old}"
    names = ", ".join(new)
    values = ", ".join(f":{name}" for name in new)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), new)  # noqa: S608
    if table == "plan_check_result":
        return table, f"{new['submission_id']}/{new['number']}"
    if table == "protocol_version":
        return table, f"{new['protocol_id']}/{new['version']}"
    return table, str(new[_TABLES[table]])
