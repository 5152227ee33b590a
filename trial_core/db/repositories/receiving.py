"""Queries on senders of the DICOM network and on what came from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, true, update

from trial_core.db.tables import dicom_sender, received_object, received_set, subject, subject_identity
from trial_core.domain.identity import EarlierSet, IdentityHashes
from trial_core.domain.receiving import ReceivedSet, ReceivedState, Sender, SentObject, WhyWaiting

_OPEN = (ReceivedState.ARRIVING.value, ReceivedState.WAITING.value)


def add_sender(connection: Connection, new: Sender) -> None:
    """Register a sender."""
    connection.execute(insert(dicom_sender).values(**{**vars(new), "addresses": list(new.addresses)}))


def sender(connection: Connection, ae_title: str) -> Sender | None:
    """Find a sender, also one that is retired."""
    row = connection.execute(select(dicom_sender).where(dicom_sender.c.ae_title == ae_title)).first()
    return _sender(row) if row else None


def senders(connection: Connection) -> tuple[Sender, ...]:
    """List every sender by AE title."""
    return tuple(sorted(map(_sender, connection.execute(select(dicom_sender))), key=lambda one: one.ae_title))


def sender_accounts(connection: Connection) -> frozenset[str]:
    """Give the user ids of the accounts in whose name senders submit."""
    return frozenset(connection.execute(select(dicom_sender.c.user_id)).scalars())


def change_sender(connection: Connection, ae_title: str, **values: Any) -> None:
    """Change columns of a sender."""
    connection.execute(update(dicom_sender).where(dicom_sender.c.ae_title == ae_title).values(**values))


def open_set(connection: Connection, *, ae_title: str, group: str) -> str | None:
    """Find the set that takes an object of this group in."""
    chosen = (received_set.c.ae_title == ae_title) & (received_set.c.group_key == group)
    query = select(received_set.c.id).where(chosen, received_set.c.state.in_(_OPEN))
    return connection.execute(query.order_by(received_set.c.begun_at, received_set.c.id)).scalars().first()


def add_set(connection: Connection, *, set_id: str, ae_title: str, group: str, at: datetime) -> None:
    """Begin a set."""
    connection.execute(
        insert(received_set).values(
            id=set_id,
            ae_title=ae_title,
            group_key=group,
            state=ReceivedState.ARRIVING.value,
            begun_at=at,
            touched_at=at,
        )
    )


def change_set(connection: Connection, set_id: str, state: ReceivedState, **values: Any) -> None:
    """Set the state of a set, and other columns with it."""
    chosen = received_set.c.id == set_id
    connection.execute(update(received_set).where(chosen).values(state=state.value, **values))


def has_object(connection: Connection, *, set_id: str, sent: SentObject) -> bool:
    """Tell whether a set holds these very bytes of an object."""
    chosen = (
        (received_object.c.set_id == set_id)
        & (received_object.c.sop_instance_uid == sent.sop_instance_uid)
        & (received_object.c.sha256 == sent.sha256)
    )
    return connection.execute(select(received_object.c.set_id).where(chosen)).first() is not None


def add_object(connection: Connection, *, set_id: str, sent: SentObject, at: datetime) -> None:
    """Put an object into a set."""
    connection.execute(
        insert(received_object).values(
            set_id=set_id,
            sop_instance_uid=sent.sop_instance_uid,
            sha256=sent.sha256,
            size_bytes=sent.size_bytes,
            sop_class_uid=sent.sop_class_uid,
            modality=sent.modality,
            plan_label=sent.plan_label,
            dated=sent.dated,
            patient_id_hmac=sent.hashes.patient_id,
            name_hmac=sent.hashes.name,
            birth_date_hmac=sent.hashes.birth_date,
            received_at=at,
        )
    )


def objects(connection: Connection, set_id: str) -> tuple[SentObject, ...]:
    """List the objects of a set by UID; of those that came in two versions, the first one first."""
    order = received_object.c.received_at, received_object.c.sha256
    rows = connection.execute(
        select(received_object).where(received_object.c.set_id == set_id).order_by(*order)
    )
    return tuple(sorted(map(_object, rows), key=lambda one: one.sop_instance_uid))


def forget_objects(connection: Connection, set_id: str) -> None:
    """Take the objects off a set that has ended."""
    connection.execute(delete(received_object).where(received_object.c.set_id == set_id))


def volume(connection: Connection, set_id: str | None = None) -> tuple[int, int]:
    """Give number and bytes of the objects that wait, in one set or in all."""
    chosen = true() if set_id is None else received_object.c.set_id == set_id
    size = func.coalesce(func.sum(received_object.c.size_bytes), 0)
    row = connection.execute(select(func.count(), size).select_from(received_object).where(chosen)).one()
    return int(row[0]), int(row[1])


def quiet_since(connection: Connection, before: datetime) -> tuple[tuple[str, str], ...]:
    """List (id, AE title) of the arriving sets to which nothing came since, oldest first."""
    arriving = received_set.c.state == ReceivedState.ARRIVING.value
    query = select(received_set.c.id, received_set.c.ae_title)
    quiet = query.where(arriving, received_set.c.touched_at <= before)
    rows = connection.execute(quiet.order_by(received_set.c.touched_at, received_set.c.id))
    return tuple((row.id, row.ae_title) for row in rows)


def find_set(connection: Connection, set_id: str) -> ReceivedSet | None:
    """Find a set with what is in it."""
    row = connection.execute(_sets().where(received_set.c.id == set_id)).first()
    return _set(connection, row) if row else None


def open_sets(connection: Connection, site_code: str) -> tuple[ReceivedSet, ...]:
    """List the sets of a site that arrive or wait, oldest first."""
    chosen = (dicom_sender.c.site_code == site_code) & received_set.c.state.in_(_OPEN)
    rows = connection.execute(_sets().where(chosen).order_by(received_set.c.begun_at, received_set.c.id))
    return tuple(_set(connection, row) for row in rows.all())


def earlier_by_subject(
    connection: Connection, *, site_code: str, patient_ids: frozenset[str]
) -> Mapping[str, tuple[EarlierSet, ...]]:
    """Give the sets of a site's subjects that bear one of these PatientIDs, by subject's id."""
    rows = connection.execute(
        select(subject_identity, subject.c.site_code)
        .join(subject, subject.c.id == subject_identity.c.subject_id)
        .where(subject.c.site_code == site_code, subject_identity.c.patient_id_hmac.in_(sorted(patient_ids)))
        .order_by(subject_identity.c.submission_id)
    )
    found: dict[str, tuple[EarlierSet, ...]] = {}
    for row in rows:
        one = EarlierSet(0, _hashes(row), row.confirmed_at is not None)
        found[row.subject_id] = (*found.get(row.subject_id, ()), one)
    return found


def _sets() -> Any:
    return select(received_set, dicom_sender.c.site_code).join(
        dicom_sender, dicom_sender.c.ae_title == received_set.c.ae_title
    )


def _set(connection: Connection, row: Row[Any]) -> ReceivedSet:
    found = objects(connection, row.id)
    uids = [one.sop_instance_uid for one in found]
    counts: dict[str, int] = {}
    for one in found:
        counts[one.modality] = counts.get(one.modality, 0) + 1
    return ReceivedSet(
        set_id=row.id,
        ae_title=row.ae_title,
        site_code=row.site_code,
        state=ReceivedState(row.state),
        waits_because=WhyWaiting(row.waits_because) if row.waits_because else None,
        begun_at=row.begun_at,
        touched_at=row.touched_at,
        counts=dict(sorted(counts.items())),
        plan_labels=tuple(sorted({one.plan_label for one in found if one.plan_label})),
        dates=tuple(sorted({one.dated for one in found if one.dated})),
        size_bytes=sum(one.size_bytes for one in found),
        twice=len(uids) - len(set(uids)),
    )


def _sender(row: Row[Any]) -> Sender:
    return Sender(**{**row._mapping, "addresses": tuple(row.addresses)})


def _object(row: Row[Any]) -> SentObject:
    return SentObject(
        sop_class_uid=row.sop_class_uid,
        sop_instance_uid=row.sop_instance_uid,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        hashes=_hashes(row),
        study_sha256="",
        modality=row.modality,
        plan_label=row.plan_label,
        dated=row.dated,
    )


def _hashes(row: Row[Any]) -> IdentityHashes:
    return IdentityHashes(row.patient_id_hmac, row.name_hmac, row.birth_date_hmac)
