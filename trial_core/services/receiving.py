"""Objects that a registered system sends: kept before they are acknowledged, matched once it is quiet."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from trial_core.db.repositories import files, subjects
from trial_core.db.repositories import receiving as rows
from trial_core.db.session import Database
from trial_core.domain.plan import JobTicket
from trial_core.domain.receiving import PLAN, RECORD, ReceivedState, Sender, SentObject, WhyWaiting, match
from trial_core.errors import SubjectNotEligibleForPlan, SubjectWithoutRecords
from trial_core.receiving_errors import UnknownReceivedSet
from trial_core.services import uploads
from trial_core.services.dicom_senders import account_of
from trial_core.services.journal import note
from trial_core.services.kept_bytes import kept_to_be_named
from trial_core.store import Draft, Store
from trial_core.system_errors import RecordSilent


@dataclass(frozen=True)
class EndedSet:
    """What became of a set that was quiet; without a ticket it waits for a person.

    With a `problem` (what kind it was, without its words) nothing became of it yet: it is tried again.
    """

    set_id: str
    ae_title: str
    objects: int
    ticket: JobTicket | None
    waits_because: WhyWaiting | None
    problem: str | None = None


def keep_object(db: Database, store: Store, sender: Sender, *, sent: SentObject, draft: Draft) -> bool:
    """Keep an object, safely on disk and on record when this returns; False where its bytes were there.

    It goes into the set of its sender and patient that still arrives or waits, else into a new one.

    Raises
    ------
    StoreFull
    """
    with kept_to_be_named(db, store, [draft]), db.transaction() as connection:
        if not store.has(sent.sha256):  # the same bytes were given up at this very moment
            raise FileNotFoundError(sent.sha256)
        return _put_into_set(connection, db, sender, sent)


def waiting_bytes(db: Database) -> int:
    """Give how many bytes arrive or wait."""
    with db.read() as connection:
        return rows.volume(connection)[1]


def end_quiet_sets(db: Database, *, quiet: timedelta, busy: Collection[str] = ()) -> tuple[EndedSet, ...]:
    """Match what has been quiet for so long: submitted, or left in the inbox for a person.

    A set that cannot be ended is said and holds no other one up.

    Parameters
    ----------
    busy
        AE titles that are sending an object now: their sets are not quiet.

    Raises
    ------
    RecordSilent
        The database does not answer: no set can be ended.
    """
    with db.read() as connection:
        due = rows.quiet_since(connection, db.now() - quiet)
    ended = (_end_alone(db, set_id, ae_title, quiet) for set_id, ae_title in due if ae_title not in busy)
    return tuple(one for one in ended if one is not None)


def submit_set(
    connection: Connection, db: Database, *, set_id: str, subject_code: str, decided_by: str | None = None
) -> JobTicket:
    """Make a submission of a set, in the name of its sender, as an upload makes one.

    Raises
    ------
    UnknownReceivedSet, UnknownSubject, SubjectNotEligibleForPlan, SubjectWithoutRecords
    """
    found = rows.find_set(connection, set_id)
    sender = rows.sender(connection, found.ae_title) if found else None
    if found is None or sender is None:
        raise UnknownReceivedSet(set_id)
    actor = account_of(sender)
    records_only = RECORD in found.counts and PLAN not in found.counts
    submission_id = uploads.begin(connection, db, actor, subject_code=subject_code, records_only=records_only)
    _hand_over_files(connection, set_id, submission_id)
    ticket = uploads.complete(connection, db, actor, submission_id=submission_id)
    rows.change_set(
        connection,
        set_id,
        ReceivedState.SUBMITTED,
        ended_at=db.now(),
        submission_id=submission_id,
        decided_by=decided_by,
        waits_because=None,
        content=dict(found.counts),
    )
    rows.forget_objects(connection, set_id)
    note(
        connection,
        db,
        actor,
        action="submit received set",
        entity="received set",
        entity_id=set_id,
        submission=submission_id,
        sender=sender.ae_title,
        objects=sum(found.counts.values()),
    )
    return ticket


def _put_into_set(connection: Connection, db: Database, sender: Sender, sent: SentObject) -> bool:
    at = db.now()
    set_id = rows.open_set(connection, ae_title=sender.ae_title, group=sent.group)
    if set_id is None:
        set_id = uuid.uuid4().hex
        rows.add_set(connection, set_id=set_id, ae_title=sender.ae_title, group=sent.group, at=at)
    known = rows.has_object(connection, set_id=set_id, sent=sent)
    if not known:
        rows.add_object(connection, set_id=set_id, sent=sent, at=at)
    rows.change_set(connection, set_id, ReceivedState.ARRIVING, touched_at=at, waits_because=None)
    return not known


def _end_alone(db: Database, set_id: str, ae_title: str, quiet: timedelta) -> EndedSet | None:
    try:
        return _end(db, set_id, quiet)
    except RecordSilent:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever is wrong with one set, the others go on
        return EndedSet(set_id, ae_title, 0, None, None, type(problem).__name__)


def _end(db: Database, set_id: str, quiet: timedelta) -> EndedSet | None:
    with db.transaction() as connection:
        still = dict(rows.quiet_since(connection, db.now() - quiet))
        found = rows.find_set(connection, set_id)
        if set_id not in still or found is None:
            return None
        objects = sum(found.counts.values())
        answer = _matched(connection, set_id)
        if not isinstance(answer, WhyWaiting):
            try:
                ticket = _submit(connection, db, set_id, answer)
                return EndedSet(set_id, found.ae_title, objects, ticket, None)
            except (SubjectNotEligibleForPlan, SubjectWithoutRecords):
                answer = WhyWaiting.NOT_TAKEN
        rows.change_set(connection, set_id, ReceivedState.WAITING, waits_because=answer.value)
        return EndedSet(set_id, found.ae_title, objects, None, answer)


def _submit(connection: Connection, db: Database, set_id: str, subject_id: str) -> JobTicket:
    code = subjects.by_id(connection, subject_id).code
    return submit_set(connection, db, set_id=set_id, subject_code=code)


def _matched(connection: Connection, set_id: str) -> str | WhyWaiting:
    found = rows.find_set(connection, set_id)
    if found is None:
        raise UnknownReceivedSet(set_id)
    hashes = tuple(dict.fromkeys(one.hashes for one in rows.objects(connection, set_id)))
    ids = frozenset(one.patient_id for one in hashes if one.patient_id is not None)
    known = rows.earlier_by_subject(connection, site_code=found.site_code, patient_ids=ids)
    return match(hashes, known, found.counts)


def _hand_over_files(connection: Connection, set_id: str, submission_id: str) -> None:
    """Name the set's bytes as files of a submission: they lie in the store already."""
    new, whole, taken = list[files.Announced](), dict[str, str](), set[str]()
    for one in rows.objects(connection, set_id):
        name = _free_name(f"{one.modality}.{one.sop_instance_uid}", taken)
        upload_id = uuid.uuid4().hex
        new.append(files.Announced(upload_id, name, one.size_bytes, one.sha256))
        whole[upload_id] = one.sha256
    files.add(connection, submission_id=submission_id, new=new)
    files.set_whole(connection, whole)


def _free_name(stem: str, taken: set[str]) -> str:
    number, name = 1, f"{stem}.dcm"
    while name in taken:
        number += 1
        name = f"{stem}-{number}.dcm"
    taken.add(name)
    return name
