"""A listener in the test's own process, a sender that is registered, and pynetdicom or dcmtk that sends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.sop_class import Verification

from imaging.dicom.sop_classes import SopClass
from tests.workers.installation import Installation
from trial_core.domain.access import SYSTEM
from trial_core.domain.receiving import ReceivedSet
from trial_core.services.dicom_senders import register_sender
from trial_core.services.inbox import list_inbox
from workers.receiver.keeper import Keeper
from workers.receiver.listener import Listener
from workers.receiver.settings import ReceiverSettings, read_receiver_settings
from workers.receiver.spool import Room

CALLED = "DOSEGATE"
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Reception:
    """A listener that runs, without its keeper: a test says when it looks."""

    home: Installation
    listener: Listener
    room: Room

    @property
    def port(self) -> int:
        return self.listener.port

    def keeper(self, quiet_s: float = 0.1) -> Keeper:
        return Keeper(self.home.settings, self.home.db, self.room, quiet_s=quiet_s, busy=self.listener.busy)

    def inbox(self) -> tuple[ReceivedSet, ...]:
        return list_inbox(self.home.db, self.home.actor)


@contextmanager
def reception(
    home: Installation, *, environment: Mapping[str, str] | None = None, **changed: Any
) -> Iterator[Reception]:
    """Listen on a free port of this machine."""
    wanted: ReceiverSettings = read_receiver_settings({"DOSEGATE_RECEIVE_PORT": "0", **(environment or {})})
    receiver = replace(wanted, port=0, **changed)
    room = Room(receiver.waiting_bytes)
    listener = Listener(home.settings, receiver, home.db, home.store, room)
    listener.start()
    try:
        yield Reception(home, listener, room)
    finally:
        listener.stop()


def register(home: Installation, ae_title: str, address: str = "127.0.0.1") -> None:
    """Let a system of the site send."""
    register_sender(home.db, SYSTEM, ae_title=ae_title, addresses=[address], site_code="S01")


def send(port: int, ae_title: str, paths: Sequence[Path], *, called: str = CALLED, **tls: Any) -> list[int]:
    """Send files in one association and give the statuses; -1 where none came."""
    entity = AE(ae_title=ae_title)
    for each in SopClass:
        entity.add_requested_context(each.value)
    association = entity.associate("127.0.0.1", port, ae_title=called, **tls)
    try:
        if not association.is_established:
            return []
        return [int(getattr(association.send_c_store(dcmread(path)), "Status", -1)) for path in paths]
    finally:
        if association.is_established:
            association.release()


def send_bytes(port: int, ae_title: str, sop_class: str, instance: str, data: bytes) -> int:
    """Announce an object and send these bytes as its dataset, whatever they are; gives the status."""
    entity = AE(ae_title=ae_title)
    entity.add_requested_context(sop_class, ImplicitVRLittleEndian)
    association = entity.associate("127.0.0.1", port, ae_title=CALLED)
    try:
        request = C_STORE()
        request.MessageID, request.Priority = 1, 2
        request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = sop_class, instance
        request.DataSet = BytesIO(data)
        association._reactor_checkpoint.clear()  # as `send_c_store` does: the answer is ours
        association.dimse.send_msg(request, association.accepted_contexts[0].context_id)
        return int(association.dimse.get_msg(block=True)[1].Status)
    finally:
        association._reactor_checkpoint.set()
        association.release()


def echo(port: int, ae_title: str, *, called: str = CALLED) -> bool:
    """Tell whether an echo is answered with success."""
    entity = AE(ae_title=ae_title)
    entity.add_requested_context(Verification)
    association = entity.associate("127.0.0.1", port, ae_title=called)
    try:
        return bool(association.is_established) and bool(association.send_c_echo().Status == 0x0000)
    finally:
        if association.is_established:
            association.release()


def until(so: Callable[[], bool]) -> None:
    """Wait for what another thread or process does."""
    deadline = time.monotonic() + PATIENCE_S
    while not so():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)
