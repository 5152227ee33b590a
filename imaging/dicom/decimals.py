"""Numbers written in decimals, thousands at once: those that one division gives to the last bit."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

Letters = NDArray[np.uint8]

_MOST_DIGITS = 15
_GREATEST_POWER = 22
"""Whole numbers of fifteen digits are exact, so are powers of ten up to the 22nd: their product or quotient
is rounded once (Clinger 1990, doi 10.1145/93542.93557)."""
_BLANK, _PLUS, _MINUS, _POINT, _ZERO, _LARGE_E, _BACKSLASH, _SMALL_E = 32, 43, 45, 46, 48, 69, 92, 101


@kernel
def plain_decimals(text: Letters, most: int) -> NDArray[np.float64]:
    """Read decimals such as -12.345 or 5e-1, parted by backslashes, blanks around them; at most so many.

    Empty where any of them has more than fifteen digits, is too large or small, or is no number: that is left
    to a slower reader.
    """
    powers = np.empty(_GREATEST_POWER + 1)
    powers[0] = 1.0
    for n in range(_GREATEST_POWER):
        powers[n + 1] = 10.0 * powers[n]
    values = np.empty(most)
    at = 0
    for n in range(most):
        at = _after_blanks(text, at)
        is_negative = at < text.shape[0] and text[at] == _MINUS
        whole, decimals, at = _digits(text, _after_sign(text, at))
        exponent = 0
        if at > 0 and at < text.shape[0] and (text[at] == _SMALL_E or text[at] == _LARGE_E):
            exponent, at = _exponent(text, at + 1)
        power = exponent - decimals
        if at < 0 or abs(power) > _GREATEST_POWER:
            return values[:0]
        value = whole * powers[power] if power > 0 else whole / powers[-power]
        values[n] = -value if is_negative else value
        at = _after_blanks(text, at)
        if at == text.shape[0]:
            return values[: n + 1]
        if text[at] != _BACKSLASH:
            return values[:0]
        at += 1
    return values[:0]


@kernel
def _after_blanks(text: Letters, at: int) -> int:
    while at < text.shape[0] and text[at] == _BLANK:
        at += 1
    return at


@kernel
def _after_sign(text: Letters, at: int) -> int:
    has_sign = at < text.shape[0] and (text[at] == _MINUS or text[at] == _PLUS)
    return at + 1 if has_sign else at


@kernel
def _digits(text: Letters, at: int) -> tuple[float, int, int]:
    """Digits as a whole number, how many follow a point, and where they end; -1 for none or too many."""
    whole, digits, point = 0.0, 0, -1
    while at < text.shape[0]:
        letter = text[at]
        if _ZERO <= letter < _ZERO + 10:
            whole = 10.0 * whole + (letter - _ZERO)
            digits += 1
        elif letter == _POINT and point < 0:
            point = digits
        else:
            break
        at += 1
    fits = 0 < digits <= _MOST_DIGITS
    return whole, digits - point if point >= 0 else 0, at if fits else -1


@kernel
def _exponent(text: Letters, at: int) -> tuple[int, int]:
    """A whole number of one or two digits, and where it ends; -1 for anything else."""
    sign = -1 if at < text.shape[0] and text[at] == _MINUS else 1
    first = _after_sign(text, at)
    at, exponent = first, 0
    while at < text.shape[0] and at < first + 3 and _ZERO <= text[at] < _ZERO + 10:
        exponent = 10 * exponent + (int(text[at]) - _ZERO)
        at += 1
    return sign * exponent, at if first < at < first + 3 else -1
