"""A hostile ZIP is refused as a whole, with its own finding, and leaves nothing behind."""

import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from imaging.findings import FindingCode, Severity
from imaging.intake import Intake, Limits, take_in
from tests.support import hostile

SMALL = Limits(
    entries=10, entry_bytes=2000, inflated_bytes=5000, suspicious_bytes=1000, suspicious_ratio=10.0
)
"""The real limits, shrunk."""


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def refuse(archive: Path, scratch: Path, limits: Limits | None = None) -> FindingCode:
    """Take the archive in beside a good file and tell why it was refused; check that nothing of it
    remains."""
    good = archive.with_name("good.dcm")
    good.write_bytes(b"good")
    intake = take_in([archive, good], scratch, limits=limits)
    assert [file.name for file in intake.files] == ["good.dcm"]
    assert list(scratch.iterdir()) == []
    (finding,) = intake.findings
    assert finding.severity is Severity.ERROR
    assert finding.action
    assert (finding.file or "").startswith(archive.name)
    return finding.code


def raw_entry(name: str, **attributes: object) -> Callable[[Path], Path]:
    """Make a writer of a ZIP whose one entry has chosen attributes."""

    def write(path: Path) -> Path:
        entry = zipfile.ZipInfo("placeholder")
        entry.filename = name
        for key, value in attributes.items():
            setattr(entry, key, value)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(entry, b"x")
        return path

    return write


@pytest.mark.parametrize(
    "name",
    [
        "../escaped.dcm",
        "a/../../escaped.dcm",
        "a/..",
        "/etc/cron.d/x",
        "//server/share/x",
        "C:/x.dcm",
        "C:x.dcm",
        "..\\escaped.dcm",
        "a\\b.dcm",
        "line\nbreak.dcm",
        "\x1b[31mred.dcm",
    ],
)
def test_zip__with_a_name_that_leaves_it_is_refused(tmp_path: Path, scratch: Path, name: str) -> None:
    archive = raw_entry(name)(tmp_path / "a.zip")
    assert refuse(archive, scratch) is FindingCode.ZIP_UNSAFE_NAME
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "good.dcm", "scratch"]


def test_zip__with_a_name_cut_by_a_nul_is_refused(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_of(tmp_path / "a.zip", {"good.dcm#../evil": b"x"})
    archive.write_bytes(archive.read_bytes().replace(b"#", b"\0"))
    assert refuse(archive, scratch) is FindingCode.ZIP_UNSAFE_NAME


@pytest.mark.parametrize("mode", [0o120777, 0o010644, 0o020644, 0o060644, 0o140644])
def test_zip__with_a_link_or_device_is_refused(tmp_path: Path, scratch: Path, mode: int) -> None:
    archive = raw_entry("a.dcm", create_system=3, external_attr=mode << 16)(tmp_path / "a.zip")
    assert refuse(archive, scratch) is FindingCode.ZIP_LINK


def test_zip__with_a_link_claimed_by_another_system_is_refused(tmp_path: Path, scratch: Path) -> None:
    archive = raw_entry("a.dcm", create_system=0, external_attr=0o120777 << 16)(tmp_path / "a.zip")
    assert refuse(archive, scratch) is FindingCode.ZIP_LINK


def test_zip__that_is_encrypted_is_refused(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_of(tmp_path / "a.zip", {"a.dcm": b"x" * 100})
    data = bytearray(archive.read_bytes())
    for header, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags_at] |= 1
    archive.write_bytes(data)
    assert refuse(archive, scratch) is FindingCode.ZIP_ENCRYPTED


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip__compressed_without_a_bound_on_memory_is_refused(
    tmp_path: Path, scratch: Path, method: int
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a.dcm", bytes(10_000))
    assert refuse(tmp_path / "a.zip", scratch) is FindingCode.ZIP_UNSUPPORTED_COMPRESSION


def test_zip__with_too_many_entries_is_refused(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_with_entries(tmp_path / "a.zip", SMALL.entries + 1)
    assert refuse(archive, scratch, SMALL) is FindingCode.ZIP_TOO_MANY_ENTRIES


def test_zip__with_as_many_entries_as_allowed_is_taken(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_with_entries(tmp_path / "a.zip", SMALL.entries)
    assert len(take_in([archive], scratch, limits=SMALL).files) == SMALL.entries


def test_zip__whose_end_record_lies_about_the_count_is_refused(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_with_entries(tmp_path / "a.zip", SMALL.entries + 1)
    data = bytearray(archive.read_bytes())
    struct.pack_into("<2H", data, data.rindex(b"PK\x05\x06") + 8, 1, 1)
    archive.write_bytes(data)
    assert refuse(archive, scratch, SMALL) is FindingCode.ZIP_TOO_MANY_ENTRIES


def test_zip__with_an_entry_too_large_is_refused_by_its_header(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_of_zeros(tmp_path / "a.zip", entries=1, entry_bytes=2001)
    assert refuse(archive, scratch, SMALL) is FindingCode.ZIP_ENTRY_TOO_LARGE


def test_zip__that_inflates_to_too_much_is_refused(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_of_zeros(tmp_path / "a.zip", entries=3, entry_bytes=1900)
    limits = Limits(entries=10, entry_bytes=2000, inflated_bytes=5000)
    assert refuse(archive, scratch, limits) is FindingCode.ZIP_TOO_LARGE


def test_zip__that_is_a_bomb_is_refused(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_of_zeros(tmp_path / "a.zip", entries=1, entry_bytes=1_500_000)
    limits = Limits(suspicious_bytes=1_000_000, suspicious_ratio=100.0)
    assert archive.stat().st_size * 100 < 1_500_000
    assert refuse(archive, scratch, limits) is FindingCode.ZIP_BOMB


def test_zip__that_is_large_but_barely_compressed_is_taken(tmp_path: Path, scratch: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as stored:
        stored.writestr("a.dcm", bytes(1500))
    limits = Limits(suspicious_bytes=1000, suspicious_ratio=10.0)
    assert len(take_in([archive], scratch, limits=limits).files) == 1


def test_zip__that_is_small_but_strongly_compressed_is_taken(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_of_zeros(tmp_path / "a.zip", entries=1, entry_bytes=900_000)
    assert archive.stat().st_size * 180 < 900_000
    intake = take_in([archive], scratch, limits=Limits(suspicious_bytes=1_000_000, suspicious_ratio=100.0))
    assert [file.size_bytes for file in intake.files] == [900_000]


@pytest.mark.parametrize("declared_bytes", [0, 1, 1500])
def test_zip__whose_headers_lie_is_counted_while_inflating(
    tmp_path: Path, scratch: Path, declared_bytes: int
) -> None:
    archive = hostile.zip_of_zeros(
        tmp_path / "a.zip", entries=1, entry_bytes=3_000_000, declared_bytes=declared_bytes
    )
    assert refuse(archive, scratch, SMALL) is FindingCode.ZIP_ENTRY_TOO_LARGE


def test_zip__whose_headers_lie_about_the_total_is_counted_while_inflating(
    tmp_path: Path, scratch: Path
) -> None:
    archive = hostile.zip_of_zeros(tmp_path / "a.zip", entries=9, entry_bytes=1900, declared_bytes=1900)
    lying = Limits(entries=10, entry_bytes=2000, inflated_bytes=17_000)
    assert refuse(archive, scratch, lying) is FindingCode.ZIP_TOO_LARGE
    bomb = hostile.zip_of_zeros(tmp_path / "b.zip", entries=1, entry_bytes=3_000_000, declared_bytes=10)
    suspicious = Limits(suspicious_bytes=1_000_000, suspicious_ratio=100.0)
    assert refuse(bomb, scratch, suspicious) is FindingCode.ZIP_BOMB


@pytest.mark.parametrize("declared_bytes", [1400, 1600])
def test_zip__whose_headers_lie_a_little_is_refused(
    tmp_path: Path, scratch: Path, declared_bytes: int
) -> None:
    archive = hostile.zip_of_zeros(
        tmp_path / "a.zip", entries=1, entry_bytes=1500, declared_bytes=declared_bytes
    )
    assert refuse(archive, scratch) is FindingCode.ZIP_CORRUPT


def test_zip__in_a_zip_is_refused(tmp_path: Path, scratch: Path) -> None:
    assert refuse(hostile.zip_in_zip(tmp_path / "a.zip"), scratch) is FindingCode.ZIP_NESTED


def test_zip__in_a_zip_under_another_name_is_refused(tmp_path: Path, scratch: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.dcm", "x")
    outer = hostile.zip_of(tmp_path / "a.zip", {"0.dcm": b"x", "CT.dcm": inner.getvalue()})
    assert refuse(outer, scratch) is FindingCode.ZIP_NESTED


def test_zip__with_an_office_document_is_taken(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_of(tmp_path / "a.zip", {"letter.docx": b"PK\x03\x04...", "a.dcm": b"x"})
    assert len(take_in([archive], scratch).files) == 2


@pytest.mark.parametrize("keep", [0.02, 0.3, 0.6, 0.99])
def test_zip__that_is_cut_short_is_refused(tmp_path: Path, scratch: Path, keep: float) -> None:
    archive = hostile.zip_of(tmp_path / "a.zip", {"a.dcm": bytes(range(256)) * 20, "b.dcm": b"b"})
    data = archive.read_bytes()
    archive.write_bytes(data[: int(len(data) * keep)])
    assert refuse(archive, scratch) is FindingCode.ZIP_CORRUPT


def test_zip__with_a_wrong_checksum_is_refused(tmp_path: Path, scratch: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.dcm", b"0123456789")
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data.replace(b"0123456789", b"0123456780"))
    assert refuse(tmp_path / "a.zip", scratch) is FindingCode.ZIP_CORRUPT


def test_zip__named_so_but_something_else_is_refused(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / "a.zip").write_text("no archive")
    assert refuse(tmp_path / "a.zip", scratch) is FindingCode.ZIP_CORRUPT


@pytest.mark.parametrize("members", [{}, {"folder/": b""}])
def test_zip__without_files_is_refused(tmp_path: Path, scratch: Path, members: dict[str, bytes]) -> None:
    assert refuse(hostile.zip_of(tmp_path / "a.zip", members), scratch) is FindingCode.ZIP_EMPTY


def test_zip__with_one_name_twice_is_refused(tmp_path: Path, scratch: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        warnings.simplefilter("ignore", UserWarning)
        archive.writestr("a.dcm", "1")
        archive.writestr("a.dcm", "2")
    assert refuse(tmp_path / "a.zip", scratch) is FindingCode.ZIP_DUPLICATE_NAME


@pytest.mark.parametrize(
    "names", [("a.dcm", "A.DCM"), ("a/b.dcm", "a//b.dcm"), ("\u00e9.dcm", "e\u0301.dcm"), ("a", "a/b.dcm")]
)
def test_zip__with_names_that_collide_is_refused(
    tmp_path: Path, scratch: Path, names: tuple[str, str]
) -> None:
    archive = hostile.zip_of(tmp_path / "a.zip", dict.fromkeys(names, b"x"))
    assert refuse(archive, scratch) is FindingCode.ZIP_NAME_COLLISION


def test_zip__with_a_comment_and_bytes_before_it_is_taken(tmp_path: Path, scratch: Path) -> None:
    archive = hostile.zip_of(tmp_path / "plain.zip", {"a.dcm": b"x"})
    with zipfile.ZipFile(archive, "a") as opened:
        opened.comment = b"export of a planning system"
    moved = tmp_path / "moved.zip"
    moved.write_bytes(b"#" * 100 + archive.read_bytes())
    assert [file.name for file in take_in([moved], scratch).files] == ["moved.zip/a.dcm"]


def test_zip__of_the_64_bit_kind_is_counted_and_taken(tmp_path: Path, scratch: Path) -> None:
    archive = _zip64(tmp_path / "a.zip", entries=3)
    assert len(take_in([archive], scratch, limits=Limits(entries=3)).files) == 3
    for leftover in scratch.iterdir():
        assert leftover.is_dir()
    assert _codes(take_in([archive], scratch, limits=Limits(entries=2))) == [FindingCode.ZIP_TOO_MANY_ENTRIES]


def test_zips__each_get_a_folder_of_their_own(tmp_path: Path, scratch: Path) -> None:
    archives = [hostile.zip_of(tmp_path / name, {"RD.dcm": b"x"}) for name in ("LDRT.zip", "CFRT.zip")]
    files = take_in(archives, scratch).files
    assert [file.name for file in files] == ["CFRT.zip/RD.dcm", "LDRT.zip/RD.dcm"]
    assert len({file.path for file in files}) == 2


def _codes(intake: Intake) -> list[FindingCode]:
    return [finding.code for finding in intake.findings]


def _zip64(path: Path, entries: int) -> Path:
    """Write a ZIP whose directory is found through the 64-bit end record (APPNOTE 4.3.14)."""
    hostile.zip_with_entries(path, entries)
    data = path.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    size, start = struct.unpack_from("<2L", data, end + 12)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(data[:end] + record + locator + last)
    return path
