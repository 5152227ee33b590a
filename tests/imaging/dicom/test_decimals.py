"""Decimals read at once are Python's own floats to the bit; what is otherwise is left to a slower reader."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from imaging.dicom.decimals import plain_decimals

VERSIONS = [plain_decimals, getattr(plain_decimals, "py_func", plain_decimals)]


def _read(version: Callable[..., Any], text: bytes) -> list[float]:
    found: list[float] = version(np.frombuffer(text, np.uint8), text.count(b"\\") + 1).tolist()
    return found


def _written(generator: np.random.Generator) -> str:
    digits = "".join(map(str, generator.integers(0, 10, generator.integers(1, 16))))
    point = int(generator.integers(0, len(digits) + 1))
    exponent = f"e{generator.integers(-7, 8)}" if generator.random() < 0.2 else ""
    return str(generator.choice(["", "-", "+"])) + digits[:point] + "." + digits[point:] + exponent


@pytest.mark.parametrize("version", VERSIONS, ids=["compiled", "plain"])
def test_plain_decimals__are_pythons_floats_to_the_bit(version: Callable[..., Any]) -> None:
    generator = np.random.default_rng(3)
    written = [_written(generator) for _ in range(2000)]
    found = _read(version, "\\".join(written).encode())
    assert [value.hex() for value in found] == [float(text).hex() for text in written]


@pytest.mark.parametrize("version", VERSIONS, ids=["compiled", "plain"])
def test_plain_decimals__may_have_blanks_around_them_and_no_digit_on_a_side_of_the_point(
    version: Callable[..., Any],
) -> None:
    assert _read(version, b" 1 \\ -.5\\5. \\2.5E+01 ") == [1.0, -0.5, 5.0, 25.0]


@pytest.mark.parametrize(
    "text",
    [
        *(
            b"",
            b" ",
            b"1\\",
            b"\\1",
            b"1..2",
            b"1.2.3",
            b"--1",
            b"+",
            b".",
            b"1 2",
            b"nan",
            b"1\x002",
            b"1" * 16,
        ),
        *(b"1e", b"e5", b"1e+", b"1e999", b"1e5.", b"1e-40", b"1,5", b"0x1", b"1/2", b":", b"1\\2\\3:"),
    ],
)
@pytest.mark.parametrize("version", VERSIONS, ids=["compiled", "plain"])
def test_plain_decimals__leave_what_is_otherwise(version: Callable[..., Any], text: bytes) -> None:
    assert _read(version, text) == []


def test_plain_decimals__leave_more_numbers_than_announced() -> None:
    assert len(plain_decimals(np.frombuffer(b"1\\2\\3", np.uint8), 2)) == 0
