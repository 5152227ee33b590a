"""Lists of CTCAE terms: taken whole or not at all, never against a checked term; events go by them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.trial_core.clinic import Clinic, day
from tests.trial_core.record import OFFICE, ONCOLOGIST, STATISTICIAN, Record
from trial_core.domain.toxicity import AdverseEvent, GradeFrom
from trial_core.errors import NotAuthorised
from trial_core.follow_up_errors import EntryImpossible, TermListUnusable
from trial_core.protocols.reader import read_protocol
from trial_core.services import data_cuts, toxicity
from trial_core.services.ctcae_terms import import_terms, terms_of_version

HEADING = "version,class,term,allowed_grades,text\n"
LIST = (HEADING + "6.0,Gastrointestinal disorders,Hiccups,1 2 3,\n").encode()
PROTOCOL = read_protocol()


def hiccups() -> AdverseEvent:
    grades = (GradeFrom(on=day(30), grade=2),)
    return AdverseEvent(id="", subject="", version="6.0", term="Hiccups", grades=grades)


def test_an_imported_term__can_be_chosen_from_then_on(record: Record) -> None:
    clinic = Clinic(record)
    code = clinic.enrol()
    with pytest.raises(EntryImpossible, match="has no term 'Hiccups' here"):
        toxicity.record_event(record.db, PROTOCOL, ONCOLOGIST, code=code, event=hiccups())
    import_terms(record.db, OFFICE, data=LIST, file="terms.csv")
    toxicity.record_event(record.db, PROTOCOL, ONCOLOGIST, code=code, event=hiccups())
    assert "Hiccups" in {term.term for term in terms_of_version(record.db, "6.0")}


def test_the_same_list_twice__is_one(record: Record) -> None:
    for _ in range(2):
        import_terms(record.db, OFFICE, data=LIST, file="terms.csv")
    with record.db.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM term_list")).scalar_one() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"version,class,term\n6.0,a,b\n", "lacks allowed_grades, text"),
        ((HEADING + "6.0,a,b,9,\n").encode(), "allowed_grades"),
        (
            (HEADING + "5.0,Investigations,Lymphocyte count decreased,1 2 3 4 5,\n").encode(),
            "checked against",
        ),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_list_that_cannot_be_taken__is_refused_whole_with_its_problems(
    record: Record, data: bytes, words: str
) -> None:
    with pytest.raises(TermListUnusable, match=words):
        import_terms(record.db, OFFICE, data=data, file="terms.csv")
    with record.db.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM term_list")).scalar_one() == 0


def test_a_list__is_imported_by_the_office_alone(record: Record) -> None:
    with pytest.raises(NotAuthorised):
        import_terms(record.db, ONCOLOGIST, data=LIST, file="terms.csv")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE term_list SET content = 'x'",
        "DELETE FROM term_list",
        "DELETE FROM data_cut",
        "UPDATE data_cut SET manifest_sha256 = 'x'",
        "UPDATE data_cut SET released_at = NULL, released_by = NULL",
        "UPDATE data_cut SET cut_on = '2020-01-01', released_at = made_at",
    ],
)
def test_the_database__lets_nobody_change_a_list_or_a_cut(record: Record, statement: str) -> None:
    record.clock.advance(days=1)
    import_terms(record.db, OFFICE, data=LIST, file="terms.csv")
    data_cuts.make_data_cut(
        record.db, record.store, PROTOCOL, STATISTICIAN, label="cut", cut_on=date(2026, 1, 1)
    )
    if "NULL" in statement:
        data_cuts.release_data_cut(record.db, OFFICE, label="cut", reason="to the sponsor")
    with pytest.raises(DBAPIError, match=r"append-only|never changed"), record.db.transaction() as connection:
        connection.execute(text(statement))


def test_a_table__says_where_two_versions_of_ctcae_meet(record: Record) -> None:
    clinic = Clinic(record)
    code = clinic.enrol()
    clinic.treat(code)
    import_terms(record.db, OFFICE, data=LIST, file="terms.csv")
    older = AdverseEvent(
        id="", subject="", version="5.0", term="Pneumonitis", grades=(GradeFrom(on=day(30), grade=2),)
    )
    for event in (hiccups(), older):
        toxicity.record_event(record.db, PROTOCOL, ONCOLOGIST, code=code, event=event)
    table = toxicity.toxicity_by_arm(record.db, clinic.conduct, STATISTICIAN)
    assert (table.versions, table.poolable) == (("5.0", "6.0"), False)
