"""A listener in the test's own process, a sender that is registered, and pynetdicom or dcmtk that sends."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom import dcmread
from pynetdicom import AE
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
    home: Installation, *, environment: Mapping[str, str] | None = None, **changed: object
) -> Iterator[Reception]:
    """Listen on a free port of this machine."""
    wanted: ReceiverSettings = read_receiver_settings({"DOSEGATE_RECEIVE_PORT": "0", **(environment or {})})
    receiver = replace(wanted, port=0, **changed)  # type: ignore[arg-type]
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


def send(
    port: int, ae_title: str, paths: Sequence[Path], *, called: str = CALLED, **tls: object
) -> list[int]:
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


def foreign(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program of dcmtk, which shares no line of code with pynetdicom."""
    found = shutil.which(program)
    assert found is not None
    return subprocess.run(
        [found, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )


def until(so: Callable[[], bool]) -> None:
    """Wait for what another thread or process does."""
    deadline = time.monotonic() + PATIENCE_S
    while not so():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)
