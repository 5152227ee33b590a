"""The structure of an encoded dataset, walked before anything believes it: lengths, nesting, pixels.

pydicom recurses into nested sequences, cuts values short at the end of a file and allocates what a length
claims. This walk reads only tags and lengths, without recursion, and refuses what does not add up (PS3.5
section 7).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from mmap import mmap
from typing import NamedTuple

from pydicom.datadict import dictionary_VR

Buffer = bytes | mmap

MAX_SEQUENCE_DEPTH = 32
"""RT objects nest 6 deep; structured reports rarely 20. pydicom spends Python frames per level."""
MAX_ELEMENTS = 1_000_000
"""A structure set of 100 organs with 500 contours each has about 450,000; more only costs memory."""

_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_PIXEL_DATA = 0x7FE00010
LONG_VRS = frozenset(
    (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
)
"""Their length takes four bytes, after two that are not used (PS3.5 table 7.1-1)."""
_SHORT_VRS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
"""Their length takes two bytes."""
_PIXEL_GROUP = 0x7FE0


class LayoutError(Exception):
    """The dataset's structure does not add up; `problem` says how, `offset` where in the dataset."""

    def __init__(self, problem: str, offset: int) -> None:
        self.problem = problem
        self.offset = offset
        super().__init__(f"{problem} at byte {offset}")


class TruncatedError(LayoutError):
    """The file ends inside an element."""


class TooDeepError(LayoutError):
    """Sequences nest deeper than `MAX_SEQUENCE_DEPTH`."""


class TooManyElementsError(LayoutError):
    """There are more than `MAX_ELEMENTS` elements."""


@dataclass(frozen=True)
class Encoding:
    """How elements are encoded (PS3.5 section 7.1)."""

    is_explicit: bool
    is_little_endian: bool


@dataclass(frozen=True)
class Layout:
    """Where the dataset without its pixels ends, and where the pixels lie (None: none, or encapsulated)."""

    end: int
    pixels: tuple[int, int] | None
    is_encapsulated: bool


@dataclass(slots=True)
class _Level:
    """A dataset or a sequence that is being walked; `limit` is where it must end at the latest."""

    is_sequence: bool
    is_explicit: bool
    is_open: bool  # of undefined length: ended by a delimiter
    limit: int


class _Header(NamedTuple):
    """Of an element; made for every one in a file."""

    tag: int
    vr: bytes
    length: int
    value_at: int


def lay_out(buffer: Buffer, start: int, encoding: Encoding) -> Layout:
    """Walk the dataset that starts at `start` up to its pixels or its end.

    Raises
    ------
    LayoutError
        If a length leaves its container, a delimiter is out of place, or nesting or number of elements is
        absurd.
    """
    return _Walk(buffer, start, encoding).run()


def headers(buffer: Buffer, start: int, encoding: Encoding) -> Iterator[tuple[int, bytes]]:
    """Yield (tag, value) of consecutive flat elements; for the file meta group, which has no sequences."""
    walk = _Walk(buffer, start, encoding)
    while walk.at < len(buffer):
        header = walk.header(walk.levels[-1])
        walk.check_fits(header, walk.levels[-1])
        walk.at = header.value_at + header.length
        yield header.tag, bytes(buffer[header.value_at : walk.at])


def outermost(
    buffer: Buffer, start: int, encoding: Encoding, last_tag: int
) -> Iterator[tuple[int, int, int]]:
    """Yield (tag, where the element begins, where it ends) of a dataset's own elements up to a tag.

    Sequences are walked, not yielded; no value is read, so that memory stays flat whatever a length claims.

    Raises
    ------
    LayoutError
    """
    walk = _Walk(buffer, start, encoding)
    while walk.levels:
        begin, depth = walk.at, len(walk.levels)
        if depth > 1:
            walk.step()
            continue
        if begin + 8 > len(buffer):
            return
        tag = walk.header(walk.levels[0]).tag
        if tag > last_tag or tag == 0:  # zeros: padding, and walking it would look at all of it at each step
            return
        walk.step()
        if len(walk.levels) == 1:
            yield tag, begin, walk.at


class _Walk:
    """State of one walk: a position and a stack of open containers."""

    def __init__(self, buffer: Buffer, start: int, encoding: Encoding) -> None:
        self.buffer = buffer
        self.at = start
        self.elements = 0
        self.levels = [_Level(False, encoding.is_explicit, False, len(buffer))]
        order = "<" if encoding.is_little_endian else ">"
        self._pair = struct.Struct(order + "HH")
        self._implicit, self._explicit = struct.Struct(order + "HHI"), struct.Struct(order + "HH2sH")
        self._short = struct.Struct(order + "H")
        self._long = struct.Struct(order + "I")

    def run(self) -> Layout:
        while True:
            level = self.levels[-1]
            if self.at >= level.limit and not level.is_open:
                self.levels.pop()
                if not self.levels:
                    return Layout(self.at, None, False)
            elif level.is_sequence:
                self._enter_item(level)
            else:
                self._pass_ordinary(level)
                if (pixels := self._pass_element(level)) is not None:
                    return pixels

    def step(self) -> None:
        """Pass one element, or enter or leave a container; not for the pixels."""
        level = self.levels[-1]
        if self.at >= level.limit and not level.is_open:
            self.levels.pop()
        elif level.is_sequence:
            self._enter_item(level)
        else:
            self._pass_element(level)

    def _pass_ordinary(self, level: _Level) -> None:
        """Pass elements that hold a value and no others; all but few are. The first that is not is left."""
        at, buffer, form = self.at, self.buffer, self._explicit if level.is_explicit else self._implicit
        vr = b""
        while at + 8 <= level.limit:
            if level.is_explicit:
                group, element, vr, length = form.unpack_from(buffer, at)
            else:
                group, element, length = form.unpack_from(buffer, at)
            end = at + 8 + length
            is_ordinary = (
                vr in _SHORT_VRS if level.is_explicit else not _is_sequence(group << 16 | element, b"")
            )
            if not (is_ordinary and 0 < group < _PIXEL_GROUP and end < level.limit):
                break
            at = end
            self._count()
        self.at = at

    def header(self, level: _Level) -> _Header:
        """Read tag, VR and length at the current position."""
        self._need(8, level)
        group, element = self._pair.unpack_from(self.buffer, self.at)
        tag = group << 16 | element
        if not level.is_explicit or group == 0xFFFE:
            return _Header(tag, b"", self._long.unpack_from(self.buffer, self.at + 4)[0], self.at + 8)
        vr = self.buffer[self.at + 4 : self.at + 6]
        if not (vr.isalpha() and vr.isupper()):
            raise LayoutError("an element has no valid value representation", self.at)
        if vr not in LONG_VRS:
            return _Header(tag, vr, self._short.unpack_from(self.buffer, self.at + 6)[0], self.at + 8)
        self._need(12, level)
        return _Header(tag, vr, self._long.unpack_from(self.buffer, self.at + 8)[0], self.at + 12)

    def check_fits(self, header: _Header, level: _Level) -> None:
        """Refuse a value that reaches beyond its container or the file."""
        end = header.value_at + header.length
        if end > len(self.buffer):
            raise TruncatedError("an element reaches beyond the end of the file", self.at)
        if end > level.limit:
            raise LayoutError("an element reaches beyond the item that holds it", self.at)

    def _pass_element(self, level: _Level) -> Layout | None:
        if self._is_padding(level):
            return Layout(self.at, None, False)
        header = self.header(level)
        self._count()
        if header.tag == _ITEM_END and level.is_open:
            self._close(header)
        elif header.tag >> 16 == 0xFFFE:
            raise LayoutError("a delimiter is out of place", self.at)
        elif header.tag == _PIXEL_DATA and len(self.levels) == 1:
            return self._pixels(header, level)
        elif header.length == _UNDEFINED:
            self._open_sequence(header, level)
        else:
            self._pass_defined(header, level)
        return None

    def _pass_defined(self, header: _Header, level: _Level) -> None:
        self.check_fits(header, level)
        end = header.value_at + header.length
        if _is_sequence(header.tag, header.vr):
            self._push(_Level(True, level.is_explicit and header.vr == b"SQ", False, end))
            self.at = header.value_at
        else:
            self.at = end

    def _open_sequence(self, header: _Header, level: _Level) -> None:
        if header.vr not in (b"", b"SQ", b"UN"):
            raise LayoutError("an element that is no sequence has undefined length", self.at)
        self._push(_Level(True, header.vr == b"SQ", True, level.limit))
        self.at = header.value_at

    def _enter_item(self, level: _Level) -> None:
        header = self.header(level)
        self._count()
        if header.tag == _SEQUENCE_END and level.is_open:
            self._close(header)
            return
        if header.tag != _ITEM:
            raise LayoutError("a sequence holds something that is no item", self.at)
        is_open = header.length == _UNDEFINED
        if not is_open:
            self.check_fits(header, level)
        limit = level.limit if is_open else header.value_at + header.length
        self.levels.append(_Level(False, level.is_explicit, is_open, limit))
        self.at = header.value_at

    def _close(self, header: _Header) -> None:
        self.levels.pop()
        self.at = header.value_at

    def _push(self, level: _Level) -> None:
        if len(self.levels) > 2 * MAX_SEQUENCE_DEPTH:
            raise TooDeepError(f"sequences nest more than {MAX_SEQUENCE_DEPTH} deep", self.at)
        self.levels.append(level)

    def _pixels(self, header: _Header, level: _Level) -> Layout:
        if header.length == _UNDEFINED:
            return Layout(self.at, None, True)
        self.check_fits(header, level)
        return Layout(self.at, (header.value_at, header.length), False)

    def _is_padding(self, level: _Level) -> bool:
        """Whether nothing but zeros follows: some archives pad files to whole blocks."""
        if len(self.levels) > 1 or self.buffer[self.at : self.at + 8].strip(b"\0"):
            return False
        return not bytes(self.buffer[self.at : level.limit]).strip(b"\0")

    def _need(self, size: int, level: _Level) -> None:
        if self.at + size <= level.limit:
            return
        if level.limit == len(self.buffer):
            raise TruncatedError("the file ends inside an element", self.at)
        raise LayoutError("an item ends inside an element", self.at)

    def _count(self) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise TooManyElementsError(f"more than {MAX_ELEMENTS:,} elements", self.at)


def _is_sequence(tag: int, vr: bytes) -> bool:
    """Whether pydicom will read this value as a sequence: by its VR or, where that is unknown, by the
    dictionary."""
    return vr == b"SQ" or (vr in (b"", b"UN") and _dictionary_says_sequence(tag))


@lru_cache(maxsize=4096)
def _dictionary_says_sequence(tag: int) -> bool:
    try:
        return bool(dictionary_VR(tag) == "SQ")
    except KeyError:
        return False
