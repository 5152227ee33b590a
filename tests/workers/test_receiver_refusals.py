"""What the DICOM listener refuses: strangers, other objects, what is too much; nothing is left of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pynetdicom import AE
from pynetdicom.dsutils import encode

from imaging.dicom.sop_classes import SopClass
from tests.workers.dcmtk import foreign
from tests.workers.installation import Installation
from tests.workers.receiving import echo, reception, register, send, send_bytes
from trial_core.domain.access import SYSTEM
from trial_core.errors import AlreadyExists, NotAName, NotAuthorised, SettingError, UnknownSite
from trial_core.receiving_errors import SenderOfAnotherSite
from trial_core.services.dicom_senders import list_senders, register_sender, retire_sender
from trial_core.services.inbox import list_inbox
from trial_core.services.sites import create_site
from workers.receiver.settings import read_receiver_settings

TPS = "MONACO1"
ANY = "0.0.0.0"  # noqa: S104 - refused without TLS, which is what is looked at
NO_DATASET = b"\x08\x00\x16\x00\xff\xff is none"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


@pytest.fixture(scope="module")
def plan(course: Path) -> Path:
    return course / "RP.CFRT.dcm"


@contextmanager
def _nothing_left(home: Installation) -> Iterator[None]:
    """See that what happens leaves no byte and no row."""
    before = (set(home.store.hashes()), list_inbox(home.db, home.actor))
    yield
    assert (set(home.store.hashes()), list_inbox(home.db, home.actor)) == before
    assert list((home.store.folder / "staging").iterdir()) == []


def test_receiver__refuses_strangers_at_association(home: Installation, plan: Path) -> None:
    register(home, "ELSEWHERE", "10.9.8.7")
    with _nothing_left(home), reception(home) as at:
        assert send(at.port, "STRANGER", [plan]) == []
        assert send(at.port, "ELSEWHERE", [plan]) == []
        assert send(at.port, TPS, [plan], called="ANOTHER") == []
        assert not echo(at.port, "STRANGER")
        register(home, "OLD")
        assert echo(at.port, "OLD")
        retire_sender(home.db, SYSTEM, ae_title="OLD")
        assert not echo(at.port, "OLD")


def test_receiver__refuses_other_kinds_of_objects(home: Installation) -> None:
    with reception(home) as at:
        entity = AE(ae_title=TPS)
        entity.add_requested_context(SopClass.RT_PLAN.value)
        entity.add_requested_context(SECONDARY_CAPTURE)
        association = entity.associate("127.0.0.1", at.port, ae_title="DOSEGATE")
        (refused,) = association.rejected_contexts
        association.release()
    assert (refused.abstract_syntax, refused.result) == (SECONDARY_CAPTURE, 0x03)  # PS3.8 table 9-18


def test_receiver__refuses_an_object_that_is_not_what_was_announced(home: Installation, plan: Path) -> None:
    encoded = encode(dcmread(plan), is_implicit_vr=True, is_little_endian=True)
    assert encoded is not None
    with reception(home) as at:
        assert send_bytes(at.port, TPS, SopClass.RT_PLAN, "1.2.3", NO_DATASET) == 0xC000
        assert send_bytes(at.port, TPS, SopClass.RT_PLAN, "1.2.3", encoded) == 0xA900
        assert (
            send_bytes(at.port, TPS, SopClass.RT_DOSE, str(dcmread(plan).SOPInstanceUID), encoded) == 0xA900
        )


@pytest.mark.parametrize("limit", ["object_bytes", "waiting_bytes"])
def test_receiver__has_no_room_for_what_is_too_much(home: Installation, plan: Path, limit: str) -> None:
    small: dict[str, Any] = {limit: 1024}
    with _nothing_left(home), reception(home, **small) as at:
        assert send(at.port, TPS, [plan]) == [0xA700]
        assert echo(at.port, TPS)


def test_receiver__says_that_a_full_disk_has_no_room(home: Installation, plan: Path) -> None:
    with _small_disk(home.store.folder / "staging") as fill, reception(home) as at:
        fill.write_bytes(b"0" * _fits(fill.parent))
        assert send(at.port, TPS, [plan]) == [0xA700]
        assert list(fill.parent.iterdir()) == [fill]


def test_receiver__listens_without_tls_on_this_machine_alone() -> None:
    assert read_receiver_settings({}).host == "127.0.0.1"
    with pytest.raises(SettingError, match="unencrypted"):
        read_receiver_settings({"DOSEGATE_RECEIVE_HOST": ANY})
    closed = {"DOSEGATE_RECEIVE_HOST": ANY, "DOSEGATE_RECEIVE_WITHOUT_TLS": "yes"}
    assert read_receiver_settings(closed).tls is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AE", "much too long a title"),
        ("PORT", "70000"),
        ("QUIET_S", "soon"),
        ("QUIET_S", "nan"),
        ("HOST", "localhost"),
        ("PDU_BYTES", "12"),
        ("TLS_KEY", "key.pem"),
        ("WITHOUT_TLS", "maybe"),
    ],
)
def test_receiver_settings__name_the_variable_that_cannot_be_used(name: str, value: str) -> None:
    with pytest.raises(SettingError, match="DOSEGATE_RECEIVE_"):
        read_receiver_settings({f"DOSEGATE_RECEIVE_{name}": value})


def test_receiver__with_tls_asks_the_sender_for_a_certificate(
    home: Installation, plan: Path, tmp_path: Path
) -> None:
    _make_certificates(tmp_path)
    files = {name: str(tmp_path / f"{file}.pem") for name, file in _FILES.items()}
    environment = {f"DOSEGATE_RECEIVE_TLS_{name}": path for name, path in files.items()}
    trust, ours = ("+cf", files["CA"]), (files["KEY"], files["CERTIFICATE"])
    with reception(home, environment=environment) as at:
        to = ("-aet", TPS, "-aec", "DOSEGATE", "127.0.0.1", at.port)
        assert foreign("echoscu", *to).returncode != 0
        assert foreign("echoscu", "--anonymous-tls", *trust, *to).returncode != 0
        assert foreign("echoscu", "+tls", *ours, *trust, *to).returncode == 0
        assert foreign("storescu", "+tls", *ours, *trust, *to, plan).returncode == 0
    assert "RTPLAN" in list_inbox(home.db, home.actor)[0].counts


_FILES = {"CERTIFICATE": "made", "KEY": "made-key", "CA": "ca"}


def _make_certificates(folder: Path) -> None:
    def run(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run("req", "-x509", *ec, "-keyout", "ca-key.pem", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA")
    run("req", *ec, "-keyout", "made-key.pem", "-out", "made.csr", "-subj", "/CN=localhost")
    sign = ("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2")
    run("x509", "-req", "-in", "made.csr", *sign, "-out", "made.pem")


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Put a file system of 64 KiB in a folder's place, as root can."""
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=False)
    if made.returncode:
        pytest.skip("a small file system can be mounted by root alone")
    try:
        yield folder / "ballast"
    finally:
        subprocess.run(["umount", folder], check=True)


def _fits(folder: Path) -> int:
    free = os.statvfs(folder)
    return free.f_bavail * free.f_frsize


def test_sender__is_registered_once_and_belongs_to_its_site_for_good(home: Installation) -> None:
    with pytest.raises(AlreadyExists):
        register(home, TPS)
    with pytest.raises(UnknownSite):
        register_sender(home.db, SYSTEM, ae_title="NEW", addresses=["10.1.2.3"], site_code="S99")
    with pytest.raises(NotAName):
        register_sender(home.db, SYSTEM, ae_title="NEW", addresses=["anywhere"], site_code="S01")
    with pytest.raises(NotAuthorised):
        register_sender(home.db, home.actor, ae_title="NEW", addresses=["10.1.2.3"], site_code="S01")
    create_site(home.db, SYSTEM, code="S02", name="Another hospital")
    register(home, "MOVED")
    retire_sender(home.db, SYSTEM, ae_title="MOVED")
    with pytest.raises(SenderOfAnotherSite):
        register_sender(home.db, SYSTEM, ae_title="MOVED", addresses=["10.1.2.3"], site_code="S02")
    register(home, "MOVED", "10.1.2.3")
    found = {each.ae_title: each for each in list_senders(home.db, SYSTEM)}
    assert (found["MOVED"].addresses, found["MOVED"].retired_at) == (("10.1.2.3/32",), None)
