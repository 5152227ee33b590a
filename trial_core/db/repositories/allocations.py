"""Queries on sealed randomisation lists, their slots and what was revealed of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from trial_core.db.tables import allocation, allocation_list, list_opening, sealed_slot
from trial_core.domain.subject import Arm


@dataclass(frozen=True)
class StoredList:
    """One list as it is stored, `used` slots of it revealed; part 2 goes on where part 1 is exhausted."""

    id: str
    stratum: str
    part: int
    slots: int
    commitment: str
    created_at: datetime
    used: int

    @property
    def is_exhausted(self) -> bool:
        """Whether every slot is used."""
        return self.used >= self.slots


@dataclass(frozen=True)
class Allocation:
    """A revealed slot."""

    subject_id: str
    list_id: str
    slot: int
    arm: Arm
    revealed_at: datetime


def add_list(connection: Connection, new: StoredList, *, sealed: str, sealed_slots: Sequence[str]) -> None:
    """Add a list: whole, for the day it is opened, and each slot by itself."""
    connection.execute(
        insert(allocation_list).values(
            id=new.id,
            stratum=new.stratum,
            part=new.part,
            slots=new.slots,
            commitment=new.commitment,
            sealed=sealed,
            created_at=new.created_at,
        )
    )
    rows = [{"list_id": new.id, "slot": slot, "sealed": text} for slot, text in enumerate(sealed_slots)]
    connection.execute(insert(sealed_slot), rows)


def lists(connection: Connection, stratum: str | None = None) -> tuple[StoredList, ...]:
    """List the lists, of one stratum or all, by stratum and part."""
    query = _lists()
    if stratum is not None:
        query = query.where(allocation_list.c.stratum == stratum)
    return tuple(_stored(row) for row in connection.execute(query))


def sealed_list(connection: Connection, list_id: str) -> str:
    """Give the whole list, sealed."""
    chosen = allocation_list.c.id == list_id
    return str(connection.execute(select(allocation_list.c.sealed).where(chosen)).scalar_one())


def sealed_slot_at(connection: Connection, *, list_id: str, slot: int) -> str:
    """Give one slot, sealed, and no other."""
    chosen = (sealed_slot.c.list_id == list_id) & (sealed_slot.c.slot == slot)
    return str(connection.execute(select(sealed_slot.c.sealed).where(chosen)).scalar_one())


def add_allocation(connection: Connection, new: Allocation, *, user_id: str) -> None:
    """Add what a slot says; the database refuses a second one, a jump in the order and a state but IIb."""
    connection.execute(
        insert(allocation).values(
            subject_id=new.subject_id,
            list_id=new.list_id,
            slot=new.slot,
            arm=new.arm.value,
            revealed_by=user_id,
            revealed_at=new.revealed_at,
        )
    )


def of_subject(connection: Connection, subject_id: str) -> Allocation | None:
    """Find the allocation of a subject."""
    row = connection.execute(select(allocation).where(allocation.c.subject_id == subject_id)).first()
    return _allocation(row) if row else None


def of_list(connection: Connection, list_id: str) -> tuple[Allocation, ...]:
    """List what was revealed of a list, in the order of its slots."""
    rows = connection.execute(
        select(allocation).where(allocation.c.list_id == list_id).order_by(allocation.c.slot)
    )
    return tuple(_allocation(row) for row in rows)


def add_opening(connection: Connection, *, list_id: str, content: str, user_id: str, at: datetime) -> None:
    """Add what an opened list says; the database refuses it before closure."""
    connection.execute(
        insert(list_opening).values(list_id=list_id, content=content, opened_by=user_id, opened_at=at)
    )


def openings(connection: Connection) -> dict[str, str]:
    """Give the opened contents by list."""
    return {row.list_id: row.content for row in connection.execute(select(list_opening))}


def _lists() -> Select[Any]:
    used = (
        select(func.count())
        .select_from(allocation)
        .where(allocation.c.list_id == allocation_list.c.id)
        .scalar_subquery()
        .label("used")
    )
    return select(allocation_list, used).order_by(allocation_list.c.stratum, allocation_list.c.part)


def _stored(row: Row[Any]) -> StoredList:
    return StoredList(
        id=row.id,
        stratum=row.stratum,
        part=row.part,
        slots=row.slots,
        commitment=row.commitment,
        created_at=row.created_at,
        used=row.used,
    )


def _allocation(row: Row[Any]) -> Allocation:
    return Allocation(
        subject_id=row.subject_id,
        list_id=row.list_id,
        slot=row.slot,
        arm=Arm(row.arm),
        revealed_at=row.revealed_at,
    )
