"""Queries on subjects and on the identities of their accepted sets."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, true, update

from trial_core.db.tables import (
    plan_check_result,
    plan_submission,
    subject,
    subject_identity,
    submission_object,
)
from trial_core.domain.identity import EarlierSet, IdentityHashes, KnownIdentity
from trial_core.domain.subject import Arm, Phase, Subject, SubjectStatus

_UIDS_A_QUERY = 500


def add(connection: Connection, *, subject_id: str, new: Subject) -> None:
    """Add a subject."""
    connection.execute(
        insert(subject).values(
            id=subject_id,
            site_code=new.site_code,
            code=new.code,
            status=new.status.value,
            phase=None,
            arm=None,
            created_at=new.created_at,
        )
    )


def find(connection: Connection, *, site_code: str, code: str) -> tuple[str, Subject] | None:
    """Find a subject of a site: (id, subject)."""
    chosen = (subject.c.site_code == site_code) & (subject.c.code == code)
    row = connection.execute(select(subject).where(chosen)).first()
    return (row.id, _subject(row)) if row else None


def find_everywhere(connection: Connection, *, code: str) -> tuple[tuple[str, Subject], ...]:
    """Find the subjects of this code at every site, by site: (id, subject)."""
    rows = connection.execute(select(subject).where(subject.c.code == code).order_by(subject.c.site_code))
    return tuple((row.id, _subject(row)) for row in rows)


def by_id(connection: Connection, subject_id: str) -> Subject:
    """Give the subject of an id that a foreign key holds."""
    return _subject(connection.execute(select(subject).where(subject.c.id == subject_id)).one())


def by_ids(connection: Connection, subject_ids: Collection[str]) -> dict[str, Subject]:
    """Give many subjects by their ids."""
    asked = sorted(subject_ids)
    found: dict[str, Subject] = {}
    for start in range(0, len(asked), _UIDS_A_QUERY):
        chosen = select(subject).where(subject.c.id.in_(asked[start : start + _UIDS_A_QUERY]))
        found |= {row.id: _subject(row) for row in connection.execute(chosen)}
    return found


def of_site(connection: Connection, site_code: str | None) -> tuple[Subject, ...]:
    """List a site's subjects by code; None lists those of every site, by site and code."""
    chosen = true() if site_code is None else subject.c.site_code == site_code
    rows = connection.execute(select(subject).where(chosen).order_by(subject.c.site_code, subject.c.code))
    return tuple(_subject(row) for row in rows)


def ids_of_site(connection: Connection, site_code: str) -> frozenset[str]:
    """Give the ids of a site's subjects."""
    rows = connection.execute(select(subject.c.id).where(subject.c.site_code == site_code))
    return frozenset(row.id for row in rows)


def of_phase(connection: Connection, phase: Phase) -> tuple[tuple[str, Subject], ...]:
    """List the subjects ever enrolled in a phase, of every site: (id, subject)."""
    chosen = subject.c.phase == phase.value
    rows = connection.execute(select(subject).where(chosen).order_by(subject.c.site_code, subject.c.code))
    return tuple((row.id, _subject(row)) for row in rows)


def set_status(
    connection: Connection, *, subject_id: str, status: SubjectStatus, phase: Phase | None, arm: Arm | None
) -> None:
    """Set where a subject stands."""
    values = {"status": status.value, "phase": phase and phase.value, "arm": arm and arm.value}
    connection.execute(update(subject).where(subject.c.id == subject_id).values(**values))


def add_identity(
    connection: Connection,
    *,
    submission_id: str,
    subject_id: str,
    hashes: IdentityHashes,
    incomplete: bool,
    confirmed_at: datetime | None,
) -> None:
    """Keep the identity of an accepted set; `confirmed_at` where an equal one was confirmed before."""
    connection.execute(
        insert(subject_identity).values(
            submission_id=submission_id,
            subject_id=subject_id,
            patient_id_hmac=hashes.patient_id,
            name_hmac=hashes.name,
            birth_date_hmac=hashes.birth_date,
            incomplete=int(incomplete),
            confirmed_at=confirmed_at,
        )
    )


def add_objects(connection: Connection, *, submission_id: str, sop_instance_uids: Iterable[str]) -> None:
    """Keep the SOP Instance UIDs of an accepted set."""
    rows = [
        {"submission_id": submission_id, "sop_instance_uid": uid} for uid in sorted(set(sop_instance_uids))
    ]
    if rows:
        connection.execute(insert(submission_object), rows)


def remove_set(connection: Connection, *, submission_id: str) -> None:
    """Take identity, objects and result of a set off the record that turned out to be someone else's."""
    for table in (subject_identity, submission_object, plan_check_result):
        connection.execute(delete(table).where(table.c.submission_id == submission_id))


def earlier_sets(connection: Connection, *, subject_id: str) -> tuple[EarlierSet, ...]:
    """List the accepted sets of a subject by version."""
    rows = connection.execute(
        select(subject_identity, plan_submission.c.version)
        .join(plan_submission, plan_submission.c.id == subject_identity.c.submission_id)
        .where(subject_identity.c.subject_id == subject_id)
        .order_by(plan_submission.c.version)
    )
    return tuple(EarlierSet(row.version, _hashes(row), row.confirmed_at is not None) for row in rows)


def possible_namesakes(
    connection: Connection, *, subject_id: str, identities: Iterable[IdentityHashes]
) -> tuple[KnownIdentity, ...]:
    """List identities of other subjects, at any site, that share a PatientID or a name."""
    known = tuple(identities)
    ours = by_id(connection, subject_id)
    ids = [one.patient_id for one in known if one.patient_id is not None]
    names = [one.name for one in known if one.name is not None]
    shared = or_(subject_identity.c.patient_id_hmac.in_(ids), subject_identity.c.name_hmac.in_(names))
    rows = connection.execute(
        select(subject_identity, subject.c.site_code)
        .join(subject, subject.c.id == subject_identity.c.subject_id)
        .where(subject_identity.c.subject_id != subject_id, shared)
    )
    return tuple(KnownIdentity(_hashes(row), row.site_code == ours.site_code) for row in rows)


def objects_elsewhere(connection: Connection, *, subject_id: str, sop_instance_uids: Iterable[str]) -> bool:
    """Tell whether any of the objects is on another subject's record, at any site."""
    uids = sorted(set(sop_instance_uids))
    others = (
        select(submission_object.c.sop_instance_uid)
        .join(plan_submission, plan_submission.c.id == submission_object.c.submission_id)
        .where(plan_submission.c.subject_id != subject_id)
        .limit(1)
    )
    return any(
        connection.execute(
            others.where(submission_object.c.sop_instance_uid.in_(uids[start : start + _UIDS_A_QUERY]))
        ).first()
        for start in range(0, len(uids), _UIDS_A_QUERY)
    )


def identity_of_set(connection: Connection, *, submission_id: str) -> IdentityHashes:
    """Give the identity of an accepted set."""
    return _hashes(_identity(connection, submission_id))


def freed_by_confirmation(connection: Connection, *, submission_id: str) -> tuple[str, ...]:
    """List the sets that a person's word on one of them confirms: it, and the waiting ones equal to it.

    Where a set leaves something out, another with the same gaps may be anybody's: it is confirmed alone.
    """
    named = _identity(connection, submission_id)
    if named.incomplete:
        return (submission_id,)
    rows = connection.execute(
        select(subject_identity)
        .where(
            subject_identity.c.subject_id == named.subject_id,
            subject_identity.c.confirmed_at.is_(None),
            subject_identity.c.incomplete == 0,
        )
        .order_by(subject_identity.c.submission_id)
    )
    return tuple(row.submission_id for row in rows if _hashes(row) == _hashes(named))


def is_incomplete(connection: Connection, *, submission_id: str) -> bool:
    """Tell whether the files of an accepted set leave something out that names the patient."""
    return bool(_identity(connection, submission_id).incomplete)


def confirmed_sets(connection: Connection, *, subject_id: str) -> tuple[str, ...]:
    """List a subject's confirmed sets, whoever or whatever confirmed them."""
    rows = connection.execute(
        select(subject_identity.c.submission_id)
        .where(subject_identity.c.subject_id == subject_id, subject_identity.c.confirmed_at.is_not(None))
        .order_by(subject_identity.c.submission_id)
    )
    return tuple(row.submission_id for row in rows)


def unconfirm_set(connection: Connection, *, submission_id: str) -> None:
    """Let a set wait for a person again."""
    connection.execute(
        update(subject_identity)
        .where(subject_identity.c.submission_id == submission_id)
        .values(confirmed_by=None, confirmed_at=None)
    )


def confirm_set(connection: Connection, *, submission_id: str, user_id: str, at: datetime) -> None:
    """Note who confirmed whose files a set is."""
    connection.execute(
        update(subject_identity)
        .where(subject_identity.c.submission_id == submission_id)
        .values(confirmed_by=user_id, confirmed_at=at)
    )


def _subject(row: Row[Any]) -> Subject:
    return Subject(
        code=row.code,
        site_code=row.site_code,
        status=SubjectStatus(row.status),
        phase=Phase(row.phase) if row.phase else None,
        arm=Arm(row.arm) if row.arm else None,
        created_at=row.created_at,
    )


def _identity(connection: Connection, submission_id: str) -> Row[Any]:
    chosen = subject_identity.c.submission_id == submission_id
    return connection.execute(select(subject_identity).where(chosen)).one()


def _hashes(row: Row[Any]) -> IdentityHashes:
    return IdentityHashes(row.patient_id_hmac, row.name_hmac, row.birth_date_hmac)
