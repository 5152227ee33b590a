"""Randomisation: sealed lists, one slot at a time, in order, and opened after closure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from tests.trial_core import enrolling
from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import (
    INVESTIGATOR,
    MONITOR,
    OFFICE,
    ONCOLOGIST,
    OTHER_ONCOLOGIST,
    STATISTICIAN,
    Record,
)
from trial_core.db.repositories import allocations, subjects
from trial_core.db.repositories.allocations import Allocation
from trial_core.db.tables import audit_entry, sealed_slot
from trial_core.domain.conduct import Stratum
from trial_core.domain.eligibility import Answer
from trial_core.domain.leaving import LeavingKind
from trial_core.domain.protocol import Protocol
from trial_core.domain.screening import FactorLevel, StrataForm
from trial_core.domain.subject import Arm
from trial_core.enrolment_errors import (
    AllocationListExhausted,
    FormRefused,
    NoAllocationList,
    NotReady,
    SealBroken,
    StudyForbids,
)
from trial_core.errors import NotAuthorised, UnknownSubject, WrongState
from trial_core.services import allocation_lists, randomisation, screening, study
from trial_core.services.conduct_of import conduct_of

KEY = enrolling.LIST_KEY
S1 = "site=S1"


@pytest.fixture
def open_study(record: Record) -> Record:
    record.open_iib()
    return record


def _make(record: Record, slots: int = 8, protocol: Protocol = enrolling.SHORT) -> None:
    allocation_lists.make_lists(record.db, STATISTICIAN, protocol=protocol, key=KEY, slots=slots)


def test_lists__are_one_a_stratum_and_tell_only_their_commitments(record: Record) -> None:
    _make(record)
    _make(record)
    states = allocation_lists.list_states(record.db, MONITOR)
    assert [(each.stratum, each.part, each.used, each.exhausted) for each in states] == [
        ("site=S1", 1, 0, False),
        ("site=S2", 1, 0, False),
    ]
    assert len({each.commitment for each in states}) == 2
    for who in (OFFICE, ONCOLOGIST):
        with pytest.raises(NotAuthorised):
            allocation_lists.list_states(record.db, who)
    with pytest.raises(NotAuthorised):
        allocation_lists.make_lists(record.db, MONITOR, protocol=enrolling.SHORT, key=KEY, slots=8)


def test_randomise__reveals_the_list_in_its_order_and_again_the_same(open_study: Record) -> None:
    order = (Arm.B, Arm.A, Arm.A, Arm.B)
    open_study.allocate(*order)
    codes = [f"S1-{number:03}" for number in range(1, 5)]
    assert tuple(open_study.randomise(code) for code in codes) == order
    assert tuple(enrolling.randomise(open_study.db, ONCOLOGIST, code) for code in codes) == order
    with open_study.db.read() as connection:
        entries = select(audit_entry).where(audit_entry.c.action == "randomise subject")
        assert len(connection.execute(entries).all()) == 4


def test_randomise__opens_no_other_slot(open_study: Record) -> None:
    # Every slot but the one that is due is destroyed: a call that looked at another would fail.
    open_study.allocate(Arm.B, Arm.A, Arm.A)

    def destroy(connection: Connection) -> None:
        connection.execute(sealed_slot.update().where(sealed_slot.c.slot != 0).values(sealed="gone"))

    _tamper(open_study, destroy)
    assert open_study.randomise("S1-001") is Arm.B
    with pytest.raises(SealBroken, match="allocate nobody by hand"):
        open_study.randomise("S1-002")


def test_slots__that_change_places_do_not_open(open_study: Record) -> None:
    open_study.allocate(Arm.B, Arm.A)

    def exchange(connection: Connection) -> None:
        rows = connection.execute(select(sealed_slot).order_by(sealed_slot.c.slot)).all()
        for row, other in zip(rows, reversed(rows), strict=True):
            chosen = sealed_slot.c.slot == row.slot
            connection.execute(sealed_slot.update().where(chosen).values(sealed=other.sealed))

    _tamper(open_study, exchange)
    with pytest.raises(SealBroken):
        open_study.randomise("S1-001")


def test_randomise__with_another_key_reveals_nothing(open_study: Record) -> None:
    open_study.allocate(Arm.A)
    open_study.enrol("S1-001")
    with pytest.raises(SealBroken):
        enrolling.randomise(open_study.db, ONCOLOGIST, "S1-001", key=b"x" * 32)
    assert enrolling.randomise(open_study.db, ONCOLOGIST, "S1-001") is Arm.A


def test_sealed_slots__of_the_two_arms_look_alike(record: Record) -> None:
    _make(record, slots=20)
    with record.db.read() as connection:
        sealed = connection.execute(select(sealed_slot.c.sealed)).scalars().all()
    assert len({len(each) for each in sealed}) == 1
    assert len(set(sealed)) == len(sealed)


def test_exhausted_list__refuses_alerts_and_can_be_extended(open_study: Record) -> None:
    open_study.allocate(Arm.A)
    assert open_study.randomise("S1-001") is Arm.A
    with pytest.raises(AllocationListExhausted, match="Nobody was allocated"):
        open_study.randomise("S1-002")
    with open_study.db.read() as connection:
        alerts = select(audit_entry).where(audit_entry.c.action == "no slot to randomise")
        assert len(connection.execute(alerts).all()) == 1
    (state,) = allocation_lists.list_states(open_study.db, STATISTICIAN)
    assert state.exhausted
    _extend(open_study)
    with pytest.raises(WrongState):
        _extend(open_study)
    assert enrolling.randomise(open_study.db, ONCOLOGIST, "S1-002") in Arm
    assert [each.used for each in allocation_lists.list_states(open_study.db, MONITOR)] == [1, 1]


def _extend(record: Record) -> None:
    allocation_lists.extend_list(
        record.db,
        STATISTICIAN,
        stratum=S1,
        protocol=enrolling.SHORT,
        key=KEY,
        slots=4,
        reason="recruits faster than thought",
    )


def test_a_site_opened_later__waits_for_its_own_list(open_study: Record) -> None:
    open_study.allocate(Arm.A)
    with pytest.raises(NoAllocationList, match="site=S2"):
        open_study.randomise("S2-001", OTHER_ONCOLOGIST)
    _make(open_study)
    assert enrolling.randomise(open_study.db, OTHER_ONCOLOGIST, "S2-001") in Arm


def test_randomise__needs_phase_iib_the_site_and_the_role(open_study: Record) -> None:
    open_study.allocate(Arm.A)
    enrolling.screen(open_study.db, ONCOLOGIST, INVESTIGATOR, "S1-001", enrolling.SHORT)
    for code in ("S1-000", "S1-001"):
        with pytest.raises(NotReady, match="not enrolled in phase IIb"):
            enrolling.randomise(open_study.db, ONCOLOGIST, code)
    with pytest.raises(UnknownSubject):
        enrolling.randomise(open_study.db, OTHER_ONCOLOGIST, "S1-001")
    with pytest.raises(NotAuthorised):
        enrolling.randomise(open_study.db, STATISTICIAN, "S1-001")


def test_randomise__refuses_whoever_left_before(open_study: Record) -> None:
    open_study.allocate(Arm.A)
    open_study.enrol("S1-001")
    open_study.leave("S1-001", LeavingKind.WITHDRAWAL_FROM_FOLLOW_UP)
    with pytest.raises(NotReady, match="withdrawal from follow-up"):
        enrolling.randomise(open_study.db, ONCOLOGIST, "S1-001")


def test_a_revealed_slot__is_not_used_again_when_the_subject_proves_ineligible(open_study: Record) -> None:
    open_study.allocate(Arm.A, Arm.B)
    open_study.randomise("S1-001")
    answers = [
        replace(each, value=2.0, answer=Answer.NO) if each.question == "ECOG" else each
        for each in enrolling.good_answers(enrolling.SHORT)
    ]
    screening.enter_eligibility(
        open_study.db,
        ONCOLOGIST,
        code="S1-001",
        protocol=enrolling.SHORT,
        answers=answers,
        reason="source data read again",
        seen_version=1,
    )
    assert open_study.randomise("S1-002") is Arm.B
    assert enrolling.randomise(open_study.db, ONCOLOGIST, "S1-001") is Arm.A


def test_strata__beside_the_centre_have_to_be_complete(open_study: Record) -> None:
    factor = Stratum(id="ECOG", label="ECOG", levels=("0", "1"))
    rules = conduct_of(enrolling.SHORT)
    protocol = replace(enrolling.SHORT, conduct=replace(rules, strata=(*rules.strata, factor)))
    _make(open_study, protocol=protocol)
    assert len(allocation_lists.list_states(open_study.db, MONITOR)) == 4
    code = open_study.enrol("S1-001")
    db, who = open_study.db, ONCOLOGIST
    with pytest.raises(NotReady, match="the stratum needs ECOG"):
        randomisation.randomise(db, who, code=code, protocol=protocol, key=KEY, password=PASSWORD)
    for level in ("7", "1"):
        form = StrataForm(levels=(FactorLevel(factor="ECOG", level=level),))
        if level == "7":
            with pytest.raises(FormRefused, match="no level '7'"):
                screening.enter_strata(db, who, code=code, protocol=protocol, strata=form)
        else:
            screening.enter_strata(db, who, code=code, protocol=protocol, strata=form)
    randomisation.randomise(db, who, code=code, protocol=protocol, key=KEY, password=PASSWORD)
    used = {each.stratum: each.used for each in allocation_lists.list_states(db, MONITOR)}
    assert used["site=S1; ECOG=1"] == 1
    assert sum(used.values()) == 1
    with pytest.raises(WrongState):
        screening.enter_strata(db, who, code=code, protocol=protocol, strata=StrataForm(levels=()))


def test_lists__are_opened_after_closure_and_prove_what_was_revealed(open_study: Record) -> None:
    _make(open_study)
    arms = tuple(open_study.randomise(f"S1-{number:03}").value for number in range(1, 4))
    db = open_study.db
    with pytest.raises(StudyForbids, match="opened after closure"):
        allocation_lists.open_lists(db, STATISTICIAN, protocol=enrolling.SHORT, key=KEY)
    committed = {each.stratum: each.commitment for each in allocation_lists.list_states(db, MONITOR)}
    study.close_the_recruitment(db, STATISTICIAN, password=PASSWORD)
    with pytest.raises(SealBroken):
        allocation_lists.open_lists(db, STATISTICIAN, protocol=enrolling.SHORT, key=b"x" * 32)
    opened = allocation_lists.open_lists(db, STATISTICIAN, protocol=enrolling.SHORT, key=KEY)
    assert allocation_lists.opened_lists(db, MONITOR) == opened
    for each in opened:
        assert hashlib.sha256(base64.b64decode(each.content)).hexdigest() == committed[each.stratum]
        assert each.out_of_order == ()
    assert (opened[0].revealed, opened[0].allocations[:3]) == (arms, arms)
    with pytest.raises(StudyForbids):
        _make(open_study)


def test_database__keeps_lists_and_allocations_as_they_are(open_study: Record) -> None:
    open_study.allocate(Arm.B, Arm.A)
    open_study.randomise("S1-001")
    for statement in (
        "UPDATE sealed_slot SET sealed = 'x'",
        "DELETE FROM sealed_slot",
        "UPDATE allocation_list SET commitment = 'x'",
        "UPDATE allocation SET arm = 'A'",
        "DELETE FROM allocation",
    ):
        with pytest.raises(DBAPIError, match="append-only"), open_study.db.transaction() as connection:
            connection.execute(text(statement))


def test_database__refuses_a_jump_in_the_order_and_any_state_but_iib(open_study: Record) -> None:
    open_study.allocate(Arm.A, Arm.B)
    open_study.enrol("S1-001")
    with pytest.raises(DBAPIError, match="in the order of the list"):
        _write_allocation(open_study, slot=1)
    study.close_the_recruitment(open_study.db, STATISTICIAN, password=PASSWORD)
    with pytest.raises(DBAPIError, match="not randomise now"):
        _write_allocation(open_study, slot=0)


def _write_allocation(record: Record, *, slot: int) -> None:
    with record.db.transaction() as connection:
        found = subjects.find(connection, site_code="S1", code="S1-001")
        assert found
        (stored,) = allocations.lists(connection, S1)
        new = Allocation(found[0], stored.id, slot, Arm.A, record.clock())
        allocations.add_allocation(connection, new, user_id="u-onc")


def _tamper(record: Record, change: object) -> None:
    """Change sealed slots as somebody would who owns the database."""
    assert callable(change)
    with record.db.transaction() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER sealed_slot_UPDATE"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        change(connection)
