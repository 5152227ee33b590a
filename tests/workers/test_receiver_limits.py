"""What the network does to the DICOM listener: cut off, idle, too many, too long; each limit acts."""

from __future__ import annotations

import socket
import struct
import time
from pathlib import Path

from pydicom import dcmread
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.dsutils import encode
from pynetdicom.sop_class import Verification

from imaging.dicom.sop_classes import SopClass
from tests.workers.installation import Installation
from tests.workers.receiving import CALLED, Reception, echo, reception, send, until
from trial_core.services.inbox import list_inbox

TPS = "ECLIPSE7"
_P_DATA, _C_STORE = 0x04, 0x0001


def _open(at: Reception) -> Association:
    entity = AE(ae_title=TPS)
    entity.add_requested_context(Verification)
    entity.add_requested_context(SopClass.RT_PLAN.value, ImplicitVRLittleEndian)
    return entity.associate("127.0.0.1", at.port, ae_title=CALLED)


def _staged(home: Installation) -> list[Path]:
    return list((home.store.folder / "staging").iterdir())


def test_receiver__cut_off_in_the_middle_of_an_object_keeps_nothing_of_it(
    home: Installation, course: Path
) -> None:
    plan = dcmread(course / "RP.CFRT.dcm")
    data = encode(plan, is_implicit_vr=True, is_little_endian=True)
    assert data is not None
    before = set(home.store.hashes())
    with reception(home) as at:
        association = _open(at)
        wire = association.dul.socket
        assert wire is not None
        context = next(
            one for one in association.accepted_contexts if one.abstract_syntax == plan.SOPClassUID
        )
        _send_part(wire.socket, context.context_id, _store_command(plan.SOPInstanceUID), is_command=True)
        _send_part(wire.socket, context.context_id, data[: len(data) // 2], is_command=False)
        until(lambda: at.listener.busy() == {TPS} and bool(_staged(home)))
        wire.socket.close()
        until(lambda: at.listener.busy() == frozenset() and not _staged(home))
        association.kill()
        assert (set(home.store.hashes()), list_inbox(home.db, home.actor)) == (before, ())
        assert send(at.port, TPS, [course / "RP.CFRT.dcm"]) == [0x0000]


def test_receiver__one_course_in_two_associations_is_one_set(home: Installation, course: Path) -> None:
    with reception(home) as at:
        assert send(at.port, TPS, sorted(course.glob("RP*"))) == [0, 0]
        assert send(at.port, TPS, sorted(course.glob("RS*"))) == [0]
        (seen,) = at.inbox()
    assert dict(seen.counts) == {"RTPLAN": 2, "RTSTRUCT": 1}


def test_receiver__ends_an_idle_association(home: Installation) -> None:
    with reception(home, idle_s=0.5) as at:
        association = _open(at)
        assert association.is_established
        until(lambda: not association.is_established)
        assert echo(at.port, TPS)


def test_receiver__takes_no_more_associations_than_it_may(home: Installation) -> None:
    with reception(home, associations=2) as at:
        first, second = _open(at), _open(at)
        third = _open(at)
        assert (first.is_established, second.is_established, third.is_rejected) == (True, True, True)
        first.release()
        until(lambda: echo(at.port, TPS))
        second.release()


def test_receiver__closes_on_a_pdu_that_is_too_long(home: Installation) -> None:
    with reception(home) as at, socket.create_connection(("127.0.0.1", at.port), 10) as wire:
        wire.sendall(struct.pack(">BBL", 0x01, 0, 0xFFFFFFF0))  # says: 4 GiB of A-ASSOCIATE-RQ follow
        wire.settimeout(20)
        begun = time.monotonic()
        while wire.recv(4096):
            assert time.monotonic() - begun < 20
        assert echo(at.port, TPS)


def _store_command(instance: str) -> bytes:
    """Encode a C-STORE-RQ (PS3.7 table 9.3-1) as its command set, in implicit VR."""
    elements = (
        (0x0002, _even(SopClass.RT_PLAN.value.encode())),
        (0x0100, struct.pack("<H", _C_STORE)),
        (0x0110, struct.pack("<H", 1)),
        (0x0700, struct.pack("<H", 2)),
        (0x0800, struct.pack("<H", 1)),
        (0x1000, _even(str(instance).encode())),
    )
    body = b"".join(struct.pack("<HHL", 0, number, len(value)) + value for number, value in elements)
    return struct.pack("<HHLL", 0, 0, 4, len(body)) + body


def _even(value: bytes) -> bytes:
    return value + b"\0" * (len(value) % 2)


def _send_part(wire: socket.socket, context_id: int, data: bytes, *, is_command: bool) -> None:
    """Send one P-DATA-TF PDU (PS3.8 9.3.5): a whole command, or a piece of a dataset that is not its last."""
    fragment = struct.pack(">LBB", len(data) + 2, context_id, 0b11 if is_command else 0b00) + data
    wire.sendall(struct.pack(">BBL", _P_DATA, 0, len(fragment)) + fragment)
