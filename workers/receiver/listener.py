"""The listener: who may associate, what they may send, and what each is answered."""

from __future__ import annotations

import logging
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

from pynetdicom import AE, _config, evt
from pynetdicom.sop_class import Verification
from sqlalchemy.exc import SQLAlchemyError

from imaging.dicom.sop_classes import SopClass
from trial_core.domain.receiving import ReceiverPresent
from trial_core.errors import TrialError
from trial_core.services.dicom_senders import sender_calling
from workers.receiver.settings import tls_context
from workers.receiver.spool import Room, Spool
from workers.receiver.storing import IMPLICIT, NO_RESOURCES, SUCCESS, Storing
from workers.receiver.wire import BoundedServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pynetdicom.association import Association
    from pynetdicom.events import Event

    from trial_core.db.session import Database
    from trial_core.domain.receiving import Sender
    from trial_core.settings import Settings
    from trial_core.store import Store
    from workers.receiver.settings import ReceiverSettings

_log = logging.getLogger(__name__)

EXPLICIT = "1.2.840.10008.1.2.1"
# Result, source and reason of a refused association (PS3.8 table 9-21)
_NOT_CALLING, _NOT_CALLED = (0x01, 0x01, 0x03), (0x01, 0x01, 0x07)
_LATER = (0x02, 0x03, 0x01)  # transient, by the presentation layer: temporary congestion


class Listener:
    """Listens from `start` to `stop`.

    Raises
    ------
    OSError
        The port cannot be had.
    SettingError
    """

    def __init__(
        self, settings: Settings, receiver: ReceiverSettings, db: Database, store: Store, room: Room
    ) -> None:
        _config.LOG_HANDLER_LEVEL = "none"  # its handlers describe every message, which costs and may quote
        logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)
        self._db, self._store, self._receiver, self._room = db, store, receiver, room
        self._storing = Storing(db, store, settings.secrets().identity_key, room)
        self._senders: dict[Any, Sender] = {}
        self._started_at = db.now()
        self._called: tuple[datetime, str] | None = None
        self._server = BoundedServer(
            self._entity(),
            (receiver.host, receiver.port),
            receiver.ae_title,
            handlers=[
                (evt.EVT_REQUESTED, self._requested),
                (evt.EVT_C_ECHO, self._echo),
                (evt.EVT_C_STORE, self._stored),
                (evt.EVT_CONN_CLOSE, self._closed),
            ],
            tls=tls_context(receiver),
            new_spool=self._spool,
            idle_s=receiver.idle_s,
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name="dicom", daemon=True)

    @property
    def port(self) -> int:
        """Say which port it listens on."""
        return int(self._server.server_address[1])

    def busy(self) -> frozenset[str]:
        """Name the senders that are in the middle of an object."""
        sending = (
            sender.ae_title
            for association, sender in tuple(self._senders.items())
            if association.dimse.message is not None
        )
        return frozenset(sending) | self._storing.at_work_for()

    def present(self) -> ReceiverPresent:
        """Say who listens where, and who called last."""
        at, by = self._called or (None, None)
        receiver, host = self._receiver, socket.gethostname()
        return ReceiverPresent(
            name=f"{host}:{os.getpid()}",
            ae_title=receiver.ae_title,
            place=f"{receiver.host}:{self.port} of {host}",
            with_tls=receiver.tls is not None,
            started_at=self._started_at,
            seen_at=self._db.now(),
            called_at=at,
            called_by=by,
        )

    def start(self) -> None:
        """Listen, from a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; an object that is under way is not acknowledged, and its sender sends it again."""
        self._server.shutdown()
        for association in self._server.active_associations:
            association.abort()
        self._thread.join()

    def _entity(self) -> AE:
        entity = AE(ae_title=self._receiver.ae_title)
        entity.maximum_pdu_size = self._receiver.pdu_bytes
        entity.maximum_associations = self._receiver.associations
        entity.acse_timeout = entity.network_timeout = self._receiver.idle_s
        entity.add_supported_context(Verification, [IMPLICIT, EXPLICIT])
        for known in SopClass:
            entity.add_supported_context(known.value, [EXPLICIT, IMPLICIT])
        return entity

    def _spool(self, head: Callable[[], bytes]) -> Spool:
        return Spool(self._store.draft_path(), head, self._room, self._receiver.object_bytes)

    def _requested(self, event: Event) -> None:
        association = event.assoc
        request: Any = association.requestor.primitive
        calling, called = request.calling_ae_title.strip(), request.called_ae_title.strip()
        address = str(association.requestor.address)
        try:
            sender = sender_calling(self._db, ae_title=calling, address=address)
        except (SQLAlchemyError, TrialError) as problem:
            _log.warning("Association put off: the database did not answer (%s).", type(problem).__name__)
            self._refuse(association, _LATER)
            return
        if called == self._receiver.ae_title and sender is not None:
            self._senders[association] = sender
            self._called = (self._db.now(), sender.ae_title)
            return
        _log.warning("Association refused: %r from %s called %r.", calling, address, called)
        self._refuse(association, _NOT_CALLED if called != self._receiver.ae_title else _NOT_CALLING)

    def _refuse(self, association: Association, why: tuple[int, int, int]) -> None:
        association.acse.send_reject(*why)
        association.kill()

    def _echo(self, _event: Event) -> int:
        return SUCCESS

    def _stored(self, event: Event) -> int:
        sender = self._senders.get(event.assoc)
        return self._storing.answer(event, sender) if sender else NO_RESOURCES

    def _closed(self, event: Event) -> None:
        self._senders.pop(event.assoc, None)
        half = event.assoc.dimse.message
        if half is not None and isinstance(half.data_set, Spool):
            half.data_set.drop()  # at once: an association is collected as garbage half a minute later
