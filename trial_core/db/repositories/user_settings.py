"""Queries on what people set for themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from trial_core.db.tables import user_setting


def find(connection: Connection, *, user_id: str, name: str) -> Any:
    """Give a setting, None where there is none."""
    return connection.execute(select(user_setting.c.value).where(_chosen(user_id, name))).scalar()


def put(connection: Connection, *, user_id: str, name: str, value: Any) -> None:
    """Keep a setting in place of the one before."""
    connection.execute(delete(user_setting).where(_chosen(user_id, name)))
    connection.execute(insert(user_setting).values(user_id=user_id, name=name, value=value))


def _chosen(user_id: str, name: str) -> ColumnElement[bool]:
    return (user_setting.c.user_id == user_id) & (user_setting.c.name == name)
