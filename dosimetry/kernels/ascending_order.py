"""The order that sorts doses."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

_DIGIT_BITS = 11
_PASSES = 6


@kernel
def ascending_order(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Positions of values (n,), not negative and not NaN, in ascending order; equal ones keep theirs.

    A radix sort on the bits: for floats from 0 up they order as integers do.
    """
    count = values.shape[0]
    bits, order = values.view(np.uint64).copy(), np.arange(count)
    next_bits, next_order = np.empty_like(bits), np.empty_like(order)
    digits = 1 << _DIGIT_BITS
    for turn in range(_PASSES):
        shift, mask = np.uint64(turn * _DIGIT_BITS), np.uint64(digits - 1)
        place = np.zeros(digits + 1, dtype=np.int64)
        for n in range(count):
            place[np.int64((bits[n] >> shift) & mask) + 1] += 1
        if place.max() == count:
            continue
        for value in range(digits):
            place[value + 1] += place[value]
        for n in range(count):
            digit = np.int64((bits[n] >> shift) & mask)
            next_bits[place[digit]], next_order[place[digit]] = bits[n], order[n]
            place[digit] += 1
        bits, next_bits = next_bits, bits
        order, next_order = next_order, order
    return order
