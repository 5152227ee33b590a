"""Hostile archives and broken DICOM files, made when a test needs them."""

import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from imaging.synthetic.header import write_object
from tests.support.dicom_builders import dose_dataset, plan_dataset

PREAMBLE_AND_PREFIX_BYTES = 132
LINK_MODE = 0o120777 << 16
ZERO_CHUNK_BYTES = 1 << 24

LOCAL_HEADER = struct.Struct("<4s5H3I2H")
CENTRAL_HEADER = struct.Struct("<4s6H3I5H2I")
END_OF_DIRECTORY = struct.Struct("<4s4H2IH")


@dataclass(frozen=True)
class _Entry:
    """One member of a hand-written archive."""

    name: str
    deflated: bytes
    crc: int
    size: int


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    """Write an ordinary ZIP of the given members; names are written as they are, ``../`` too."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def zip_of_files(path: Path, files: Iterable[Path]) -> Path:
    """Write a ZIP of files, each under its own name."""
    return zip_of(path, {file.name: file.read_bytes() for file in files})


def zip_climbing_out(path: Path) -> Path:
    """Write a ZIP with a member named ``../escaped.dcm``."""
    return zip_of(path, {"../escaped.dcm": b"x"})


def zip_with_absolute_name(path: Path, name: str = "/tmp/escaped.dcm") -> Path:  # noqa: S108  the point of it
    """Write a ZIP with an absolute member name; ``C:\\...`` is one too."""
    return zip_of(path, {name: b"x"})


def zip_with_link(path: Path, target: str = "/etc/passwd") -> Path:
    """Write a ZIP with a member that is a symbolic link."""
    link = zipfile.ZipInfo("link.dcm")
    link.create_system, link.external_attr = 3, LINK_MODE
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, target)
    return path


def zip_with_entries(path: Path, count: int) -> Path:
    """Write a ZIP of so many tiny members."""
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(count):
            archive.writestr(zipfile.ZipInfo(f"{index:06d}.dcm"), b"")
    return path


def zip_of_zeros(path: Path, *, entries: int, entry_bytes: int, declared_bytes: int | None = None) -> Path:
    """Write a ZIP whose members inflate to so many zeros each, in a moment and in little memory.

    Parameters
    ----------
    entry_bytes
        True inflated size of each member; below 4 GiB.
    declared_bytes
        The size that the headers claim; by default the true one. A bomb that lies must be found by counting.
    """
    deflated, crc = _deflated_zeros(entry_bytes)
    size = entry_bytes if declared_bytes is None else declared_bytes
    return _write_zip(path, [_Entry(f"{index:04d}.dcm", deflated, crc, size) for index in range(entries)])


def zip_in_zip(path: Path) -> Path:
    """Write a ZIP that holds a ZIP."""
    inner = zip_of(path.with_suffix(".inner"), {"a.dcm": b"x"})
    return zip_of(path, {"inner.zip": inner.read_bytes()})


def broken_zip(path: Path) -> Path:
    """Write the first half of a ZIP."""
    whole = zip_of(path, {"a.dcm": bytes(4000)}).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def text_named_dcm(path: Path) -> Path:
    """Write a text file whose name ends in .dcm."""
    path.write_text("This is not DICOM.\n" * 20, encoding="utf-8")
    return path


def truncated(path: Path, *, keep: float = 0.5) -> Path:
    """Write an RT Dose of which only the first part is there."""
    whole = write_object(path, dose_dataset()).read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    return path


def without_prefix(path: Path) -> Path:
    """Write an RT Plan without preamble, DICM prefix and file meta: a bare dataset."""
    write_object(path, plan_dataset())
    whole = path.read_bytes()
    meta_bytes = int.from_bytes(whole[PREAMBLE_AND_PREFIX_BYTES + 8 :][:4], "little")
    path.write_bytes(whole[PREAMBLE_AND_PREFIX_BYTES + 12 + meta_bytes :])
    return path


def dose_without_scaling(path: Path) -> Path:
    """Write an RT Dose without DoseGridScaling."""
    dataset = dose_dataset()
    del dataset.DoseGridScaling
    return write_object(path, dataset)


def dose_with_scaling(path: Path, scaling: str) -> Path:
    """Write an RT Dose whose DoseGridScaling is any text, such as ``NaN``, ``-0.001`` or ``inf``."""
    dose = write_object(path, _with_marked_scaling())
    marked, wanted = MARKED_SCALING.encode(), scaling.encode().ljust(len(MARKED_SCALING))
    dose.write_bytes(dose.read_bytes().replace(marked, wanted))
    return dose


MARKED_SCALING = "0.00012345678900"


def _with_marked_scaling() -> Dataset:
    dataset = dose_dataset()
    dataset.DoseGridScaling = MARKED_SCALING
    return dataset


def deflated_bomb(path: Path, *, inflated_bytes: int = 1 << 27) -> Path:
    """Write a deflated RT Plan whose private element inflates to so many zeros."""
    dataset = plan_dataset()
    dataset.add_new(0x00090010, "LO", "DOSEGATE TEST")
    dataset.add_new(0x00091001, "OB", bytes(inflated_bytes))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    return write_object(path, dataset)


def nested_sequences(path: Path, *, depth: int = 400) -> Path:
    """Write an RT Plan with sequences within sequences, deeper than a reader may recurse."""
    write_object(path, plan_dataset())
    path.write_bytes(path.read_bytes() + _nested(depth))
    return path


def _nested(depth: int) -> bytes:
    """Return sequences of undefined length, one within the other, under a tag past the plan's last."""
    opening = b"\xfe\x7f\x10\x10SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    closing = b"\xfe\xff\x0d\xe0\x00\x00\x00\x00\xfe\xff\xdd\xe0\x00\x00\x00\x00"
    return opening * depth + closing * depth


def _deflated_zeros(size: int) -> tuple[bytes, int]:
    """Return so many zeros as a raw deflate stream and their CRC; whole chunks are compressed once."""
    chunk = bytes(ZERO_CHUNK_BYTES)
    whole, rest = divmod(size, ZERO_CHUNK_BYTES)
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    one = compressor.compress(chunk) + compressor.flush(zlib.Z_FULL_FLUSH)
    tail = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    last = tail.compress(chunk[:rest]) + tail.flush()
    crc = 0
    for _ in range(whole):
        crc = zlib.crc32(chunk, crc)
    return one * whole + last, zlib.crc32(chunk[:rest], crc)


def _write_zip(path: Path, entries: list[_Entry]) -> Path:
    offsets = []
    with path.open("wb") as file:
        for entry in entries:
            offsets.append(file.tell())
            file.write(LOCAL_HEADER.pack(b"PK\x03\x04", *_shared_fields(entry), len(entry.name), 0))
            file.write(entry.name.encode("ascii") + entry.deflated)
        start = file.tell()
        for entry, offset in zip(entries, offsets, strict=True):
            fields = (20, *_shared_fields(entry), len(entry.name), 0, 0, 0, 0, 0, offset)
            file.write(CENTRAL_HEADER.pack(b"PK\x01\x02", *fields) + entry.name.encode("ascii"))
        directory = (0, 0, len(entries), len(entries), file.tell() - start, start, 0)
        file.write(END_OF_DIRECTORY.pack(b"PK\x05\x06", *directory))
    return path


def _shared_fields(entry: _Entry) -> tuple[int, ...]:
    """Return version, flags, method (deflate), time, date (1980-01-01), CRC and the two sizes."""
    return 20, 0, 8, 0, 33, entry.crc, len(entry.deflated), entry.size
