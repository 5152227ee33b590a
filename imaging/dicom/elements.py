"""One item of a dataset, read with suspicion: a value is of the expected kind, or it is a finding."""

from __future__ import annotations

import logging
import math
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pydicom.config
from pydicom.charset import default_encoding
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence as DicomSequence

from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode, error, warning

EXPORT_AGAIN = "Export the object again, or ask the vendor of the system that wrote it."
_MAX_TEXT = 256
_CHINESE_DESIGNATION = re.compile("\x1b\\$\\)A([^\x1b]*)")
"""ISO 2022 IR 58 (PS3.3 C.12.1.1.2): pydicom 3.0 decodes what follows and leaves the escape sequence in."""


_UID = re.compile(rb"[0-9.]{1,64}")
"""PS3.5 section 9.1."""
_CHINESE = "iso_ir_58"
_HIGH_BYTES = re.compile("[\xa1-\xfe]+")


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Keep pydicom's warnings and log lines, which may quote patient data, out of every output."""
    logger = logging.getLogger("pydicom")
    was_disabled = logger.disabled
    with warnings.catch_warnings(), pydicom.config.disable_value_validation():
        warnings.simplefilter("ignore")
        logger.disabled = True
        try:
            yield
        finally:
            logger.disabled = was_disabled


@dataclass(frozen=True, eq=False)
class Item:
    """A dataset or an item of a sequence.

    Attributes
    ----------
    dataset
        As pydicom read it; values are converted on access.
    file
        The file's name as the user knows it.
    findings
        Where doubts are noted; shared by all items of a file.
    """

    dataset: Dataset
    file: str
    findings: list[Finding]

    def text(self, keyword: str, *, longest: int = _MAX_TEXT) -> str | None:
        """Give a text value without surrounding blanks, cut to `longest`; None when absent or empty."""
        value = self._value(keyword)
        if value is None:
            return None
        text = "\\".join(str(part) for part in value) if isinstance(value, MultiValue) else str(value)
        text = _without_designations(text)
        if self._lacks_designations:
            text = _HIGH_BYTES.sub(lambda found: _as_chinese(found[0]), text)
        return _printable(text).strip()[:longest] or None

    def code(self, keyword: str) -> str | None:
        """Give a code string in upper case, in which PS3.5 6.2 defines it and not every system writes it."""
        value = self.text(keyword)
        return None if value is None else value.upper()

    def uid(self, keyword: str) -> str | None:
        """Give a UID, None when absent or empty."""
        written = (self.raw(keyword) or b"").rstrip(b"\0 ")
        # There are as many as images: what is written as defined needs no decoding.
        return written.decode() if _UID.fullmatch(written) else self.text(keyword)

    def number(self, keyword: str) -> float | None:
        """Give a finite number; anything else is a finding and None."""
        numbers = self.numbers(keyword)
        if numbers is None or len(numbers) == 1:
            return numbers[0] if numbers else None
        self._refuse(keyword, f"holds {len(numbers)} values where one is expected")
        return None

    def decimal(self, keyword: str) -> Decimal | None:
        """Give a finite number of VR DS to the digit as it is written; anything else is a finding and
        None."""
        number, value = self.number(keyword), self._value(keyword)
        if number is None:
            return None
        return Decimal(number) if isinstance(value, MultiValue) else Decimal(str(value).strip())

    def integer(self, keyword: str) -> int | None:
        """Give a whole number; anything else is a finding and None."""
        number = self.number(keyword)
        if number is None or number.is_integer():
            return None if number is None else int(number)
        self._refuse(keyword, "is not a whole number")
        return None

    def numbers(self, keyword: str, *, count: int | None = None) -> tuple[float, ...] | None:
        """Give finite numbers (exactly `count` where given); anything else is a finding and None."""
        value = self._value(keyword)
        if value is None or value == "":
            return None
        try:
            numbers = _as_numbers(value)
        except (TypeError, ValueError, OverflowError):
            self._refuse(keyword, "is not a number")
            return None
        if not all(map(math.isfinite, numbers)):
            self._refuse(keyword, "is not a finite number")
        elif count is not None and len(numbers) != count:
            self._refuse(keyword, f"holds {len(numbers)} values where {count} are expected")
        else:
            return numbers
        return None

    def items(self, keyword: str) -> tuple[Item, ...]:
        """Give the items of a sequence; empty when it is absent."""
        value = self._value(keyword)
        if value is None or value == "":
            return ()
        if not isinstance(value, DicomSequence):
            self._refuse(keyword, "is not a sequence")
            return ()
        return tuple(Item(item, self.file, self.findings) for item in value)

    def first(self, keyword: str) -> Item | None:
        """Give the first item of a sequence, None when there is none."""
        return next(iter(self.items(keyword)), None)

    def raw(self, keyword: str) -> bytes | None:
        """Give the undecoded bytes of a value, for the few values too large to go through pydicom."""
        element = self.dataset.get_item(keyword)
        if element is None or not isinstance(element, RawDataElement):
            return None
        value = element.value
        return bytes(value) if value is not None else None

    def has(self, keyword: str) -> bool:
        """Whether the element is there at all."""
        return keyword in self.dataset

    def refuse(
        self, code: FindingCode, message: str, *, action: str, element: str | None = None
    ) -> RefusedError:
        """Make the error that gives this object up, with its finding."""
        return RefusedError(error(code, message, action=action, file=self.file, element=element))

    def missing(self, keyword: str, what: str) -> RefusedError:
        """Make the error for an object that is useless without `keyword`."""
        return self.refuse(
            FindingCode.ELEMENT_MISSING,
            f"{what} has no usable {keyword}.",
            action=EXPORT_AGAIN,
            element=keyword,
        )

    def note(self, finding: Finding) -> None:
        """Keep a finding about this file."""
        self.findings.append(finding)

    @property
    def _lacks_designations(self) -> bool:
        """Whether high bytes outside an escape sequence can be nothing but Chinese.

        The default repertoire has none (PS3.5 6.1.2.1), and ISO 2022 IR 58 was declared besides: some systems
        write its bytes and leave the escape sequence out.
        """
        declared = self.dataset.original_character_set
        encodings = [declared] if isinstance(declared, str) else list(declared or ())
        return encodings[:1] == [default_encoding] and _CHINESE in encodings[1:]

    def _value(self, keyword: str) -> object | None:
        if keyword not in self.dataset:
            return None
        try:
            value: object = self.dataset[keyword].value
        except Exception:  # noqa: BLE001 - pydicom raises whatever a hostile value provokes; each is one finding
            self._refuse(keyword, "cannot be decoded")
            return None
        return value

    def _refuse(self, keyword: str, problem: str) -> None:
        self.note(
            warning(
                FindingCode.ELEMENT_INVALID,
                f"{keyword} {problem}; it was ignored.",
                action=EXPORT_AGAIN,
                file=self.file,
                element=keyword,
            )
        )


def _as_numbers(value: Any) -> tuple[float, ...]:
    if isinstance(value, (MultiValue, list, tuple)):
        return tuple(float(part) for part in value)
    return (float(value),)


def _without_designations(text: str) -> str:
    """Leave escape sequences out where the characters behind them were decoded."""
    return _CHINESE_DESIGNATION.sub(lambda found: found[1] if _is_decoded(found[1]) else found[0], text)


def _as_chinese(high: str) -> str:
    """Read a run of high bytes as the two-byte set that was declared; as it is where that does not fit."""
    try:
        return high.encode("latin-1").decode("gb2312")
    except UnicodeDecodeError:
        return high


def _is_decoded(text: str) -> bool:
    """Whether bytes of a Chinese set became Chinese characters, not one Latin letter each."""
    return text.isascii() or any(ord(letter) > 0xFF for letter in text)


def _printable(text: str) -> str:
    """Replace what a terminal or a page would interpret."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text.rstrip("\0"))


def unique(values: Sequence[str | None]) -> tuple[str, ...]:
    """Give the values that are there, each once, in their order."""
    return tuple(dict.fromkeys(value for value in values if value))
