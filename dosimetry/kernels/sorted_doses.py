"""Doses in ascending order, with the volume of each."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]

_DIGIT_BITS = 11
_DIGITS = 1 << _DIGIT_BITS
_PASSES = 6
_LEADING_PASSES = 3
"""Sign, exponent and 21 bits of the mantissa: few doses are left out of order by the rest."""
_MOVES_PER_DOSE = 4
"""More moves than so many than that cost what the other passes do."""


@kernel
def sorted_doses(dose: FloatArray, volume: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Doses (n,), not negative and not NaN, in ascending order, and their volumes; equal ones keep theirs.

    A radix sort on the bits: for floats from 0 up they order as integers do. By the leading bits first, which
    leave all but few in order; what is left is inserted. Where that is too much, all bits are sorted by.
    """
    bits, with_volume = radix_sorted(dose, volume, _PASSES - _LEADING_PASSES)
    if not inserted(bits, with_volume):
        bits, with_volume = radix_sorted(dose, volume, 0)
    return bits.view(np.float64), with_volume


@kernel
def radix_sorted(dose: FloatArray, volume: FloatArray, first: int) -> tuple[NDArray[np.uint64], FloatArray]:
    """Bits of doses (n,) by their digits from the `first` (0: the lowest) up, and the volumes, stable."""
    count = dose.shape[0]
    bits, with_bits = dose.copy().view(np.uint64), volume.copy()
    next_bits, next_with = np.empty_like(bits), np.empty_like(with_bits)
    mask = np.uint64(_DIGITS - 1)
    places = np.zeros((_PASSES, _DIGITS + 1), dtype=np.int64)
    for n in range(count):
        for turn in range(first, _PASSES):
            places[turn, np.int64((bits[n] >> np.uint64(turn * _DIGIT_BITS)) & mask) + 1] += 1
    for turn in range(first, _PASSES):
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
    return bits, with_bits


@kernel
def inserted(bits: NDArray[np.uint64], volume: FloatArray) -> bool:
    """Put what is nearly in order into order, in place and stable; False where that takes too many moves."""
    left = _MOVES_PER_DOSE * bits.shape[0]
    for n in range(1, bits.shape[0]):
        here, share, place = bits[n], volume[n], n
        while place > 0 and bits[place - 1] > here:
            bits[place], volume[place] = bits[place - 1], volume[place - 1]
            place -= 1
        bits[place], volume[place] = here, share
        left -= n - place
        if left < 0:
            return False
    return True
