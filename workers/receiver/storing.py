"""C-STORE: an object is on disk and on record before its sender hears success."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from imaging.dicom.heading import Heading, HeadUnreadable, read_heading
from trial_core.domain.hidden_names import names_without_patient
from trial_core.domain.identity import PatientIdentity, hash_identity
from trial_core.domain.receiving import SentObject
from trial_core.errors import TrialError
from trial_core.services.receiving import keep_object
from workers.receiver.spool import Spool

if TYPE_CHECKING:
    from pynetdicom.events import Event

    from trial_core.db.session import Database
    from trial_core.domain.receiving import Sender
    from trial_core.store import Draft, Store
    from workers.receiver.spool import Room

_log = logging.getLogger(__name__)

# PS3.4 table B.2-1
SUCCESS, NO_RESOURCES, NOT_ITS_CLASS, NOT_UNDERSTOOD = 0x0000, 0xA700, 0xA900, 0xC000
IMPLICIT = "1.2.840.10008.1.2"
RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.5"
_UID = re.compile(r"[0-9.]{1,64}")


class ObjectRefused(Exception):  # noqa: N818 - named for what is so
    """An object is not kept: the status for its sender, and what the log says."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Storing:
    """Answers C-STORE for all associations, and knows which senders are sending at this moment."""

    def __init__(self, db: Database, store: Store, identity_key: bytes, room: Room) -> None:
        self._db, self._store, self._key, self._room = db, store, identity_key, room
        self._at_work: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, event: Event, sender: Sender) -> int:
        """Keep the object of a C-STORE request and give the status."""
        request: Any = event.request
        spool = request.DataSet
        self._count(sender, 1)
        try:
            if not isinstance(spool, Spool):
                raise ObjectRefused(NOT_UNDERSTOOD, "it has no dataset")
            return self._keep(event, sender, spool)
        except ObjectRefused as refusal:
            _log.warning(
                "An object of %s was refused (0x%04X): %s.", sender.ae_title, refusal.status, refusal.why
            )
            return refusal.status
        finally:
            self._count(sender, -1)
            if isinstance(spool, Spool):
                spool.drop()

    def at_work_for(self) -> frozenset[str]:
        """Name the senders whose objects are being kept at this moment."""
        with self._lock:
            return frozenset(title for title, count in self._at_work.items() if count)

    def _count(self, sender: Sender, by: int) -> None:
        with self._lock:
            self._at_work[sender.ae_title] += by

    def _keep(self, event: Event, sender: Sender, spool: Spool) -> int:
        draft = spool.finish()
        if spool.obstacle is not None:
            raise ObjectRefused(NO_RESOURCES, spool.obstacle.value)
        if draft is None:
            raise ObjectRefused(NOT_UNDERSTOOD, "it is empty")
        sent = self._sent(event, spool, draft)
        try:
            is_new = keep_object(self._db, self._store, sender, sent=sent, draft=draft)
        except (TrialError, SQLAlchemyError, OSError) as problem:
            raise ObjectRefused(NO_RESOURCES, f"it could not be kept ({type(problem).__name__})") from problem
        if is_new:
            self._room.add_waiting(draft.size_bytes)
        return SUCCESS

    def _sent(self, event: Event, spool: Spool, draft: Draft) -> SentObject:
        request: Any = event.request
        announced = str(request.AffectedSOPClassUID)
        try:
            heading = read_heading(
                spool.path,
                spool.head_bytes,
                is_explicit=event.context.transfer_syntax != IMPLICIT,
                is_plan=announced == RT_PLAN,
            )
        except HeadUnreadable as problem:
            raise ObjectRefused(NOT_UNDERSTOOD, problem.problem) from None
        if heading.sop_class_uid != announced or not heading.modality:
            raise ObjectRefused(NOT_ITS_CLASS, "its SOP class is not the one that was announced")
        if heading.sop_instance_uid != str(request.AffectedSOPInstanceUID):
            raise ObjectRefused(NOT_ITS_CLASS, "its SOP instance UID is not the one that was announced")
        if not _UID.fullmatch(heading.sop_instance_uid):
            raise ObjectRefused(NOT_UNDERSTOOD, "its SOP instance UID is none")
        return _sent_object(heading, draft, self._key)


def _sent_object(heading: Heading, draft: Draft, key: bytes) -> SentObject:
    read = heading.identity
    identity = PatientIdentity(read.patient_id or "", read.name or "", read.birth_date or "")
    return SentObject(
        sop_class_uid=heading.sop_class_uid,
        sop_instance_uid=heading.sop_instance_uid,
        sha256=draft.sha256,
        size_bytes=draft.size_bytes,
        hashes=hash_identity(identity, key),
        study_sha256=hashlib.sha256(heading.study_instance_uid.encode()).hexdigest(),
        modality=heading.modality,
        plan_label=_label_of_nobody(heading.plan_label, identity),
        dated=heading.dated,
    )


def _label_of_nobody(label: str | None, identity: PatientIdentity) -> str | None:
    """Give a plan's label without the patient's name, birth date or PatientID."""
    return None if label is None else names_without_patient([label], [identity]).get(label, label)
