"""A region's algebra as steps that kernels walk through, the solids by their numbers."""

from collections.abc import Iterator
from itertools import count

import numpy as np
from numpy.typing import NDArray

from dosimetry.kernels.region_program import DIFFERENCE, INTERSECTION, UNION
from dosimetry.region import CombinedRegion, Operation, Region, StructureRegion

_STEPS = {
    Operation.UNION: UNION,
    Operation.INTERSECTION: INTERSECTION,
    Operation.DIFFERENCE: DIFFERENCE,
}


def region_program(region: Region) -> NDArray[np.int64]:
    """Steps in the order of work: first both sides, then what combines them.

    Parameters
    ----------
    region
        Structures and their algebra; a step from 0 on is a position among `region.structures()`.
    """
    return np.array(list(_steps(region, count())), dtype=np.int64)


def _steps(region: Region, numbers: Iterator[int]) -> Iterator[int]:
    if isinstance(region, StructureRegion):
        yield next(numbers)
        return
    assert isinstance(region, CombinedRegion)  # noqa: S101 - there are two kinds
    yield from _steps(region.left, numbers)
    yield from _steps(region.right, numbers)
    yield _STEPS[region.operation]
