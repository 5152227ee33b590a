"""A file on disk to a dataset (PS3.10): prefix, meta group, transfer syntax, bounded inflation, layout."""

from __future__ import annotations

import mmap
import zlib
from dataclasses import dataclass
from io import BytesIO

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import UID, MediaStorageDirectoryStorage

from imaging.dicom.elements import Item
from imaging.dicom.layout import (
    Buffer,
    Encoding,
    LayoutError,
    TooDeepError,
    TooManyElementsError,
    TruncatedError,
    headers,
    lay_out,
)
from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode, error, warning
from imaging.received import MIB, ReceivedFile

MAX_DEFLATED_DATASET_BYTES = 256 * MIB
"""A deflated dataset may inflate to this; 600 kB can inflate to 1.2 GB."""
MAX_HEADER_BYTES = 256 * MIB
"""Everything but the pixels; the largest structure sets take tens of MiB."""

_PREFIX_AT, _META_AT = 128, 132
_IMPLICIT, _EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
_DEFLATED, _BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
_META_ENCODING = Encoding(is_explicit=True, is_little_endian=True)
_CHUNK = 4 * MIB
_AGAIN = "Copy or export the file again."
_NO_DICOM = "Leave it out, or hand over the DICOM file it should have been."


@dataclass(frozen=True, eq=False)
class DicomFile:
    """A dataset whose structure was checked.

    Attributes
    ----------
    received
        The file.
    sop_class_uid, sop_instance_uid
        What and which object it is.
    item
        The dataset without its pixels; its findings are those of this file.
    pixels
        The native pixel bytes as a view into the file, None when absent or compressed.
    is_compressed
        Whether the pixels are encapsulated (PS3.5 A.4).
    is_little_endian
        Byte order of the pixels.
    """

    received: ReceivedFile
    sop_class_uid: str
    sop_instance_uid: str
    item: Item
    pixels: memoryview | None
    is_compressed: bool
    is_little_endian: bool

    @property
    def findings(self) -> list[Finding]:
        """Doubts noted while this file was read."""
        return self.item.findings


def read_part10(received: ReceivedFile) -> DicomFile:
    """Read one file of the intake without believing it. Never with `force`.

    Raises
    ------
    RefusedError
        If it is no DICOM file, is cut short, or its structure does not add up; the finding says which.
    """
    try:
        buffer = _map(received)
    except OSError as problem:
        raise _refused(
            received, FindingCode.FILE_UNREADABLE, f"cannot be read ({problem.strerror})", _AGAIN
        ) from None
    _check_prefix(buffer, received)
    try:
        return _read(buffer, received)
    except LayoutError as problem:
        raise _layout_refusal(received, problem) from None


def claimed_sop_class(received: ReceivedFile) -> str | None:
    """What a file that cannot be read says that it is (MediaStorageSOPClassUID); None where it does not."""
    try:
        buffer = _map(received)
        is_dicom = buffer[_PREFIX_AT:_META_AT] == b"DICM"
        return _meta(buffer)[0].get(0x00020002) or None if is_dicom else None
    except (OSError, LayoutError):
        return None


def _map(received: ReceivedFile) -> Buffer:
    with received.path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if received.size_bytes else b""


def _check_prefix(buffer: Buffer, received: ReceivedFile) -> None:
    if len(buffer) == 0:
        raise _refused(received, FindingCode.FILE_EMPTY, "is empty (0 bytes)", _AGAIN)
    if buffer[_PREFIX_AT:_META_AT] == b"DICM":
        return
    start = bytes(buffer[:4096])
    if _looks_like_dataset(start):
        raise _refused(
            received,
            FindingCode.DICOM_PREFIX_MISSING,
            "looks like DICOM but lacks the DICM prefix and file meta information",
            "Export it again as a DICOM file (PS3.10); bare datasets are not read.",
        )
    if not any(start):
        raise _refused(received, FindingCode.DICOM_TRUNCATED, "begins with zero bytes alone", _AGAIN)
    what = "is a text file, not DICOM" if _is_text(start) else "is not a DICOM file"
    raise RefusedError(
        warning(
            FindingCode.NOT_DICOM, f"The file {what}; it was left out.", action=_NO_DICOM, file=received.name
        )
    )


def _looks_like_dataset(start: bytes) -> bool:
    """Whether the bytes begin with an element of group 0002 or 0008 (little endian)."""
    return len(start) >= 8 and start[:2] in (b"\x02\x00", b"\x08\x00") and start[3] <= 0x01


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8", errors="strict" if len(start) < 4096 else "ignore")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\r\n\t\f\ufeff" for letter in text)


def _read(buffer: Buffer, received: ReceivedFile) -> DicomFile:
    meta, start = _meta(buffer)
    if start == len(buffer):
        raise TruncatedError("it ends where the dataset should begin", start)
    syntax = meta.get(0x00020010, "")
    encoding = _encoding(syntax, received)
    if syntax == _DEFLATED:
        buffer, start = _inflate(buffer, start, received), 0
    layout = lay_out(buffer, start, encoding)
    if layout.end - start > MAX_HEADER_BYTES:
        problem = f"holds more than {MAX_HEADER_BYTES // MIB} MiB beside its pixels"
        raise _refused(received, FindingCode.DICOM_TOO_LARGE, problem, _NO_DICOM)
    dataset = _dataset(bytes(buffer[start : layout.end]), encoding, received)
    item = Item(dataset, received.name, [])
    sop_class_uid, sop_instance_uid = _identify(item, meta, received)
    return DicomFile(
        received=received,
        sop_class_uid=sop_class_uid,
        sop_instance_uid=sop_instance_uid,
        item=item,
        pixels=memoryview(buffer)[layout.pixels[0] : sum(layout.pixels)] if layout.pixels else None,
        is_compressed=layout.is_encapsulated,
        is_little_endian=encoding.is_little_endian,
    )


def _meta(buffer: Buffer) -> tuple[dict[int, str], int]:
    """Read the file meta group: tag to text, and where the dataset starts (PS3.10 section 7.1)."""
    meta: dict[int, str] = {}
    at = _META_AT
    while buffer[at : at + 2] == b"\x02\x00":
        tag, value = next(headers(buffer, at, _META_ENCODING))
        at += len(value) + (12 if buffer[at + 4 : at + 6] in (b"OB", b"UN", b"UT", b"OW", b"SQ") else 8)
        meta[tag] = value[:128].decode("ascii", errors="replace").strip(" \0")
    return meta, at


def _encoding(syntax: str, received: ReceivedFile) -> Encoding:
    if syntax == _IMPLICIT:
        return Encoding(is_explicit=False, is_little_endian=True)
    if syntax == _BIG_ENDIAN:
        return Encoding(is_explicit=True, is_little_endian=False)
    uid = UID(syntax)
    if syntax in (_EXPLICIT, _DEFLATED) or (
        uid.is_transfer_syntax and not uid.is_private and uid.is_compressed
    ):
        return Encoding(is_explicit=True, is_little_endian=True)
    problem = "names no transfer syntax" if not syntax else "is in a transfer syntax that is not read"
    action = "Export it again in Explicit VR Little Endian."
    raise _refused(
        received, FindingCode.TRANSFER_SYNTAX_UNSUPPORTED, problem, action, element="TransferSyntaxUID"
    )


def _inflate(buffer: Buffer, start: int, received: ReceivedFile) -> bytes:
    inflater, inflated = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
    compressed = memoryview(buffer)[start:]
    try:
        while not inflater.eof:
            source = inflater.unconsumed_tail or compressed[:_CHUNK]
            if not inflater.unconsumed_tail:
                compressed = compressed[_CHUNK:]
            if not len(source):
                raise _refused(
                    received, FindingCode.DICOM_TRUNCATED, "ends inside its deflated dataset", _AGAIN
                )
            inflated += inflater.decompress(source, _CHUNK)
            if len(inflated) > MAX_DEFLATED_DATASET_BYTES:
                raise _refused(
                    received,
                    FindingCode.DICOM_TOO_LARGE,
                    f"inflates to more than {MAX_DEFLATED_DATASET_BYTES // MIB} MiB",
                    "Export it again uncompressed.",
                )
    except zlib.error:
        raise _refused(
            received, FindingCode.DICOM_CORRUPT, "holds a broken deflated dataset", _AGAIN
        ) from None
    finally:
        compressed.release()
    return bytes(inflated)


def _dataset(encoded: bytes, encoding: Encoding, received: ReceivedFile) -> Dataset:
    try:
        return read_dataset(BytesIO(encoded), not encoding.is_explicit, encoding.is_little_endian)
    except Exception:  # noqa: BLE001 - pydicom raises whatever a hostile file provokes; each is this one finding
        raise _refused(received, FindingCode.DICOM_CORRUPT, "cannot be decoded", _AGAIN) from None


def _identify(item: Item, meta: dict[int, str], received: ReceivedFile) -> tuple[str, str]:
    """Give SOP class and SOP instance; where the meta group contradicts the dataset, the dataset is
    followed."""
    sop_class_uid = item.uid("SOPClassUID") or meta.get(0x00020002)
    if not sop_class_uid:
        problem, action = "names no SOP class", "Export it again; nobody can say what kind of object it is."
        raise _refused(received, FindingCode.SOP_CLASS_MISSING, problem, action, element="SOPClassUID")
    sop_instance_uid = item.uid("SOPInstanceUID")
    if sop_class_uid == MediaStorageDirectoryStorage:  # a DICOMDIR names itself in its meta group alone
        sop_instance_uid = sop_instance_uid or meta.get(0x00020003)
    if not sop_instance_uid:
        problem, element = "has no SOP Instance UID", "SOPInstanceUID"
        raise _refused(received, FindingCode.SOP_INSTANCE_MISSING, problem, _AGAIN, element=element)
    _compare_meta(item, meta, sop_class_uid, sop_instance_uid)
    return sop_class_uid, sop_instance_uid


def _compare_meta(item: Item, meta: dict[int, str], sop_class_uid: str, sop_instance_uid: str) -> None:
    for tag, value, keyword in (
        (0x00020002, sop_class_uid, "MediaStorageSOPClassUID"),
        (0x00020003, sop_instance_uid, "MediaStorageSOPInstanceUID"),
    ):
        if meta.get(tag) and meta[tag] != value:
            item.note(
                warning(
                    FindingCode.META_CONTRADICTS_DATASET,
                    f"{keyword} differs from what the dataset says; the dataset was followed.",
                    action="Export the file again.",
                    file=item.file,
                    element=keyword,
                )
            )


def _layout_refusal(received: ReceivedFile, problem: LayoutError) -> RefusedError:
    if isinstance(problem, TruncatedError):
        return _refused(received, FindingCode.DICOM_TRUNCATED, f"is cut short: {problem.problem}", _AGAIN)
    if isinstance(problem, TooDeepError):
        return _refused(received, FindingCode.DICOM_TOO_DEEP, f"is refused: {problem.problem}", _NO_DICOM)
    if isinstance(problem, TooManyElementsError):
        return _refused(received, FindingCode.DICOM_TOO_LARGE, f"is refused: {problem.problem}", _NO_DICOM)
    return _refused(received, FindingCode.DICOM_CORRUPT, f"is damaged: {problem}", _AGAIN)


def _refused(
    received: ReceivedFile, code: FindingCode, problem: str, action: str, *, element: str | None = None
) -> RefusedError:
    return RefusedError(
        error(code, f"The file {problem}.", action=action, file=received.name, element=element)
    )
