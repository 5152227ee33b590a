"""Items of a sequence as they stand in the file: of thousands of contours, pydicom decodes few or none."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from imaging.dicom.elements import EXPORT_AGAIN, Item
from imaging.dicom.layout import LONG_VRS, Encoding
from imaging.findings import FindingCode, warning

_UNDEFINED = 0xFFFFFFFF
_ITEM = 0xFFFEE000


class EncodedItem(Item):
    """An item whose values are given as they stand in the file; `dataset` is decoded when it is asked for.

    Parameters
    ----------
    encoded
        The item's elements.
    encoding
        Of these.
    holder
        The item that holds the sequence.
    """

    _encoded: bytes
    _encoding: Encoding
    _holder: Item

    def __init__(self, encoded: bytes, encoding: Encoding, holder: Item) -> None:
        object.__setattr__(self, "_encoded", encoded)
        object.__setattr__(self, "_encoding", encoding)
        object.__setattr__(self, "_holder", holder)
        object.__setattr__(self, "file", holder.file)
        object.__setattr__(self, "findings", holder.findings)

    @cached_property
    def dataset(self) -> Dataset:
        """As pydicom reads it."""
        try:
            return read_dataset(
                BytesIO(self._encoded),
                not self._encoding.is_explicit,
                self._encoding.is_little_endian,
                parent_encoding=self._holder.dataset.original_character_set,
                at_top_level=False,
            )
        except Exception:  # noqa: BLE001 - pydicom raises whatever a hostile file provokes; each is this one finding
            self.note(
                warning(
                    FindingCode.ELEMENT_INVALID,
                    "An item of a sequence cannot be decoded; it was taken as empty.",
                    action=EXPORT_AGAIN,
                    file=self.file,
                )
            )
            return Dataset()

    def raw(self, keyword: str) -> bytes | None:
        """Give the undecoded bytes of a value, as `Item.raw`."""
        if self._values is None:
            return super().raw(keyword)
        return self._values.get(tag_for_keyword(keyword) or 0)

    @cached_property
    def _values(self) -> dict[int, bytes] | None:
        """By tag; None if an element is of undefined length, whose end pydicom finds."""
        found = {}
        for tag, length, start in _elements(self._encoded, self._encoding):
            if length == _UNDEFINED:
                return None
            found[tag] = self._encoded[start : start + length]
        return found


def encoded_items(holder: Item, keyword: str) -> tuple[Item, ...]:
    """Give the items of a sequence as `Item.items`, those of defined length undecoded.

    The layout of the file was checked before: every length lies within what holds it.
    """
    element = holder.dataset.get_item(keyword)
    if not isinstance(element, RawDataElement) or element.VR not in (None, "SQ") or not element.value:
        return holder.items(keyword)
    encoding = Encoding(not element.is_implicit_VR, element.is_little_endian)
    content = bytes(element.value)
    places = _item_places(content, encoding)
    if places is None:
        return holder.items(keyword)
    return tuple(EncodedItem(content[start:end], encoding, holder) for start, end in places)


def _item_places(content: bytes, encoding: Encoding) -> list[tuple[int, int]] | None:
    """Where each item's elements begin and end; None where pydicom must look for an end."""
    header = struct.Struct("<HHI" if encoding.is_little_endian else ">HHI")
    places, at = [], 0
    while at + header.size <= len(content):
        group, element, length = header.unpack_from(content, at)
        if group << 16 | element != _ITEM or length == _UNDEFINED:
            return None
        at += header.size
        places.append((at, at + length))
        at += length
    return places if at == len(content) else None


def _elements(encoded: bytes, encoding: Encoding) -> Iterator[tuple[int, int, int]]:
    """Tag, length and place of each value, up to the first of undefined length."""
    order = "<" if encoding.is_little_endian else ">"
    implicit, explicit, longer = (struct.Struct(order + form) for form in ("HHI", "HH2sH", "I"))
    at, length = 0, 0
    while at + 8 <= len(encoded) and length != _UNDEFINED:
        if encoding.is_explicit:
            group, element, vr, length = explicit.unpack_from(encoded, at)
            at += 8
            if vr in LONG_VRS:
                (length,) = longer.unpack_from(encoded, at)
                at += 4
        else:
            group, element, length = implicit.unpack_from(encoded, at)
            at += 8
        yield group << 16 | element, length, at
        at += length
