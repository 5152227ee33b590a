"""Queries on data cuts: made once, released once, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from trial_core.db.tables import data_cut, user_account


@dataclass(frozen=True)
class DataCut:
    """One data cut; `made_by` and `released_by` are user ids, `maker` is the login of the first."""

    id: str
    label: str
    cut_on: date
    manifest_sha256: str
    made_by: str
    maker: str
    made_at: datetime
    released_by: str | None = None
    released_at: datetime | None = None

    @property
    def released(self) -> bool:
        """Whether others than the statistician may see its figures."""
        return self.released_at is not None


def add(connection: Connection, new: DataCut) -> None:
    """Put a cut on record."""
    connection.execute(
        insert(data_cut).values(
            id=new.id,
            label=new.label,
            cut_on=new.cut_on.isoformat(),
            manifest_sha256=new.manifest_sha256,
            made_by=new.made_by,
            made_at=new.made_at,
        )
    )


def release(connection: Connection, *, cut_id: str, user_id: str, at: datetime) -> None:
    """Note that a cut was released."""
    values = {"released_by": user_id, "released_at": at}
    connection.execute(update(data_cut).where(data_cut.c.id == cut_id).values(**values))


def find(connection: Connection, label: str) -> DataCut | None:
    """Find a cut by its label."""
    row = connection.execute(_cuts().where(data_cut.c.label == label)).first()
    return _cut(row) if row else None


def every(connection: Connection) -> tuple[DataCut, ...]:
    """List all cuts, oldest first."""
    rows = connection.execute(_cuts().order_by(data_cut.c.made_at, data_cut.c.label))
    return tuple(_cut(row) for row in rows)


def _cuts() -> Select[Any]:
    return select(data_cut, user_account.c.login).join(user_account, user_account.c.id == data_cut.c.made_by)


def _cut(row: Row[Any]) -> DataCut:
    return DataCut(
        id=row.id,
        label=row.label,
        cut_on=date.fromisoformat(row.cut_on),
        manifest_sha256=row.manifest_sha256,
        made_by=row.made_by,
        maker=row.login,
        made_at=row.made_at,
        released_by=row.released_by,
        released_at=row.released_at,
    )
