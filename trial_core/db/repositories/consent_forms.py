"""Queries on the versions of the consent form."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from trial_core.db.tables import consent_form
from trial_core.domain.consent import ConsentForm


def add(connection: Connection, form: ConsentForm, *, user_id: str, at: datetime) -> None:
    """Add a version; the database lets nobody change or remove it."""
    connection.execute(
        insert(consent_form).values(
            version=form.version, from_on=form.from_on.isoformat(), registered_by=user_id, registered_at=at
        )
    )


def all_versions(connection: Connection) -> tuple[ConsentForm, ...]:
    """List every version, oldest first."""
    rows = connection.execute(select(consent_form).order_by(consent_form.c.from_on, consent_form.c.version))
    return tuple(ConsentForm(version=row.version, from_on=date.fromisoformat(row.from_on)) for row in rows)
