"""ZIP archives of untrusted origin: refused as a whole, or inflated under limits that are counted."""

from __future__ import annotations

import hashlib
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path, PurePosixPath
from typing import IO

from imaging.errors import RefusedError
from imaging.findings import FindingCode, error
from imaging.received import MIB, Limits, ReceivedFile, shown

_LOCAL_HEADER, _EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_DICOM_PREFIX = slice(128, 132)
_OFFICE_SUFFIXES = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp")
"""Zipped by nature and of no use here: not an archive that hides files of the course."""
_FOREIGN = (
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\xfd7zXZ\0", "xz"),
)
_TAR_AT = slice(257, 262)
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""bzip2 and LZMA inflate without a bound on memory in Python's zipfile; no exporting system writes them."""
_CHUNK = 1 * MIB
_END_RECORD, _END_RECORD_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
_END_64, _LOCATOR_64, _LOCATOR_64_SIZE = b"PK\x06\x06", b"PK\x06\x07", 20
_CENTRAL_HEADER, _CENTRAL_HEADER_SIZE = b"PK\x01\x02", 46
_DIRECTORY_BYTES_PER_ENTRY = 1024
"""A central directory record is 46 bytes, a name and a few extra fields."""
_PACK_AGAIN = "Pack the exported files again as a plain ZIP, or hand over the folder."


def is_zip(path: Path) -> bool:
    """Whether a file is meant as a ZIP: by its first bytes (a DICOM file may carry anything in its
    preamble), or name."""
    start = _start(path)
    if start[_DICOM_PREFIX] == b"DICM" or path.name.lower().endswith(_OFFICE_SUFFIXES):
        return False
    return start.startswith((_LOCAL_HEADER, _EMPTY_ZIP)) or path.name.lower().endswith(".zip")


def foreign_archive(path: Path) -> str | None:
    """Give the kind of an archive that is not read, None for anything else."""
    start = _start(path)
    if start[_DICOM_PREFIX] == b"DICM":
        return None
    if start[_TAR_AT] == b"ustar":
        return "tar"
    return next((kind for magic, kind in _FOREIGN if start.startswith(magic)), None)


def unpack(archive: Path, name: str, scratch: Path, limits: Limits) -> list[ReceivedFile]:
    """Inflate an archive into a folder of its own in `scratch`; entries get names of our making.

    Raises
    ------
    RefusedError
        If anything about the archive is wrong; nothing of it is left in `scratch` then.
    """
    target = _free_folder(scratch)
    try:
        return _Archive(archive, name, limits).inflate_into(target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def _free_folder(scratch: Path) -> Path:
    number = 1
    while True:
        target = scratch / f"zip-{number:04d}"
        try:
            target.mkdir()
        except FileExistsError:
            number += 1
        else:
            return target


@contextmanager
def _written(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Give what writes to a new file; a fault of the disk names this file, so it is not the archive's."""
    with _named(path):
        sink = path.open("xb")
    try:

        def write(chunk: bytes) -> None:
            with _named(path):
                sink.write(chunk)

        yield write
    finally:
        with _named(path):
            sink.close()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, str(path)) from problem


class _Archive:
    """One archive being read: its name for findings, and the limits it has to keep."""

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        self.path = path
        self.name = name
        self.limits = limits
        self.size_bytes = path.stat().st_size

    def inflate_into(self, target: Path) -> list[ReceivedFile]:
        try:
            with self.path.open("rb") as file:
                self._check_directory(file)
                with zipfile.ZipFile(file) as archive:
                    return self._inflate_all(archive, target)
        except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError):
            message = "The ZIP is damaged or cut short; nothing of it was taken."
            raise self._refusal(FindingCode.ZIP_CORRUPT, message, "Copy or pack it again.") from None

    def _inflate_all(self, archive: zipfile.ZipFile, target: Path) -> list[ReceivedFile]:
        entries = archive.infolist()
        self._check_entries(entries)
        files = [entry for entry in entries if not entry.is_dir()]
        if not files:
            raise self._refusal(FindingCode.ZIP_EMPTY, "The ZIP holds no files.", "Pack the exported files.")
        received: list[ReceivedFile] = []
        inflated = 0
        for number, entry in enumerate(files):
            file = self._inflate(archive, entry, target / f"{number:05d}", inflated)
            inflated += file.size_bytes
            received.append(file)
        return received

    def _inflate(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, before: int
    ) -> ReceivedFile:
        digest, size = hashlib.sha256(), 0
        with archive.open(_uncut(entry)) as source, _written(path) as write:
            while chunk := source.read(_CHUNK):
                if size == 0:
                    self._check_not_nested(entry, chunk)
                size += len(chunk)
                self._check_size(entry.filename, size, before + size)
                digest.update(chunk)
                write(chunk)
        if size != entry.file_size:
            raise zipfile.BadZipFile
        return ReceivedFile(path, f"{self.name}/{shown(entry.filename)}", size, digest.hexdigest())

    def _check_entries(self, entries: list[zipfile.ZipInfo]) -> None:
        """Refuse by what the directory says, before a byte is inflated."""
        total = 0
        for entry in entries:
            self._check_name(entry)
            self._check_kind(entry)
            total += entry.file_size
            self._check_size(entry.filename, entry.file_size, total)
        self._check_collisions(entries)

    def _check_name(self, entry: zipfile.ZipInfo) -> None:
        name = entry.orig_filename
        parts = name.split("/")
        is_unsafe = (
            not name
            or name.startswith("/")
            or "\\" in name
            or ".." in parts
            or (len(parts[0]) > 1 and parts[0][1] == ":")
            or not all(letter.isprintable() for letter in name)
        )
        if is_unsafe:
            message = "An entry's name is absolute, climbs out of the archive or holds forbidden signs."
            raise self._refusal(FindingCode.ZIP_UNSAFE_NAME, message, _PACK_AGAIN, name)

    def _check_kind(self, entry: zipfile.ZipInfo) -> None:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            message = "An entry is a link or a device, not a file; the ZIP was refused."
            raise self._refusal(FindingCode.ZIP_LINK, message, _PACK_AGAIN, entry.filename)
        if entry.flag_bits & 0x41:
            message = "The ZIP is encrypted."
            raise self._refusal(
                FindingCode.ZIP_ENCRYPTED, message, "Pack it without a password.", entry.filename
            )
        if entry.compress_type not in _READABLE:
            message = f"An entry is compressed by a method that is not read (number {entry.compress_type})."
            raise self._refusal(FindingCode.ZIP_UNSUPPORTED_COMPRESSION, message, _PACK_AGAIN, entry.filename)

    def _check_collisions(self, entries: list[zipfile.ZipInfo]) -> None:
        """Refuse entries that some system would write to the same place, and files that are folders of
        others."""
        seen: dict[str, str] = {}
        for entry in (entry for entry in entries if not entry.is_dir()):
            key = _place(entry.filename)
            if key in seen:
                same = seen[key] == entry.filename
                code = FindingCode.ZIP_DUPLICATE_NAME if same else FindingCode.ZIP_NAME_COLLISION
                message = "Two entries have one name, or names that differ only in case or accents."
                raise self._refusal(code, message, "Pack each file once.", entry.filename)
            seen[key] = entry.filename
        folders = {str(parent) for key in seen for parent in PurePosixPath(key).parents}
        if clash := sorted(folders & seen.keys()):
            message = "An entry is a file and a folder at once."
            raise self._refusal(FindingCode.ZIP_NAME_COLLISION, message, _PACK_AGAIN, seen[clash[0]])

    def _check_not_nested(self, entry: zipfile.ZipInfo, start: bytes) -> None:
        is_office = entry.filename.lower().endswith(_OFFICE_SUFFIXES)
        if (
            start[_DICOM_PREFIX] != b"DICM"
            and start.startswith((_LOCAL_HEADER, _EMPTY_ZIP))
            and not is_office
        ):
            message = "An archive lies inside the ZIP; archives in archives are not read."
            raise self._refusal(
                FindingCode.ZIP_NESTED, message, "Unpack the inner one first.", entry.filename
            )

    def _check_size(self, entry: str, size: int, total: int) -> None:
        limits = self.limits
        if size > limits.entry_bytes:
            message = f"An entry inflates to more than {limits.entry_bytes:,} bytes."
            raise self._refusal(FindingCode.ZIP_ENTRY_TOO_LARGE, message, "Leave that file out.", entry)
        if total > limits.inflated_bytes:
            message = f"The ZIP inflates to more than {limits.inflated_bytes:,} bytes."
            raise self._refusal(FindingCode.ZIP_TOO_LARGE, message, "Hand over one patient's course only.")
        if total > limits.suspicious_bytes and total > limits.suspicious_ratio * self.size_bytes:
            message = (
                f"The ZIP inflates to more than {limits.suspicious_bytes:,} bytes and more than "
                f"{limits.suspicious_ratio:g} times its own size, as only a ZIP bomb does."
            )
            raise self._refusal(FindingCode.ZIP_BOMB, message, "Hand over the folder instead.")

    def _check_directory(self, file: IO[bytes]) -> None:
        """Count the entries before zipfile makes an object of each: a directory may list millions."""
        for count, _ in enumerate(self._central_headers(file), start=1):
            if count > self.limits.entries:
                message = f"The ZIP has more than {self.limits.entries:,} entries."
                raise self._refusal(
                    FindingCode.ZIP_TOO_MANY_ENTRIES, message, "Hand over one patient's course only."
                )

    def _central_headers(self, file: IO[bytes]) -> Iterator[int]:
        start, end = self._directory(file)
        if end - start > self.limits.entries * _DIRECTORY_BYTES_PER_ENTRY:
            message = f"The ZIP's directory is larger than {self.limits.entries:,} entries need."
            raise self._refusal(
                FindingCode.ZIP_TOO_MANY_ENTRIES, message, "Hand over one patient's course only."
            )
        file.seek(start)
        directory = file.read(end - start)
        at = 0
        while directory[at : at + 4] == _CENTRAL_HEADER:
            yield at
            at += _CENTRAL_HEADER_SIZE + sum(struct.unpack_from("<3H", directory, at + 28))

    def _directory(self, file: IO[bytes]) -> tuple[int, int]:
        """Find where the central directory lies, as zipfile does: it ends where the end record begins."""
        tail_at = max(0, self.size_bytes - _END_RECORD_SIZE - _LONGEST_COMMENT)
        file.seek(tail_at)
        tail = file.read()
        found = tail.rfind(_END_RECORD)
        if found < 0 or len(tail) - found < _END_RECORD_SIZE:
            raise zipfile.BadZipFile
        size, end = struct.unpack_from("<L", tail, found + 12)[0], tail_at + found
        if end >= _LOCATOR_64_SIZE:
            file.seek(end - _LOCATOR_64_SIZE)
            locator = file.read(_LOCATOR_64_SIZE)
            if locator.startswith(_LOCATOR_64):
                size, end = self._directory_64(file, end)
        if size > end:
            raise zipfile.BadZipFile
        return end - size, end

    def _directory_64(self, file: IO[bytes], end: int) -> tuple[int, int]:
        record_at = end - _LOCATOR_64_SIZE - 56
        file.seek(max(0, record_at))
        record = file.read(56)
        if not record.startswith(_END_64):
            raise zipfile.BadZipFile
        return struct.unpack_from("<Q", record, 40)[0], record_at

    def _refusal(
        self, code: FindingCode, message: str, action: str, entry: str | None = None
    ) -> RefusedError:
        name = f"{self.name}/{shown(entry)}" if entry else self.name
        return RefusedError(error(code, message, action=action, file=name))


def _uncut(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Copy an entry with a size that nothing reaches: zipfile stops reading at the size that the header
    claims."""
    uncut = copy(entry)
    uncut.file_size = 1 << 62
    return uncut


def _place(name: str) -> str:
    return unicodedata.normalize("NFC", str(PurePosixPath(name))).casefold()
