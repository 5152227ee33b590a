"""Doses in ascending order, with the volume of each."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]

_DIGIT_BITS = 11
_DIGITS = 1 << _DIGIT_BITS
_PASSES = 6


@kernel
def sorted_doses(dose: FloatArray, volume: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Doses (n,), not negative and not NaN, in ascending order, and their volumes; equal ones keep theirs.

    A radix sort on the bits: for floats from 0 up they order as integers do.
    """
    count = dose.shape[0]
    bits, with_bits = dose.copy().view(np.uint64), volume.copy()
    next_bits, next_with = np.empty_like(bits), np.empty_like(with_bits)
    mask = np.uint64(_DIGITS - 1)
    places = np.zeros((_PASSES, _DIGITS + 1), dtype=np.int64)
    for n in range(count):
        for turn in range(_PASSES):
            places[turn, np.int64((bits[n] >> np.uint64(turn * _DIGIT_BITS)) & mask) + 1] += 1
    for turn in range(_PASSES):
        place, shift = places[turn], np.uint64(turn * _DIGIT_BITS)
        if place.max() == count:
            continue
        for value in range(_DIGITS):
            place[value + 1] += place[value]
        for n in range(count):
            digit = np.int64((bits[n] >> shift) & mask)
            next_bits[place[digit]], next_with[place[digit]] = bits[n], with_bits[n]
            place[digit] += 1
        bits, next_bits = next_bits, bits
        with_bits, next_with = next_with, with_bits
    return bits.view(np.float64), with_bits
