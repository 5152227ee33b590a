"""A region's algebra as a list of steps, on many points at a time (bits) and on signed distances."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BitArray = NDArray[np.uint64]

UNION, INTERSECTION, DIFFERENCE = -1, -2, -3
"""Steps that combine the two results before; a step from 0 on takes the solid of that number."""


@kernel
def combined_bits(program: IntArray, bits: BitArray, stack: BitArray) -> np.uint64:
    """Points in a region (a bit each) from those in its solids (n,); `stack` is room for n results."""
    top = -1
    for step in program:
        if step >= 0:
            top += 1
            stack[top] = bits[step]
            continue
        right = stack[top]
        top -= 1
        if step == UNION:
            stack[top] |= right
        elif step == INTERSECTION:
            stack[top] &= right
        else:
            stack[top] &= ~right
    result: np.uint64 = stack[0]
    return result


@kernel
def combined_depth(program: IntArray, depths: FloatArray, stack: FloatArray) -> float:
    """Signed distance of a region from those of its solids (n,): right where no two surfaces are near."""
    top = -1
    for step in program:
        if step >= 0:
            top += 1
            stack[top] = depths[step]
            continue
        right = stack[top]
        top -= 1
        if step == UNION:
            stack[top] = max(stack[top], right)
        elif step == INTERSECTION:
            stack[top] = min(stack[top], right)
        else:
            stack[top] = min(stack[top], -right)
    return float(stack[0])
